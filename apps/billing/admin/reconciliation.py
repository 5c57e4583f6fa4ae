"""Queues of the staff about money: differences, refunds, statements, transfers."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.billing.admin.actions import actor_of, attempt, whole
from apps.billing.choices import CaseKind, ProviderCode, RefundState
from apps.billing.models import Case, Refund, Statement, StatementLine, TransferProof
from apps.billing.providers.statements import LAYOUTS
from apps.billing.services import cases, refunds, transfers
from apps.billing.services.statements import Imported, import_statement
from apps.core.admin_lists import BoundedPaginator
from apps.core.admin_read_only import ReadOnly
from apps.core.clock import now

if TYPE_CHECKING:
    CaseBase = admin.ModelAdmin[Case]
    RefundBase = admin.ModelAdmin[Refund]
    StatementBase = admin.ModelAdmin[Statement]
    ProofBase = admin.ModelAdmin[TransferProof]
else:
    CaseBase = RefundBase = StatementBase = ProofBase = admin.ModelAdmin

LINES_SHOWN = 200


class _Desk(ReadOnly):
    """A list, and a page of its own for each row on which a POST is one act."""

    template = ""

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page, or the act."""
        model_admin: Any = self
        try:
            row = model_admin.get_queryset(request).get(pk=uuid.UUID(object_id))
        except (ValueError, model_admin.model.DoesNotExist) as error:
            raise Http404 from error
        if not model_admin.has_view_permission(request, row):
            raise PermissionDenied
        if request.method == "POST":
            act = self.acts(request, row).get(request.POST.get("act", ""))
            if act is None:
                raise Http404
            attempt(self, request, act)
            return HttpResponseRedirect(request.path)
        context = {
            **model_admin.admin_site.each_context(request), "title": model_admin.opts.verbose_name, "subtitle": str(row),
            "opts": model_admin.opts, "media": model_admin.media, "row": row, **self.page(request, row),
        }  # fmt: skip
        return TemplateResponse(request, self.template, context)

    def acts(self, request: HttpRequest, row: Any) -> dict[str, Callable[[], object]]:
        """What a POST may ask for."""
        return {}

    def page(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What the page shows besides the row."""
        return {}


class _Waiting(admin.SimpleListFilter):
    """Open differences unless others are asked for."""

    title = gettext_lazy("état")
    parameter_name = "state"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        """The queue is the empty choice."""
        return [("settled", gettext_lazy("Réglés")), ("all", gettext_lazy("Tous"))]

    def choices(self, changelist: Any) -> Any:
        """Name the empty choice."""
        for index, choice in enumerate(super().choices(changelist)):
            yield {**choice, "display": gettext_lazy("À régler")} if index == 0 else choice

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Cases of that state."""
        return queryset if self.value() == "all" else queryset.filter(settled_at__isnull=self.value() != "settled")


@admin.register(Case)
class CaseAdmin(_Desk, CaseBase):
    """The queue of differences."""

    list_display = ("kind", "payment", "line", "subscription", "detail", "created_at", "settled_at", "settled_by")
    list_filter = (_Waiting, "kind", "created_at")
    list_select_related = ("payment", "line", "subscription__user", "subscription__resource", "settled_by")
    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator
    ordering = ("-created_at",)
    template = "admin/billing/case.html"

    def acts(self, request: HttpRequest, row: Case) -> dict[str, Callable[[], object]]:
        """One: the decision."""
        if not request.user.has_perm("billing.act_on_payment"):
            raise PermissionDenied
        note = request.POST.get("note", "")
        return {"settle": lambda: cases.settle_case(case_id=row.pk, actor=actor_of(request), note=note, at=now())}

    def page(self, request: HttpRequest, row: Case) -> dict[str, Any]:
        """Whether this person may decide, and where the money should be asked back."""
        may = row.settled_at is None and request.user.has_perm("billing.act_on_payment")
        return {"can_act": may, "wants_refund": row.kind in {CaseKind.LATE_DUPLICATE, CaseKind.SUSPENDED_PAID}}


@admin.register(Refund)
class RefundAdmin(_Desk, RefundBase):
    """Refunds: asked for on the payment's page, decided here by somebody else."""

    list_display = ("reference", "state", "amount", "payment", "requested_by", "decided_by", "is_manual", "created_at")
    list_filter = ("state", "is_manual", "created_at")
    list_select_related = ("payment", "requested_by", "decided_by", "credit_note")
    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator
    ordering = ("-created_at",)
    template = "admin/billing/refund.html"

    def acts(self, request: HttpRequest, row: Refund) -> dict[str, Callable[[], object]]:
        """Decide, note a payment by hand, or close."""
        data = request.POST
        common: dict[str, Any] = {"refund_id": row.pk, "actor": actor_of(request), "at": now()}
        return {
            "approve": lambda: refunds.approve_refund(ends_rights="ends_rights" in data, **common),
            "refuse": lambda: refunds.refuse_refund(reason=data.get("reason", ""), **common),
            "paid": lambda: refunds.record_manual(
                evidence=data.get("evidence", ""), transaction_id=data.get("transaction_id", "")[:100], **common
            ),
            "close_paid": lambda: refunds.close_refund(is_paid=True, evidence=data.get("evidence", ""), **common),
            "close_unpaid": lambda: refunds.close_refund(is_paid=False, evidence=data.get("evidence", ""), **common),
        }

    def page(self, request: HttpRequest, row: Refund) -> dict[str, Any]:
        """Which forms stand there."""
        approves, asks = (request.user.has_perm(f"billing.{name}_refund") for name in ("approve", "request"))
        is_open = row.state in {RefundState.PENDING, RefundState.UNKNOWN}
        return {
            "can_decide": approves and row.state == RefundState.REQUESTED and row.requested_by_id != request.user.pk,
            "can_record": asks and row.is_manual and row.state == RefundState.CREATED, "can_close": approves and is_open,
        }  # fmt: skip


@admin.register(Statement)
class StatementAdmin(_Desk, StatementBase):
    """Statements with the report of each, and the form that reads another one."""

    list_display = ("file_name", "provider", "first_at", "last_at", "closing_balance", "imported_by", "created_at")
    list_filter = ("provider",)
    list_select_related = ("imported_by",)
    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator
    ordering = ("-created_at",)
    template = "admin/billing/statement.html"
    change_list_template = "admin/billing/statement_list.html"

    def get_urls(self) -> list[URLPattern]:
        """With the form."""
        view = self.admin_site.admin_view(self.read_view)
        return [path("read/", view, name="billing_statement_read"), *super().get_urls()]

    def read_view(self, request: HttpRequest) -> HttpResponse:
        """Choose a file; the report follows."""
        if not request.user.has_perm("billing.add_statement"):
            raise PermissionDenied
        if request.method == "POST" and (done := self._read(request)) is not None:
            return HttpResponseRedirect(reverse("admin:billing_statement_change", args=[done.statement.pk]))
        context = {
            **self.admin_site.each_context(request), "title": _("Lire un relevé"), "opts": self.opts, "media": self.media,
            "providers": [(code.value, code.label) for code in LAYOUTS],
        }  # fmt: skip
        return TemplateResponse(request, "admin/billing/read_statement.html", context)

    def _read(self, request: HttpRequest) -> Imported | None:
        file, code = request.FILES.get("file"), request.POST.get("provider", "")
        if file is None or code not in {one.value for one in LAYOUTS}:
            self.message_user(request, _("Choisissez un fichier et son opérateur."), "ERROR")
            return None
        done: list[Imported] = []
        balance = request.POST.get("closing_balance", "").strip()
        attempt(self, request, lambda: done.append(import_statement(
            file=cast("Any", file.file), name=file.name or "", provider=ProviderCode(code), actor=actor_of(request), at=now(),
            closing_balance=whole(balance) if balance else None,
        )))  # fmt: skip
        if done and not done[0].is_new:
            self.message_user(request, _("Ce fichier a déjà été lu : rien n’a changé."), "WARNING")
        return done[0] if done else None

    def page(self, request: HttpRequest, row: Statement) -> dict[str, Any]:
        """Figures, rows that could not be read, and differences."""
        report = row.report or {}
        names = {
            "rows": _("lignes"), "new": _("nouvelles"), "known": _("déjà connues"), "skipped": _("sans effet"), "matched": _("reconnues"),
            "cases": _("écarts"), "fees": _("frais (F CFA)"), "bad_count": _("illisibles"),
        }  # fmt: skip
        differences = Case.objects.filter(line__statement=row).select_related("line", "payment").order_by("created_at")[:LINES_SHOWN]
        return {
            "figures": [(label, report.get(name, 0)) for name, label in names.items()], "bad": report.get("bad", []),
            "expected": report.get("expected_balance"), "cases": list(differences),
            "lines": list(StatementLine.objects.filter(statement=row).select_related("payment").order_by("pk")[:LINES_SHOWN]),
        }  # fmt: skip


@admin.register(TransferProof)
class TransferProofAdmin(_Desk, ProofBase):
    """Proofs of transfers: one person checks, another approves."""

    list_display = ("bank_reference", "amount", "invoice", "sent_by", "checked_by", "approved_by", "refused_at", "created_at")
    list_filter = (("approved_at", admin.EmptyFieldListFilter), ("refused_at", admin.EmptyFieldListFilter))
    list_select_related = ("invoice", "sent_by", "checked_by", "approved_by")
    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator
    ordering = ("-created_at",)
    template = "admin/billing/transfer.html"

    def get_urls(self) -> list[URLPattern]:
        """With the file."""
        view = self.admin_site.admin_view(self.file_view)
        return [path("<uuid:proof_id>/file/", view, name="billing_transferproof_file"), *super().get_urls()]

    def file_view(self, request: HttpRequest, proof_id: uuid.UUID) -> HttpResponseBase:
        """The proof itself, as a download: nothing of a customer's file runs here."""
        proof = TransferProof.objects.filter(pk=proof_id).first()
        if proof is None:
            raise Http404
        if not self.has_view_permission(request, proof):
            raise PermissionDenied
        name = (proof.file.name or "").rpartition("/")[2]
        return FileResponse(proof.file.open("rb"), as_attachment=True, filename=name, content_type="application/octet-stream")

    def acts(self, request: HttpRequest, row: TransferProof) -> dict[str, Callable[[], object]]:
        """Check, approve, refuse."""
        common: dict[str, Any] = {"proof_id": row.pk, "actor": actor_of(request), "at": now()}
        return {
            "check": lambda: transfers.check_proof(**common),
            "approve": lambda: transfers.approve_proof(**common),
            "refuse": lambda: transfers.refuse_proof(reason=request.POST.get("reason", ""), **common),
        }

    def page(self, request: HttpRequest, row: TransferProof) -> dict[str, Any]:
        """Which forms stand there."""
        is_waiting = row.approved_at is None and row.refused_at is None
        user = request.user
        checks = is_waiting and user.has_perm("billing.check_transfer")
        return {
            "can_check": checks and row.checked_by_id is None and row.sent_by_id != user.pk, "can_refuse": checks,
            "can_approve": is_waiting and row.checked_by_id not in {None, user.pk} and user.has_perm("billing.approve_transfer"),
        }  # fmt: skip
