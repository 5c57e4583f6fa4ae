"""Closed word lists of notifications."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """How a message reaches somebody."""

    IN_APP = "in_app", _("Sur le site")
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    WHATSAPP = "whatsapp", _("WhatsApp")


class Category(models.TextChoices):
    """What a message is about: what somebody chooses channels for."""

    SECURITY = "security", _("Sécurité du compte")
    ACCOUNT = "account", _("Votre compte")
    BILLING = "billing", _("Paiements et factures")
    LISTING = "listing", _("Vos fiches")
    MODERATION = "moderation", _("Décisions de modération")
    API = "api", _("Clés, quotas et webhooks")
    REPORTS = "reports", _("Rapports et résumés")
    INGESTION = "ingestion", _("Imports et sources")
    STAFF = "staff", _("Alertes de l’équipe")
    NEWS = "news", _("Nouveautés")


# Nobody mutes these on the site and by e-mail; unsubscribing is never offered for them.
MANDATORY = (Category.SECURITY, Category.BILLING)
# Written to a phone: asked for and consented to, one category at a time.
PHONE_CHANNELS = (Channel.SMS, Channel.WHATSAPP)


class Mode(models.TextChoices):
    """When messages of a category leave by a channel."""

    NOW = "now", _("Tout de suite")
    DAILY = "daily", _("Récapitulatif du jour")
    WEEKLY = "weekly", _("Récapitulatif de la semaine")
    NEVER = "never", _("Jamais")


DIGEST_MODES = (Mode.DAILY, Mode.WEEKLY)


class DeliveryState(models.TextChoices):
    """Where a message stands."""

    PENDING = "pending", _("À envoyer")
    HELD = "held", _("Pour le récapitulatif")
    DIGESTED = "digested", _("Dans un récapitulatif")
    SENT = "sent", _("Envoyé")
    DELIVERED = "delivered", _("Reçu")
    SKIPPED = "skipped", _("Retenu")
    FAILED = "failed", _("Abandonné")


class SuppressionReason(models.TextChoices):
    """Why nothing more is sent to an address."""

    BOUNCE = "bounce", _("Adresse refusée")
    COMPLAINT = "complaint", _("Signalé comme indésirable")
    UNSUBSCRIBE = "unsubscribe", _("Désabonnement")


class ConsentSource(models.TextChoices):
    """Where somebody said yes or no."""

    PAGE = "page", _("Page des préférences")
    SIGN_UP = "sign_up", _("Ouverture du compte")
    ONE_CLICK = "one_click", _("Désabonnement en un clic")
    REPLY = "reply", _("Réponse STOP")
    STAFF = "staff", _("Équipe, à la demande de la personne")


class EndpointState(models.TextChoices):
    """Whether a webhook endpoint is sent anything, and who decided that it is not."""

    ENABLED = "enabled", _("Active")
    DISABLED = "disabled", _("Désactivée")
    AUTO_DISABLED = "auto_disabled", _("Désactivée après trop d’échecs")
    GONE = "gone", _("Partie (410)")


class WebhookState(models.TextChoices):
    """Where one event for one endpoint stands."""

    PENDING = "pending", _("À envoyer")
    DELIVERED = "delivered", _("Remis")
    FAILED = "failed", _("Abandonné")
    # Not sent because its endpoint is off; a replay sends it.
    HELD = "held", _("Retenu")


class Segment(models.TextChoices):
    """To whom an announcement goes."""

    EVERYONE = "everyone", _("Tout le monde")
    OWNERS = "owners", _("Propriétaires d’une fiche publiée")
    DEVELOPERS = "developers", _("Développeurs avec une clé active")
    CUSTOMERS = "customers", _("Abonnés en cours")


# Besides the inbox. WhatsApp takes only words that it approved before.
BROADCAST_CHANNELS = (Channel.EMAIL, Channel.SMS)


class BroadcastState(models.TextChoices):
    """Where an announcement stands."""

    DRAFT = "draft", _("Brouillon")
    SENDING = "sending", _("En cours d’envoi")
    STOPPED = "stopped", _("Arrêtée")
    DONE = "done", _("Envoyée")
