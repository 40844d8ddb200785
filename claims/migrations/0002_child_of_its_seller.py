"""A child belongs to the seller of its parent: kept by composite foreign keys, whatever code writes the row."""

from django.db import migrations

CHILDREN = [
    ("claims_refund", "order", "claims_order"),
    ("claims_refundline", "refund", "claims_refund"),
    ("claims_refundline", "order", "claims_order"),
    ("claims_refundcomponent", "line", "claims_refundline"),
    ("claims_refundreversal", "order", "claims_order"),
    ("claims_return", "order", "claims_order"),
    ("claims_return", "refund_line", "claims_refundline"),
    ("claims_claim", "order", "claims_order"),
    ("claims_claim", "refund", "claims_refund"),
    ("claims_claimline", "claim", "claims_claim"),
    ("claims_claimline", "refund_line", "claims_refundline"),
    ("claims_statuschange", "claim", "claims_claim"),
    ("claims_decision", "claim", "claims_claim"),
    ("claims_decisionline", "decision", "claims_decision"),
    ("claims_decisionline", "claim_line", "claims_claimline"),
    ("claims_decisionlinereason", "line", "claims_decisionline"),
    ("claims_appeal", "claim", "claims_claim"),
    ("claims_informationrequest", "claim", "claims_claim"),
    ("claims_informationitem", "request", "claims_informationrequest"),
    ("claims_draft", "refund", "claims_refund"),
    ("claims_draft", "claim", "claims_claim"),
    ("claims_attachment", "draft", "claims_draft"),
    ("claims_attachment", "claim", "claims_claim"),
    ("claims_attachment", "claim_line", "claims_claimline"),
    ("claims_ledgerentry", "claim", "claims_claim"),
    ("claims_ledgerentry", "claim_line", "claims_claimline"),
    ("claims_ledgerentry", "decision", "claims_decision"),
    ("claims_unseen", "claim", "claims_claim"),
    ("claims_lastseen", "claim", "claims_claim"),
]


def forward(table: str, field: str, parent: str) -> str:
    return (
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_{field}_same_seller "
        f"FOREIGN KEY (seller_id, {field}_id) REFERENCES {parent} (seller_id, id) DEFERRABLE INITIALLY DEFERRED"
    )


def backward(table: str, field: str) -> str:
    return f"ALTER TABLE {table} DROP CONSTRAINT {table}_{field}_same_seller"


class Migration(migrations.Migration):
    dependencies = [("claims", "0001_initial")]
    operations = [migrations.RunSQL(forward(*child), backward(*child[:2])) for child in CHILDREN]
