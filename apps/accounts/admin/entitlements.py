"""What accounts may do: by a payment, by hand, by their type."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from apps.accounts.admin.base import BoundedAdmin
from apps.accounts.choices import Entitlement
from apps.accounts.models import AccountEntitlement, EntitlementDefault
from apps.accounts.services.entitlements import set_default, set_entitlements
from apps.core.admin_references import References
from apps.core.clock import now


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
