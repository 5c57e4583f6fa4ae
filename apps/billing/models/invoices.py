"""Pro formas, invoices and credit notes."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.billing.choices import InvoiceState, Purpose
from apps.billing.constants import CURRENCY, VAT_BASIS_POINTS
from apps.billing.models.subscriptions import Quote, Subscription
from apps.core.ids import uuid7


class Seller(models.Model):
    """Our identity on invoices, from a date on. Never edited once an invoice bears it: a new one is a new row."""

    name = models.CharField(_("raison sociale"), max_length=200)
    address = models.TextField(_("adresse"))
    niu = models.CharField(
        _("NIU"), max_length=20, blank=True, help_text=_("Numéro d’identifiant unique : une lettre, 12 chiffres, une lettre.")
    )
    rccm = models.CharField(_("RCCM"), max_length=60, blank=True)
    email = models.EmailField(_("adresse e-mail"), blank=True)
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)
    bank = models.TextField(_("domiciliation bancaire"), blank=True, help_text=_("Pour les virements : banque, RIB ou IBAN."))
    is_vat_applied = models.BooleanField(_("assujetti à la TVA"), default=True)
    valid_from = models.DateTimeField(_("en vigueur dès le"), unique=True)

    class Meta:
        db_table = "billing_sellers"
        verbose_name = _("vendeur")
        verbose_name_plural = _("vendeurs")

    def __str__(self) -> str:
        return self.name


class BuyerIdentity(models.Model):
    """What an account wants on its invoices; without one its name and address are used."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="buyer", verbose_name=_("utilisateur")
    )
    name = models.CharField(_("nom ou raison sociale"), max_length=200)
    address = models.TextField(_("adresse"), max_length=500, blank=True)
    niu = models.CharField(_("NIU"), max_length=20, blank=True)
    rccm = models.CharField(_("RCCM"), max_length=60, blank=True)
    updated_at = models.DateTimeField(_("modifié le"))

    class Meta:
        db_table = "billing_buyers"
        verbose_name = _("identité de facturation")
        verbose_name_plural = _("identités de facturation")

    def __str__(self) -> str:
        return self.name


class NumberSeries(models.Model):
    """The last number given in a series and year. Its row is locked by the transaction that issues, so that none is lost."""

    series = models.CharField(_("série"), max_length=10)
    year = models.PositiveSmallIntegerField(_("année"))
    last = models.PositiveIntegerField(_("dernier numéro"), default=0)

    class Meta:
        db_table = "billing_number_series"
        verbose_name = _("série de numéros")
        verbose_name_plural = _("séries de numéros")
        constraints = (models.UniqueConstraint(F("series"), F("year"), name="billing_number_series_once"),)

    def __str__(self) -> str:
        return f"{self.series}-{self.year}"


class Invoice(models.Model):
    """A pro forma until it is paid, an invoice with a number of the series from then on, immutable.

    `total` is with tax; `net` + `vat` = `total`; `amount_due` is what is left after the customer's credit.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    pro_forma_number = models.CharField(_("pro forma"), max_length=20, unique=True)
    number = models.CharField(_("numéro"), max_length=20, unique=True, null=True, blank=True)
    state = models.CharField(_("état"), max_length=10, choices=InvoiceState, default=InvoiceState.OPEN)
    purpose = models.CharField(_("objet"), max_length=10, choices=Purpose)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="invoices", verbose_name=_("client"))
    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="invoices", verbose_name=_("abonnement"))
    quote = models.OneToOneField(Quote, models.SET_NULL, related_name="invoice", null=True, blank=True, verbose_name=_("devis"))
    livemode = models.BooleanField(_("réelle"), default=True, editable=False)
    language = models.CharField(_("langue"), max_length=2, default="fr")
    currency = models.CharField(_("monnaie"), max_length=3, default=CURRENCY)
    total = models.PositiveIntegerField(_("total TTC"))
    net = models.PositiveIntegerField(_("total HT"))
    vat = models.PositiveIntegerField(_("TVA"))
    vat_basis_points = models.PositiveSmallIntegerField(_("taux de TVA (1/10 000)"), default=VAT_BASIS_POINTS)
    credit_used = models.PositiveIntegerField(_("avoir employé"), default=0)
    amount_due = models.PositiveIntegerField(_("à payer"))
    seller = models.JSONField(_("vendeur"), default=dict)
    buyer = models.JSONField(_("client, tel qu’imprimé"), default=dict)
    # How it was paid: operator, its transaction number, masked payer, date.
    paid_with = models.JSONField(_("règlement"), default=dict)
    # Printed on the receipt; who has it can ask whether the receipt is real.
    check_code = models.CharField(_("code de contrôle"), max_length=20, unique=True, null=True, blank=True)
    created_at = models.DateTimeField(_("créée le"))
    lapses_at = models.DateTimeField(_("valable jusqu’au"))
    issued_at = models.DateTimeField(_("émise le"), null=True, blank=True)
    closed_at = models.DateTimeField(_("échue ou annulée le"), null=True, blank=True)

    class Meta:
        db_table = "invoices"
        verbose_name = _("facture")
        verbose_name_plural = _("factures")
        constraints = (
            models.CheckConstraint(condition=Q(state__in=InvoiceState.values), name="invoices_state_known"),
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="invoices_purpose_known"),
            models.CheckConstraint(condition=Q(currency=CURRENCY), name="invoices_in_francs"),
            models.CheckConstraint(condition=Q(total=F("net") + F("vat")), name="invoices_net_and_vat_are_total"),
            models.CheckConstraint(condition=Q(total=F("credit_used") + F("amount_due")), name="invoices_credit_and_due_are_total"),
            models.CheckConstraint(
                condition=Q(state=InvoiceState.PAID, number__isnull=False, issued_at__isnull=False, check_code__isnull=False)
                | (~Q(state=InvoiceState.PAID) & Q(number__isnull=True, issued_at__isnull=True, check_code__isnull=True)),
                name="invoices_numbered_when_paid",
            ),
            models.UniqueConstraint(
                fields=("subscription",), condition=Q(state=InvoiceState.OPEN), name="invoices_one_open_a_subscription"
            ),
        )
        indexes = (
            models.Index(fields=("user", "-created_at", "-id"), name="invoices_by_user"),
            models.Index(fields=("lapses_at",), condition=Q(state="open"), name="invoices_lapsing"),
        )
        triggers = (
            pgtrigger.Protect(
                name="issued_stays", operation=pgtrigger.Update | pgtrigger.Delete, condition=pgtrigger.Q(old__state=InvoiceState.PAID)
            ),
        )

    def __str__(self) -> str:
        return self.number or self.pro_forma_number


class InvoiceLine(models.Model):
    """A line, rounded for itself: `net` + `vat` = `total`. A negative one gives back what was not consumed."""

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines", verbose_name=_("facture"))
    position = models.PositiveSmallIntegerField(_("rang"))
    description_fr = models.CharField(_("désignation en français"), max_length=255)
    description_en = models.CharField(_("désignation en anglais"), max_length=255)
    total = models.IntegerField(_("TTC"))
    net = models.IntegerField(_("HT"))
    vat = models.IntegerField(_("TVA"))
    period_start = models.DateTimeField(_("début"), null=True, blank=True)
    period_end = models.DateTimeField(_("fin"), null=True, blank=True)

    class Meta:
        db_table = "invoice_lines"
        verbose_name = _("ligne de facture")
        verbose_name_plural = _("lignes de factures")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(F("invoice"), F("position"), name="invoice_lines_once"),
            models.CheckConstraint(condition=Q(total=F("net") + F("vat")), name="invoice_lines_net_and_vat_are_total"),
        )
        triggers = (
            pgtrigger.Trigger(
                name="issued_stays",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                func=(
                    "IF EXISTS (SELECT 1 FROM invoices WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.invoice_id ELSE NEW.invoice_id END"
                    " AND state = 'paid') THEN RAISE EXCEPTION 'lines of an issued invoice stay'; END IF;"
                    " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;"
                ),
            ),
        )

    def __str__(self) -> str:
        return self.description_fr


class CreditNote(models.Model):
    """The correction of an issued invoice, with a number of its own series; immutable, too."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(_("numéro"), max_length=20, unique=True)
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="credit_notes", verbose_name=_("facture"))
    total = models.PositiveIntegerField(_("total TTC"))
    net = models.PositiveIntegerField(_("total HT"))
    vat = models.PositiveIntegerField(_("TVA"))
    reason = models.CharField(_("motif"), max_length=255)
    livemode = models.BooleanField(_("réel"), default=True, editable=False)
    issued_at = models.DateTimeField(_("émis le"))

    class Meta:
        db_table = "credit_notes"
        verbose_name = _("avoir")
        verbose_name_plural = _("avoirs")
        constraints = (
            models.CheckConstraint(condition=Q(total__gt=0), name="credit_notes_positive"),
            models.CheckConstraint(condition=Q(total=F("net") + F("vat")), name="credit_notes_net_and_vat_are_total"),
        )
        triggers = (pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return self.number


class Document(models.Model):
    """The PDF of an invoice or credit note in one language, kept as it was first made."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="documents", null=True, blank=True, verbose_name=_("facture"))
    credit_note = models.ForeignKey(CreditNote, models.PROTECT, related_name="documents", null=True, blank=True, verbose_name=_("avoir"))
    language = models.CharField(_("langue"), max_length=2)
    content = models.BinaryField(_("PDF"))
    sha256 = models.CharField(_("empreinte"), max_length=64)
    created_at = models.DateTimeField(_("fait le"))

    class Meta:
        db_table = "billing_documents"
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = (
            models.CheckConstraint(
                condition=Q(invoice__isnull=False, credit_note__isnull=True) | Q(invoice__isnull=True, credit_note__isnull=False),
                name="billing_documents_one_cause",
            ),
            models.UniqueConstraint(
                fields=("invoice", "language"), condition=Q(invoice__isnull=False), name="billing_documents_invoice_once"
            ),
            models.UniqueConstraint(
                fields=("credit_note", "language"), condition=Q(credit_note__isnull=False), name="billing_documents_credit_note_once"
            ),
        )
        triggers = (pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.language} {self.sha256[:8]}"
