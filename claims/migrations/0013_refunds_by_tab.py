"""Lists of refunds are filtered and sorted in the database: what stands against each line is stored on it.

The statement fills the column for lines that are here already, by what was a cause on this day; from now on
`claims.operations.assessing` writes it with the windows.
"""

from django.db import migrations, models

FILL = """
UPDATE claims_refundline l SET against = n.against
  FROM (SELECT x.id, CASE
               WHEN x.amount_minor <= 0 THEN 'REFUND_REVERSED'
               WHEN r.issuer = 'SELLER' THEN 'SELLER_REFUNDED'
               WHEN r.issuer = 'AUTOMATIC' THEN 'NO_ACTION_IN_TIME'
               WHEN o.fulfilment = 'MARKETPLACE' THEN 'MARKETPLACE_FULFILLED'
               WHEN o.program IN ('FBA', 'MCF') THEN 'PROGRAM_NOT_COVERED'
               WHEN o.a_to_z THEN 'A_TO_Z'
               WHEN o.chargeback THEN 'CHARGEBACK'
               WHEN x.return_refused THEN 'RETURN_REFUSED'
               ELSE '' END AS against
          FROM claims_refundline x JOIN claims_refund r ON r.id = x.refund_id JOIN claims_order o ON o.id = x.order_id
       ) n
 WHERE n.id = l.id AND n.against <> ''
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_staff_hold_no_membership'),
        ('claims', '0012_ledger_adds_up'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='refundline',
            name='refundline_by_closing',
        ),
        migrations.AddField(
            model_name='refundline',
            name='against',
            field=models.CharField(blank=True, db_default='', default='', max_length=32),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='refundline',
            index=models.Index(models.F('seller'), models.F('asin'), condition=models.Q(('asin', ''), _negated=True), name='refundline_by_asin'),
        ),
        migrations.AddIndex(
            model_name='refundline',
            index=models.Index(models.F('seller'), models.F('sku'), name='refundline_by_sku'),
        ),
        migrations.AddIndex(
            model_name='refundline',
            index=models.Index(models.F('seller'), models.F('first_closes_at'), models.F('id'), condition=models.Q(('held_minor__lt', models.F('amount_minor')), ('held_quantity__lt', models.F('quantity')), ('against', '')), include=('currency', 'amount_minor', 'held_minor', 'opens_at', 'closes_at'), name='refundline_free_by_closing'),
        ),
        migrations.AddIndex(
            model_name='refundline',
            index=models.Index(models.F('seller'), models.F('opens_at'), models.F('id'), condition=models.Q(('held_minor__lt', models.F('amount_minor')), ('held_quantity__lt', models.F('quantity')), ('against', '')), include=('currency', 'amount_minor', 'held_minor'), name='refundline_free_by_opening'),
        ),
        migrations.AddIndex(
            model_name='refundline',
            index=models.Index(models.F('seller'), models.F('id'), condition=models.Q(models.Q(('against', ''), _negated=True), models.Q(models.Q(('held_minor__lt', models.F('amount_minor')), ('held_quantity__lt', models.F('quantity'))), ('amount_minor__lte', 0), _connector='OR')), include=('currency', 'amount_minor', 'held_minor'), name='refundline_barred'),
        ),
        migrations.AddIndex(
            model_name='refundline',
            index=models.Index(models.F('seller'), models.F('against'), models.F('id'), condition=models.Q(models.Q(('against', ''), _negated=True), models.Q(models.Q(('held_minor__lt', models.F('amount_minor')), ('held_quantity__lt', models.F('quantity'))), ('amount_minor__lte', 0), _connector='OR')), include=('currency', 'amount_minor', 'held_minor'), name='refundline_barred_by'),
        ),
        migrations.AddIndex(
            model_name='refundline',
            index=models.Index(models.F('seller'), models.F('id'), condition=models.Q(models.Q(('held_minor__lt', models.F('amount_minor')), ('held_quantity__lt', models.F('quantity')), _negated=True), ('amount_minor__gt', 0)), include=('currency', 'amount_minor', 'held_minor'), name='refundline_claimed'),
        ),
    ]
