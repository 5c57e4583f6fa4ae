"""Closed word lists of ingestion, with the values of the public API."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SourceKind(models.TextChoices):
    """How records of a source reach us."""

    PUSH = "push", _("Envoyés à l’API (n8n, programmes)")
    FILE = "file", _("Fichier (NDJSON, CSV, Excel, GeoJSON)")
    OSM = "osm", _("Extrait OpenStreetMap")
    SCHEMA_ORG = "schema_org", _("Pages avec schema.org ou microdonnées")
    CSS = "css", _("Pages lues par sélecteurs CSS")
    SITEMAP = "sitemap", _("Pages d’un plan de site")
    JSON_API = "json_api", _("API JSON")


class LawfulBasis(models.TextChoices):
    """Why we may hold what a source says (law 2024/017)."""

    OPEN_LICENCE = "open_licence", _("Licence ouverte")
    CONSENT = "consent", _("Accord de l’intéressé")
    CONTRACT = "contract", _("Contrat avec le fournisseur")
    PUBLIC_INFORMATION = "public_information", _("Information publique d’un établissement")
    PUBLIC_TASK = "public_task", _("Mission de service public")


class Policy(models.TextChoices):
    """What becomes of a new, complete record."""

    AUTO = "auto", _("Publier")
    REVIEW = "review", _("Relire d’abord")


class BatchState(models.TextChoices):
    """Life of a batch."""

    QUEUED = "queued", _("En attente")
    RUNNING = "running", _("En cours")
    DONE = "done", _("Terminé")
    FAILED = "failed", _("Interrompu")


class UploadState(models.TextChoices):
    """Life of a file that staff uploads."""

    NEW = "new", _("Colonnes à choisir")
    CHECKING = "checking", _("À l’essai")
    CHECKED = "checked", _("Essayé")
    FAILED = "failed", _("Illisible")
    TAKEN = "taken", _("Importé")


class Outcome(models.TextChoices):
    """What became of one record."""

    CREATED = "created", _("Créé")
    UPDATED = "updated", _("Mis à jour")
    UNCHANGED = "unchanged", _("Inchangé")
    MERGED = "merged", _("Rattaché à une fiche existante")
    DUPLICATE_SUSPECTED = "duplicate_suspected", _("Doublon possible")
    REJECTED = "rejected", _("Refusé")


class Verdict(models.TextChoices):
    """Whether two records or entries are the same place."""

    SAME = "same", _("Même lieu")
    DIFFERENT = "different", _("Lieux différents")
    ASK = "ask", _("À trancher")


class ProposalState(models.TextChoices):
    """What became of a value that a source proposes for a field it may not write."""

    OPEN = "open", _("À examiner")
    ACCEPTED = "accepted", _("Acceptée")
    DECLINED = "declined", _("Écartée")
