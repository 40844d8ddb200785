"""The record knows who changed an account, and has what members open, invitations, addresses and second factors."""

from django.conf import settings
from django.db import migrations

# Who acts is what the portal told this connection (see desk.recording); nobody, where a command or a link did it.
FORWARD = """
CREATE OR REPLACE FUNCTION put_change_on_record() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""
BACKWARD = """
CREATE OR REPLACE FUNCTION put_change_on_record() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    after_ jsonb := to_jsonb(NEW);
    before_ jsonb := CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) ELSE '{}' END;
    secret text[] := ARRAY['password', 'last_login', 'theme', 'created_at', 'date_joined', 'email', 'name'];
    personal text[] := ARRAY['password', 'email', 'name'];
    changed jsonb;
BEGIN
    SELECT coalesce(jsonb_object_agg(key, jsonb_build_array(before_ -> key, value)), '{}') INTO changed
      FROM jsonb_each(after_) WHERE key <> ALL (secret) AND value IS DISTINCT FROM before_ -> key;
    SELECT changed || coalesce(jsonb_object_agg(key, 'changed'), '{}') INTO changed
      FROM jsonb_each(after_)
     WHERE key = ANY (personal) AND TG_OP = 'UPDATE' AND value IS DISTINCT FROM before_ -> key;
    IF changed <> '{}' THEN
        INSERT INTO desk_record (at, action, user_id, seller_id, claim_id, what, detail) VALUES (
            clock_timestamp(), 'CHANGED', NULL,
            CASE TG_TABLE_NAME WHEN 'accounts_seller' THEN NEW.id ELSE (after_ ->> 'seller_id')::bigint END, '',
            TG_TABLE_NAME, jsonb_build_object('id', after_ -> 'id', 'changed', changed));
    END IF;
    RETURN NULL;
END $$;
"""
NEW = ["accounts_invitation", "messaging_extraaddress", "messaging_calendarfeed", "messaging_emailpreference",
       "mfa_authenticator"]
ALL = ["accounts_user", "accounts_seller", "accounts_membership", "accounts_user_groups", *NEW]


def new(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER on_record AFTER INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION put_change_on_record()",
        f"DROP TRIGGER on_record ON {table}",
    )


def gone(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER gone_on_record AFTER DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION put_change_on_record()",
        f"DROP TRIGGER gone_on_record ON {table}",
    )


VISITED = """
CREATE TRIGGER on_record AFTER INSERT ON claims_visit FOR EACH ROW
    EXECUTE FUNCTION put_on_record('user_id', '=what', 'SAW', 'day')
"""


class Migration(migrations.Migration):

    dependencies = [
        ('desk', '0002_record'),
        ('accounts', '0003_links_are_made_from_the_row'),
        ('claims', '0023_visits'),
        ('messaging', '0004_preferences_copies_digest'),
        ('mfa', '0003_authenticator_type_uniq'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        *[new(table) for table in NEW],
        *[gone(table) for table in ALL],
        migrations.RunSQL(VISITED, "DROP TRIGGER on_record ON claims_visit"),
    ]
