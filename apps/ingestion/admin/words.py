"""Queue of words for categories: staff says what each means, and the records that used it are taken again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.core.admin_lists import BoundedPaginator
from apps.ingestion.admin.looks import Looks, short
from apps.ingestion.models import CategoryWord
from apps.ingestion.services import words

if TYPE_CHECKING:
    Base = admin.ModelAdmin[CategoryWord]
else:
    Base = admin.ModelAdmin


@admin.register(CategoryWord)
class CategoryWordAdmin(Looks, Base):
    """Those without a category, the most used first."""

    list_display = ("word", "category", "seen", "received_on")
    list_filter = (("category", admin.EmptyFieldListFilter),)
    list_select_related = ("category",)
    search_fields = ("word",)
    fields = ("word", "category", "seen", "last_seen_at")
    readonly_fields = ("word", "seen", "last_seen_at")
    paginator = BoundedPaginator
    show_full_result_count = False

    @admin.display(description=_("vu la dernière fois le"), ordering="last_seen_at")
    def received_on(self, word: CategoryWord) -> str:
        """Short."""
        return short(word.last_seen_at)

    def save_model(self, _request: HttpRequest, obj: CategoryWord, _form: Any, _change: bool) -> None:
        """Through the service."""
        words.decide_word(word=obj.word, category_id=obj.category_id)

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Sources bring words."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: CategoryWord | None = None) -> bool:
        """A word is put back into the queue by emptying its category."""
        return False
