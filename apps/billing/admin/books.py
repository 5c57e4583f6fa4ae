"""The ledger and the number series: looked at, never written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.billing.admin.invoices import Frozen, people
from apps.billing.models import LedgerAccount, LedgerEntry, LedgerTransaction, NumberSeries
from apps.core.money import format_xaf

if TYPE_CHECKING:
    TransactionBase = admin.ModelAdmin[LedgerTransaction]
    AccountBase = admin.ModelAdmin[LedgerAccount]
    SeriesBase = admin.ModelAdmin[NumberSeries]
    EntryBase = admin.TabularInline[LedgerEntry, LedgerTransaction]
else:
    TransactionBase = AccountBase = SeriesBase = admin.ModelAdmin
    EntryBase = admin.TabularInline


class EntryInline(Frozen, EntryBase):
    """The legs, debit positive."""

    model = LedgerEntry
    extra = 0
    fields = ("account", "user", "amount")


@admin.register(LedgerTransaction)
class LedgerTransactionAdmin(Frozen, TransactionBase):
    """Newest first; found by the number of an invoice, pro forma or credit note, or by e-mail address."""

    list_display = ("at", "kind", "payment", "invoice", "credit_note", "refund", "reverses")
    list_filter = ("kind", "at")
    list_select_related = ("payment", "invoice", "credit_note", "refund", "reverses")
    ordering = ("-pk",)
    search_fields = ("invoice__number",)
    search_help_text = _("Numéro de facture, de pro forma ou d’avoir, ou adresse e-mail, en entier.")
    inlines = (EntryInline,)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[LedgerTransaction], search_term: str
    ) -> tuple[QuerySet[LedgerTransaction], bool]:
        """Whole words only; an invoice finds its payments and corrections, too."""
        term = search_term.strip()
        if not term:
            return queryset, False
        number = term.upper()
        cause = Q(credit_note__number=number)
        for way in ("invoice", "payment__invoice", "credit_note__invoice", "refund__payment__invoice"):
            cause |= Q(**{f"{way}__number": number}) | Q(**{f"{way}__pro_forma_number": number})
        legs = LedgerEntry.objects.filter(transaction=OuterRef("pk"), user__in=people(term))
        return queryset.filter(cause | Exists(legs)), False


@admin.register(LedgerAccount)
class LedgerAccountAdmin(Frozen, AccountBase):
    """The trial balance."""

    list_display = ("kind", "provider", "balance")
    ordering = ("kind", "provider")

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerAccount]:
        """With the sum of the entries."""
        return super().get_queryset(request).annotate(total=Sum("entries__amount", default=0))

    @admin.display(description=_("solde, débit positif"))
    def balance(self, account: LedgerAccount) -> str:
        """Francs."""
        return format_xaf(getattr(account, "total", 0))


@admin.register(NumberSeries)
class NumberSeriesAdmin(Frozen, SeriesBase):
    """The last number of each."""

    list_display = ("series", "year", "last")
    ordering = ("-year", "series")
