"""What the queue and its schedule remember: when work was last asked for, who is alive, and what went wrong."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ScheduledWork(models.Model):
    """One line of the schedule: the last of its turns that was asked for. Turns are counted from the clock."""

    name = models.CharField(_("name"), max_length=80, primary_key=True)
    turn = models.BigIntegerField(_("turn"))
    asked_at = models.DateTimeField(_("asked for at"))

    class Meta:
        verbose_name = verbose_name_plural = _("scheduled work")


class LifeSign(models.Model):
    """When a worker last did what it does only to show that it lives, by queue; `beat`: what the schedule asks."""

    name = models.CharField(_("name"), max_length=40, primary_key=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("sign of life")
        verbose_name_plural = _("signs of life")


class TaskStart(models.Model):
    """A task that was begun and has not ended; `starts`: how often, since that of a dead worker goes to another."""

    task_id = models.CharField(_("task id"), max_length=64, primary_key=True)
    task = models.CharField(_("task"), max_length=120)
    arguments = models.CharField(_("on"), max_length=500)
    starts = models.PositiveSmallIntegerField(_("starts"), default=1)
    started_at = models.DateTimeField(_("started at"))

    class Meta:
        verbose_name = _("begun task")
        verbose_name_plural = _("begun tasks")
        indexes = [models.Index("started_at", name="taskstart_oldest")]


class FailedTask(models.Model):
    """A task that failed, and what it was to work on: once a row however often, until it goes well again."""

    task = models.CharField(_("task"), max_length=120)
    arguments = models.CharField(_("on"), max_length=500)
    times = models.PositiveIntegerField(_("times"), default=1)
    first_at = models.DateTimeField(_("first"), default=timezone.now)
    last_at = models.DateTimeField(_("last"), default=timezone.now)
    cause = models.CharField(_("cause"), max_length=500)
    given_up = models.BooleanField(_("given up"), default=False)

    class Meta:
        verbose_name = _("failed task")
        verbose_name_plural = _("failed tasks")
        constraints = [models.UniqueConstraint("task", "arguments", name="failedtask_once")]
        indexes = [models.Index(models.F("last_at").desc(), models.F("id").desc(), name="failedtask_newest")]

    def __str__(self) -> str:
        return f"{self.task} {self.arguments}"
