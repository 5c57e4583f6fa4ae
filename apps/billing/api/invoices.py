"""Invoices of the caller. Each path is one class."""

from __future__ import annotations

import uuid

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from apps.accounts.callers import Caller, caller_of
from apps.accounts.choices import Scope
from apps.billing.api import invoice_schema
from apps.billing.choices import InvoiceState
from apps.billing.selectors.invoices import find_credit_note, find_invoice, invoice_data, invoice_page
from apps.billing.services import documents
from apps.core.api.answers import content_tag
from apps.core.api.conditional import matches_none
from apps.core.api.pagination import Keyset, link_header, page_urls
from apps.core.api.params import Params
from apps.core.api.views import PRIVATE_CACHE, ApiView
from apps.core.clock import now


class _InvoiceView(ApiView):
    """What only the owner reads."""

    read_scope = Scope.PAYMENTS_READ.value

    def _caller(self, request: Request) -> Caller:
        caller = caller_of(request)
        caller.require(Scope.PAYMENTS_READ)
        return caller

    def _file(self, request: Request, content: bytes, number: str) -> HttpResponse:
        """A PDF to save; its name says what it is and in which language."""
        django_request = request._request  # noqa: SLF001  DRF's way to Django's request
        tag = content_tag(content)
        if matches_none(django_request, tag):
            response = HttpResponse(status=304)
        else:
            response = HttpResponse(content, content_type="application/pdf")
            response["Content-Disposition"] = f'attachment; filename="{number}-{self.language}.pdf"'
        response["ETag"], response["Cache-Control"] = tag, PRIVATE_CACHE
        return response


class InvoiceListView(_InvoiceView):
    """Invoices and pro formas."""

    reads_query = True

    @extend_schema(**invoice_schema.LIST)
    def get(self, request: Request) -> HttpResponse:
        """A page, newest first."""
        caller = self._caller(request)
        django_request = request._request  # noqa: SLF001  DRF's way to Django's request
        params = Params(django_request.GET)
        limit, state = params.limit(), params.choice("state", InvoiceState.values)
        since, until, cursor = params.moment("from"), params.moment("to"), params.text("cursor")
        if since is not None and until is not None and since >= until:
            params.error("to", _("« to » doit être après « from »."))
        params.finish()
        place = Keyset.decode(cursor, django_request) if cursor else None
        rows, following, preceding = invoice_page(caller, state=state, since=since, until=until, place=place, limit=limit)
        next_url, previous_url = page_urls(django_request, limit=limit, following=following, preceding=preceding)
        data = [invoice_data(row, self.language) for row in rows]
        response = JsonResponse({"data": data, "has_more": next_url is not None, "next": next_url, "previous": previous_url})
        if links := link_header(next_url, previous_url):
            response["Link"] = links
        return response


class InvoiceView(_InvoiceView):
    """One of them."""

    @extend_schema(**invoice_schema.GET)
    def get(self, request: Request, invoice_id: uuid.UUID) -> HttpResponse:
        """With its lines, how it was paid, and its credit notes."""
        return JsonResponse(invoice_data(find_invoice(self._caller(request), invoice_id), self.language))


class InvoicePdfView(_InvoiceView):
    """Its document."""

    @extend_schema(**invoice_schema.PDF)
    def get(self, request: Request, invoice_id: uuid.UUID) -> HttpResponse:
        """As it was issued; a pro forma as it stands."""
        invoice = find_invoice(self._caller(request), invoice_id)
        content = documents.invoice_pdf(invoice=invoice, language=self.language, at=now())
        return self._file(request, content, str(invoice))


class CreditNotePdfView(_InvoiceView):
    """The document of a credit note."""

    @extend_schema(**invoice_schema.CREDIT_NOTE_PDF)
    def get(self, request: Request, credit_note_id: uuid.UUID) -> HttpResponse:
        """As it was issued."""
        note = find_credit_note(self._caller(request), credit_note_id)
        return self._file(request, documents.credit_note_pdf(note=note, language=self.language, at=now()), note.number)
