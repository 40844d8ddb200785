"""The tables of 0001, a module a subject. Final, as 0001 is: what changes later is a migration of its own."""
