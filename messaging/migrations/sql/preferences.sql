-- Which e-mails a person wants about a seller account is kept for its members alone.
ALTER TABLE messaging_emailpreference ADD CONSTRAINT emailpreference_of_a_member
    FOREIGN KEY (user_id, seller_id) REFERENCES accounts_membership (user_id, seller_id) DEFERRABLE INITIALLY DEFERRED;
