"""Tables of what is said about a claim: the thread, e-mails owed, old correspondence, searched words."""

import uuid

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import migrations, models
from django.db.migrations import CreateModel
from django.db.models.functions import Coalesce
from django.utils import timezone
from pgtrigger.compiler import Trigger, UpsertTriggerSql

from accounts.migration_operations import CreateTables

TABLES = [
    CreateModel(
        name="Message",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("claim", models.ForeignKey(on_delete=models.PROTECT, related_name="messages", to="claims.claim")),
            ("position", models.PositiveIntegerField()),
            ("at", models.DateTimeField()),
            (
                "party",
                models.CharField(
                    choices=[("SELLER", "Seller"), ("DESK", "SAFE-T team"), ("SYSTEM", "SAFE-T portal")], max_length=6
                ),
            ),
            (
                "author",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            (
                "purpose",
                models.CharField(
                    choices=[
                        ("MESSAGE", "Message"),
                        ("REPLY", "Reply"),
                        ("REQUEST", "Request for information"),
                        ("APPEAL", "Appeal"),
                    ],
                    default="MESSAGE",
                    max_length=7,
                ),
            ),
            (
                "origin",
                models.CharField(
                    choices=[("PORTAL", "Portal"), ("IMPORTED", "From e-mail")], default="PORTAL", max_length=8
                ),
            ),
            ("text", models.TextField(blank=True)),
            ("quoted", models.TextField(blank=True, help_text="Quoted text of an imported e-mail")),
            ("date_known", models.BooleanField(default=True)),
            ("draft_uuid", models.UUIDField(null=True)),
            ("erased_at", models.DateTimeField(null=True)),
            ("created_at", models.DateTimeField(default=timezone.now)),
        ],
        options={
            "indexes": [models.Index("claim", "at", "position", name="message_thread")],
            "constraints": [
                models.UniqueConstraint("claim", "position", name="message_position_once"),
                models.UniqueConstraint("claim", "draft_uuid", name="message_once_per_draft"),
            ],
            "triggers": [
                Trigger(
                    name="never_deleted",
                    sql=UpsertTriggerSql(
                        func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                        hash="bce467c05d1791b61f732f7d96a6723fcd803661",
                        operation="DELETE",
                        pgid="pgtrigger_never_deleted_018e9",
                        table="messaging_message",
                        when="BEFORE",
                    ),
                ),
                Trigger(
                    name="only_erased",
                    sql=UpsertTriggerSql(
                        condition="WHEN (NOT (OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL AND NEW.text = '' AND NEW.quoted = '' AND to_jsonb(OLD) - 'text' - 'quoted' - 'erased_at' = to_jsonb(NEW) - 'text' - 'quoted' - 'erased_at'))",
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                        hash="64569937234da75d1f117e7216e7576ee3a29223",
                        operation="UPDATE",
                        pgid="pgtrigger_only_erased_e1d1b",
                        table="messaging_message",
                        when="BEFORE",
                    ),
                ),
            ],
        },
    ),
    CreateModel(
        name="ThreadText",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "seller",
                models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="+", to="accounts.seller"),
            ),
            ("claim", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="+", to="claims.claim")),
            ("position", models.PositiveIntegerField()),
            ("at", models.DateTimeField()),
            (
                "kind",
                models.CharField(
                    choices=[("MESSAGE", "Message"), ("DECISION", "Decision"), ("STATEMENT", "Statement")], max_length=9
                ),
            ),
            ("words", SearchVectorField()),
        ],
        options={
            "indexes": [
                models.Index(
                    "seller",
                    models.OrderBy(models.F("at"), descending=True),
                    models.OrderBy(models.F("id"), descending=True),
                    name="threadtext_newest",
                ),
                GinIndex("words", name="threadtext_words"),
            ],
            "constraints": [models.UniqueConstraint("claim", "position", name="threadtext_position_once")],
        },
    ),
    CreateModel(
        name="InternalNote",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("claim", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="claims.claim")),
            ("at", models.DateTimeField()),
            ("author", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("text", models.TextField()),
            ("erased_at", models.DateTimeField(null=True)),
            (
                "erased_by",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            ("erased_why", models.CharField(blank=True, db_default="", default="", max_length=500)),
        ],
        options={
            "indexes": [models.Index("claim", "at", "id", name="note_of_claim")],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("erased_at", None), ("erased_by", None), ("erased_why", "")),
                        models.Q(
                            ("erased_at__isnull", False),
                            ("erased_by__isnull", False),
                            ("text", ""),
                            models.Q(("erased_why", ""), _negated=True),
                        ),
                        _connector="OR",
                    ),
                    name="note_erased_says_why",
                )
            ],
            "triggers": [
                Trigger(
                    name="never_deleted",
                    sql=UpsertTriggerSql(
                        func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                        hash="0c718ffe0c21ddd76c3da33755a0cd1fbe62f71f",
                        operation="DELETE",
                        pgid="pgtrigger_never_deleted_88350",
                        table="messaging_internalnote",
                        when="BEFORE",
                    ),
                ),
                Trigger(
                    name="only_erased",
                    sql=UpsertTriggerSql(
                        condition="WHEN (NOT (OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL AND NEW.text = '' AND to_jsonb(OLD) - 'text' - 'erased_at' - 'erased_by_id' - 'erased_why' = to_jsonb(NEW) - 'text' - 'erased_at' - 'erased_by_id' - 'erased_why'))",
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                        hash="ecf0218a6561c2fcf4381c2211daf12b083f0d99",
                        operation="UPDATE",
                        pgid="pgtrigger_only_erased_d3483",
                        table="messaging_internalnote",
                        when="BEFORE",
                    ),
                ),
            ],
        },
    ),
    CreateModel(
        name="OutgoingEmail",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("filed", "Filed"),
                        ("information-requested", "Information Requested"),
                        ("reply-received", "Reply Received"),
                        ("granted", "Granted"),
                        ("partly-granted", "Partly Granted"),
                        ("denied", "Denied"),
                        ("lapsed", "Lapsed"),
                        ("appeal-filed", "Appeal Filed"),
                        ("appeal-raised", "Appeal Raised"),
                        ("appeal-confirmed", "Appeal Confirmed"),
                        ("appeal-lapsed", "Appeal Lapsed"),
                        ("withdrawn", "Withdrawn"),
                        ("message", "Message"),
                        ("reply-by-moved", "Reply By Moved"),
                        ("decision-corrected", "Decision Corrected"),
                        ("paid", "Paid"),
                        ("payment-reversed", "Payment Reversed"),
                        ("file-not-accepted", "File Not Accepted"),
                        ("redacted", "Redacted"),
                        ("reminder-reply", "Reminder Reply"),
                        ("reminder-appeal", "Reminder Appeal"),
                        ("reminder-refund", "Reminder Refund"),
                        ("reminder-draft", "Reminder Draft"),
                        ("digest", "Digest"),
                        ("invitation", "Invitation"),
                        ("confirm-address", "Confirm Address"),
                        ("password-reset", "Password Reset"),
                        ("password-link", "Password Link"),
                        ("address-changed", "Address Changed"),
                        ("sign-in-change", "Sign In Change"),
                        ("factor-changed", "Factor Changed"),
                    ],
                    max_length=24,
                ),
            ),
            ("occasion", models.CharField(max_length=120)),
            ("seller", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("claim", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="claims.claim")),
            ("position", models.PositiveIntegerField(help_text="The entry of the thread it links to", null=True)),
            (
                "user",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            ("extra_address", models.EmailField(max_length=254, null=True)),
            (
                "digest",
                models.ForeignKey(
                    help_text="The digest that tells it instead",
                    null=True,
                    on_delete=models.PROTECT,
                    related_name="folded",
                    to="messaging.outgoingemail",
                ),
            ),
            ("params", models.JSONField(default=dict)),
            (
                "state",
                models.CharField(
                    choices=[
                        ("QUEUED", "Queued"),
                        ("SENDING", "Being sent"),
                        ("SENT", "Sent"),
                        ("BOUNCED", "Bounced"),
                        ("FAILED", "Failed"),
                        ("SUPPRESSED", "Not sent"),
                        ("DIGEST", "In the daily digest"),
                    ],
                    default="QUEUED",
                    max_length=10,
                ),
            ),
            ("cause", models.CharField(blank=True, max_length=300)),
            ("address", models.EmailField(blank=True, help_text="Where it was sent", max_length=254)),
            ("attempts", models.PositiveSmallIntegerField(default=0)),
            ("next_attempt_at", models.DateTimeField(default=timezone.now)),
            (
                "scheduled_at",
                models.DateTimeField(
                    help_text="What the clock said when the next attempt was set; empty: when it was made", null=True
                ),
            ),
            ("lease", models.UUIDField(help_text="The run of delivery that has it in hand", null=True)),
            ("leased_until", models.DateTimeField(null=True)),
            ("created_at", models.DateTimeField(default=timezone.now)),
            ("sent_at", models.DateTimeField(null=True)),
            (
                "set_aside_at",
                models.DateTimeField(help_text="When an operator was done with it, unsent as it is", null=True),
            ),
        ],
        options={
            "verbose_name": "outgoing e-mail",
            "indexes": [
                models.Index("next_attempt_at", "id", condition=models.Q(("state", "QUEUED")), name="email_waiting"),
                models.Index(
                    "created_at", condition=models.Q(("state__in", ["QUEUED", "SENDING"])), name="email_oldest"
                ),
                models.Index(
                    Coalesce("scheduled_at", "created_at"),
                    condition=models.Q(("state__in", ["QUEUED", "SENDING"])),
                    name="email_by_clock",
                ),
                models.Index("lease", condition=models.Q(("lease__isnull", False)), name="email_by_lease"),
                models.Index(
                    "leased_until", "id", condition=models.Q(("lease__isnull", False)), name="email_left_behind"
                ),
                models.Index(
                    condition=models.Q(("set_aside_at__isnull", True), ("state__in", ["BOUNCED", "FAILED"])),
                    fields=["-id"],
                    name="email_stuck",
                ),
                models.Index("claim", "position", "id", name="email_of_claim"),
                models.Index("created_at", condition=models.Q(("kind", "password-reset")), name="email_of_reset"),
                models.Index(
                    "user",
                    "seller",
                    "created_at",
                    condition=models.Q(("state__in", ["DIGEST", "SUPPRESSED"]), _negated=True),
                    name="email_to_member",
                ),
                models.Index(
                    "extra_address",
                    "seller",
                    "created_at",
                    condition=models.Q(
                        ("extra_address__isnull", False),
                        models.Q(("state__in", ["DIGEST", "SUPPRESSED"]), _negated=True),
                    ),
                    name="email_to_extra_address",
                ),
                models.Index(
                    "user",
                    "extra_address",
                    condition=models.Q(("digest__isnull", True), ("state", "DIGEST")),
                    name="email_for_digest",
                ),
            ],
            "constraints": [
                models.UniqueConstraint(
                    fields=("occasion", "user", "extra_address"), name="email_once_per_occasion", nulls_distinct=False
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("extra_address__isnull", True), ("user__isnull", False)),
                        models.Q(("extra_address__isnull", False), ("user__isnull", True)),
                        _connector="OR",
                    ),
                    name="email_to_one_recipient",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("lease__isnull", False), ("state", "SENDING")),
                        models.Q(models.Q(("state", "SENDING"), _negated=True), ("lease__isnull", True)),
                        _connector="OR",
                    ),
                    name="email_leased_while_sending",
                ),
            ],
            "triggers": [
                Trigger(
                    name="sent_is_final",
                    sql=UpsertTriggerSql(
                        condition="WHEN (OLD.state = 'SENT' AND NEW.state <> 'SENT')",
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                        hash="be7f2697b128c6771c1a40a97787944679930737",
                        operation="UPDATE",
                        pgid="pgtrigger_sent_is_final_d9c6a",
                        table="messaging_outgoingemail",
                        when="BEFORE",
                    ),
                )
            ],
        },
    ),
    CreateModel(
        name="DeliveryTally",
        fields=[
            ("outcome", models.CharField(max_length=10, primary_key=True, serialize=False)),
            ("count", models.PositiveBigIntegerField(default=0)),
        ],
    ),
    CreateModel(
        name="EmailPreference",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("user", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("filed", "Filed"),
                        ("information-requested", "Information Requested"),
                        ("reply-received", "Reply Received"),
                        ("granted", "Granted"),
                        ("partly-granted", "Partly Granted"),
                        ("denied", "Denied"),
                        ("lapsed", "Lapsed"),
                        ("appeal-filed", "Appeal Filed"),
                        ("appeal-raised", "Appeal Raised"),
                        ("appeal-confirmed", "Appeal Confirmed"),
                        ("appeal-lapsed", "Appeal Lapsed"),
                        ("withdrawn", "Withdrawn"),
                        ("message", "Message"),
                        ("reply-by-moved", "Reply By Moved"),
                        ("decision-corrected", "Decision Corrected"),
                        ("paid", "Paid"),
                        ("payment-reversed", "Payment Reversed"),
                        ("file-not-accepted", "File Not Accepted"),
                        ("redacted", "Redacted"),
                        ("reminder-reply", "Reminder Reply"),
                        ("reminder-appeal", "Reminder Appeal"),
                        ("reminder-refund", "Reminder Refund"),
                        ("reminder-draft", "Reminder Draft"),
                        ("digest", "Digest"),
                        ("invitation", "Invitation"),
                        ("confirm-address", "Confirm Address"),
                        ("password-reset", "Password Reset"),
                        ("password-link", "Password Link"),
                        ("address-changed", "Address Changed"),
                        ("sign-in-change", "Sign In Change"),
                        ("factor-changed", "Factor Changed"),
                    ],
                    max_length=24,
                ),
            ),
            (
                "choice",
                models.CharField(
                    choices=[("AT_ONCE", "At once"), ("DIGEST", "In the daily digest"), ("OFF", "Off")], max_length=7
                ),
            ),
        ],
        options={
            "constraints": [
                models.UniqueConstraint("user", "seller", "kind", name="preference_once"),
                models.CheckConstraint(
                    condition=models.Q(("choice__in", ["AT_ONCE", "DIGEST", "OFF"])), name="preference_choice_known"
                ),
            ]
        },
    ),
    CreateModel(
        name="ExtraAddress",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("email", models.EmailField(max_length=254, verbose_name="e-mail")),
            ("added_by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("created_at", models.DateTimeField(default=timezone.now)),
            ("expires_at", models.DateTimeField(help_text="Until when it can be confirmed")),
            ("confirmed_at", models.DateTimeField(null=True)),
            ("removed_at", models.DateTimeField(null=True)),
        ],
        options={
            "verbose_name": "extra address",
            "verbose_name_plural": "extra addresses",
            "constraints": [
                models.UniqueConstraint(
                    "seller",
                    "email",
                    condition=models.Q(("removed_at__isnull", True)),
                    name="extraaddress_once_in_seller",
                )
            ],
        },
    ),
    CreateModel(
        name="CalendarFeed",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            ("user", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("created_at", models.DateTimeField(default=timezone.now)),
            ("revoked_at", models.DateTimeField(null=True)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    "user", condition=models.Q(("revoked_at__isnull", True)), name="calendarfeed_one_in_force"
                )
            ]
        },
    ),
    CreateModel(
        name="RemindedUntil",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("kind", models.CharField(max_length=24)),
            ("step", models.DurationField(help_text="How long before the deadline; 0 for the digest")),
            ("until", models.DateTimeField()),
        ],
        options={"constraints": [models.UniqueConstraint("kind", "step", name="remindeduntil_once")]},
    ),
    CreateModel(
        name="OriginalMail",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("sha256", models.CharField(max_length=64, unique=True)),
            ("storage_key", models.CharField(max_length=200)),
            ("size", models.BigIntegerField()),
            ("mail_id", models.CharField(blank=True, max_length=998, verbose_name="Message-ID")),
            ("subject", models.TextField(blank=True)),
            ("sent_at", models.DateTimeField(null=True)),
            (
                "state",
                models.CharField(
                    choices=[("IMPORTED", "In a thread"), ("QUARANTINED", "Not matched"), ("REFUSED", "Refused")],
                    max_length=11,
                ),
            ),
            ("cause", models.CharField(blank=True, max_length=300)),
            ("source", models.CharField(blank=True, max_length=300)),
            (
                "claim",
                models.ForeignKey(
                    null=True, on_delete=models.PROTECT, related_name="+", to="claims.claim"
                ),
            ),
            (
                "message",
                models.OneToOneField(
                    null=True, on_delete=models.PROTECT, related_name="+", to="messaging.message"
                ),
            ),
            (
                "matched_by",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            ("matched_at", models.DateTimeField(help_text="When a handler put it into its thread by hand", null=True)),
            ("imported_at", models.DateTimeField(default=timezone.now)),
            ("erased_at", models.DateTimeField(null=True)),
        ],
        options={
            "verbose_name": "old e-mail",
            "indexes": [models.Index("state", "id", name="originalmail_by_state")],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("message__isnull", False), ("state", "IMPORTED")),
                        models.Q(models.Q(("state", "IMPORTED"), _negated=True), ("message__isnull", True)),
                        _connector="OR",
                    ),
                    name="originalmail_imported_has_message",
                )
            ],
        },
    ),
]


class Migration(migrations.Migration):
    initial = True
    dependencies = [("claims", "0002_integrity")]
    operations = [CreateTables(TABLES)]
