"""The navigation of account pages."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django import template
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.notifications.selectors.inbox import unread_count

register = template.Library()


@dataclass(frozen=True)
class Section:
    """An entry of the navigation."""

    name: str
    icon: str
    label: str | Promise
    url: str = ""
    is_current: bool = False
    count: int = 0


_SECTIONS = (
    Section("account", icon="user", label=_("Profil")),
    Section("account_notices", icon="bell", label=_("Messages")),
    Section("account_security", icon="shield-check", label=_("Sécurité")),
    Section("account_devices", icon="monitor-smartphone", label=_("Appareils")),
    Section("listings", icon="store", label=_("Mes fiches")),
    Section("statistics", icon="chart-no-axes-column", label=_("Statistiques")),
    Section("billing", icon="credit-card", label=_("Facturation")),
    Section("account_searches", icon="bookmark", label=_("Recherches")),
    Section("account_applications", icon="plug", label=_("Applications")),
    Section("account_data", icon="archive", label=_("Mes données")),
    Section("developers", icon="braces", label=_("Développeurs")),
)


_TEAM = Section("board", icon="gauge", label=_("Équipe"))
# What the team's board asks for.
SEES_FIGURES = "analytics.view_listingday"


@register.simple_tag
def account_sections(request: HttpRequest) -> list[Section]:
    """The entries, the page's own marked; allauth's pages (password, address, second factor) belong to security."""
    is_team = bool(getattr(request.user, "is_staff", False)) and request.user.has_perm(SEES_FIGURES)
    sections = (*_SECTIONS, _TEAM) if is_team else _SECTIONS
    found = [Section(one.name, one.icon, one.label, url) for one in sections if (url := _address(one.name))]
    exact = next((one.name for one in found if one.url == request.path), None)
    below = next((one.name for one in found[1:] if request.path.startswith(one.url)), None)
    phone = "account" if "/telephone/" in request.path else None
    current = exact or phone or below or "account_security"
    unread = {"account_notices": unread_count(request.user)} if isinstance(request.user, User) else {}
    return [replace(one, is_current=one.name == current, count=unread.get(one.name, 0)) for one in found]


def _address(name: str) -> str:
    try:
        return reverse(f"web:{name}")
    except NoReverseMatch:
        return ""
