"""When an entry is open."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Func, Q
from django.utils.translation import gettext_lazy as _

from apps.catalog.choices import HolidayStatus
from apps.catalog.models.places import BilingualName
from apps.catalog.models.resources import Resource
from apps.core.ids import uuid7

_TIMES_MATCH_CLOSED = Q(is_closed=True, open_time__isnull=True, close_time__isnull=True) | Q(
    is_closed=False, open_time__isnull=False, close_time__isnull=False
)


class MinutesOfWeek(Func):
    """The interval as an int4range of minutes since Sunday 00:00; one that ends at or before its start ends the next day."""

    template = (
        "int4range((%(day)s * 1440 + (extract(epoch FROM open_time) / 60))::int, "
        "(%(day)s * 1440 + (extract(epoch FROM close_time) / 60) + CASE WHEN close_time <= open_time THEN 1440 ELSE 0 END)::int)"
    )

    def __init__(self) -> None:
        super().__init__(day="day_of_week", output_field=models.TextField())


class OpeningInterval(models.Model):
    """One interval of an entry's ordinary week, or a day said to be closed.

    `day_of_week` is 0 for Sunday. A `close_time` at or before `open_time` belongs to the next day; 00:00 to
    00:00 is the whole day. Ends when the owner writes new hours.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="hours", db_column="business_id", verbose_name=_("fiche"))
    day_of_week = models.PositiveSmallIntegerField(_("jour (0 = dimanche)"))
    open_time = models.TimeField(_("ouverture"), null=True, blank=True)
    close_time = models.TimeField(_("fermeture"), null=True, blank=True)
    is_closed = models.BooleanField(_("fermé"), default=False)

    class Meta:
        db_table = "business_hours"
        ordering = ("day_of_week", "open_time")
        verbose_name = _("horaire")
        verbose_name_plural = _("horaires")
        constraints = (
            models.CheckConstraint(condition=Q(day_of_week__lte=6), name="business_hours_day_exists"),
            models.CheckConstraint(condition=_TIMES_MATCH_CLOSED, name="business_hours_times_match_closed"),
            models.UniqueConstraint(fields=("resource", "day_of_week"), condition=Q(is_closed=True), name="business_hours_closed_once"),
            ExclusionConstraint(
                name="business_hours_no_overlap",
                expressions=[("resource", RangeOperators.EQUAL), (MinutesOfWeek(), RangeOperators.OVERLAPS)],
                condition=Q(is_closed=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.day_of_week} {self.open_time}–{self.close_time}"


class SpecialDay(models.Model):
    """What an entry does on one date, instead of its ordinary week. Several rows a date are several intervals."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="special_days", verbose_name=_("fiche"))
    date = models.DateField(_("date"))
    open_time = models.TimeField(_("ouverture"), null=True, blank=True)
    close_time = models.TimeField(_("fermeture"), null=True, blank=True)
    is_closed = models.BooleanField(_("fermé"), default=False)
    note = models.CharField(_("motif"), max_length=120, blank=True)

    class Meta:
        db_table = "special_days"
        ordering = ("date", "open_time")
        verbose_name = _("jour particulier")
        verbose_name_plural = _("jours particuliers")
        constraints = (
            models.CheckConstraint(condition=_TIMES_MATCH_CLOSED, name="special_days_times_match_closed"),
            models.UniqueConstraint(fields=("resource", "date", "open_time"), nulls_distinct=False, name="special_days_unique"),
        )

    def __str__(self) -> str:
        return f"{self.date}"


class PublicHoliday(BilingualName):
    """A public holiday of Cameroon. Feasts that follow the moon are estimated until the decree."""

    date = models.DateField(_("date"), primary_key=True)
    status = models.CharField(_("date"), max_length=10, choices=HolidayStatus, default=HolidayStatus.CONFIRMED)

    class Meta:
        db_table = "public_holidays"
        ordering = ("date",)
        verbose_name = _("jour férié")
        verbose_name_plural = _("jours fériés")
        constraints = (models.CheckConstraint(condition=Q(status__in=HolidayStatus.values), name="public_holidays_status_known"),)
