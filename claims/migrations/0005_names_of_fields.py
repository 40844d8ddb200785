"""Names of fields and models are marked for translation. Nothing changes in the tables."""

from django.db import migrations

from accounts.migration_operations import NameFields


class Migration(migrations.Migration):
    dependencies = [("claims", "0004_codes_for_sentences")]
    operations = [
        NameFields(
            {
                'clockrule': {'answer_unit': 'answer unit', 'appeal_unit': 'appeal unit', 'four_eyes_currency': 'four eyes currency', 'key': 'key', 'loaded_at': 'loaded at', 'marketplace': 'marketplace', 'name': 'name', 'note': 'note', 'program': 'program', 'reply_unit': 'reply unit', 'source': 'source', 'version': 'version'},
                'outage': {'at': 'at', 'by': 'by', 'ends_at': 'ends at', 'reason': 'reason', 'starts_at': 'starts at'},
                'policyrule': {'effective_from': 'effective from', 'effective_to': 'effective to', 'key': 'key', 'loaded_at': 'loaded at', 'marketplace': 'marketplace', 'name': 'name', 'note': 'note', 'order_cap_currency': 'order cap currency', 'program': 'program', 'reason': 'reason', 'region': 'region', 'source': 'source', 'sub_reason': 'sub reason', 'trigger': 'trigger', 'version': 'version'},
                'unmatchedpayment': {'created_at': 'created at', 'entry': 'entry', 'payment': 'payment', 'refund_line': 'refund line', 'settled_by': 'settled by'},
            },
        )
    ]
