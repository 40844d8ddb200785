"""Policy as rows: windows and clock rules, one row a version. A changed rule is a new version; claims keep theirs."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from claims.rules import policy
from claims.rules.eligibility import evidence_of
from claims.rules.lifecycle import Evidence


class PolicyRule(models.Model):
    """One version of a filing rule. Empty marketplace, region, program or reason means: any."""

    key = models.SlugField(_("key"), max_length=64)
    version = models.PositiveIntegerField(_("version"))
    name = models.CharField(_("name"), max_length=100)
    marketplace = models.CharField(_("marketplace"), max_length=32, blank=True)
    region = models.CharField(_("region"), max_length=32, blank=True)
    program = models.CharField(_("program"), max_length=32, blank=True)
    reason = models.CharField(_("reason"), max_length=32, blank=True)
    sub_reason = models.CharField(_("sub reason"), max_length=32, blank=True)
    effective_from = models.DateField(_("effective from"), null=True)
    effective_to = models.DateField(_("effective to"), null=True)
    trigger = models.CharField(_("trigger"), max_length=16, choices=[(t, t) for t in policy.Trigger])
    opens_after = models.PositiveSmallIntegerField(_("opens after days"), default=0)
    closes_after = models.PositiveSmallIntegerField(_("closes after days"))
    unit = models.CharField(
        _("days are"), max_length=8, choices=[(u, u) for u in policy.Unit], default=policy.Unit.CALENDAR
    )
    covered = models.BooleanField(_("can be claimed"), default=True)
    order_cap_minor = models.BigIntegerField(_("most for one order, minor units"), null=True, blank=True)
    order_cap_currency = models.CharField(_("order cap currency"), max_length=3, blank=True)
    percent_cap = models.PositiveSmallIntegerField(_("most in percent of the order's value"), null=True, blank=True)
    component = models.CharField(
        _("claims are against"), max_length=15, blank=True, choices=[(c, c) for c in policy.Component]
    )
    after_automatic = models.BooleanField(_("also after an automatic refund"), default=False, db_default=False)
    required = models.JSONField(_("required evidence"), null=True, blank=True)
    recommended = models.JSONField(_("helpful evidence"), null=True, blank=True)
    clause = models.TextField(_("what the seller accepts"))
    source = models.CharField(_("source"), max_length=500)
    note = models.TextField(_("note"), blank=True)
    loaded_at = models.DateTimeField(_("loaded at"), default=timezone.now)

    class Meta:
        verbose_name = _("policy rule")
        constraints = [
            models.UniqueConstraint("key", "version", name="policyrule_version_once"),
            models.CheckConstraint(condition=Q(closes_after__gte=F("opens_after")), name="policyrule_window_not_empty"),
            models.CheckConstraint(
                condition=Q(effective_from=None) | Q(effective_to=None) | Q(effective_to__gte=F("effective_from")),
                name="policyrule_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(percent_cap=None) | Q(percent_cap__gte=1, percent_cap__lte=100),
                name="policyrule_percent_in_range",
            ),
            models.CheckConstraint(
                condition=Q(order_cap_minor=None, order_cap_currency="")
                | (Q(order_cap_minor__gt=0) & ~Q(order_cap_currency="")),
                name="policyrule_order_cap_has_currency",
            ),
            models.CheckConstraint(condition=Q(marketplace="") | Q(region=""), name="policyrule_one_place"),
            models.CheckConstraint(condition=Q(sub_reason="") | ~Q(reason=""), name="policyrule_case_of_a_reason"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return gettext("%(name)s, version %(version)s") % {"name": self.name, "version": self.version}

    def as_rule(self) -> policy.Rule:
        """Return the row as the plain rule that policy computes with."""
        return policy.Rule(
            key=self.key,
            version=self.version,
            name=self.name,
            trigger=policy.Trigger(self.trigger),
            opens_after=self.opens_after,
            closes_after=self.closes_after,
            marketplace=self.marketplace or None,
            region=self.region or None,
            program=self.program or None,
            reason=self.reason or None,
            sub_reason=self.sub_reason or None,
            effective_from=self.effective_from,
            effective_to=self.effective_to,
            unit=policy.Unit(self.unit),
            covered=self.covered,
            order_cap_minor=self.order_cap_minor,
            order_cap_currency=self.order_cap_currency,
            percent_cap=self.percent_cap,
            component=policy.Component(self.component) if self.component else None,
            required=None if self.required is None else tuple(self.required),
            recommended=None if self.recommended is None else tuple(self.recommended),
            after_automatic=self.after_automatic,
            id=self.pk,
        )


def evidence_needed(rule: PolicyRule | None, reason: str) -> Evidence:
    """Return the evidence slots of a claim for `reason`: those of the rule it was filed under, else the reason's own.

    Costs a query where the claim came without its `policy_rule`; an imported claim has no reason ("") and needs none.
    """
    return evidence_of(rule.as_rule() if rule else None, reason or None)


class ClockRule(models.Model):
    """One version of what gives a claim its deadlines: days to reply, to appeal, and for the desk to answer.

    `appeals` is how many times a decision may be appealed. Above `four_eyes_above_minor` (in `four_eyes_currency`, or
    where that is empty in the claim's own) a second handler confirms a decision. Clocks of several marketplaces say it
    by currency instead, in `four_eyes_by_currency`.
    """

    key = models.SlugField(_("key"), max_length=64)
    version = models.PositiveIntegerField(_("version"))
    name = models.CharField(_("name"), max_length=100)
    marketplace = models.CharField(_("marketplace"), max_length=32, blank=True)
    program = models.CharField(_("program"), max_length=32, blank=True)
    reply_days = models.PositiveSmallIntegerField(_("days to reply"))
    reply_unit = models.CharField(
        _("reply unit"), max_length=8, choices=[(u, u) for u in policy.Unit], default=policy.Unit.CALENDAR
    )
    appeal_days = models.PositiveSmallIntegerField(_("days to appeal"))
    appeal_unit = models.CharField(
        _("appeal unit"), max_length=8, choices=[(u, u) for u in policy.Unit], default=policy.Unit.CALENDAR
    )
    answer_days = models.PositiveSmallIntegerField(_("days for the desk to answer"))
    answer_unit = models.CharField(
        _("answer unit"), max_length=8, choices=[(u, u) for u in policy.Unit], default=policy.Unit.CALENDAR
    )
    appeals = models.PositiveSmallIntegerField(_("appeals"), default=1)
    appeal_needs_senior = models.BooleanField(_("a senior handler decides appeals"), default=True)
    four_eyes_above_minor = models.BigIntegerField(_("second handler above, minor units"), null=True, blank=True)
    four_eyes_currency = models.CharField(_("four eyes currency"), max_length=3, blank=True)
    four_eyes_by_currency = models.JSONField(
        _("second handler above, minor units by currency"),
        default=dict,
        blank=True,
        db_default=Value({}, models.JSONField()),
        help_text=_('As in {"USD": 50000, "EUR": 50000}.'),
    )
    source = models.CharField(_("source"), max_length=500)
    note = models.TextField(_("note"), blank=True)
    loaded_at = models.DateTimeField(_("loaded at"), default=timezone.now)

    class Meta:
        verbose_name = _("clock rule")
        constraints = [
            models.UniqueConstraint("key", "version", name="clockrule_version_once"),
            models.CheckConstraint(
                condition=Q(reply_days__gte=1) & Q(appeal_days__gte=1) & Q(answer_days__gte=1),
                name="clockrule_days_positive",
            ),
            models.CheckConstraint(condition=Q(appeals__lte=1), name="clockrule_at_most_one_appeal"),
            models.CheckConstraint(
                condition=Q(four_eyes_above_minor=None) | Q(four_eyes_above_minor__gte=0),
                name="clockrule_four_eyes_not_negative",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return gettext("%(name)s, version %(version)s") % {"name": self.name, "version": self.version}

    @property
    def four_eyes(self) -> dict[str, int]:
        """Above what a second handler confirms, in minor units by currency; "" stands for any currency."""
        if self.four_eyes_above_minor is not None:
            return {self.four_eyes_currency: self.four_eyes_above_minor}
        return dict(self.four_eyes_by_currency)


class Outage(models.Model):
    """A time in which sellers could not act. What ended inside it ends later by its length; refunds' windows move by
    this row alone, claims' deadlines by a DeadlineMove each. Append-only.
    """

    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    reason = models.CharField(_("reason"), max_length=500, help_text=_("Sellers read it"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("outage")
        constraints = [
            models.UniqueConstraint("starts_at", "ends_at", name="outage_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="outage_has_a_length"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} – {self.ends_at:%Y-%m-%d %H:%M} UTC"

    def as_outage(self) -> policy.Outage:
        return policy.Outage(self.starts_at, self.ends_at, self.reason)
