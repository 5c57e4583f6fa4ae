"""Keys of the API, and the calls made with them."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.accounts.admin.base import ReadOnlyAdmin, staff_member
from apps.accounts.models import ApiKey, ApiUsage
from apps.accounts.services.keys import revoke_key
from apps.core.clock import now


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
        self.for_each(request, rows, lambda key: revoke_key(user=key.user, key_id=key.pk, at=now(), actor=staff_member(request)))

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Who may change keys, though nobody edits them here."""
        return request.user.has_perm("accounts.change_apikey")


@admin.register(ApiUsage)
class ApiUsageAdmin(ReadOnlyAdmin):
    """Calls by day, account, key and operation."""

    list_display = ("day", "user", "key", "operation", "calls", "units", "refused", "errors")
    list_select_related = ("user", "key")
    search_fields = ("=user__email",)
    ordering = ("-day", "-id")
