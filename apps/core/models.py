"""Rows of the foundation."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.ids import uuid7


class DeliveryState(models.TextChoices):
    """Where the delivery of an event to one receiver stands."""

    PENDING = "pending", _("À livrer")
    DONE = "done", _("Livré")
    DEAD = "dead", _("Abandonné")


class OutboxEvent(models.Model):
    """Something that happened, written in the transaction that made it happen. Pruned when every delivery is done."""

    id = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    name = models.CharField(_("événement"), max_length=100)
    key = models.CharField(_("objet"), max_length=100)
    payload = models.JSONField(_("contenu"), default=dict)
    request_id = models.CharField(_("requête"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("survenu le"), auto_now_add=True)

    class Meta:
        db_table = "core_outbox"
        verbose_name = _("événement")
        verbose_name_plural = _("événements")

    def __str__(self) -> str:
        return f"{self.name} {self.key}"


class OutboxDelivery(models.Model):
    """One event for one receiver. Done, or dead after too many failures; staff can retry a dead one."""

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(OutboxEvent, models.CASCADE, related_name="deliveries", verbose_name=_("événement"))
    receiver = models.CharField(_("destinataire"), max_length=100)
    key = models.CharField(_("objet"), max_length=100)
    state = models.CharField(_("état"), max_length=10, choices=DeliveryState, default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField(_("essais"), default=0)
    next_attempt_at = models.DateTimeField(_("prochain essai"), auto_now_add=True)
    last_error = models.TextField(_("dernière erreur"), blank=True)

    class Meta:
        db_table = "core_outbox_delivery"
        verbose_name = _("livraison d’événement")
        verbose_name_plural = _("livraisons d’événements")
        constraints = (
            models.UniqueConstraint(fields=("event", "receiver"), name="core_outbox_delivery_once"),
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="core_outbox_delivery_state_known"),
        )
        indexes = (
            # What is due, and whether something older of the same object still waits.
            models.Index(fields=("next_attempt_at", "id"), condition=Q(state="pending"), name="core_outbox_due"),
            models.Index("receiver", "key", F("id").asc(), condition=~Q(state="done"), name="core_outbox_order"),
        )

    def __str__(self) -> str:
        return f"{self.event} → {self.receiver}"


class IdempotentRequest(models.Model):
    """A POST that carried an `Idempotency-Key`, and its answer once `status` is set. Pruned after 24 hours.

    The row's lock says that the request is being answered.
    """

    scope = models.CharField(max_length=200)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    expires_at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=bytes)

    class Meta:
        db_table = "core_idempotent_request"
        constraints = (models.UniqueConstraint(fields=("scope", "key"), name="core_idempotent_request_once"),)

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
