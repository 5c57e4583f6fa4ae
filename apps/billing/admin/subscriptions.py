"""Subscriptions in the admin: read-only. They change by payments, by their owners and by time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from apps.billing.models import Grant, Subscription, SubscriptionChange
from apps.core.admin_lists import BoundedPaginator

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Subscription]
    Rows = admin.TabularInline[Any, Any]
else:
    Base, Rows = admin.ModelAdmin, admin.TabularInline


class _Shown(Rows):
    """Rows that nobody edits."""

    extra = 0
    can_delete = False

    def has_add_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """No."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """No."""
        return False


class GrantInline(_Shown):
    """What was paid for."""

    model = Grant
    fields = ("invoice", "price", "period_start", "period_end", "closed_at")


class ChangeInline(_Shown):
    """What was asked to change."""

    model = SubscriptionChange
    fk_name = "subscription"
    fields = ("kind", "from_price", "to_price", "state", "created_at", "settled_at")


@admin.register(Subscription)
class SubscriptionAdmin(Base):
    """Who pays for what, until when."""

    list_display = ("user", "resource", "product", "period", "state", "period_end", "cancel_at_period_end", "livemode", "created_at")
    list_filter = ("state", "product", "period", "livemode")
    list_select_related = ("user", "resource")
    search_fields = ("=id", "=user__email", "=resource__slug")
    ordering = ("-created_at",)
    show_full_result_count = False
    paginator = BoundedPaginator
    list_per_page = 50
    inlines = (GrantInline, ChangeInline)

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Owners subscribe."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Subscription | None = None) -> bool:
        """Read-only."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Subscription | None = None) -> bool:
        """Invoices name it."""
        return False
