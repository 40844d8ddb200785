"""Faults of the real parts around e-mail: worker, queue, mail server, database, clock."""
