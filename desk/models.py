"""What the desk keeps for itself: who has which claim open, saved views of the queue, and macros."""

from __future__ import annotations

from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from claims.models import Claim
from claims.rules.lifecycle import Reason, Verb
from claims.text import reason_label, verb_label

MACRO_VERBS = (Verb.DENY, Verb.GRANT, Verb.REQUEST_INFORMATION, Verb.SEND_MESSAGE, Verb.ADD_NOTE)


class Presence(models.Model):
    """This member of staff had the claim open at `seen_at`. No lock: it only tells who else is here."""

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()
    is_writing = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint("claim", "user", name="presence_once")]
        indexes = [models.Index("user", "seen_at", name="presence_of_user")]


class SavedFilter(models.Model):
    """A view of the queue under a name of its owner's. `query` holds the queue's own parameters and no others."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    query = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint("user", "name", name="savedfilter_name_once")]

    def __str__(self) -> str:
        return self.name


def _verbs() -> list[tuple[str, str]]:
    return [(verb.value, verb_label(verb)) for verb in MACRO_VERBS]


def _reasons() -> list[tuple[str, str]]:
    return [(reason.value, reason_label(reason)) for reason in Reason]


class CodeField(models.CharField):
    """A code, with choices that give it its words on pages; the words are no part of the schema, nor of migrations."""

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        kwargs.pop("choices", None)
        return name, "django.db.models.CharField", args, kwargs


class Macro(models.Model):
    """A text with variables, the verb it is for, and what it chooses there.

    `reasons` are decision reason codes, `slots` evidence slots to ask for; which one counts follows from the verb.
    Without a team it is for everybody at the desk, without a reason for every claim.
    """

    name = models.CharField(_("name"), max_length=80, unique=True)
    verb = CodeField(_("for"), max_length=19, choices=_verbs)
    team = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team"))
    reason = CodeField(_("claims about"), max_length=16, blank=True, choices=_reasons)
    text = models.TextField(_("text"), max_length=4000)
    reasons = models.JSONField(_("decision reasons"), default=list, blank=True)
    slots = models.JSONField(_("asks for"), default=list, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("changed by")
    )

    class Meta:
        verbose_name = _("macro")
        verbose_name_plural = _("macros")
        constraints = [
            models.CheckConstraint(condition=Q(verb__in=[verb.value for verb in MACRO_VERBS]), name="macro_verb_known"),
            models.CheckConstraint(condition=~Q(text=""), name="macro_says_something"),
        ]

    def __str__(self) -> str:
        return self.name


class Record(models.Model):
    """One line of the record: who saw, did or changed what, and when. Append-only, by trigger.

    Staff's requests are written by middleware; what happens to claims and accounts, and what members open, is written
    by triggers on the tables where it happens, so that nothing gets past it. `claim_id` is the public one. `what` is a
    route, a verb or a table.
    It holds ids, no names, addresses or texts of anybody.
    """

    class Action(models.TextChoices):
        SAW = "SAW", _("Saw")
        SAW_AS = "SAW_AS", _("Saw as the seller")
        DID = "DID", _("Did")
        CHANGED = "CHANGED", _("Changed")

    at = models.DateTimeField(_("when"), default=timezone.now)
    action = models.CharField(_("action"), max_length=7, choices=Action.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("who"),
        db_constraint=False,
    )
    seller_id = models.BigIntegerField(_("seller id"), null=True)
    claim_id = models.CharField(_("claim"), max_length=19, blank=True)
    what = models.CharField(_("what"), max_length=80)
    detail = models.JSONField(_("detail"), default=dict)

    class Meta:
        verbose_name = _("record")
        verbose_name_plural = _("record")
        indexes = [
            models.Index("user", models.F("id").desc(), name="record_of_user"),
            models.Index("claim_id", models.F("id").desc(), condition=~Q(claim_id=""), name="record_of_claim"),
            models.Index(
                "seller_id", models.F("id").desc(), condition=Q(seller_id__isnull=False), name="record_of_seller"
            ),
            models.Index("at", "id", name="record_by_time"),
            models.Index("action", models.F("id").desc(), name="record_of_action"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]
