"""Old e-mails: read, matched to a claim, kept in its thread or in quarantine."""
