"""Texts and files taken out, appeals released, decisions corrected, requests made again: their rows and moves."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


CHILDREN = [
    ("claims_redaction", "claim", "claims_claim"),
    ("claims_redaction", "attachment", "claims_attachment"),
    ("claims_appealrelease", "claim", "claims_claim"),
]


def forward(table: str, field: str, parent: str) -> str:
    return (
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_{field}_same_seller "
        f"FOREIGN KEY (seller_id, {field}_id) REFERENCES {parent} (seller_id, id) DEFERRABLE INITIALLY DEFERRED"
    )


def backward(table: str, field: str) -> str:
    return f"ALTER TABLE {table} DROP CONSTRAINT {table}_{field}_same_seller"


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_staff_hold_no_membership'),
        ("claims", "0009_appeal_grounds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AppealRelease',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('why', models.CharField(max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name='Redaction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('at', models.DateTimeField()),
                ('what', models.CharField(choices=[('MESSAGE', 'MESSAGE'), ('DECISION', 'DECISION'), ('STATEMENT', 'STATEMENT'), ('FILE', 'FILE')], max_length=9)),
                ('of_position', models.PositiveIntegerField(null=True)),
                ('why', models.CharField(max_length=500)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='statuschange',
            name='statuschange_in_the_table',
        ),
        migrations.AddField(
            model_name='attachment',
            name='erased_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='ledgerentry',
            name='kind',
            field=models.CharField(choices=[('CLAIMED', 'Claimed'), ('APPROVED', 'Approved'), ('APPEAL_DELTA', 'Appeal Delta'), ('CORRECTION', 'Correction'), ('PAID', 'Paid'), ('REVERSED', 'Reversed')], max_length=12),
        ),
        migrations.AlterField(
            model_name='statuschange',
            name='verb',
            field=models.CharField(choices=[('FILE', 'FILE'), ('REQUEST_INFORMATION', 'REQUEST_INFORMATION'), ('REPLY', 'REPLY'), ('GRANT', 'GRANT'), ('DENY', 'DENY'), ('LAPSE', 'LAPSE'), ('APPEAL', 'APPEAL'), ('WITHDRAW', 'WITHDRAW'), ('ADOPT', 'ADOPT'), ('SEND_MESSAGE', 'SEND_MESSAGE'), ('ADD_NOTE', 'ADD_NOTE'), ('TAKE', 'TAKE'), ('RELEASE', 'RELEASE'), ('ASSIGN', 'ASSIGN'), ('CONFIRM', 'CONFIRM'), ('SEND_BACK', 'SEND_BACK'), ('CORRECT', 'CORRECT'), ('RELEASE_APPEAL', 'RELEASE_APPEAL'), ('REDACT', 'REDACT')], max_length=19),
        ),
        migrations.AddConstraint(
            model_name='attachment',
            constraint=models.CheckConstraint(condition=models.Q(('erased_at__isnull', True), models.Q(('claim__isnull', False), ('shown_at__isnull', True)), _connector='OR'), name='attachment_erased_not_shown'),
        ),
        migrations.AddConstraint(
            model_name='ledgerentry',
            constraint=models.UniqueConstraint(models.F('claim_line'), models.F('decision'), condition=models.Q(('kind', 'CORRECTION')), name='ledger_correction_once'),
        ),
        migrations.AddConstraint(
            model_name='statuschange',
            constraint=models.CheckConstraint(condition=models.Q(('pk__in', []), models.Q(('from_stage', ''), ('from_status', ''), ('party', 'SELLER'), ('to_stage', 'FIRST'), ('to_status', 'UNDER_INVESTIGATION'), ('verb', 'FILE')), models.Q(('from_stage', ''), ('from_status', ''), ('party', 'OUTSIDE'), ('to_stage', 'FIRST'), ('to_status', 'UNDER_INVESTIGATION'), ('verb', 'ADOPT')), models.Q(('from_stage', ''), ('from_status', ''), ('party', 'OUTSIDE'), ('to_stage', 'FIRST'), ('to_status', 'AWAITING_SELLER'), ('verb', 'ADOPT')), models.Q(('from_stage', ''), ('from_status', ''), ('party', 'OUTSIDE'), ('to_stage', 'FIRST'), ('to_status', 'GRANTED'), ('verb', 'ADOPT')), models.Q(('from_stage', ''), ('from_status', ''), ('party', 'OUTSIDE'), ('to_stage', 'FIRST'), ('to_status', 'DENIED'), ('verb', 'ADOPT')), models.Q(('from_stage', ''), ('from_status', ''), ('party', 'OUTSIDE'), ('to_stage', 'FIRST'), ('to_status', 'WITHDRAWN'), ('verb', 'ADOPT')), models.Q(('from_stage', 'FIRST'), ('from_status', 'UNDER_INVESTIGATION'), ('party', 'DESK'), ('to_stage', 'FIRST'), ('to_status', 'AWAITING_SELLER'), ('verb', 'REQUEST_INFORMATION')), models.Q(('from_stage', 'FIRST'), ('from_status', 'AWAITING_SELLER'), ('party', 'DESK'), ('to_stage', 'FIRST'), ('to_status', 'AWAITING_SELLER'), ('verb', 'REQUEST_INFORMATION')), models.Q(('from_stage', 'FIRST'), ('from_status', 'AWAITING_SELLER'), ('party', 'SELLER'), ('to_stage', 'FIRST'), ('to_status', 'UNDER_INVESTIGATION'), ('verb', 'REPLY')), models.Q(('from_stage', 'FIRST'), ('from_status', 'UNDER_INVESTIGATION'), ('party', 'DESK'), ('to_stage', 'FIRST'), ('to_status', 'GRANTED'), ('verb', 'GRANT')), models.Q(('from_stage', 'FIRST'), ('from_status', 'UNDER_INVESTIGATION'), ('party', 'DESK'), ('to_stage', 'FIRST'), ('to_status', 'DENIED'), ('verb', 'DENY')), models.Q(('from_stage', 'FIRST'), ('from_status', 'AWAITING_SELLER'), ('party', 'SYSTEM'), ('to_stage', 'FIRST'), ('to_status', 'DENIED'), ('verb', 'LAPSE')), models.Q(('from_stage', 'APPEAL'), ('from_status', 'UNDER_INVESTIGATION'), ('party', 'DESK'), ('to_stage', 'APPEAL'), ('to_status', 'AWAITING_SELLER'), ('verb', 'REQUEST_INFORMATION')), models.Q(('from_stage', 'APPEAL'), ('from_status', 'AWAITING_SELLER'), ('party', 'DESK'), ('to_stage', 'APPEAL'), ('to_status', 'AWAITING_SELLER'), ('verb', 'REQUEST_INFORMATION')), models.Q(('from_stage', 'APPEAL'), ('from_status', 'AWAITING_SELLER'), ('party', 'SELLER'), ('to_stage', 'APPEAL'), ('to_status', 'UNDER_INVESTIGATION'), ('verb', 'REPLY')), models.Q(('from_stage', 'APPEAL'), ('from_status', 'UNDER_INVESTIGATION'), ('party', 'DESK'), ('to_stage', 'APPEAL'), ('to_status', 'GRANTED'), ('verb', 'GRANT')), models.Q(('from_stage', 'APPEAL'), ('from_status', 'UNDER_INVESTIGATION'), ('party', 'DESK'), ('to_stage', 'APPEAL'), ('to_status', 'DENIED'), ('verb', 'DENY')), models.Q(('from_stage', 'APPEAL'), ('from_status', 'AWAITING_SELLER'), ('party', 'SYSTEM'), ('to_stage', 'APPEAL'), ('to_status', 'DENIED'), ('verb', 'LAPSE')), models.Q(('from_stage', 'APPEAL'), ('from_status', 'AWAITING_SELLER'), ('party', 'SYSTEM'), ('to_stage', 'APPEAL'), ('to_status', 'GRANTED'), ('verb', 'LAPSE')), models.Q(('from_stage', 'FIRST'), ('from_status', 'GRANTED'), ('party', 'SELLER'), ('to_stage', 'APPEAL'), ('to_status', 'UNDER_INVESTIGATION'), ('verb', 'APPEAL')), models.Q(('from_stage', 'FIRST'), ('from_status', 'DENIED'), ('party', 'SELLER'), ('to_stage', 'APPEAL'), ('to_status', 'UNDER_INVESTIGATION'), ('verb', 'APPEAL')), models.Q(('from_stage', 'FIRST'), ('from_status', 'GRANTED'), ('party', 'DESK'), ('to_stage', 'FIRST'), ('to_status', 'GRANTED'), ('verb', 'CORRECT')), models.Q(('from_stage', 'FIRST'), ('from_status', 'DENIED'), ('party', 'DESK'), ('to_stage', 'FIRST'), ('to_status', 'GRANTED'), ('verb', 'CORRECT')), models.Q(('from_stage', 'FIRST'), ('from_status', 'UNDER_INVESTIGATION'), ('party', 'SELLER'), ('to_stage', 'FIRST'), ('to_status', 'WITHDRAWN'), ('verb', 'WITHDRAW')), models.Q(('from_stage', 'FIRST'), ('from_status', 'AWAITING_SELLER'), ('party', 'SELLER'), ('to_stage', 'FIRST'), ('to_status', 'WITHDRAWN'), ('verb', 'WITHDRAW')), _connector='OR'), name='statuschange_in_the_table'),
        ),
        migrations.AddField(
            model_name='appealrelease',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='appealrelease',
            name='claim',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appeal_releases', to='claims.claim'),
        ),
        migrations.AddField(
            model_name='appealrelease',
            name='seller',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.seller'),
        ),
        migrations.AddField(
            model_name='appealrelease',
            name='to',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='redaction',
            name='attachment',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.attachment'),
        ),
        migrations.AddField(
            model_name='redaction',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='redaction',
            name='claim',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='redactions', to='claims.claim'),
        ),
        migrations.AddField(
            model_name='redaction',
            name='seller',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.seller'),
        ),
        migrations.AddConstraint(
            model_name='appealrelease',
            constraint=models.UniqueConstraint(models.F('claim'), models.F('to'), name='appealrelease_once'),
        ),
        migrations.AddConstraint(
            model_name='appealrelease',
            constraint=models.CheckConstraint(condition=models.Q(('why', ''), _negated=True), name='appealrelease_says_why'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='appealrelease',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0ab2b9b032c10021c76f80e5105a3916910695af', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_a10ef', table='claims_appealrelease', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='redaction',
            index=models.Index(models.F('claim'), models.F('at'), models.F('position'), name='redaction_thread'),
        ),
        migrations.AddConstraint(
            model_name='redaction',
            constraint=models.UniqueConstraint(models.F('claim'), models.F('position'), name='redaction_position_once'),
        ),
        migrations.AddConstraint(
            model_name='redaction',
            constraint=models.UniqueConstraint(models.F('attachment'), name='redaction_file_once'),
        ),
        migrations.AddConstraint(
            model_name='redaction',
            constraint=models.CheckConstraint(condition=models.Q(('why', ''), _negated=True), name='redaction_says_why'),
        ),
        migrations.AddConstraint(
            model_name='redaction',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('attachment__isnull', False), ('what', 'FILE')), models.Q(models.Q(('what', 'FILE'), _negated=True), ('attachment__isnull', True)), _connector='OR'), name='redaction_of_one_thing'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='redaction',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='28012bd3df0c467927ac6f20eb208332f749f134', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_8c69b', table='claims_redaction', when='BEFORE')),
        ),
    ] + [migrations.RunSQL(forward(*child), backward(*child[:2])) for child in CHILDREN]
