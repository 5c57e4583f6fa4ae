"""The desk for payments: found by anything, told whole, acted on safely; and the operators' switches."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.billing.admin.actions import actor_of, attempt, whole
from apps.billing.choices import ProviderCode
from apps.billing.models import Payment, ProviderState
from apps.billing.providers.registry import configured
from apps.billing.selectors import desk as looks
from apps.billing.services import desk, refunds
from apps.core.admin_lists import BoundedPaginator
from apps.core.admin_read_only import ReadOnly
from apps.core.clock import now

if TYPE_CHECKING:
    PaymentBase = admin.ModelAdmin[Payment]
    StateBase = admin.ModelAdmin[ProviderState]
else:
    PaymentBase = StateBase = admin.ModelAdmin


@admin.register(Payment)
class PaymentAdmin(ReadOnly, PaymentBase):
    """Read-only but for what `services.desk` allows."""

    list_display = ("reference", "state", "amount", "provider", "msisdn", "user", "invoice", "created_at", "mismatch", "late_success")
    list_filter = ("state", "provider", "livemode", "mismatch", "late_success", "superseded", "created_at")
    list_select_related = ("user", "invoice")
    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator
    ordering = ("-created_at", "-pk")
    search_fields = ("reference",)
    search_help_text = gettext_lazy("Téléphone, référence, commande, transaction, numéro de facture ou adresse e-mail, en entier.")
    actions = ("query_chosen",)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Payment], search_term: str) -> tuple[QuerySet[Payment], bool]:
        """By anything that a caller can name."""
        return looks.find(queryset, search_term), False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The payment with its whole history; a POST is one safe act."""
        try:
            payment = Payment.objects.select_related("invoice", "user").get(pk=uuid.UUID(object_id))
        except (ValueError, Payment.DoesNotExist) as error:
            raise Http404 from error
        if not self.has_view_permission(request, payment):
            raise PermissionDenied
        if request.method == "POST":
            self._act(request, payment)
            return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request), "title": _("Paiement"), "subtitle": str(payment.reference), "opts": self.opts,
            "media": self.media, "desk": looks.look_at(payment, at=now()),
            "can_act": request.user.has_perm("billing.act_on_payment"), "can_ask": request.user.has_perm("billing.request_refund"),
        }  # fmt: skip
        return TemplateResponse(request, "admin/billing/payment.html", context)

    def _act(self, request: HttpRequest, payment: Payment) -> None:
        """One of the acts below, by name."""
        actor, at, data = actor_of(request), now(), request.POST
        common: dict[str, Any] = {"payment_id": payment.pk, "actor": actor, "at": at}
        acts: dict[str, Callable[[], object]] = {
            "query": lambda: desk.query_now(**common),
            "send": lambda: desk.send_again(**common),
            "allow": lambda: desk.allow_attempt(**common),
            "close": lambda: desk.close_payment(evidence=data.get("evidence", ""), **common),
            "refund": lambda: refunds.request_refund(
                amount=whole(data.get("amount", "")), motive=data.get("motive", ""), from_credit="from_credit" in data,
                is_manual="is_manual" in data, **common,
            ),
        }  # fmt: skip
        act = acts.get(data.get("act", ""))
        if act is None:
            raise Http404
        attempt(self, request, act)

    def has_act_permission(self, request: HttpRequest) -> bool:
        """For the action of the list."""
        return request.user.has_perm("billing.act_on_payment")

    @admin.action(description=gettext_lazy("Vérifier maintenant auprès de l’opérateur"), permissions=["act"])
    def query_chosen(self, request: HttpRequest, queryset: QuerySet[Payment]) -> None:
        """Ask about each chosen payment."""
        at = now()
        for payment in queryset[:100]:
            attempt(self, request, lambda payment=payment: desk.query_now(payment_id=payment.pk, actor=actor_of(request), at=at))  # type: ignore[misc]


@admin.register(ProviderState)
class ProviderStateAdmin(StateBase):
    """The kill switch and the bounds of each operator; the rest is what workers see."""

    list_display = ("provider", "accepts", "opened_at", "last_answer_at", "last_success_at", "last_callback_at", "balance", "balance_at")
    fields = (
        "provider", "accepts", "amount_min", "amount_max", "errors_in_a_row", "opened_at", "probe_at", "last_answer_at",
        "last_success_at", "last_callback_at", "balance", "balance_at", "updated_at",
    )  # fmt: skip
    readonly_fields = tuple(name for name in fields if name not in {"accepts", "amount_min", "amount_max"})

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With a row for each operator that is configured."""
        desk.ensure_operators([code for code in configured() if code is not ProviderCode.FAKE])
        return super().changelist_view(request, extra_context)

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Rows come by themselves."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may act on payments."""
        return super().has_change_permission(request, obj) and request.user.has_perm("billing.act_on_payment")

    def save_model(self, request: HttpRequest, obj: ProviderState, form: Any, change: bool) -> None:
        """Through the service."""
        attempt(self, request, lambda: desk.set_operator(
            provider=ProviderCode(obj.provider), accepts=obj.accepts, amount_min=obj.amount_min, amount_max=obj.amount_max,
            actor=actor_of(request), at=now(),
        ))  # fmt: skip
