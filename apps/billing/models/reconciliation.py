"""What operators' statements say, transfers with a proof, and the differences that people settle."""

from __future__ import annotations

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.billing.choices import CaseKind, ProviderCode
from apps.billing.models.invoices import Invoice
from apps.billing.models.payments import Payment
from apps.billing.models.subscriptions import Subscription
from apps.core.ids import uuid7


def private_storage() -> Storage:
    """Files that no address leads to."""
    return storages["private"]


class Statement(models.Model):
    """A list of movements that an operator gave us; the same file counts once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.CharField(_("canal"), max_length=12, choices=ProviderCode)
    file_name = models.CharField(_("fichier"), max_length=255)
    digest = models.CharField(max_length=64, unique=True)
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, verbose_name=_("importé par"))
    first_at = models.DateTimeField(_("du"), null=True, blank=True)
    last_at = models.DateTimeField(_("au"), null=True, blank=True)
    closing_balance = models.BigIntegerField(_("solde final"), null=True, blank=True)
    # Figures of the import, with the rows that could not be read.
    report = models.JSONField(_("compte rendu"), default=dict)
    created_at = models.DateTimeField(_("importé le"))

    class Meta:
        db_table = "statements"
        verbose_name = _("relevé")
        verbose_name_plural = _("relevés")

    def __str__(self) -> str:
        return self.file_name


class StatementLine(models.Model):
    """One movement of a statement, and the payment it is."""

    id = models.BigAutoField(primary_key=True)
    statement = models.ForeignKey(Statement, models.CASCADE, related_name="lines", verbose_name=_("relevé"))
    provider = models.CharField(_("canal"), max_length=12, choices=ProviderCode)
    kind = models.CharField(_("genre"), max_length=20)
    transaction_id = models.CharField(_("transaction"), max_length=100)
    external_id = models.CharField(_("référence"), max_length=100, blank=True)
    msisdn = models.CharField(_("payeur"), max_length=16, blank=True)
    amount = models.BigIntegerField(_("montant"))
    fee = models.BigIntegerField(_("frais"), default=0)
    at = models.DateTimeField(_("le"))
    raw = models.JSONField(_("tel que reçu"), default=dict)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="statement_lines", null=True, blank=True, verbose_name=_("paiement"))
    matched_by = models.CharField(_("reconnu par"), max_length=20, blank=True)

    class Meta:
        db_table = "statement_lines"
        verbose_name = _("ligne de relevé")
        verbose_name_plural = _("lignes de relevés")
        constraints = (models.UniqueConstraint(F("provider"), F("transaction_id"), F("kind"), name="statement_lines_once"),)

    def __str__(self) -> str:
        return self.transaction_id


class Case(models.Model):
    """A difference in the queue of the staff: nothing of it settles by itself."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("genre"), max_length=20, choices=CaseKind)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="cases", null=True, blank=True, verbose_name=_("paiement"))
    line = models.ForeignKey(StatementLine, models.PROTECT, related_name="cases", null=True, blank=True, verbose_name=_("ligne de relevé"))
    # What was paid by credit alone has no payment to point at.
    subscription = models.ForeignKey(
        Subscription, models.PROTECT, related_name="cases", null=True, blank=True, verbose_name=_("abonnement")
    )
    detail = models.CharField(_("détail"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("ouvert le"))
    settled_at = models.DateTimeField(_("réglé le"), null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("réglé par")
    )
    note = models.CharField(_("décision"), max_length=500, blank=True)

    class Meta:
        db_table = "billing_cases"
        verbose_name = _("écart à régler")
        verbose_name_plural = _("écarts à régler")
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=CaseKind.values), name="billing_cases_kind_known"),
            models.CheckConstraint(
                condition=Q(payment__isnull=False) | Q(line__isnull=False) | Q(subscription__isnull=False),
                name="billing_cases_about_something",
            ),
            models.UniqueConstraint(
                fields=("kind", "payment"), condition=Q(settled_at__isnull=True, payment__isnull=False), name="billing_cases_payment_once"
            ),
            models.UniqueConstraint(
                fields=("kind", "line"), condition=Q(settled_at__isnull=True, line__isnull=False), name="billing_cases_line_once"
            ),
            models.UniqueConstraint(
                fields=("kind", "subscription"),
                condition=Q(settled_at__isnull=True, subscription__isnull=False),
                name="billing_cases_subscription_once",
            ),
        )
        indexes = (models.Index(fields=("-created_at",), condition=Q(settled_at__isnull=True), name="billing_cases_open"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}"


class TransferProof(models.Model):
    """The proof of a bank transfer for an invoice: seen by one person, approved by another, then a payment like any."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="transfer_proofs", verbose_name=_("facture"))
    file = models.FileField(_("justificatif"), upload_to="transfers/", storage=private_storage, max_length=255)
    bank_reference = models.CharField(_("référence du virement"), max_length=100)
    amount = models.PositiveIntegerField(_("montant (F CFA)"))
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("envoyé par"))
    created_at = models.DateTimeField(_("envoyé le"))
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("vérifié par")
    )
    checked_at = models.DateTimeField(_("vérifié le"), null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("approuvé par")
    )
    approved_at = models.DateTimeField(_("approuvé le"), null=True, blank=True)
    refused_at = models.DateTimeField(_("refusé le"), null=True, blank=True)
    refused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("refusé par")
    )
    refusal = models.CharField(_("motif du refus"), max_length=255, blank=True)
    payment = models.OneToOneField(Payment, models.PROTECT, related_name="transfer", null=True, blank=True, verbose_name=_("paiement"))

    class Meta:
        db_table = "transfer_proofs"
        verbose_name = _("virement")
        verbose_name_plural = _("virements")
        permissions = (("check_transfer", _("Peut vérifier un virement")), ("approve_transfer", _("Peut approuver un virement")))
        constraints = (
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | (Q(checked_by__isnull=False) & ~Q(approved_by=F("checked_by"))),
                name="transfer_proofs_two_people",
            ),
            models.UniqueConstraint(
                fields=("invoice",), condition=Q(approved_at__isnull=True, refused_at__isnull=True), name="transfer_proofs_one_waiting"
            ),
        )

    def __str__(self) -> str:
        return self.bank_reference
