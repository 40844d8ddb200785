-- Who works at the desk holds no seller account: kept on both sides, whichever row comes second.

-- Refuses an active membership of a person who is staff.
CREATE FUNCTION membership_refuses_staff() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.is_active AND EXISTS (SELECT 1 FROM accounts_user WHERE id = NEW.user_id AND is_staff) THEN
        RAISE EXCEPTION 'staff hold no membership' USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_hold_no_membership';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER membership_refuses_staff BEFORE INSERT OR UPDATE ON accounts_membership
    FOR EACH ROW EXECUTE FUNCTION membership_refuses_staff();

-- Refuses to make staff of a person who has an active membership.
CREATE FUNCTION staff_refuse_membership() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.is_staff AND EXISTS (SELECT 1 FROM accounts_membership WHERE user_id = NEW.id AND is_active) THEN
        RAISE EXCEPTION 'a member does not work at the desk' USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_hold_no_membership';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER staff_refuse_membership BEFORE UPDATE OF is_staff ON accounts_user
    FOR EACH ROW EXECUTE FUNCTION staff_refuse_membership();
