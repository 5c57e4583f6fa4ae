"""People, what happened to their accounts, and lost second factors."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from apps.accounts.admin.base import BoundedAdmin, ReadOnlyAdmin, staff_member
from apps.accounts.models import MfaReset, SecurityEvent, User
from apps.accounts.services import staff
from apps.accounts.services.keys import revoke_all_keys
from apps.core.clock import now
from apps.core.exceptions import DomainError


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
                staff.set_staff(
                    user=obj, actor=staff_member(request), is_staff=form.cleaned_data["is_staff"], groups=form.cleaned_data["groups"]
                )
            except DomainError as error:
                self.message_user(request, str(error.detail), messages.ERROR)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Groups were set by the service."""

    @admin.action(description=_("Suspendre…"), permissions=["change"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        """Close accounts to their owners; nothing is lost."""
        actor = staff_member(request)
        return self.with_reason(
            request, queryset, "suspend", _("Suspendre"), lambda user, why: staff.suspend_user(user=user, actor=actor, reason=why, at=now())
        )

    @admin.action(description=_("Rétablir"), permissions=["change"])
    def reinstate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Open suspended accounts again."""
        self.for_each(request, queryset, lambda user: staff.reinstate_user(user=user, actor=staff_member(request)))

    @admin.action(description=_("Débloquer la connexion"), permissions=["change"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Forget wrong passwords."""
        self.for_each(request, queryset, lambda user: staff.unlock_login(user=user, actor=staff_member(request), request=request))

    @admin.action(description=_("Révoquer toutes les clés"), permissions=["change"])
    def revoke_keys(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """End every key of these accounts."""
        self.for_each(request, queryset, lambda user: revoke_all_keys(user=user, at=now(), actor=staff_member(request)))

    @admin.action(description=_("Demander la remise à zéro du second facteur…"), permissions=["change"])
    def ask_mfa_reset(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        """Ask that a colleague takes a lost second factor off."""
        actor = staff_member(request)
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
        self.for_each(request, queryset, lambda reset: staff.approve_mfa_reset(reset_id=reset.pk, actor=staff_member(request), at=now()))

    def has_approve_permission(self, request: HttpRequest) -> bool:
        """Who may change requests, though nobody edits them."""
        return request.user.has_perm("accounts.change_mfareset")


@admin.register(SecurityEvent)
class SecurityEventAdmin(ReadOnlyAdmin):
    """What happened to accounts, newest first."""

    list_display = ("created_at", "kind", "user", "ip_prefix", "device", "actor")
    list_filter = ("kind",)
    list_select_related = ("user", "actor")
    search_fields = ("=user__email",)
    ordering = ("-created_at",)
