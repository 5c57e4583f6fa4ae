"""Webhooks: where programs of others are told, with what they are signed, and what was sent."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.ids import uuid7
from apps.notifications.choices import EndpointState, WebhookState


class WebhookEndpoint(models.Model):
    """An address of a user that is told of what happens to what is his. Ends deleted by him, with everything that was sent there.

    `failures` counts failed attempts since the last 2xx, `failing_since` says when the first of them was. `served_at` is when a worker
    last took something for it: who waited longest comes first.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("utilisateur"))
    url = models.CharField(_("adresse"), max_length=2000)
    description = models.CharField(_("description"), max_length=200, blank=True)
    event_types = ArrayField(models.CharField(max_length=60), verbose_name=_("événements"))
    include_object = models.BooleanField(_("avec l’objet"), default=False)
    livemode = models.BooleanField(_("réelle"), default=True, editable=False)
    state = models.CharField(_("état"), max_length=15, choices=EndpointState, default=EndpointState.ENABLED)
    state_changed_at = models.DateTimeField(_("dans cet état depuis"))
    failures = models.PositiveIntegerField(_("échecs de suite"), default=0)
    failing_since = models.DateTimeField(_("en échec depuis"), null=True, blank=True)
    throttled_until = models.DateTimeField(_("ménagée jusqu’à"), null=True, blank=True)
    last_success_at = models.DateTimeField(_("dernier succès"), null=True, blank=True)
    last_failure_at = models.DateTimeField(_("dernier échec"), null=True, blank=True)
    served_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("créée le"))
    updated_at = models.DateTimeField(_("modifiée le"))

    class Meta:
        db_table = "webhook_endpoints"
        verbose_name = _("adresse de webhook")
        verbose_name_plural = _("adresses de webhook")
        constraints = (
            models.CheckConstraint(condition=Q(state__in=EndpointState.values), name="webhook_endpoints_state_known"),
            models.CheckConstraint(condition=Q(event_types__len__gte=1), name="webhook_endpoints_types_given"),
            models.CheckConstraint(condition=Q(url__regex=r"^https?://"), name="webhook_endpoints_url_of_the_web"),
            models.CheckConstraint(condition=Q(failures=0) ^ Q(failing_since__isnull=False), name="webhook_endpoints_failures_dated"),
        )
        indexes = (models.Index(fields=("user", "-id"), name="webhook_endpoints_by_user"),)

    def __str__(self) -> str:
        return self.url[:80]


class WebhookSecret(models.Model):
    """What signs the messages to an endpoint. `sealed` is encrypted. Ends replaced, when what both sign is over."""

    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="secrets", verbose_name=_("adresse"))
    sealed = models.CharField(max_length=400, editable=False)
    created_at = models.DateTimeField(_("créé le"))
    expires_at = models.DateTimeField(_("signe jusqu’au"), null=True, blank=True)

    class Meta:
        db_table = "webhook_secrets"
        verbose_name = _("secret de webhook")
        verbose_name_plural = _("secrets de webhook")
        constraints = (
            models.UniqueConstraint(fields=("endpoint",), condition=Q(expires_at__isnull=True), name="webhook_secrets_one_current"),
        )

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d}"


class WebhookDelivery(models.Model):
    """One event for one endpoint. Its id is the `webhook-id` of every try; `body` is what is signed and sent, byte for byte.

    Ends delivered, given up, or held while its endpoint is off; a replay makes it pending again. Pruned 30 days after the event.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="deliveries", verbose_name=_("adresse"))
    type = models.CharField(_("événement"), max_length=60)
    # What happened, once: an outbox event and the object in it.
    event_key = models.CharField(max_length=120)
    body = models.TextField(_("contenu"))
    state = models.CharField(_("état"), max_length=10, choices=WebhookState, default=WebhookState.PENDING)
    # Failed tries of this series; a replay begins a new one.
    failures = models.PositiveSmallIntegerField(_("échecs"), default=0)
    tries = models.PositiveIntegerField(_("essais"), default=0)
    next_attempt_at = models.DateTimeField(_("prochain essai"), null=True, blank=True)
    # A worker has it until then; who dies lets go of it by that.
    claimed_until = models.DateTimeField(null=True, editable=False)
    last_status = models.PositiveSmallIntegerField(_("dernière réponse"), null=True, blank=True)
    last_error = models.CharField(_("dernière erreur"), max_length=40, blank=True)
    delivered_at = models.DateTimeField(_("remis le"), null=True, blank=True)
    occurred_at = models.DateTimeField(_("arrivé le"))
    created_at = models.DateTimeField(_("créé le"))

    class Meta:
        db_table = "webhook_deliveries"
        verbose_name = _("envoi de webhook")
        verbose_name_plural = _("envois de webhook")
        constraints = (
            models.UniqueConstraint(fields=("endpoint", "event_key", "type"), name="webhook_deliveries_once"),
            models.CheckConstraint(condition=Q(state__in=WebhookState.values), name="webhook_deliveries_state_known"),
            models.CheckConstraint(
                condition=Q(state=WebhookState.PENDING) ^ Q(next_attempt_at__isnull=True), name="webhook_deliveries_pending_is_due"
            ),
            models.CheckConstraint(
                condition=~Q(state=WebhookState.DELIVERED) | Q(delivered_at__isnull=False), name="webhook_deliveries_delivered_dated"
            ),
            models.CheckConstraint(condition=~Q(body=""), name="webhook_deliveries_body_given"),
        )
        indexes = (
            models.Index(fields=("endpoint", "-id"), name="webhook_deliveries_newest"),
            models.Index(fields=("endpoint", "next_attempt_at"), condition=Q(state=WebhookState.PENDING), name="webhook_deliveries_due"),
            models.Index(fields=("created_at",), name="webhook_deliveries_old"),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.pk}"


class WebhookAttempt(models.Model):
    """One try: what was answered, its first characters, how long it took. Ends with the delivery."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(WebhookDelivery, models.CASCADE, related_name="attempts", verbose_name=_("envoi"))
    at = models.DateTimeField(_("le"))
    status = models.PositiveSmallIntegerField(_("réponse"), null=True, blank=True)
    error = models.CharField(_("erreur"), max_length=40, blank=True)
    answer = models.TextField(_("début de la réponse"), max_length=1000, blank=True)
    duration_ms = models.PositiveIntegerField(_("durée (ms)"), default=0)

    class Meta:
        db_table = "webhook_attempts"
        verbose_name = _("essai de webhook")
        verbose_name_plural = _("essais de webhook")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.status or self.error}"
