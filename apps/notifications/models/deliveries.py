"""What was sent to whom."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.ids import uuid7
from apps.notifications.choices import Category, Channel, DeliveryState
from apps.notifications.models.notifications import Notification


class Delivery(models.Model):
    """One message to one address. Ends sent, given up, or in a digest; pruned after a year.

    `context` holds what the words are made of until it is sent, and never a secret: codes and links that open something
    go straight to the port. `body` is kept only where `KEEP_MESSAGE_BODIES` is set: on a developer's own machine.
    `chain` names the channels that are left if this one fails or says nothing; `digest` is the mail that told it at last.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.CharField(_("message"), max_length=60)
    category = models.CharField(_("catégorie"), max_length=12, choices=Category, blank=True)
    channel = models.CharField(_("canal"), max_length=10, choices=Channel)
    notification = models.ForeignKey(
        Notification, models.SET_NULL, null=True, blank=True, related_name="deliveries", verbose_name=_("notification")
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("utilisateur"))
    address = models.CharField(_("adresse"), max_length=255)
    language = models.CharField(_("langue"), max_length=2, choices=settings.LANGUAGES)
    context = models.JSONField(default=dict, blank=True)
    is_secret = models.BooleanField(_("secret"), default=False)
    dedup_key = models.CharField(max_length=120, blank=True)
    state = models.CharField(_("état"), max_length=10, choices=DeliveryState, default=DeliveryState.PENDING)
    next_attempt_at = models.DateTimeField(_("prochain essai"), null=True, blank=True)
    receipt_due_at = models.DateTimeField(_("accusé attendu avant"), null=True, blank=True)
    chain = models.JSONField(_("autres canaux"), default=list, blank=True)
    digest = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="held", verbose_name=_("récapitulatif"))
    reason = models.CharField(_("motif"), max_length=300, blank=True)
    provider_id = models.CharField(_("référence"), max_length=200, blank=True)
    cost_xaf = models.PositiveIntegerField(_("coût (F CFA)"), default=0)
    sent_at = models.DateTimeField(_("envoyé le"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("reçu le"), null=True, blank=True)
    body = models.TextField(_("contenu"), blank=True)
    created_at = models.DateTimeField(_("créé le"), auto_now_add=True)

    class Meta:
        verbose_name = _("envoi")
        verbose_name_plural = _("envois")
        constraints = (
            models.UniqueConstraint(
                fields=("dedup_key", "channel", "address"), condition=~Q(dedup_key=""), name="notifications_delivery_once"
            ),
            models.UniqueConstraint(
                fields=("notification", "channel"), condition=Q(notification__isnull=False), name="notifications_delivery_channel_once"
            ),
            models.CheckConstraint(
                condition=Q(category="") | Q(category__in=Category.values), name="notifications_delivery_category_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=DeliveryState.DIGESTED) | Q(channel=Channel.EMAIL), name="notifications_delivery_digest"
            ),
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="notifications_delivery_state_known"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="notifications_delivery_channel_known"),
            models.CheckConstraint(condition=Q(is_secret=False) | Q(context={}), name="notifications_delivery_keeps_no_secret"),
        )
        indexes = (
            models.Index(fields=("next_attempt_at",), condition=Q(state=DeliveryState.PENDING), name="notifications_delivery_due"),
            models.Index(fields=("-created_at",), name="notifications_delivery_newest"),
            models.Index(fields=("user", "created_at"), condition=Q(state=DeliveryState.HELD), name="notifications_delivery_held"),
            models.Index(fields=("receipt_due_at",), condition=Q(receipt_due_at__isnull=False), name="notifications_delivery_unheard"),
            models.Index(fields=("provider_id",), condition=~Q(provider_id=""), name="notifications_delivery_ref"),
            models.Index(fields=("created_at",), condition=Q(cost_xaf__gt=0), name="notifications_delivery_cost"),
        )

    def __str__(self) -> str:
        return f"{self.message} {self.address}"


class DeliveryAttempt(models.Model):
    """One try to send a message, with what the port said."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempts", verbose_name=_("envoi"))
    at = models.DateTimeField(_("le"))
    error = models.CharField(_("erreur"), max_length=300, blank=True)
    provider_id = models.CharField(_("référence"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("essai")
        verbose_name_plural = _("essais")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.error or 'ok'}"
