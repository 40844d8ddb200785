"""Names of fields and models are marked for translation. Nothing changes in the tables."""

from django.db import migrations

from accounts.migration_operations import NameFields


class Migration(migrations.Migration):
    dependencies = [("desk", "0002_integrity")]
    operations = [
        NameFields(
            {
                'macro': {'changed_by': 'changed by'},
                'record': {'seller_id': 'seller id'},
            },
            options={'macro': {'verbose_name': 'macro', 'verbose_name_plural': 'macros'}},
        )
    ]
