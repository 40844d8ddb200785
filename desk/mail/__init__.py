"""Old e-mails in quarantine, and the e-mails the portal owes."""
