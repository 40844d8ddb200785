"""The record, and the triggers that write to it: whoever changes these tables is on it."""

import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


# Arguments: the column of who did it ("" where no person is known), what (or "=column"), the action, columns to keep.
FORWARD = """
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

CREATE FUNCTION put_change_on_record() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    after_ jsonb := to_jsonb(NEW);
    before_ jsonb := CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) ELSE '{}' END;
    secret text[] := ARRAY['password', 'last_login', 'theme', 'created_at', 'date_joined', 'email', 'name'];
    personal text[] := ARRAY['password', 'email', 'name'];
    changed jsonb;
BEGIN
    SELECT coalesce(jsonb_object_agg(key, jsonb_build_array(before_ -> key, value)), '{}') INTO changed
      FROM jsonb_each(after_) WHERE key <> ALL (secret) AND value IS DISTINCT FROM before_ -> key;
    -- Names and addresses can be erased from their own row, so none are kept here.
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
BACKWARD = "DROP FUNCTION put_on_record(); DROP FUNCTION put_change_on_record();"
HAPPENS = [
    ("claims_statuschange", "actor_id", "=verb", "DID", "party from_status from_stage to_status to_stage"),
    ("claims_decision", "by_id", "decision", "DID", "number stage status approved_minor confirmed_by_id"),
    ("claims_assignment", "by_id", "assign", "DID", "assignee_id"),
    ("claims_redaction", "by_id", "redact", "DID", "what of_position why"),
    ("claims_appealrelease", "by_id", "release appeal", "DID", "to_id why"),
    ("claims_deadlinemove", "by_id", "move deadline", "DID", "deadline was now_is"),
    ("claims_fileopened", "user_id", "file", "SAW", "attachment_id"),
    ("claims_ledgerentry", "", "=kind", "DID", "amount_minor currency payment"),
    ("messaging_message", "author_id", "message", "DID", "party purpose position"),
    ("messaging_internalnote", "author_id", "note", "DID", "id"),
    ("claims_policyrule", "", "policy rule", "CHANGED", "key version"),
    ("claims_clockrule", "", "clock rule", "CHANGED", "key version"),
    ("django_admin_log", "user_id", "admin", "CHANGED", "content_type_id object_id action_flag change_message"),
]
CHANGES = ["accounts_user", "accounts_seller", "accounts_membership", "accounts_user_groups"]


def happens(table: str, *arguments: str) -> migrations.RunSQL:
    told = ", ".join(f"'{one}'" for one in arguments)
    return migrations.RunSQL(
        f"CREATE TRIGGER on_record AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION put_on_record({told})",
        f"DROP TRIGGER on_record ON {table}",
    )


def changes(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER on_record AFTER INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION put_change_on_record()",
        f"DROP TRIGGER on_record ON {table}",
    )


SETTLED = """
CREATE TRIGGER on_record AFTER UPDATE OF outcome ON claims_unmatchedpayment FOR EACH ROW
    WHEN (NEW.settled_by_id IS NOT NULL AND NEW.outcome <> OLD.outcome)
    EXECUTE FUNCTION put_on_record('settled_by_id', 'payment', 'DID', 'payment outcome order_id amount_minor currency why')
"""


class Migration(migrations.Migration):

    dependencies = [
        ('desk', '0001_presence_filters_macros'),
        ('accounts', '0003_links_are_made_from_the_row'),
        ('admin', '0003_logentry_add_action_flag_choices'),
        ('claims', '0012_ledger_adds_up'),
        ('messaging', '0002_child_of_its_seller'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Record',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
                ('action', models.CharField(choices=[('SAW', 'Saw'), ('SAW_AS', 'Saw as the seller'), ('DID', 'Did'), ('CHANGED', 'Changed')], max_length=7, verbose_name='action')),
                ('seller_id', models.BigIntegerField(null=True)),
                ('claim_id', models.CharField(blank=True, max_length=19, verbose_name='claim')),
                ('what', models.CharField(max_length=80, verbose_name='what')),
                ('detail', models.JSONField(default=dict, verbose_name='detail')),
                ('user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
            ],
            options={
                'verbose_name': 'record',
                'verbose_name_plural': 'record',
                'indexes': [models.Index(models.F('user'), models.OrderBy(models.F('id'), descending=True), name='record_of_user'), models.Index(models.F('claim_id'), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('claim_id', ''), _negated=True), name='record_of_claim'), models.Index(models.F('seller_id'), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('seller_id__isnull', False)), name='record_of_seller'), models.Index(models.F('at'), models.F('id'), name='record_by_time'), models.Index(models.F('action'), models.OrderBy(models.F('id'), descending=True), name='record_of_action')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='record',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='9ba9739c44d685e55821cb4ecfa497fd79f047f0', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_cf465', table='desk_record', when='BEFORE')),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
        *[happens(*one) for one in HAPPENS],
        *[changes(table) for table in CHANGES],
        migrations.RunSQL(SETTLED, "DROP TRIGGER on_record ON claims_unmatchedpayment"),
    ]
