"""A refund at the first scan of its return is known as one; a rule may also govern automatic refunds."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("claims", "0006_claim_appealable"),
    ]

    operations = [
        migrations.AddField(
            model_name="policyrule",
            name="after_automatic",
            field=models.BooleanField(db_default=False, default=False, verbose_name="also after an automatic refund"),
        ),
        migrations.AddField(
            model_name="refund",
            name="at_first_scan",
            field=models.BooleanField(db_default=False, help_text="A return of it says so: the marketplace issued it", verbose_name="refunded at the first scan"),
        ),
        migrations.RunSQL(
            """
            UPDATE claims_refund r SET at_first_scan = true
              FROM claims_refundline l JOIN claims_return t ON t.refund_line_id = l.id
             WHERE r.id = l.refund_id AND regexp_replace(lower(t.resolution), '[^a-z]', '', 'g') = 'refundatfirstscan'
            """,
            migrations.RunSQL.noop,
        ),
    ]
