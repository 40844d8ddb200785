-- The record (desk_record): who saw, did or changed what, written where it happens, so that nothing gets past it.

-- Puts a new row on record. Arguments: the column of who did it ('' where no person is known), what it is called ('=column':
-- what stands there), the action, and the columns that are kept, with blanks between.
CREATE FUNCTION put_on_record() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    fields jsonb := to_jsonb(NEW);
    public text := '';
    kept jsonb := '{}';
    name text;
BEGIN
    IF TG_TABLE_NAME LIKE 'claims_unmatched%' THEN
        public := coalesce(fields ->> 'claim_id', '');
    ELSIF fields ? 'claim_id' THEN
        SELECT claim_id INTO public FROM claims_claim WHERE id = (fields ->> 'claim_id')::bigint;
    END IF;
    FOREACH name IN ARRAY string_to_array(TG_ARGV[3], ' ') LOOP
        kept := kept || jsonb_build_object(name, fields -> name);
    END LOOP;
    INSERT INTO desk_record (at, action, user_id, seller_id, claim_id, what, detail) VALUES (
        clock_timestamp(), TG_ARGV[2], CASE WHEN TG_ARGV[0] <> '' THEN (fields ->> TG_ARGV[0])::bigint END,
        (fields ->> 'seller_id')::bigint, coalesce(public, ''),
        CASE WHEN TG_ARGV[1] LIKE '=%' THEN left(fields ->> substr(TG_ARGV[1], 2), 80) ELSE TG_ARGV[1] END, kept);
    RETURN NULL;
END $$;

CREATE TRIGGER on_record AFTER INSERT ON claims_statuschange FOR EACH ROW
    EXECUTE FUNCTION put_on_record('actor_id', '=verb', 'DID', 'party from_status from_stage to_status to_stage');

CREATE TRIGGER on_record AFTER INSERT ON claims_decision FOR EACH ROW
    EXECUTE FUNCTION put_on_record('by_id', 'decision', 'DID', 'number stage status granted_minor confirmed_by_id');

CREATE TRIGGER on_record AFTER INSERT ON claims_assignment FOR EACH ROW
    EXECUTE FUNCTION put_on_record('by_id', 'assign', 'DID', 'assignee_id');

CREATE TRIGGER on_record AFTER INSERT ON claims_redaction FOR EACH ROW
    EXECUTE FUNCTION put_on_record('by_id', 'redact', 'DID', 'what of_position why');

CREATE TRIGGER on_record AFTER INSERT ON claims_appealrelease FOR EACH ROW
    EXECUTE FUNCTION put_on_record('by_id', 'release appeal', 'DID', 'to_id why');

CREATE TRIGGER on_record AFTER INSERT ON claims_deadlinemove FOR EACH ROW
    EXECUTE FUNCTION put_on_record('by_id', 'move deadline', 'DID', 'deadline was now_is');

CREATE TRIGGER on_record AFTER INSERT ON claims_fileopened FOR EACH ROW
    EXECUTE FUNCTION put_on_record('user_id', 'file', 'SAW', 'attachment_id');

CREATE TRIGGER on_record AFTER INSERT ON claims_ledgerentry FOR EACH ROW
    EXECUTE FUNCTION put_on_record('', '=kind', 'DID', 'amount_minor currency payment');

CREATE TRIGGER on_record AFTER INSERT ON messaging_message FOR EACH ROW
    EXECUTE FUNCTION put_on_record('author_id', 'message', 'DID', 'party purpose position');

CREATE TRIGGER on_record AFTER INSERT ON messaging_internalnote FOR EACH ROW
    EXECUTE FUNCTION put_on_record('author_id', 'note', 'DID', 'id');

CREATE TRIGGER on_record AFTER INSERT ON claims_policyrule FOR EACH ROW
    EXECUTE FUNCTION put_on_record('', 'policy rule', 'CHANGED', 'key version');

CREATE TRIGGER on_record AFTER INSERT ON claims_clockrule FOR EACH ROW
    EXECUTE FUNCTION put_on_record('', 'clock rule', 'CHANGED', 'key version');

CREATE TRIGGER on_record AFTER INSERT ON django_admin_log FOR EACH ROW
    EXECUTE FUNCTION put_on_record('user_id', 'admin', 'CHANGED', 'content_type_id object_id action_flag change_message');

CREATE TRIGGER on_record AFTER INSERT ON claims_visit FOR EACH ROW
    EXECUTE FUNCTION put_on_record('user_id', '=what', 'SAW', 'day');

-- A payment that somebody settled; the next change of its outcome is a line of its own.
CREATE TRIGGER on_record AFTER UPDATE OF outcome ON claims_unmatchedpayment FOR EACH ROW
    WHEN (NEW.settled_by_id IS NOT NULL AND NEW.outcome <> OLD.outcome)
    EXECUTE FUNCTION put_on_record('settled_by_id', 'payment', 'DID', 'payment outcome order_id amount_minor currency why');

-- Puts on record which columns of an account changed, from what to what; of personal ones only that they changed, because
-- they can be erased from their own row. Who acts is what the portal told this connection (desk.audit.audit_middleware): nobody, where
-- a command or a link did it.
CREATE FUNCTION put_change_on_record() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    after_ jsonb := CASE WHEN TG_OP = 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) END;
    before_ jsonb := CASE WHEN TG_OP = 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) END;
    secret text[] := ARRAY['password', 'last_login', 'theme', 'created_at', 'date_joined', 'email', 'name', 'uuid',
                           'data', 'last_used_at'];
    personal text[] := ARRAY['password', 'email', 'name', 'data'];
    changed jsonb;
BEGIN
    SELECT coalesce(jsonb_object_agg(key, jsonb_build_array(before_ -> key, after_ -> key)), '{}') INTO changed
      FROM jsonb_object_keys(before_ || after_) AS key
     WHERE key <> ALL (secret) AND after_ -> key IS DISTINCT FROM before_ -> key;
    -- Names, addresses and secrets can be erased from their own row, so none are kept here.
    SELECT changed || coalesce(jsonb_object_agg(key, 'changed'), '{}') INTO changed
      FROM jsonb_each(after_)
     WHERE key = ANY (personal) AND TG_OP = 'UPDATE' AND value IS DISTINCT FROM before_ -> key;
    IF changed <> '{}' THEN
        INSERT INTO desk_record (at, action, user_id, seller_id, claim_id, what, detail) VALUES (
            clock_timestamp(), 'CHANGED', nullif(current_setting('safet.actor', true), '')::bigint,
            ((before_ || after_) ->> CASE TG_TABLE_NAME WHEN 'accounts_seller' THEN 'id' ELSE 'seller_id' END)::bigint,
            '', TG_TABLE_NAME, jsonb_build_object('id', (before_ || after_) -> 'id', 'changed', changed));
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER on_record AFTER INSERT OR UPDATE ON accounts_user FOR EACH ROW EXECUTE FUNCTION put_change_on_record();
CREATE TRIGGER gone_on_record AFTER DELETE ON accounts_user FOR EACH ROW EXECUTE FUNCTION put_change_on_record();

CREATE TRIGGER on_record AFTER INSERT OR UPDATE ON accounts_seller FOR EACH ROW EXECUTE FUNCTION put_change_on_record();
CREATE TRIGGER gone_on_record AFTER DELETE ON accounts_seller FOR EACH ROW EXECUTE FUNCTION put_change_on_record();

CREATE TRIGGER on_record AFTER INSERT OR UPDATE ON accounts_membership FOR EACH ROW EXECUTE FUNCTION put_change_on_record();
CREATE TRIGGER gone_on_record AFTER DELETE ON accounts_membership FOR EACH ROW EXECUTE FUNCTION put_change_on_record();

CREATE TRIGGER on_record AFTER INSERT OR UPDATE ON accounts_user_groups FOR EACH ROW EXECUTE FUNCTION put_change_on_record();
CREATE TRIGGER gone_on_record AFTER DELETE ON accounts_user_groups FOR EACH ROW EXECUTE FUNCTION put_change_on_record();

CREATE TRIGGER on_record AFTER INSERT OR UPDATE ON accounts_signinchange FOR EACH ROW EXECUTE FUNCTION put_change_on_record();
CREATE TRIGGER gone_on_record AFTER DELETE ON accounts_signinchange FOR EACH ROW EXECUTE FUNCTION put_change_on_record();

CREATE TRIGGER on_record AFTER INSERT OR UPDATE ON accounts_invitation FOR EACH ROW EXECUTE FUNCTION put_change_on_record();
CREATE TRIGGER gone_on_record AFTER DELETE ON accounts_invitation FOR EACH ROW EXECUTE FUNCTION put_change_on_record();

CREATE TRIGGER on_record AFTER INSERT OR UPDATE ON messaging_extraaddress FOR EACH ROW EXECUTE FUNCTION put_change_on_record();
CREATE TRIGGER gone_on_record AFTER DELETE ON messaging_extraaddress FOR EACH ROW EXECUTE FUNCTION put_change_on_record();

CREATE TRIGGER on_record AFTER INSERT OR UPDATE ON messaging_calendarfeed FOR EACH ROW EXECUTE FUNCTION put_change_on_record();
CREATE TRIGGER gone_on_record AFTER DELETE ON messaging_calendarfeed FOR EACH ROW EXECUTE FUNCTION put_change_on_record();

CREATE TRIGGER on_record AFTER INSERT OR UPDATE ON messaging_emailpreference FOR EACH ROW EXECUTE FUNCTION put_change_on_record();
CREATE TRIGGER gone_on_record AFTER DELETE ON messaging_emailpreference FOR EACH ROW EXECUTE FUNCTION put_change_on_record();

CREATE TRIGGER on_record AFTER INSERT OR UPDATE ON mfa_authenticator FOR EACH ROW EXECUTE FUNCTION put_change_on_record();
CREATE TRIGGER gone_on_record AFTER DELETE ON mfa_authenticator FOR EACH ROW EXECUTE FUNCTION put_change_on_record();
