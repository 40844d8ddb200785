import django.contrib.postgres.fields
from django.db import migrations, models

# The newest pack of a claim and reader stays; the bytes of the others have no row then and go as loose ones do.
OLDER = """
DELETE FROM claims_evidencepack p USING claims_evidencepack newer
 WHERE newer.claim_id = p.claim_id AND newer.reader = p.reader AND newer.id > p.id
"""
COUNTED = """
INSERT INTO claims_sellerstorage (seller_id, used_bytes)
SELECT seller_id, sum(size) FROM claims_evidencepack WHERE reader = 'SELLER' AND state = 'READY' GROUP BY seller_id
    ON CONFLICT (seller_id) DO UPDATE SET used_bytes = claims_sellerstorage.used_bytes + excluded.used_bytes
"""


class Migration(migrations.Migration):

    dependencies = [
        ('claims', '0026_indexes_of_the_queue'),
    ]

    operations = [
        migrations.RunSQL(OLDER, migrations.RunSQL.noop),
        migrations.RunSQL(COUNTED, migrations.RunSQL.noop),
        migrations.RemoveConstraint(
            model_name='evidencepack',
            name='pack_once_a_state',
        ),
        migrations.AddField(
            model_name='evidencepack',
            name='begun',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), default=list, size=None),
        ),
        migrations.AddConstraint(
            model_name='evidencepack',
            constraint=models.UniqueConstraint(models.F('claim'), models.F('reader'), name='pack_one_a_reader'),
        ),
    ]
