"""Shape of what staff types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.catalog.models import Category
from apps.catalog.models.categories import MAX_DEPTH

if TYPE_CHECKING:
    Base = forms.ModelForm[Category]
else:
    Base = forms.ModelForm


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
