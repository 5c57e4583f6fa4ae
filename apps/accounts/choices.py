"""Closed word lists of accounts, with the values of the public API."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class UserType(models.TextChoices):
    """Nature of an account."""

    INDIVIDUAL = "individual", _("Particulier")
    BUSINESS = "business", _("Entreprise")
    ADMIN = "admin", _("Équipe")


class AccountPlan(models.TextChoices):
    """What an account pays for; decides quotas."""

    FREE = "free", _("Gratuit")
    PRO = "pro", _("Pro")
    ENTERPRISE = "enterprise", _("Entreprise")


class PricingTier(models.TextChoices):
    """Price list that applies to an account."""

    STANDARD = "standard", _("Standard")
    BUSINESS = "business", _("Entreprise")
    ENTERPRISE = "enterprise", _("Grand compte")


class Entitlement(models.TextChoices):
    """What an account can have a right to. Values are whole numbers."""

    MONTHLY_QUOTA = "monthly_quota", _("Appels par mois")
    HOURLY_RATE = "hourly_rate", _("Appels par heure et par clé")
    API_KEYS = "api_keys", _("Clés d’API")
    OAUTH_APPLICATIONS = "oauth_applications", _("Applications OAuth")


class Scope(models.TextChoices):
    """What a key, a token or an application may do. The registry is closed: a new scope is a change of the API."""

    RESOURCES_READ = "resources:read", _("Lire les fiches du catalogue et les vôtres")
    RESOURCES_WRITE = "resources:write", _("Créer et modifier vos fiches")
    INGEST_WRITE = "ingest:write", _("Envoyer des lots de fiches")
    SEARCH_READ = "search:read", _("Chercher dans le catalogue")
    ACCOUNT_READ = "account:read", _("Lire votre compte et vos limites")
    PAYMENTS_READ = "payments:read", _("Lire vos paiements et factures")
    PAYMENTS_WRITE = "payments:write", _("Lancer un paiement")
    ANALYTICS_READ = "analytics:read", _("Lire vos statistiques")
    WEBHOOKS_MANAGE = "webhooks:manage", _("Gérer vos webhooks")


class OpenIdScope(models.TextChoices):
    """What an application may learn of who connects it, beside the scopes of the API."""

    OPENID = "openid", _("Vous reconnaître d’une fois à l’autre")
    PROFILE = "profile", _("Lire votre nom et votre langue")
    EMAIL = "email", _("Lire votre adresse e-mail")


class ApplicationState(models.TextChoices):
    """How far the review of a partner’s application is. Only an approved one serves others than its owner, on live entries."""

    TEST = "test", _("En test")
    SUBMITTED = "submitted", _("En attente de validation")
    APPROVED = "approved", _("Validée")
    REFUSED = "refused", _("Refusée")
    BLOCKED = "blocked", _("Bloquée")


class SecurityEventKind(models.TextChoices):
    """What is worth remembering about an account's safety."""

    REGISTERED = "registered", _("Compte créé")
    LOGGED_IN = "logged_in", _("Connexion")
    LOGIN_FAILED = "login_failed", _("Connexion refusée")
    NEW_DEVICE = "new_device", _("Connexion depuis un nouvel appareil")
    LOGGED_OUT = "logged_out", _("Déconnexion")
    SESSION_REVOKED = "session_revoked", _("Appareil déconnecté")
    PASSWORD_CHANGED = "password_changed", _("Mot de passe changé")
    PASSWORD_RESET = "password_reset", _("Mot de passe réinitialisé")
    EMAIL_CHANGED = "email_changed", _("Adresse e-mail changée")
    EMAIL_VERIFIED = "email_verified", _("Adresse e-mail confirmée")
    PHONE_VERIFIED = "phone_verified", _("Téléphone confirmé")
    PHONE_REMOVED = "phone_removed", _("Téléphone retiré")
    MFA_ENABLED = "mfa_enabled", _("Second facteur ajouté")
    MFA_DISABLED = "mfa_disabled", _("Second facteur retiré")
    RECOVERY_CODES = "recovery_codes", _("Codes de secours renouvelés")
    KEY_CREATED = "key_created", _("Clé créée")
    KEY_ROTATED = "key_rotated", _("Clé renouvelée")
    KEY_CHANGED = "key_changed", _("Clé modifiée")
    KEY_REVOKED = "key_revoked", _("Clé révoquée")
    KEY_EXPOSED = "key_exposed", _("Clé vue dans une adresse")
    TOKEN_REUSED = "token_reused", _("Jeton de renouvellement réutilisé")
    APPLICATION_CREATED = "application_created", _("Application enregistrée")
    APPLICATION_AUTHORISED = "application_authorised", _("Application autorisée")
    APPLICATION_CHANGED = "application_changed", _("Application modifiée")
    APPLICATION_DELETED = "application_deleted", _("Application supprimée")
    APPLICATION_REVOKED = "application_revoked", _("Accès d’une application retiré")
    EXPORT_REQUESTED = "export_requested", _("Export des données demandé")
    DELETION_REQUESTED = "deletion_requested", _("Suppression du compte demandée")
    DELETION_CANCELLED = "deletion_cancelled", _("Suppression du compte annulée")
    DELETED = "deleted", _("Compte supprimé")
    SUSPENDED = "suspended", _("Compte suspendu")
    REINSTATED = "reinstated", _("Compte rétabli")
    UNLOCKED = "unlocked", _("Connexion débloquée par l’équipe")
    MFA_RESET_REQUESTED = "mfa_reset_requested", _("Remise à zéro du second facteur demandée")
    MFA_RESET = "mfa_reset", _("Second facteur remis à zéro par l’équipe")
    STAFF_CHANGED = "staff_changed", _("Droits d’équipe changés")


class ExportState(models.TextChoices):
    """Where an archive of somebody's own data stands."""

    PENDING = "pending", _("En préparation")
    READY = "ready", _("Prête")
    FAILED = "failed", _("Échouée")
    EXPIRED = "expired", _("Effacée")
