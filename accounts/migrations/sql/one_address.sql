-- A person signs in with one address: accounts_user.email and the sign-in library's table of addresses agree at each commit.

-- accounts_user.email changes: the library's row of the person follows at once; every other address of theirs goes.
CREATE FUNCTION addresses_follow_email() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM account_emailconfirmation WHERE email_address_id IN (
        SELECT id FROM account_emailaddress WHERE user_id = NEW.id);
    DELETE FROM account_emailaddress WHERE user_id = NEW.id AND email <> NEW.email;
    INSERT INTO account_emailaddress (user_id, email, verified, "primary") VALUES (NEW.id, NEW.email, true, true)
        ON CONFLICT (user_id, email) DO UPDATE SET verified = true, "primary" = true;
    RETURN NULL;
END $$;

CREATE TRIGGER addresses_follow_email AFTER UPDATE OF email ON accounts_user FOR EACH ROW
    WHEN (NEW.email IS DISTINCT FROM OLD.email) EXECUTE FUNCTION addresses_follow_email();

-- The library's verified primary address changes: accounts_user.email follows at the commit. Any other address beside it is
-- refused there: the library would let it sign in.
CREATE FUNCTION email_follows_address() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    other text;
BEGIN
    UPDATE accounts_user AS person SET email = lower(one.email) FROM account_emailaddress AS one
     WHERE person.id = NEW.user_id AND one.user_id = NEW.user_id AND one."primary" AND one.verified
       AND person.email <> lower(one.email);
    SELECT one.email INTO other FROM account_emailaddress AS one JOIN accounts_user AS person ON person.id = one.user_id
     WHERE one.user_id = NEW.user_id AND one.email <> person.email LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a person signs in with one address: change that of the account instead of adding another'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'one_address_a_person';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER email_follows_address AFTER INSERT OR UPDATE ON account_emailaddress
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION email_follows_address();
