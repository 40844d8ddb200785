"""What the rows of a batch are told is kept as codes with values, no longer as sentences.

`words` is read where `remarks` is empty: in rows of the earlier version, also those it writes while this one runs. It
leaves the model one version from now and the table one after that; rows are forgotten 90 days after their batch.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('claims', '0002_integrity'),
    ]

    operations = [
        migrations.AddField(
            model_name='batchrow',
            name='remarks',
            field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list),
        ),
        migrations.AlterField(
            model_name='batchrow',
            name='words',
            field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list),
        ),
    ]
