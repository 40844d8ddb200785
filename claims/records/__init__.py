"""What is on record of a claim beside its status: redactions, what members have read, which files were opened."""
