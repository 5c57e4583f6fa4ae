"""Closed word lists of the catalogue, with the values of the public API."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ResourceType(models.TextChoices):
    """The four kinds of catalogue entries."""

    BUSINESS = "business", _("Entreprise")
    SERVICE = "service", _("Service")
    DATA = "data", _("Jeu de données")
    API = "api", _("API")


class Status(models.TextChoices):
    """Moderation: may the public see the entry?"""

    DRAFT = "draft", _("Brouillon")
    PENDING = "pending", _("En attente")
    ACTIVE = "active", _("Publiée")
    SUSPENDED = "suspended", _("Suspendue")
    REJECTED = "rejected", _("Refusée")
    ARCHIVED = "archived", _("Archivée")


class OperatingStatus(models.TextChoices):
    """Life of the place itself."""

    OPEN = "open", _("En activité")
    TEMPORARILY_CLOSED = "temporarily_closed", _("Fermé temporairement")
    PERMANENTLY_CLOSED = "permanently_closed", _("Fermé définitivement")


class ListingPlan(models.TextChoices):
    """What an entry pays for. Its rank, not its name, orders lists."""

    FREE = "free", _("Gratuit")
    PREMIUM = "premium", _("Premium")
    FEATURED = "featured", _("À la une")


class ListingRight(models.TextChoices):
    """What an entry can have a right to. Values are whole numbers; 1 says yes where nothing is counted."""

    PHOTOS = "photos", _("Photos")
    OFFERS = "offers", _("Offres sur la fiche")
    NO_COMPETITORS = "no_competitors", _("Aucune autre fiche sur la page")
    RANK_WEIGHT = "rank_weight", _("Poids dans le classement")
    FEATURED_LABEL = "featured_label", _("Premières places signalées")


class ContactKind(models.TextChoices):
    """Means of contact."""

    PHONE = "phone", _("Téléphone")
    EMAIL = "email", _("E-mail")
    WEBSITE = "website", _("Site web")


class HoursKind(models.TextChoices):
    """What is known of the opening hours."""

    UNKNOWN = "unknown", _("Horaires non confirmés")
    WEEKLY = "weekly", _("Horaires hebdomadaires")
    ALWAYS = "always", _("Ouvert 24 h sur 24")


class HolidayPolicy(models.TextChoices):
    """What an entry does on public holidays without a special day of its own."""

    UNKNOWN = "unknown", _("À confirmer")
    AS_USUAL = "as_usual", _("Horaires habituels")
    CLOSED = "closed", _("Fermé")


class HolidayStatus(models.TextChoices):
    """How sure the date of a public holiday is."""

    CONFIRMED = "confirmed", _("Confirmé")
    ESTIMATED = "estimated", _("Estimé")


class ImageState(models.TextChoices):
    """Whether the sizes of an uploaded picture are made."""

    PENDING = "pending", _("En préparation")
    READY = "ready", _("Prête")
    FAILED = "failed", _("Illisible")


class Attribute(models.TextChoices):
    """Closed registry of what an entry offers; the values of the `has` filter."""

    MOBILE_MONEY = "mobile_money", _("Mobile Money accepté")
    ORANGE_MONEY = "orange_money", _("Orange Money")
    MTN_MOMO = "mtn_momo", _("MTN MoMo")
    CARDS = "cards", _("Carte bancaire")
    CASH = "cash", _("Espèces")
    DELIVERY = "delivery", _("Livraison")
    TAKEAWAY = "takeaway", _("À emporter")
    WIFI = "wifi", _("Wi-Fi")
    PARKING = "parking", _("Parking")
    ACCESSIBLE = "accessible", _("Accès de plain-pied")
    GENERATOR = "generator", _("Groupe électrogène")
    AIR_CONDITIONING = "air_conditioning", _("Climatisation")
    TERRACE = "terrace", _("Terrasse")
    ENGLISH_SPOKEN = "english_spoken", _("Anglais parlé")
    FRENCH_SPOKEN = "french_spoken", _("Français parlé")
    WHATSAPP_ORDERS = "whatsapp_orders", _("Commande par WhatsApp")
    RESERVATION = "reservation", _("Réservation")
    GUARDED = "guarded", _("Gardien")
    BOREHOLE = "borehole", _("Eau de forage")
    MOTO_ACCESS = "moto_access", _("Accès à moto")
    # It takes its turn of the local rota; who has it tonight is not known here.
    ON_DUTY = "on_duty", _("Assure des gardes")


# Said of an entry with a number that takes messages there; lists and searches ask for it as for an attribute.
WHATSAPP = "whatsapp"
OFFER_LABELS = {**dict(Attribute.choices), WHATSAPP: "WhatsApp"}
# Words of the `has` filter that mean any of several.
OFFERS_MEANT = {"momo": (Attribute.MOBILE_MONEY.value, Attribute.MTN_MOMO.value, Attribute.ORANGE_MONEY.value)}


class ServiceModality(models.TextChoices):
    """Where a service is given."""

    ON_SITE = "on_site", _("Sur place")
    AT_CUSTOMER = "at_customer", _("Chez le client")
    REMOTE = "remote", _("À distance")


class UpdateFrequency(models.TextChoices):
    """How often a data set is renewed."""

    ONCE = "once", _("Publication unique")
    IRREGULAR = "irregular", _("Irrégulière")
    YEARLY = "yearly", _("Annuelle")
    QUARTERLY = "quarterly", _("Trimestrielle")
    MONTHLY = "monthly", _("Mensuelle")
    WEEKLY = "weekly", _("Hebdomadaire")
    DAILY = "daily", _("Quotidienne")
    REALTIME = "realtime", _("Temps réel")


class ApiAuthentication(models.TextChoices):
    """How an API recognises its callers."""

    NONE = "none", pgettext_lazy("authentication", "Aucune")
    API_KEY = "api_key", _("Clé d’API")
    OAUTH2 = "oauth2", _("OAuth 2.0")
    BASIC = "basic", _("Identifiant et mot de passe")
    OTHER = "other", pgettext_lazy("authentication", "Autre")


class ApiPricing(models.TextChoices):
    """What calls to an API cost."""

    FREE = "free", _("Gratuite")
    FREEMIUM = "freemium", _("Gratuite puis payante")
    PAID = "paid", _("Payante")
    ON_REQUEST = "on_request", _("Sur demande")


class ModerationReason(models.TextChoices):
    """Why staff moved an entry."""

    COMPLETE = "complete", _("Fiche complète et conforme")
    DUPLICATE = "duplicate", _("Doublon d’une autre fiche")
    INCOMPLETE = "incomplete", _("Informations insuffisantes")
    INACCURATE = "inaccurate", _("Informations inexactes")
    FORBIDDEN = "forbidden", _("Contenu interdit")
    OWNER_REQUEST = "owner_request", _("Demande du propriétaire")
    APPEAL_GRANTED = "appeal_granted", _("Recours accepté")
    OTHER = "other", pgettext_lazy("moderation reason", "Autre motif")
