"""Accounts in the administration. Every change goes through a service, and is told to the owner of the account."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.accounts.choices import Entitlement
from apps.accounts.models import AccountEntitlement, ApiKey, ApiUsage, EntitlementDefault, MfaReset, SecurityEvent, User
from apps.accounts.services import staff
from apps.accounts.services.entitlements import set_default, set_entitlements
from apps.accounts.services.keys import revoke_all_keys, revoke_key
from apps.core.admin_lists import BoundedPaginator
from apps.core.admin_references import References
from apps.core.clock import now
from apps.core.exceptions import DomainError

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = admin.ModelAdmin

ACTION_MAX = 100


class ReasonForm(forms.Form):
    """Why staff does something to an account."""

    reason = forms.CharField(
        label=_("Motif"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("Gardé avec l’événement de sécurité.")
    )


class BoundedAdmin(Base):
    """A list that stays fast on large tables, and whose rows nobody adds or deletes."""

    show_full_result_count = False
    paginator = BoundedPaginator
    list_per_page = 50

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Services make them."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Nothing is deleted here."""
        return False

    def for_each(self, request: HttpRequest, queryset: QuerySet[Any], call: Callable[[Any], object]) -> None:
        """Call a service for each chosen row and report; one refusal does not stop the others."""
        done = 0
        for row in queryset[:ACTION_MAX]:
            try:
                call(row)
            except DomainError as error:
                self.message_user(request, f"{row} : {error.detail}", messages.ERROR)
            else:
                done += 1
        if done:
            self.message_user(request, ngettext("%(n)s ligne traitée.", "%(n)s lignes traitées.", done) % {"n": done}, messages.SUCCESS)

    def with_reason(
        self, request: HttpRequest, queryset: QuerySet[Any], action: str, title: object, call: Callable[[Any, str], object]
    ) -> HttpResponse | None:
        """Ask why on a page of its own, then call the service for each row."""
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if form.is_valid():
            self.for_each(request, queryset, lambda row: call(row, form.cleaned_data["reason"]))
            return None
        context = {
            **self.admin_site.each_context(request), "title": title, "form": form, "action": action, "rows": queryset[:ACTION_MAX],
            "opts": self.opts, "media": self.media,
        }  # fmt: skip
        return TemplateResponse(request, "admin/accounts/reason.html", context)


class ReadOnlyAdmin(BoundedAdmin):
    """What happened, and cannot be changed."""

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Append-only."""
        return False


@admin.register(User)
class UserAdmin(BoundedAdmin):
    """People: found by address, name, company or phone; suspended, opened again, helped in."""

    list_display = ("email", "name", "user_type", "plan", "is_staff", "suspended_at", "deletion_due_at", "created_at")
    list_filter = ("user_type", "plan", "is_staff", "is_demo", ("suspended_at", admin.EmptyFieldListFilter))
    search_fields = ("=email", "name", "company_name", "=phone")
    ordering = ("-created_at",)
    fields = (
        "email", "name", "user_type", "company_name", "phone", "phone_verified_at", "language", ("plan", "pricing_tier"),
        ("api_quota", "api_usage"), "is_staff", "groups", "last_login", "suspended_at", "deletion_due_at", "deleted_at", "is_demo",
        ("created_at", "updated_at"),
    )  # fmt: skip
    actions = ("suspend", "reinstate", "unlock", "revoke_keys", "ask_mfa_reset")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """All but the rights in the administration, which superusers alone give."""
        rights = {"is_staff", "groups"} if request.user.is_superuser else set()
        names = [name for part in self.fields for name in ([part] if isinstance(part, str) else part)]
        return tuple(name for name in names if name not in rights)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Give or take the rights of staff."""
        if {"is_staff", "groups"} & set(form.changed_data):
            try:
                staff.set_staff(user=obj, actor=_actor(request), is_staff=form.cleaned_data["is_staff"], groups=form.cleaned_data["groups"])
            except DomainError as error:
                self.message_user(request, str(error.detail), messages.ERROR)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Groups were set by the service."""

    @admin.action(description=_("Suspendre…"), permissions=["change"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        """Close accounts to their owners; nothing is lost."""
        actor = _actor(request)
        return self.with_reason(
            request, queryset, "suspend", _("Suspendre"), lambda user, why: staff.suspend_user(user=user, actor=actor, reason=why, at=now())
        )

    @admin.action(description=_("Rétablir"), permissions=["change"])
    def reinstate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Open suspended accounts again."""
        self.for_each(request, queryset, lambda user: staff.reinstate_user(user=user, actor=_actor(request)))

    @admin.action(description=_("Débloquer la connexion"), permissions=["change"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Forget wrong passwords."""
        self.for_each(request, queryset, lambda user: staff.unlock_login(user=user, actor=_actor(request), request=request))

    @admin.action(description=_("Révoquer toutes les clés"), permissions=["change"])
    def revoke_keys(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """End every key of these accounts."""
        self.for_each(request, queryset, lambda user: revoke_all_keys(user=user, at=now(), actor=_actor(request)))

    @admin.action(description=_("Demander la remise à zéro du second facteur…"), permissions=["change"])
    def ask_mfa_reset(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        """Ask that a colleague takes a lost second factor off."""
        actor = _actor(request)
        title = _("Demander la remise à zéro du second facteur")
        return self.with_reason(
            request, queryset, "ask_mfa_reset", title,
            lambda user, why: staff.request_mfa_reset(user=user, actor=actor, reason=why, at=now()),
        )  # fmt: skip


@admin.register(MfaReset)
class MfaResetAdmin(ReadOnlyAdmin):
    """Requests to take a lost second factor off; who asked cannot approve."""

    list_display = ("user", "reason", "requested_by", "requested_at", "approved_by", "approved_at")
    list_select_related = ("user", "requested_by", "approved_by")
    list_filter = (("approved_at", admin.EmptyFieldListFilter),)
    ordering = ("-requested_at",)
    actions = ("approve",)

    @admin.action(description=_("Approuver et exécuter"), permissions=["approve"])
    def approve(self, request: HttpRequest, queryset: QuerySet[MfaReset]) -> None:
        """Carry the requests out."""
        self.for_each(request, queryset, lambda reset: staff.approve_mfa_reset(reset_id=reset.pk, actor=_actor(request), at=now()))

    def has_approve_permission(self, request: HttpRequest) -> bool:
        """Who may change requests, though nobody edits them."""
        return request.user.has_perm("accounts.change_mfareset")


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """Keys, without what would let anybody use them."""

    list_display = ("key_prefix", "name", "user", "livemode", "is_active", "expires_at", "exposed_at", "last_used_at")
    list_filter = ("livemode", "is_active", ("exposed_at", admin.EmptyFieldListFilter))
    list_select_related = ("user",)
    search_fields = ("=key_prefix", "=user__email")
    ordering = ("-created_at",)
    exclude = ("key_hash",)
    actions = ("revoke",)

    @admin.action(description=_("Révoquer"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """End these keys at once."""
        rows = queryset.select_related("user")
        self.for_each(request, rows, lambda key: revoke_key(user=key.user, key_id=key.pk, at=now(), actor=_actor(request)))

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Who may change keys, though nobody edits them here."""
        return request.user.has_perm("accounts.change_apikey")


@admin.register(SecurityEvent)
class SecurityEventAdmin(ReadOnlyAdmin):
    """What happened to accounts, newest first."""

    list_display = ("created_at", "kind", "user", "ip_prefix", "device", "actor")
    list_filter = ("kind",)
    list_select_related = ("user", "actor")
    search_fields = ("=user__email",)
    ordering = ("-created_at",)


@admin.register(ApiUsage)
class ApiUsageAdmin(ReadOnlyAdmin):
    """Calls by day, account, key and operation."""

    list_display = ("day", "user", "key", "operation", "calls", "units", "refused", "errors")
    list_select_related = ("user", "key")
    search_fields = ("=user__email",)
    ordering = ("-day", "-id")


@admin.register(AccountEntitlement)
class AccountEntitlementAdmin(References, BoundedAdmin):
    """Rights of single accounts, by a payment or by hand."""

    list_display = ("user", "key", "value", "valid_until", "updated_at")
    list_select_related = ("user",)
    list_filter = ("key",)
    search_fields = ("=user__email",)
    autocomplete_fields = ("user",)
    ordering = ("-updated_at",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """By hand, too: partners, data sources, makeweights."""
        return request.user.has_perm("accounts.add_accountentitlement")

    def get_readonly_fields(self, _request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Another account or right is another row."""
        return ("user", "key") if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through the service, which refreshes the copies on the account."""
        set_entitlements(user_id=obj.user_id, values={Entitlement(obj.key): obj.value}, valid_until=obj.valid_until, at=now())
        obj.pk = AccountEntitlement.objects.values_list("pk", flat=True).get(user=obj.user_id, key=obj.key)


@admin.register(EntitlementDefault)
class EntitlementDefaultAdmin(BoundedAdmin):
    """What accounts of a type have without paying."""

    list_display = ("user_type", "key", "value")
    ordering = ("user_type", "key")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Where something else than the built-in value is wanted."""
        return request.user.has_perm("accounts.add_entitlementdefault")

    def get_readonly_fields(self, _request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Another right is another row."""
        return ("user_type", "key") if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through the service."""
        obj.pk = set_default(user_type=obj.user_type, key=Entitlement(obj.key), value=obj.value).pk


def _actor(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  the administration lets nobody else in
    return request.user


from apps.accounts import admin_applications  # noqa: E402, F401  its class is made from the ones above
