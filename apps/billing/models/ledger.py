"""Double entry in whole francs: append-only, each transaction sums to zero when it is committed."""

from __future__ import annotations

from functools import reduce
from operator import or_

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.billing.choices import AccountKind, PostingKind, ProviderCode
from apps.billing.models.invoices import CreditNote, Invoice
from apps.billing.models.payments import Payment, Refund
from apps.billing.models.reconciliation import StatementLine
from apps.core.ids import uuid7

_CAUSES = ("payment", "invoice", "credit_note", "refund", "line")


def _exactly_one(names: tuple[str, ...]) -> Q:
    return reduce(or_, (Q(**{f"{name}__isnull": name != given for name in names}) for given in names))


class LedgerAccount(models.Model):
    """An account of the chart. Clearing exists once for each operator."""

    kind = models.CharField(_("compte"), max_length=12, choices=AccountKind)
    provider = models.CharField(_("canal"), max_length=12, choices=ProviderCode, blank=True)

    class Meta:
        db_table = "ledger_accounts"
        verbose_name = _("compte")
        verbose_name_plural = _("plan comptable")
        constraints = (
            models.UniqueConstraint(F("kind"), F("provider"), name="ledger_accounts_once"),
            models.CheckConstraint(condition=Q(kind__in=AccountKind.values), name="ledger_accounts_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=AccountKind.CLEARING) & ~Q(provider="") | ~Q(kind=AccountKind.CLEARING) & Q(provider=""),
                name="ledger_accounts_clearing_of_operator",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.provider}".strip()


class LedgerTransaction(models.Model):
    """Why money moved between accounts: one kind of posting for one cause, once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("genre"), max_length=20, choices=PostingKind)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="postings", null=True, blank=True, verbose_name=_("paiement"))
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="postings", null=True, blank=True, verbose_name=_("facture"))
    credit_note = models.ForeignKey(CreditNote, models.PROTECT, related_name="postings", null=True, blank=True, verbose_name=_("avoir"))
    refund = models.ForeignKey(Refund, models.PROTECT, related_name="postings", null=True, blank=True, verbose_name=_("remboursement"))
    line = models.ForeignKey(
        StatementLine, models.PROTECT, related_name="postings", null=True, blank=True, verbose_name=_("ligne de relevé")
    )
    # A correction reverses what it names.
    reverses = models.OneToOneField("self", models.PROTECT, related_name="reversed_by", null=True, blank=True, verbose_name=_("annule"))
    at = models.DateTimeField(_("le"))

    class Meta:
        db_table = "ledger_transactions"
        verbose_name = _("écriture")
        verbose_name_plural = _("écritures")
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=PostingKind.values), name="ledger_transactions_kind_known"),
            models.CheckConstraint(condition=_exactly_one(_CAUSES), name="ledger_transactions_one_cause"),
            *(
                models.UniqueConstraint(
                    fields=("kind", cause),
                    condition=Q(**{f"{cause}__isnull": False}, reverses__isnull=True),
                    name=f"ledger_transactions_{cause}_once",
                )
                for cause in _CAUSES
            ),
        )
        triggers = (pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return self.kind


class LedgerEntry(models.Model):
    """A leg: francs on one account, debit positive, credit negative. `user` on receivables, credit and refunds."""

    id = models.BigAutoField(primary_key=True)
    transaction = models.ForeignKey(LedgerTransaction, models.PROTECT, related_name="entries", verbose_name=_("écriture"))
    account = models.ForeignKey(LedgerAccount, models.PROTECT, related_name="entries", verbose_name=_("compte"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("client"))
    amount = models.BigIntegerField(_("montant"))

    class Meta:
        db_table = "ledger_entries"
        verbose_name = _("mouvement")
        verbose_name_plural = _("mouvements")
        constraints = (models.CheckConstraint(condition=~Q(amount=0), name="ledger_entries_not_zero"),)
        indexes = (models.Index(fields=("user", "account"), condition=Q(user__isnull=False), name="ledger_entries_by_user"),)
        triggers = (
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="balanced",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                func=(
                    "IF (SELECT sum(amount) FROM ledger_entries WHERE transaction_id = NEW.transaction_id) <> 0 THEN"
                    " RAISE EXCEPTION 'ledger transaction % does not balance', NEW.transaction_id USING ERRCODE = 'check_violation';"
                    " END IF; RETURN NULL;"
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.amount}"
