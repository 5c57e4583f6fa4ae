"""What people change of their own account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.exceptions import FieldsInvalid

_LINES = {"name": 100, "company_name": 200}


@transaction.atomic
def change_profile(*, user: User, changes: Mapping[str, str], at: dt.datetime) -> User:
    """Change name, company or language; other members are nobody's to change here and raise KeyError.

    :raises FieldsInvalid: a text is empty, too long or has invisible characters.
    """
    errors: list[tuple[str, str, Any]] = []
    fields = {name: changes[name] for name in changes}
    for name in set(fields) - {"language", *_LINES}:
        raise KeyError(name)
    for name in set(fields) & set(_LINES):
        fields[name] = " ".join(fields[name].split())
        if not fields[name].isprintable() or len(fields[name]) > _LINES[name] or (name == "name" and not fields[name]):
            errors.append((f"/{name}", "invalid", _("Ce texte est vide, trop long ou contient des caractères invisibles.")))
    if errors:
        raise FieldsInvalid(errors)
    locked = User.objects.select_for_update().get(pk=user.pk)
    for name, value in fields.items():
        setattr(locked, name, value)
    locked.updated_at = at
    locked.save(update_fields=[*fields, "updated_at"])
    return locked
