"""A child belongs to the seller of its parent: kept by composite foreign keys, whatever code writes the row."""

from django.db import migrations

CHILDREN = [
    ("messaging_message", "claim", "claims_claim"),
    ("messaging_internalnote", "claim", "claims_claim"),
    ("messaging_outgoingemail", "claim", "claims_claim"),
    ("messaging_originalmail", "claim", "claims_claim"),
]


def forward(table: str, field: str, parent: str) -> str:
    return (
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_{field}_same_seller "
        f"FOREIGN KEY (seller_id, {field}_id) REFERENCES {parent} (seller_id, id) DEFERRABLE INITIALLY DEFERRED"
    )


def backward(table: str, field: str) -> str:
    return f"ALTER TABLE {table} DROP CONSTRAINT {table}_{field}_same_seller"


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial")]
    operations = [migrations.RunSQL(forward(*child), backward(*child[:2])) for child in CHILDREN]
