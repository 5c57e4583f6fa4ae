"""Staff edit the legal texts here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apps.web.models import LegalPage

if TYPE_CHECKING:
    PageBase = admin.ModelAdmin[LegalPage]
else:
    PageBase = admin.ModelAdmin


@admin.register(LegalPage)
class LegalPageAdmin(PageBase):
    """Both languages side by side; pages are named by the site's links, so none is added or removed."""

    list_display = ("title_fr", "title_en", "slug", "updated_at")
    readonly_fields = ("slug", "updated_at")
    fieldsets = (
        (None, {"fields": ("slug", "updated_at")}),
        (_("Français"), {"fields": ("title_fr", "body_fr")}),
        (_("Anglais"), {"fields": ("title_en", "body_en")}),
    )

    def has_add_permission(self, request: object) -> bool:
        """The set of pages is part of the release."""
        return False

    def has_delete_permission(self, request: object, obj: LegalPage | None = None) -> bool:
        """Other pages link to each of them."""
        return False
