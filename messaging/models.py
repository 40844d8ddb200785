"""Everything said about a claim: the thread's messages, the desk's notes, e-mails owed, and imported mail."""

from __future__ import annotations

import uuid
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, HashIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Seller
from claims.models import Claim


class Message(models.Model):
    """One post of a claim's thread. Append-only; its text may be erased once, which leaves `erased_at`."""

    class Party(models.TextChoices):
        SELLER = "SELLER", _("Seller")
        DESK = "DESK", _("SAFE-T team")
        SYSTEM = "SYSTEM", _("SAFE-T portal")

    class Purpose(models.TextChoices):
        MESSAGE = "MESSAGE", _("Message")
        REPLY = "REPLY", _("Reply")
        REQUEST = "REQUEST", _("Request for information")
        APPEAL = "APPEAL", _("Appeal")

    class Origin(models.TextChoices):
        PORTAL = "PORTAL", _("Portal")
        IMPORTED = "IMPORTED", _("From e-mail")

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="messages")
    position = models.PositiveIntegerField()
    at = models.DateTimeField()
    party = models.CharField(max_length=6, choices=Party.choices)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    purpose = models.CharField(max_length=7, choices=Purpose.choices, default=Purpose.MESSAGE)
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.PORTAL)
    text = models.TextField(blank=True)
    quoted = models.TextField(blank=True, help_text=_("Quoted text of an imported e-mail"))
    date_known = models.BooleanField(default=True)
    draft_uuid = models.UUIDField(null=True)
    erased_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint("claim", "position", name="message_position_once"),
            models.UniqueConstraint("claim", "draft_uuid", name="message_once_per_draft"),
        ]
        indexes = [models.Index("claim", "at", "position", name="message_thread")]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="only_erased",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "NOT (OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL AND NEW.text = '' AND NEW.quoted = '' "
                    "AND to_jsonb(OLD) - 'text' - 'quoted' - 'erased_at' "
                    "= to_jsonb(NEW) - 'text' - 'quoted' - 'erased_at')"
                ),
            ),
        ]


class ThreadText(models.Model):
    """The words of one entry of a thread as they are searched: `parts`, with one more, `seller#<id>`.

    Kept by triggers on what it is made of (a message, a decision's words, what was written at filing, the names of the
    files with it that the seller may see, at the first entry the claim's ids and items), so that nothing said is left
    out and what is erased can't be found. Nothing else writes here. `parts` is None for what was written before there
    were any, until `index_words` comes to it; `words` is what the version before asks for.
    """

    class Kind(models.TextChoices):
        MESSAGE = "MESSAGE"
        DECISION = "DECISION"
        STATEMENT = "STATEMENT"

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+", db_index=False)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="+", db_index=False)
    position = models.PositiveIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=9, choices=Kind.choices)
    words = SearchVectorField()
    parts = SearchVectorField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint("claim", "position", name="threadtext_position_once")]
        indexes = [
            models.Index("seller", models.F("at").desc(), models.F("id").desc(), name="threadtext_newest"),
            GinIndex("words", name="threadtext_words"),
            GinIndex(Coalesce("parts", "words"), name="threadtext_parts"),
        ]


class InternalNote(models.Model):
    """What the desk says to itself. A table of its own, so that no query of a seller's page can reach it.

    Its words can be redacted, by whom and why the note then says itself: the seller's thread has no place for that.
    A `code` says what its author did, about whom and over what amount; `text` is then their words for it, if any
    (`messaging.thread.notes` makes the sentence).
    """

    class Code(models.TextChoices):
        PROPOSED = "PROPOSED"
        CORRECTION_PROPOSED = "CORRECTION_PROPOSED"
        SENT_BACK = "SENT_BACK"
        APPEAL_RELEASED = "APPEAL_RELEASED"

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    code = models.CharField(max_length=24, choices=Code.choices, blank=True, default="", db_default="")
    about = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    amount_minor = models.BigIntegerField(null=True)
    text = models.TextField()
    erased_at = models.DateTimeField(null=True)
    erased_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    erased_why = models.CharField(max_length=500, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(erased_at=None, erased_by=None, erased_why="")
                | Q(erased_at__isnull=False, erased_by__isnull=False, text="") & ~Q(erased_why=""),
                name="note_erased_says_why",
            ),
        ]
        indexes = [models.Index("claim", "at", "id", name="note_of_claim")]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="only_erased",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "NOT (OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL AND NEW.text = '' "
                    "AND to_jsonb(OLD) - 'text' - 'erased_at' - 'erased_by_id' - 'erased_why' "
                    "= to_jsonb(NEW) - 'text' - 'erased_at' - 'erased_by_id' - 'erased_why')"
                ),
            ),
        ]


WAITING = Q(state__in=["QUEUED", "SENDING"])
STUCK = Q(state__in=["BOUNCED", "FAILED"], set_aside_at__isnull=True)


class OutgoingEmail(models.Model):
    """An e-mail owed to one person for one occasion, kept until sent and after. The row is the duty to tell."""

    class Kind(models.TextChoices):
        FILED = "filed"
        INFORMATION_REQUESTED = "information-requested"
        REPLY_RECEIVED = "reply-received"
        GRANTED = "granted"
        PARTLY_GRANTED = "partly-granted"
        DENIED = "denied"
        LAPSED = "lapsed"
        APPEAL_FILED = "appeal-filed"
        APPEAL_RAISED = "appeal-raised"
        APPEAL_CONFIRMED = "appeal-confirmed"
        APPEAL_LAPSED = "appeal-lapsed"
        WITHDRAWN = "withdrawn"
        MESSAGE = "message"
        REPLY_BY_MOVED = "reply-by-moved"
        DECISION_CORRECTED = "decision-corrected"
        PAID = "paid"
        PAYMENT_REVERSED = "payment-reversed"
        FILE_NOT_ACCEPTED = "file-not-accepted"
        REDACTED = "redacted"
        REMINDER_REPLY = "reminder-reply"
        REMINDER_APPEAL = "reminder-appeal"
        REMINDER_REFUND = "reminder-refund"
        REMINDER_DRAFT = "reminder-draft"
        DIGEST = "digest"
        INVITATION = "invitation"
        CONFIRM_ADDRESS = "confirm-address"
        PASSWORD_RESET = "password-reset"
        PASSWORD_LINK = "password-link"
        ADDRESS_CHANGED = "address-changed"
        SIGN_IN_CHANGE = "sign-in-change"
        FACTOR_CHANGED = "factor-changed"
        SIGN_IN_LIBRARY = "sign-in-library"

    class State(models.TextChoices):
        QUEUED = "QUEUED", _("Queued")
        SENDING = "SENDING", _("Being sent")
        SENT = "SENT", _("Sent")
        BOUNCED = "BOUNCED", _("Bounced")
        FAILED = "FAILED", _("Failed")
        SUPPRESSED = "SUPPRESSED", _("Not sent")
        DIGEST = "DIGEST", _("In the daily digest")

    uuid = models.UUIDField(_("uuid"), unique=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=24, choices=Kind.choices)
    occasion = models.CharField(_("occasion"), max_length=120)
    seller = models.ForeignKey(Seller, models.PROTECT, null=True, related_name="+", verbose_name=_("seller"))
    claim = models.ForeignKey(Claim, models.PROTECT, null=True, related_name="+", verbose_name=_("claim"))
    position = models.PositiveIntegerField(_("position"), null=True, help_text=_("The entry of the thread it links to"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("user")
    )
    extra_address = models.EmailField(_("extra address"), max_length=254, null=True)
    digest = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="folded", help_text=_("The digest that tells it instead")
    )
    params = models.JSONField(_("params"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    cause = models.CharField(
        _("cause"),
        max_length=300,
        blank=True,
        help_text=_("A code of ours, or what the mail server said, why it is not sent"),
    )
    address = models.EmailField(_("address"), max_length=254, blank=True, help_text=_("Where it was sent"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"), default=timezone.now)
    scheduled_at = models.DateTimeField(
        _("scheduled at"),
        null=True,
        help_text=_("What the clock said when the next attempt was set; empty: when it was made"),
    )
    lease = models.UUIDField(_("lease"), null=True, help_text=_("The run of delivery that has it in hand"))
    leased_until = models.DateTimeField(_("leased until"), null=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    returned_at = models.DateTimeField(
        _("returned at"), null=True, help_text=_("When it came back after a mail server had taken it")
    )
    set_aside_at = models.DateTimeField(
        _("set aside at"), null=True, help_text=_("When an operator was done with it, unsent as it is")
    )

    class Meta:
        verbose_name = _("outgoing e-mail")
        constraints = [
            models.UniqueConstraint(
                fields=["occasion", "user", "extra_address"], nulls_distinct=False, name="email_once_per_occasion"
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, extra_address__isnull=True)
                | Q(user__isnull=True, extra_address__isnull=False),
                name="email_to_one_recipient",
            ),
            models.CheckConstraint(
                condition=Q(state="SENDING", lease__isnull=False) | ~Q(state="SENDING") & Q(lease__isnull=True),
                name="email_leased_while_sending",
            ),
        ]
        indexes = [
            models.Index("next_attempt_at", "id", condition=Q(state="QUEUED"), name="email_waiting"),
            models.Index("created_at", condition=WAITING, name="email_oldest"),
            models.Index(Coalesce("scheduled_at", "created_at"), condition=WAITING, name="email_by_clock"),
            models.Index("lease", condition=Q(lease__isnull=False), name="email_by_lease"),
            models.Index("leased_until", "id", condition=Q(lease__isnull=False), name="email_left_behind"),
            models.Index(fields=["-id"], condition=STUCK, name="email_stuck"),
            models.Index("claim", "position", "id", name="email_of_claim"),
            models.Index("created_at", condition=Q(kind="password-reset"), name="email_of_reset"),
            models.Index("created_at", condition=Q(kind="sign-in-library"), name="email_of_library"),
            models.Index(
                "user", "seller", "created_at", condition=~Q(state__in=["DIGEST", "SUPPRESSED"]), name="email_to_member"
            ),
            models.Index(
                "extra_address",
                "seller",
                "created_at",
                condition=Q(extra_address__isnull=False) & ~Q(state__in=["DIGEST", "SUPPRESSED"]),
                name="email_to_extra_address",
            ),
            models.Index(
                "user", "extra_address", condition=Q(state="DIGEST", digest__isnull=True), name="email_for_digest"
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(
                name="sent_is_final",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.state = 'SENT' AND NEW.state <> 'SENT'"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.occasion}"


class DeliveryTally(models.Model):
    """How many e-mails ended an attempt this way, ever: what metrics count by, without counting rows."""

    outcome = models.CharField(max_length=10, primary_key=True)
    count = models.PositiveBigIntegerField(default=0)


class EmailPreference(models.Model):
    """How a member wants one kind of e-mail of one seller account. No row: the kind's own default."""

    class Choice(models.TextChoices):
        AT_ONCE = "AT_ONCE", _("At once")
        DIGEST = "DIGEST", _("In the daily digest")
        OFF = "OFF", _("Off")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=24, choices=OutgoingEmail.Kind.choices)
    choice = models.CharField(max_length=7, choices=Choice.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint("user", "seller", "kind", name="preference_once"),
            models.CheckConstraint(
                condition=Q(choice__in=["AT_ONCE", "DIGEST", "OFF"]), name="preference_choice_known"
            ),
        ]


class ExtraAddress(models.Model):
    """An address outside the portal that gets copies of a seller's e-mails, once it has confirmed."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    email = models.EmailField(_("e-mail"), max_length=254)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(help_text=_("Until when it can be confirmed"))
    confirmed_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("extra address")
        verbose_name_plural = _("extra addresses")
        constraints = [
            models.UniqueConstraint(
                "seller", "email", condition=Q(removed_at__isnull=True), name="extraaddress_once_in_seller"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.seller}"


class CalendarFeed(models.Model):
    """A person's calendar of deadlines under a secret address, until it is taken back."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("user", condition=Q(revoked_at__isnull=True), name="calendarfeed_one_in_force"),
        ]


class RemindedUntil(models.Model):
    """Up to which moment a kind of reminder is owed already: what lies before is never looked at again."""

    kind = models.CharField(max_length=24)
    step = models.DurationField(help_text=_("How long before the deadline; 0 for the digest"))
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("kind", "step", name="remindeduntil_once")]


class OriginalMail(models.Model):
    """An e-mail read from an old mailbox, byte for byte in storage, and what became of it.

    Identified by the SHA-256 of its bytes with LF line ends: real archives hold one Message-ID with different bytes,
    mail without any, and the same mail with either line end.
    """

    class State(models.TextChoices):
        IMPORTED = "IMPORTED", _("In a thread")
        QUARANTINED = "QUARANTINED", _("Not matched")
        REFUSED = "REFUSED", _("Refused")

    class Kind(models.TextChoices):
        MAIL = "MAIL", _("E-mail")
        AUTO_REPLY = "AUTO_REPLY", _("Automatic reply")
        BOUNCE = "BOUNCE", _("Delivery report")
        LIST = "LIST", _("Mail to a list")
        DRAFT = "DRAFT", _("Draft")

    seller = models.ForeignKey(Seller, models.PROTECT, null=True, related_name="+", verbose_name=_("seller"))
    sha256 = models.CharField(_("sha256"), max_length=64, unique=True)
    storage_key = models.CharField(_("storage key"), max_length=200)
    size = models.BigIntegerField(_("size"))
    mail_id = models.CharField("Message-ID", max_length=998, blank=True)
    subject = models.TextField(_("subject"), blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.MAIL, db_default="MAIL")
    written_by = models.CharField(
        _("written by"),
        max_length=400,
        blank=True,
        default="",
        db_default="",
        help_text=_("Who wrote it, as the e-mail says"),
    )
    sent_at = models.DateTimeField(_("sent at"), null=True)
    dated_at = models.DateTimeField(
        _("dated at"), null=True, help_text=_("What its own date says, where that is not believed")
    )
    moment_unsure = models.BooleanField(
        _("moment unsure"),
        default=False,
        db_default=False,
        help_text=_("It may have been written at any time before it was imported"),
    )
    notes = models.JSONField(
        _("notes"),
        default=dict,
        db_default=Value({}, models.JSONField()),
        blank=True,
        help_text=_("What the thread says beside its words: files in the original alone, whether it is cut off"),
    )
    state = models.CharField(_("state"), max_length=11, choices=State.choices)
    cause = models.CharField(_("cause"), max_length=300, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    claim = models.ForeignKey(Claim, models.PROTECT, null=True, related_name="+", verbose_name=_("claim"))
    message = models.OneToOneField(Message, models.PROTECT, null=True, related_name="+", verbose_name=_("message"))
    matched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("matched by")
    )
    matched_at = models.DateTimeField(
        _("matched at"), null=True, help_text=_("When a handler put it into its thread by hand")
    )
    imported_at = models.DateTimeField(_("imported at"), default=timezone.now)
    erased_at = models.DateTimeField(_("erased at"), null=True)

    class Meta:
        verbose_name = _("old e-mail")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="IMPORTED", message__isnull=False) | ~Q(state="IMPORTED") & Q(message__isnull=True),
                name="originalmail_imported_has_message",
            ),
        ]
        indexes = [
            models.Index("state", "id", name="originalmail_by_state"),
            # A Message-ID may be longer than what another kind of index holds.
            HashIndex(fields=["mail_id"], condition=Q(state="IMPORTED"), name="originalmail_by_message_id"),
        ]
