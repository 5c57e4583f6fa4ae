"""Keys as their pages show them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.choices import Scope
from apps.accounts.models import ApiKey
from apps.core.templatetags.eco import date_short, hour

SOON = dt.timedelta(days=14)


@dataclass(frozen=True)
class KeyRow:
    """One key: what it is, how it stands, what can still be done with it."""

    key: ApiKey
    shown: str
    state: str
    tone: str
    calls: int = 0
    can_change: bool = False
    can_rotate: bool = False

    @property
    def scopes(self) -> list[tuple[str, str]]:
        """What it may do: name and meaning of each scope."""
        return [(name, str(Scope(name).label) if name in Scope.values else "") for name in self.key.permissions]


def key_row(key: ApiKey, *, at: dt.datetime, calls: Mapping[uuid.UUID | None, int] | None = None) -> KeyRow:
    """The key at a moment; `calls` are those of a period, by key."""
    tone, state = _state(key, at=at)
    usable = key.is_usable(at)
    return KeyRow(
        key=key,
        shown=str(key),
        state=state,
        tone=tone,
        calls=(calls or {}).get(key.pk, 0),
        can_change=usable,
        can_rotate=usable and key.replaced_by_id is None,
    )


def moment(at: dt.datetime) -> str:
    """`25 nov. 2026 à 10 h 30`."""
    return _("%(day)s à %(hour)s") % {"day": date_short(at), "hour": hour(at)}


def _state(key: ApiKey, *, at: dt.datetime) -> tuple[str, str]:
    """The colour and the word."""
    if not key.is_active:
        return "clay", _("Révoquée")
    if not key.is_usable(at):
        return "clay", _("Remplacée") if key.replaced_by_id else _("Expirée")
    if key.replaced_by_id and key.expires_at is not None:
        return "sun", _("Remplacée, s’arrête le %(moment)s") % {"moment": moment(key.expires_at)}
    if key.exposed_at is not None:
        return "clay", _("Vue dans une adresse : renouvelez-la")
    if key.expires_at is not None and key.expires_at - at < SOON:
        days = (key.expires_at - at).days
        return "sun", ngettext("Expire dans %(days)s jour", "Expire dans %(days)s jours", days) % {"days": days} if days else _(
            "Expire aujourd’hui"
        )
    return "brand", _("Active")
