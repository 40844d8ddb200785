"""Names of fields and models are marked for translation. Nothing changes in the tables."""

from django.db import migrations

from accounts.migration_operations import NameFields


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_names_of_fields"), ("claims", "0005_names_of_fields"), ("messaging", "0003_codes_for_sentences")]
    operations = [
        NameFields(
            {
                'originalmail': {'cause': 'cause', 'claim': 'claim', 'erased_at': 'erased at', 'imported_at': 'imported at', 'matched_at': 'matched at', 'matched_by': 'matched by', 'message': 'message', 'seller': 'seller', 'sent_at': 'sent at', 'sha256': 'sha256', 'size': 'size', 'source': 'source', 'state': 'state', 'storage_key': 'storage key', 'subject': 'subject'},
                'outgoingemail': {'address': 'address', 'attempts': 'attempts', 'cause': 'cause', 'claim': 'claim', 'created_at': 'created at', 'extra_address': 'extra address', 'kind': 'kind', 'lease': 'lease', 'leased_until': 'leased until', 'next_attempt_at': 'next attempt at', 'occasion': 'occasion', 'params': 'params', 'position': 'position', 'scheduled_at': 'scheduled at', 'seller': 'seller', 'sent_at': 'sent at', 'set_aside_at': 'set aside at', 'state': 'state', 'user': 'user', 'uuid': 'uuid'},
            },
        )
    ]
