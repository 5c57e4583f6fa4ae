"""The tree of categories in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from apps.catalog.forms import CategoryForm
from apps.catalog.models import Category
from apps.catalog.services import categories as category_services
from apps.core.admin_references import References


@admin.register(Category)
class CategoryAdmin(References, SimpleHistoryAdmin):
    """A change here rewrites the cards of the category's entries in the background."""

    form = CategoryForm
    list_display = ("name_fr", "name_en", "parent", "slug", "order", "is_active")
    list_filter = ("is_active", ("parent", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("parent",)
    search_fields = ("name_fr", "name_en", "slug")
    autocomplete_fields = ("parent",)
    fieldsets = (
        (None, {"fields": (("name_fr", "name_en"), "slug", "parent", ("icon", "order", "is_active"))}),
        (_("Textes"), {"fields": ("description_fr", "description_en", "aliases", "schema_type")}),
    )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save through the service."""
        category_services.save_category(category=obj)
