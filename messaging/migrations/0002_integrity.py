"""What the tables of messaging can't say by themselves: composite keys, functions and triggers."""

from django.db import migrations

from accounts.migration_operations import same_seller, sql_file

# Table, field, table of the parent: a child belongs to the seller of its parent.
CHILDREN = [
    ("messaging_message", "claim", "claims_claim"),
    ("messaging_threadtext", "claim", "claims_claim"),
    ("messaging_internalnote", "claim", "claims_claim"),
    ("messaging_outgoingemail", "claim", "claims_claim"),
    ("messaging_originalmail", "claim", "claims_claim"),
]


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial")]
    operations = [
        same_seller(CHILDREN),
        sql_file(__file__, "preferences.sql"),
        sql_file(__file__, "search.sql"),
    ]
