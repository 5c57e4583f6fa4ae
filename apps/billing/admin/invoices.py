"""Invoices, credit notes and who sells. What is issued is looked at, never written."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.billing.models import BuyerIdentity, CreditNote, Invoice, InvoiceLine, Seller
from apps.billing.services import documents
from apps.core.admin_lists import BoundedPaginator
from apps.core.admin_read_only import ReadOnly
from apps.core.clock import now

if TYPE_CHECKING:
    InvoiceBase = admin.ModelAdmin[Invoice]
    NoteBase = admin.ModelAdmin[CreditNote]
    SellerBase = admin.ModelAdmin[Seller]
    BuyerBase = admin.ModelAdmin[BuyerIdentity]
    LineBase = admin.TabularInline[InvoiceLine, Invoice]
else:
    InvoiceBase = NoteBase = SellerBase = BuyerBase = admin.ModelAdmin
    LineBase = admin.TabularInline


class Frozen(ReadOnly):
    """Services write here; people look, at lists of a bounded length."""

    list_per_page = 50
    show_full_result_count = False
    paginator: Any = BoundedPaginator


def people(term: str) -> QuerySet[User]:
    """Who has this e-mail address, written in any case; through the index."""
    return User.objects.annotate(lowered=Lower("email")).filter(lowered=term.strip().lower())


class LineInline(Frozen, LineBase):
    """What is charged."""

    model = InvoiceLine
    extra = 0
    fields = ("position", "description_fr", "net", "vat", "total", "period_start", "period_end")


@admin.register(Invoice)
class InvoiceAdmin(Frozen, InvoiceBase):
    """Newest first; found by number, pro forma or e-mail address."""

    list_display = ("__str__", "state", "user", "total", "credit_used", "amount_due", "livemode", "created_at", "issued_at")
    list_filter = ("state", "purpose", "livemode", "created_at")
    list_select_related = ("user",)
    ordering = ("-created_at", "-pk")
    search_fields = ("number",)
    search_help_text = _("Numéro, pro forma ou adresse e-mail, en entier.")
    inlines = (LineInline,)
    exclude = ("quote",)
    readonly_fields = ("files",)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Invoice], search_term: str) -> tuple[QuerySet[Invoice], bool]:
        """Whole words only: part of a number would read every row."""
        term = search_term.strip()
        if not term:
            return queryset, False
        number = term.upper()
        return queryset.filter(Q(number=number) | Q(pro_forma_number=number) | Q(user__in=people(term))), False

    def get_urls(self) -> list[URLPattern]:
        """And the documents."""
        return [
            path("<uuid:invoice_id>/<str:language>.pdf", self.admin_site.admin_view(self.pdf), name="billing_invoice_pdf"),
            *super().get_urls(),
        ]

    @admin.display(description=_("documents"))
    def files(self, invoice: Invoice) -> SafeString:
        """The PDF in each language."""
        links = ((reverse("admin:billing_invoice_pdf", args=[invoice.pk, code]), code.upper()) for code in documents.LANGUAGES)
        return format_html_join(" · ", '<a href="{}">PDF {}</a>', links)

    def pdf(self, request: HttpRequest, invoice_id: uuid.UUID, language: str) -> HttpResponse:
        """The document, as the customer has it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if language not in documents.LANGUAGES:
            raise Http404
        invoice = get_object_or_404(Invoice, pk=invoice_id)
        content = documents.invoice_pdf(invoice=invoice, language=language, at=now())
        name = f"{invoice}-{language}.pdf"
        return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'})


@admin.register(CreditNote)
class CreditNoteAdmin(Frozen, NoteBase):
    """Newest first; found by its number, its invoice's, or e-mail address."""

    list_display = ("number", "invoice", "total", "net", "vat", "reason", "livemode", "issued_at")
    list_filter = ("livemode", "issued_at")
    list_select_related = ("invoice",)
    ordering = ("-issued_at", "-pk")
    search_fields = ("number",)
    search_help_text = _("Numéro, facture ou adresse e-mail, en entier.")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[CreditNote], search_term: str
    ) -> tuple[QuerySet[CreditNote], bool]:
        """Whole words only."""
        term = search_term.strip()
        if not term:
            return queryset, False
        number = term.upper()
        return queryset.filter(Q(number=number) | Q(invoice__number=number) | Q(invoice__user__in=people(term))), False


@admin.register(Seller)
class SellerAdmin(SellerBase):
    """A new identity is a new row; one that invoices bear stays as it is."""

    list_display = ("name", "niu", "rccm", "is_vat_applied", "valid_from")
    ordering = ("-valid_from",)

    def has_change_permission(self, request: HttpRequest, obj: Seller | None = None) -> bool:
        """Until the first document bears it."""
        return super().has_change_permission(request, obj) and (obj is None or not _is_printed(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Seller | None = None) -> bool:
        """One by one, and only what no document bears."""
        return super().has_delete_permission(request, obj) and obj is not None and not _is_printed(obj)


@admin.register(BuyerIdentity)
class BuyerIdentityAdmin(Frozen, BuyerBase):
    """Customers write it themselves."""

    list_display = ("name", "user", "niu", "rccm", "updated_at")
    list_select_related = ("user",)
    ordering = ("-updated_at",)
    search_fields = ("=user__email", "=niu")


def _is_printed(seller: Seller) -> bool:
    return Invoice.objects.filter(seller__id=seller.pk).exists()
