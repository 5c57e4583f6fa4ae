"""Shape of what staff types."""

from __future__ import annotations

import abc
import datetime as dt
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.catalog.models import Category, ContactPoint, Resource
from apps.catalog.models.categories import MAX_DEPTH
from apps.catalog.services import member_rules
from apps.catalog.services.resource_input import NAME_MAX, contact_value, read_position
from apps.catalog.validation import has_overlap

if TYPE_CHECKING:
    Base = forms.ModelForm[Category]
    ResourceBase = forms.ModelForm[Resource]
    ContactBase = forms.ModelForm[ContactPoint]
    RowsBase = forms.BaseInlineFormSet[Any, Resource, Any]
else:
    Base = ResourceBase = ContactBase = forms.ModelForm
    RowsBase = forms.BaseInlineFormSet


class CategoryForm(Base):
    """A category; says in words what the database would refuse."""

    class Meta:
        model = Category
        fields = "__all__"

    def clean_parent(self) -> Category | None:
        """A parent that is not below the category itself, nor too deep."""
        parent: Category | None = self.cleaned_data["parent"]
        ancestor, depth = parent, 1
        while ancestor is not None:
            depth += 1
            if ancestor.pk == self.instance.pk or depth > MAX_DEPTH:
                raise forms.ValidationError(
                    _("Cette catégorie parente formerait une boucle ou un arbre trop profond. Choisissez-en une autre.")
                )
            ancestor = ancestor.parent
        return parent


class ResourceForm(ResourceBase):
    """An entry, held to the rules of the API where the database cannot hold them."""

    class Meta:
        model = Resource
        fields = "__all__"

    def clean_name(self) -> str:
        """One line of plain text."""
        return self._line("name")

    def clean_name_en(self) -> str:
        """Likewise."""
        return self._line("name_en")

    def _line(self, name: str) -> str:
        try:
            return member_rules.line(self.cleaned_data[name], NAME_MAX)
        except member_rules.Refused as refusal:
            raise forms.ValidationError(refusal.detail) from refusal

    def clean(self) -> dict[str, Any]:
        """A position within the country, whole or not at all."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if {"latitude", "longitude"} <= set(cleaned):
            latitude, longitude = (None if cleaned[name] is None else float(cleaned[name]) for name in ("latitude", "longitude"))
            try:
                read_position(latitude, longitude, self.instance.country_id or "CM")
            except member_rules.Refused as refusal:
                self.add_error("latitude", refusal.detail)
        return cleaned


class ContactForm(ContactBase):
    """A contact, in any spelling that the API takes."""

    class Meta:
        model = ContactPoint
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        """The value in the form that is stored."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("kind") and cleaned.get("value"):
            try:
                cleaned["value"] = contact_value(cleaned["kind"], cleaned["value"])
            except member_rules.Refused as refusal:
                self.add_error("value", refusal.detail)
        return cleaned


class _Rows(RowsBase, abc.ABC):
    """Rows beside an entry: what they may not be together, which Django checks row by row only."""

    def clean(self) -> None:
        """Refuse the rows that stay when they do not go together."""
        super().clean()
        kept = [form.cleaned_data for form in self.forms if getattr(form, "cleaned_data", None) and form not in self.deleted_forms]
        fault = self.fault(kept)
        if fault:
            raise forms.ValidationError(fault)

    @abc.abstractmethod
    def fault(self, kept: list[dict[str, Any]]) -> Any:
        """What is wrong with these rows, in words; None when nothing is."""


class ContactRows(_Rows):
    """One primary contact of each kind."""

    def fault(self, kept: list[dict[str, Any]]) -> Any:
        """See the class."""
        primary = [row.get("kind") for row in kept if row.get("is_primary")]
        return _("Un seul contact de chaque moyen peut être le principal.") if len(set(primary)) < len(primary) else None


class ImageRows(_Rows):
    """One primary picture."""

    def fault(self, kept: list[dict[str, Any]]) -> Any:
        """See the class."""
        return _("Une seule image peut être la principale.") if sum(bool(row.get("is_primary")) for row in kept) > 1 else None


class HoursRows(_Rows):
    """Intervals that do not overlap, and days that are either closed or have some."""

    def fault(self, kept: list[dict[str, Any]]) -> Any:
        """See the class."""
        week: dict[int, list[tuple[dt.time, dt.time]]] = {}
        closed = [row.get("day_of_week") for row in kept if row.get("is_closed")]
        for row in kept:
            day, opens, closes = row.get("day_of_week"), row.get("open_time"), row.get("close_time")
            if day is not None and opens is not None and closes is not None:
                week.setdefault(day, []).append((opens, closes))
        if has_overlap(week):
            return _("Deux intervalles se recouvrent.")
        if len(set(closed)) < len(closed) or set(closed) & set(week):
            return _("Un jour est fermé une fois, ou il a des heures.")
        return None


class SpecialDayRows(_Rows):
    """Each interval of a date once."""

    def fault(self, kept: list[dict[str, Any]]) -> Any:
        """See the class."""
        days = [(row.get("date"), row.get("open_time")) for row in kept]
        return _("Une date figure deux fois avec la même heure.") if len(set(days)) < len(days) else None
