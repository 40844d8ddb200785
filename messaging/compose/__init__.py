"""Writing on a claim: the composer, what a member has unsent, and the verbs that have words."""
