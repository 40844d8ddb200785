import uuid

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('claims', '0027_one_pack_a_reader'),
    ]

    operations = [
        migrations.AlterField(
            model_name='batch',
            name='uuid',
            field=models.UUIDField(default=uuid.uuid4, editable=False),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.UniqueConstraint(models.F('user'), models.F('uuid'), name='batch_key_once_a_person'),
        ),
    ]
