"""What the tables of claims can't say by themselves: composite keys, functions and triggers."""

from django.db import migrations

from accounts.migration_operations import same_seller, sql_file

# Table, field, table of the parent: a child belongs to the seller of its parent.
CHILDREN = [
    ("claims_refund", "order", "claims_order"),
    ("claims_refundline", "order", "claims_order"),
    ("claims_refundline", "refund", "claims_refund"),
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
    ("claims_decisionline", "claim_line", "claims_claimline"),
    ("claims_decisionline", "decision", "claims_decision"),
    ("claims_decisionlinereason", "line", "claims_decisionline"),
    ("claims_appeal", "claim", "claims_claim"),
    ("claims_informationrequest", "claim", "claims_claim"),
    ("claims_informationitem", "request", "claims_informationrequest"),
    ("claims_appealground", "appeal", "claims_appeal"),
    ("claims_appealground", "claim_line", "claims_claimline"),
    ("claims_batchrow", "batch", "claims_batch"),
    ("claims_batchrow", "claim", "claims_claim"),
    ("claims_draft", "claim", "claims_claim"),
    ("claims_draft", "refund", "claims_refund"),
    ("claims_attachment", "claim", "claims_claim"),
    ("claims_attachment", "claim_line", "claims_claimline"),
    ("claims_attachment", "draft", "claims_draft"),
    ("claims_filerefusal", "attachment", "claims_attachment"),
    ("claims_filerefusal", "claim", "claims_claim"),
    ("claims_evidencepack", "claim", "claims_claim"),
    ("claims_ledgerentry", "claim", "claims_claim"),
    ("claims_ledgerentry", "claim_line", "claims_claimline"),
    ("claims_ledgerentry", "decision", "claims_decision"),
    ("claims_unmatchedpayment", "entry", "claims_ledgerentry"),
    ("claims_unmatchedpayment", "refund_line", "claims_refundline"),
    ("claims_deadlinemove", "claim", "claims_claim"),
    ("claims_redaction", "attachment", "claims_attachment"),
    ("claims_redaction", "claim", "claims_claim"),
    ("claims_appealrelease", "claim", "claims_claim"),
    ("claims_unseen", "claim", "claims_claim"),
    ("claims_readmark", "claim", "claims_claim"),
    ("claims_visit", "claim", "claims_claim"),
    ("claims_assignment", "claim", "claims_claim"),
    ("claims_fileopened", "claim", "claims_claim"),
    ("claims_decisionevidence", "decision", "claims_decision"),
    ("claims_proposeddecision", "claim", "claims_claim"),
]


class Migration(migrations.Migration):
    dependencies = [("claims", "0001_initial")]
    operations = [
        same_seller(CHILDREN),
        sql_file(__file__, "held.sql"),
        sql_file(__file__, "ledger.sql"),
        sql_file(__file__, "paid_without_a_claim.sql"),
    ]
