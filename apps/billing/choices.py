"""Closed word lists of billing, with the values of the public API."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Product(models.TextChoices):
    """What is sold. Free is the absence of a subscription and is no product."""

    LISTING_PREMIUM = "listing_premium", _("Fiche premium")
    LISTING_FEATURED = "listing_featured", _("Fiche à la une")
    ACCOUNT_PRO = "account_pro", _("Compte pro")
    ACCOUNT_ENTERPRISE = "account_enterprise", _("Compte entreprise")


class Period(models.TextChoices):
    """How long one payment lasts."""

    DAY = "day", _("jour")
    WEEK = "week", _("semaine")
    MONTH = "month", _("mois")
    YEAR = "year", _("an")


class SubscriptionState(models.TextChoices):
    """Where a subscription stands. Live: pending, active, past_due."""

    PENDING = "pending", _("En attente de paiement")
    ACTIVE = "active", _("Actif")
    PAST_DUE = "past_due", _("À renouveler")
    CANCELLED = "cancelled", _("Résilié")
    EXPIRED = "expired", _("Terminé")


class ChangeKind(models.TextChoices):
    """A change of what a subscription holds."""

    UPGRADE = "upgrade", _("Changement immédiat")
    DOWNGRADE = "downgrade", _("Changement à l’échéance")


class ChangeState(models.TextChoices):
    """Where a change of plan stands."""

    WAITING = "waiting", _("En attente")
    APPLIED = "applied", _("Fait")
    DROPPED = "dropped", _("Abandonné")


class Purpose(models.TextChoices):
    """What an invoice is for."""

    SUBSCRIBE = "subscribe", _("Souscription")
    RENEW = "renew", _("Renouvellement")
    CHANGE = "change", _("Changement de forfait")


class InvoiceState(models.TextChoices):
    """A pro forma is `open` until it is paid (an invoice then, immutable), lapses or is withdrawn."""

    OPEN = "open", _("À payer")
    PAID = "paid", _("Payée")
    LAPSED = "lapsed", _("Échue")
    VOID = "void", _("Annulée")


class PaymentState(models.TextChoices):
    """The state machine of a payment. `unknown`: money may have moved and nobody can tell yet."""

    CREATED = "created", _("Préparé")
    PENDING = "pending", _("En attente du payeur")
    UNKNOWN = "unknown", _("En vérification")
    SUCCEEDED = "succeeded", _("Réussi")
    FAILED = "failed", _("Échoué")
    EXPIRED = "expired", _("Expiré")
    REFUNDED = "refunded", _("Remboursé")


class RefundState(models.TextChoices):
    """A refund is asked for by one person, approved by another, then sent like a payment."""

    REQUESTED = "requested", _("Demandé")
    REFUSED = "refused", _("Refusé")
    CREATED = "created", _("Approuvé")
    PENDING = "pending", _("En cours")
    UNKNOWN = "unknown", _("En vérification")
    SUCCEEDED = "succeeded", _("Remboursé")
    FAILED = "failed", _("Échoué")


class ProviderCode(models.TextChoices):
    """Who moves the money."""

    MTN = "mtn", _("MTN MoMo")
    ORANGE_WEB = "orange_web", _("Orange Money (page web)")
    ORANGE_MP = "orange_mp", _("Orange Money")
    PAWAPAY = "pawapay", _("pawaPay")
    BANK = "bank", _("Virement bancaire")
    FAKE = "fake", _("Essai")


class Operator(models.TextChoices):
    """Whose wallet the payer has."""

    MTN = "mtn", _("MTN MoMo")
    ORANGE = "orange", _("Orange Money")


class Rail(models.TextChoices):
    """Push: the phone rings during the submit. Redirect: the payer acts on a page whose address we give."""

    PUSH = "push", _("Demande sur le téléphone")
    REDIRECT = "redirect", _("Page de l’opérateur")


class Reason(models.TextChoices):
    """Why a payment or refund did not succeed, in our words; the operator's stay in `raw_reason`."""

    DECLINED = "declined", _("Vous avez refusé le paiement.")
    EXPIRED = "expired", _("La demande a expiré : réessayez et validez sous 5 minutes.")
    INSUFFICIENT_FUNDS = "insufficient_funds", _("Le solde est insuffisant, frais compris.")
    INVALID_PAYER = "invalid_payer", _("Ce numéro n’a pas de compte chez cet opérateur : essayez l’autre opérateur.")
    PAYER_LIMIT = "payer_limit", _("Le plafond de transactions de ce compte est atteint.")
    PAYER_BLOCKED = "payer_blocked", _("Ce compte Mobile Money n’est pas actif.")
    CANCELED = "canceled", _("Le paiement a été annulé.")
    NEVER_RECEIVED = "never_received", _("L’opérateur n’a pas reçu la demande : aucun montant n’a été débité.")
    PAYEE_PROBLEM = "payee_problem", _("Le paiement est momentanément indisponible chez cet opérateur.")
    CONFIGURATION = "configuration", _("Le paiement est momentanément indisponible chez cet opérateur.")
    BAD_REQUEST = "bad_request", _("L’opérateur a refusé la demande.")
    PROVIDER_UNAVAILABLE = "provider_unavailable", _("L’opérateur ne répond pas : réessayez plus tard.")
    PROVIDER_ERROR = "provider_error", _("Le paiement n’a pas abouti : vérifiez votre solde et réessayez.")


class CallKind(models.TextChoices):
    """What a call to an operator was for."""

    TOKEN = "token", _("jeton")
    PREPARE = "prepare", _("préparation")
    SUBMIT = "submit", _("demande")
    NUDGE = "nudge", _("rappel au payeur")
    QUERY = "query", _("vérification")
    REFUND = "refund", _("remboursement")
    REFUND_QUERY = "refund_query", _("vérification d’un remboursement")
    BALANCE = "balance", _("solde")


class AccountKind(models.TextChoices):
    """Chart of accounts. Clearing accounts exist once for each operator."""

    CLEARING = "clearing", _("Encaissements à recevoir de l’opérateur")
    BANK = "bank", _("Banque")
    RECEIVABLE = "receivable", _("Créances clients")
    CREDIT = "credit", _("Avoirs des clients")
    REVENUE = "revenue", _("Ventes hors taxe")
    VAT = "vat", _("TVA collectée")
    FEES = "fees", _("Frais des opérateurs")
    REFUNDS = "refunds", _("Remboursements à verser")


class PostingKind(models.TextChoices):
    """What a ledger transaction records; each happens once for its cause."""

    PAYMENT = "payment", _("Encaissement")
    SALE = "sale", _("Vente")
    CREDIT_NOTE = "credit_note", _("Avoir")
    SURPLUS = "surplus", _("Paiement en trop")
    CREDIT_USED = "credit_used", _("Avoir employé")
    REFUND_DUE = "refund_due", _("Remboursement décidé")
    REFUND = "refund", _("Remboursement versé")
    REFUND_FAILED = "refund_failed", _("Remboursement refusé par l’opérateur")
    FEE = "fee", _("Frais")
    SETTLEMENT = "settlement", _("Versement de l’opérateur")
    CORRECTION = "correction", _("Correction")


class CaseKind(models.TextChoices):
    """A difference that a person has to settle."""

    OURS_ONLY = "ours_only", _("Chez nous seulement")
    THEIRS_ONLY = "theirs_only", _("Chez l’opérateur seulement")
    AMOUNT_DIFFERS = "amount_differs", _("Montant différent")
    MISMATCH = "mismatch", _("Succès qui ne correspond pas")
    CONTRADICTION = "contradiction", _("L’opérateur se contredit")
    STUCK = "stuck", _("Sans réponse depuis 24 heures")
    LATE_DUPLICATE = "late_duplicate", _("Payé deux fois")
    SUSPENDED_PAID = "suspended_paid", _("Fiche payée puis suspendue")
    REFUND_FAILED = "refund_failed", _("Remboursement refusé par l’opérateur")


class Claim(models.TextChoices):
    """What the books must say; the value is what `check_ledger`, logs and events call it."""

    TRANSACTIONS = "each transaction sums to zero", _("chaque écriture est équilibrée")
    TRIAL_BALANCE = "the trial balance is zero", _("la balance générale est nulle")
    NO_TEST = "no test is posted", _("aucun essai n’est comptabilisé")
    CLEARING = "clearing of each operator is payments less refunds", _("chaque opérateur doit les paiements moins les remboursements")
    REVENUE = "revenue and VAT are invoices less credit notes", _("le chiffre d’affaires et la TVA sont les factures moins les avoirs")
    LINES = "each invoice is the sum of its lines", _("chaque facture est la somme de ses lignes")
    INVOICES = "each invoice is posted once, and nothing else is", _("chaque facture est comptabilisée une fois, et rien d’autre")
    PAYMENTS = (
        "each live payment that succeeded is posted once, and no other is",
        _("chaque paiement réussi est comptabilisé une fois, et aucun autre"),
    )
    GRANTS = (
        "each live payment that succeeded gave what it bought, or credit",
        _("chaque paiement réussi a donné ce qu’il achetait, ou un avoir"),
    )
    CREDIT = (
        "credit of each customer is surplus and credit notes less used and refunds",
        _("l’avoir de chaque client est ses trop-perçus et avoirs, moins ce qu’il a employé ou reçu"),
    )
    REFUNDS = "refunds to pay are those on their way", _("les remboursements à verser sont ceux qui sont en route")
    NOTHING_OWED = "no customer owes anything", _("aucun client ne doit rien")
    NUMBERS = "numbers have no gap", _("les numéros se suivent sans trou")
