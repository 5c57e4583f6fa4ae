"""References to other rows in the forms of the admin, which may hold anything when somebody forges them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError


class ReferenceSelect(AutocompleteSelect):
    """Shows a refused form again: Django's own looks up whatever was sent, and fails on what is no id at all."""

    def optgroups(self, name: str, value: Sequence[str], attr: dict[str, Any] | None = None) -> list[Any]:
        """The options of what can be a reference; the field says what is wrong with the rest."""
        return super().optgroups(name, [one for one in value if not one or self._can_be(one)], attr)

    def _can_be(self, value: str) -> bool:
        target: Any = self.field
        try:
            target.target_field.to_python(value)
        except ValidationError:
            return False
        return True


class References:
    """For an admin whose `autocomplete_fields` survive a forged form. Stands first among the bases."""

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """The select above instead of Django's."""
        admin: Any = self
        if db_field.name in admin.get_autocomplete_fields(request):
            kwargs.setdefault("widget", ReferenceSelect(db_field, admin.admin_site, using=kwargs.get("using")))
        above: Any = super()
        return above.formfield_for_foreignkey(db_field, request, **kwargs)
