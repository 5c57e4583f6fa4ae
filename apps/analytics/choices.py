"""Closed word lists of analytics. Numbers are what tables hold; words are the API's."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class EventType(models.IntegerChoices):
    """What somebody did with a listing."""

    VIEW = 1, _("Vue de la fiche")
    IMPRESSION = 2, _("Affichage dans une liste")
    CLICK = 3, _("Ouverture depuis une liste")
    CONTACT = 4, _("Contact")
    DIRECTION = 5, _("Itinéraire")
    SHARE = 6, _("Partage")
    SAVE = 7, _("Mise de côté")


class Channel(models.IntegerChoices):
    """How a contact was made; NONE for everything that is no contact."""

    NONE = 0, "—"
    CALL = 1, _("Appel")
    WHATSAPP = 2, _("WhatsApp")
    SMS = 3, _("SMS")
    EMAIL = 4, _("E-mail")
    SITE = 5, _("Site web")
    COPY_NUMBER = 6, _("Numéro copié")


class SourceClass(models.IntegerChoices):
    """Where a visitor came from, coarsely. UNKNOWN: not said, or not to be kept (Do-Not-Track, Global Privacy Control)."""

    UNKNOWN = 0, pgettext_lazy("provenance", "Inconnue")
    DIRECT = 1, _("Accès direct")
    OUR_SEARCH = 2, _("Recherche Ecosyste")
    OUR_LIST = 3, _("Catégories et villes Ecosyste")
    SEARCH_ENGINE = 4, _("Moteur de recherche")
    SOCIAL = 5, _("Réseau social")
    MESSAGE = 6, _("Messagerie")
    REFERRAL = 7, _("Autre site")
    CAMPAIGN = 8, _("Campagne")
    QR = 9, _("Affiche QR")


class Verdict(models.IntegerChoices):
    """Whether an event counts; what is set aside is kept and shown as such."""

    COUNTED = 0, _("Compté")
    BOT = 1, _("Robot")
    REPEAT = 2, _("Répétition")
    FLOOD = 3, _("Afflux anormal")


class Metric(models.TextChoices):
    """What a report counts."""

    VIEWS = "views", _("Vues")
    IMPRESSIONS = "impressions", _("Affichages dans les listes")
    CLICKS = "clicks", _("Ouvertures depuis une liste")
    CONTACTS = "contacts", _("Contacts")
    DIRECTIONS = "directions", _("Itinéraires")
    SHARES = "shares", _("Partages")
    SAVES = "saves", _("Mises de côté")


class Dimension(models.TextChoices):
    """What the rows of a report are."""

    DAY = "day", _("Jour")
    WEEK = "week", _("Semaine")
    MONTH = "month", _("Mois")
    WEEKDAY = "weekday", _("Jour de la semaine")
    HOUR = "hour", _("Heure")
    LISTING = "listing", _("Fiche")
    CHANNEL = "channel", _("Canal de contact")
    SOURCE = "source", _("Provenance")
    CITY = "city", _("Ville des visiteurs")
    CAMPAIGN = "campaign", _("Campagne")


class ReportPeriod(models.TextChoices):
    """Which days a report covers; all but BETWEEN move with the day on which it is made."""

    WEEK = "7d", _("7 derniers jours")
    MONTH = "30d", _("30 derniers jours")
    YEAR = "12m", _("12 derniers mois")
    BETWEEN = "between", _("Entre deux dates")


class ReportFormat(models.TextChoices):
    """What the file is."""

    CSV = "csv", "CSV"
    XLSX = "xlsx", "Excel (XLSX)"
    JSON = "json", "JSON"


class Schedule(models.TextChoices):
    """How often a report is made again and sent."""

    NEVER = "", _("Une seule fois")
    WEEKLY = "weekly", _("Chaque lundi")
    MONTHLY = "monthly", _("Chaque premier du mois")


class ReportState(models.TextChoices):
    """Where the making of a report stands."""

    QUEUED = "queued", _("En attente")
    RUNNING = "running", _("En préparation")
    READY = "ready", _("Prêt")
    FAILED = "failed", _("Échec")
    EXPIRED = "expired", _("Expiré")
