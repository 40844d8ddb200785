-- Whose sign-in takes two to change: accounts_user.guarded, which is never taken back, and since when somebody is a superuser.

CREATE FUNCTION keep_guarded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.guarded := NEW.guarded OR NEW.is_superuser OR (TG_OP = 'UPDATE' AND OLD.guarded);
    IF NOT NEW.is_superuser THEN
        NEW.superuser_since := NULL;
    ELSIF TG_OP = 'INSERT' OR NOT OLD.is_superuser THEN
        NEW.superuser_since := now();
    ELSE
        NEW.superuser_since := coalesce(NEW.superuser_since, OLD.superuser_since);
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER keep_guarded BEFORE INSERT OR UPDATE ON accounts_user FOR EACH ROW EXECUTE FUNCTION keep_guarded();

-- Who comes into a group that decides claims is guarded from then on.
CREATE FUNCTION guard_who_decides() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE accounts_user SET guarded = true WHERE id = NEW.user_id AND NOT guarded AND EXISTS (
        SELECT 1 FROM auth_group WHERE id = NEW.group_id AND name IN ('case handler', 'senior handler'));
    RETURN NULL;
END $$;

CREATE TRIGGER guard_who_decides AFTER INSERT OR UPDATE ON accounts_user_groups
    FOR EACH ROW EXECUTE FUNCTION guard_who_decides();
