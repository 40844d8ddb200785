"""Names of fields and models are marked for translation. Nothing changes in the tables."""

from django.db import migrations

from accounts.migration_operations import NameFields


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_integrity")]
    operations = [
        NameFields(
            {
                'invitation': {'accepted_at': 'accepted at', 'accepted_by': 'accepted by', 'created_at': 'created at', 'expires_at': 'expires at', 'invited_by': 'invited by', 'revoked_at': 'revoked at', 'seller': 'seller', 'uuid': 'uuid'},
                'membership': {'created_at': 'created at', 'is_active': 'is active', 'seller': 'seller', 'user': 'user'},
                'seller': {'created_at': 'created at'},
                'user': {'date_joined': 'date joined'},
            },
            options={'invitation': {'verbose_name': 'invitation', 'verbose_name_plural': 'invitations'}, 'membership': {'verbose_name': 'membership', 'verbose_name_plural': 'memberships'}},
        )
    ]
