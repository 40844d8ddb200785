"""Names of fields and models are marked for translation. Nothing changes in the tables."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('desk', '0002_integrity'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='macro',
            options={'verbose_name': 'macro', 'verbose_name_plural': 'macros'},
        ),
        migrations.AlterField(
            model_name='macro',
            name='changed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='changed by'),
        ),
        migrations.AlterField(
            model_name='record',
            name='seller_id',
            field=models.BigIntegerField(null=True, verbose_name='seller id'),
        ),
    ]
