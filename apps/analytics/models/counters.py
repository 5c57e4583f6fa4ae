"""Counters: what pages and reports read instead of events."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


def _count(label: object) -> models.PositiveIntegerField[int, int]:
    return models.PositiveIntegerField(label, default=0, db_default=0)  # type: ignore[arg-type]  # lazy text


class ListingDay(models.Model):
    """What happened with one listing on one day of Cameroon; number 0 is all listings together. Kept for 25 months.

    One packed row, so that a month of a listing is thirty short rows read by their key. `breakdown` holds what is only read in sums of a
    period, as compact JSON of key to count (`services.tallies` writes it, `selectors.breakdowns` reads it). The hours are there too,
    so that the hourly counters live as long as the daily ones. Written by `services.counting` only, a minute behind the events.
    """

    pk = models.CompositePrimaryKey("resource_number", "day")
    resource_number = models.BigIntegerField(_("fiche"))
    day = models.DateField(_("jour"))
    views = _count(_("vues"))
    impressions = _count(_("affichages"))
    clicks = _count(_("ouvertures"))
    contacts = _count(_("contacts"))
    directions = _count(_("itinéraires"))
    shares = _count(_("partages"))
    saves = _count(_("mises de côté"))
    calls = _count(_("appels"))
    whatsapps = _count(_("WhatsApp"))
    sms = _count(_("SMS"))
    emails = _count(_("e-mails"))
    sites = _count(_("sites"))
    copies = _count(_("numéros copiés"))
    bots = _count(_("robots"))
    repeats = _count(_("répétitions"))
    floods = _count(_("afflux"))
    # Different visitors of that day who did more than see it in a list. Days are never added up (AN-08).
    visitors = _count(_("visiteurs du jour"))
    # Impressions whose rank is known, and the sum of those ranks.
    ranked = _count(_("affichages classés"))
    rank_sum = models.PositiveBigIntegerField(_("somme des rangs"), default=0, db_default=0)
    breakdown = models.TextField(_("répartition"), blank=True, default="", db_default="")
    last_at = models.DateTimeField(_("dernier événement"))

    class Meta:
        db_table = "analytics_listing_days"
        verbose_name = _("jour d'une fiche")
        verbose_name_plural = _("jours des fiches")
        constraints = (
            models.CheckConstraint(
                condition=Q(contacts=F("calls") + F("whatsapps") + F("sms") + F("emails") + F("sites") + F("copies")),
                name="analytics_days_contacts_have_channels",
            ),
            models.CheckConstraint(
                condition=Q(ranked__lte=F("impressions"), rank_sum__gte=F("ranked")), name="analytics_days_ranks_from_impressions"
            ),
        )

    def __str__(self) -> str:
        return f"{self.resource_number} {self.day}"


class DayVisitor(models.Model):
    """Somebody who did something with a listing on a day (number 0: with any): how daily visitors are counted once each.

    `visitor` is the hash of the day's salt. Rows go with their day's partition, when the events go.
    """

    pk = models.CompositePrimaryKey("day", "resource_number", "visitor")
    day = models.DateField(_("jour"))
    resource_number = models.BigIntegerField(_("fiche"))
    visitor = models.BigIntegerField(_("visiteur du jour"))

    class Meta:
        db_table = "analytics_day_visitors"
        managed = False  # partitioned: the migration writes its SQL
        verbose_name = _("visiteur d'un jour")
        verbose_name_plural = _("visiteurs d'un jour")

    def __str__(self) -> str:
        return f"{self.resource_number} {self.day}"
