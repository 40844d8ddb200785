"""Tables of what is true of a claim: refunds, claims, decisions, files, drafts, money, policy."""

from django.db import migrations

from accounts.migration_operations import CreateTables
from claims.migrations.tables import (
    appeals,
    batches,
    claims,
    deadline_moves,
    decisions,
    desk_work,
    files,
    ledger,
    policy,
    read_marks,
    redactions,
    refunds,
    statistics,
)


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        # Those of others come first: each change to theirs renders every model related to theirs anew.
        ("accounts", "0002_integrity"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("sessions", "0001_initial"),
    ]
    operations = [
        CreateTables(
            [
                *refunds.TABLES,
                *policy.TABLES,
                *claims.TABLES,
                *decisions.TABLES,
                *appeals.TABLES,
                *batches.TABLES,
                *statistics.TABLES,
                *files.TABLES,
                *ledger.TABLES,
                *deadline_moves.TABLES,
                *redactions.TABLES,
                *read_marks.TABLES,
                *desk_work.TABLES,
            ]
        )
    ]
