"""What happened, one row each, in partitions of a day."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.analytics.choices import Channel, EventType, SourceClass, Verdict
from apps.core.ids import NextValue


class Event(models.Model):
    """One thing that somebody did with a listing. Rows come by COPY (`services.draining`) and go with their day's partition.

    No address and no browser: `visitor` is a hash under a salt that is thrown away after the day (contracts, section 8).
    `day` is the day of `created_at` in Cameroon; the table is partitioned by it and has no key of its own.
    """

    # Django wants a key; nothing reads by it.
    pk = models.CompositePrimaryKey("day", "resource_number", "created_at")
    day = models.DateField(_("jour"))
    created_at = models.DateTimeField(_("le"))
    resource_number = models.BigIntegerField(_("fiche"))
    event_type = models.PositiveSmallIntegerField(_("type"), choices=EventType)
    channel = models.PositiveSmallIntegerField(_("canal"), choices=Channel, default=Channel.NONE)
    source = models.PositiveSmallIntegerField(_("provenance"), choices=SourceClass, default=SourceClass.UNKNOWN)
    city_number = models.SmallIntegerField(_("ville"), null=True)
    campaign = models.CharField(_("campagne"), max_length=60, blank=True)
    position = models.PositiveSmallIntegerField(_("rang"), null=True)
    visitor = models.BigIntegerField(_("visiteur du jour"), null=True)
    verdict = models.PositiveSmallIntegerField(_("verdict"), choices=Verdict, default=Verdict.COUNTED)
    # `EventBatch.number`; 0 of what was written and counted before runs had numbers.
    run = models.BigIntegerField(default=0)

    class Meta:
        db_table = "analytics_events"
        managed = False  # partitioned: the migration writes its SQL
        verbose_name = _("événement")
        verbose_name_plural = _("événements")

    def __str__(self) -> str:
        return f"{self.created_at} {self.resource_number}"


class EventBatch(models.Model):
    """A run of the stream that is in the table: written with its rows, so that reading the run again adds nothing.

    `counted_at` is empty until its events are in the counters, and changes in the transaction that adds them. `first_day` and `last_day`
    are those of its events; empty without any.
    """

    id = models.CharField(primary_key=True, max_length=60)
    number = models.BigIntegerField(db_default=NextValue("analytics_batches_number_seq"), editable=False)
    created_at = models.DateTimeField(_("le"))
    events = models.PositiveIntegerField(_("événements"))
    first_day = models.DateField(_("premier jour"), null=True)
    last_day = models.DateField(_("dernier jour"), null=True)
    # By itself now: who does not say that it waits, as the release before this one, counts by himself.
    counted_at = models.DateTimeField(_("compté le"), null=True, db_default=Now())

    class Meta:
        db_table = "analytics_batches"
        constraints = (
            models.CheckConstraint(condition=Q(events__gte=0), name="analytics_batches_count_natural"),
            # What is not counted yet, and nothing else, is in its index.
            models.UniqueConstraint(fields=["number"], condition=Q(counted_at__isnull=True), name="analytics_batches_waiting"),
            models.CheckConstraint(
                condition=Q(counted_at__isnull=False) | Q(first_day__isnull=False, last_day__isnull=False, first_day__lte=F("last_day")),
                name="analytics_batches_waiting_has_days",
            ),
        )

    def __str__(self) -> str:
        return self.id
