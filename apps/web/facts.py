"""The profile of an entry as a table of facts: only what is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.catalog.choices import ApiAuthentication, ApiPricing, ServiceModality, UpdateFrequency
from apps.core.money import format_xaf
from apps.core.templatetags.eco import bytes_size

Fact = dict[str, str]


def facts_of(listing: Mapping[str, Any]) -> list[Fact]:
    """Label, value and perhaps an address of each known fact."""
    profile = listing["profile"] or {}
    makers = {"business": _business, "service": _service, "data": _dataset, "api": _api}
    rows = makers[listing["resource_type"]](profile)
    return [{"label": label, "value": value, "url": url} for label, value, url in rows if value]


def price_words(least: int | None, most: int | None) -> str:
    """`3 000 à 6 000 F CFA`, `à partir de 3 000 F CFA`, `Gratuit`, or nothing."""
    if least == 0 and not most:
        return _("Gratuit")
    if least is not None and most is not None and least != most:
        if least == 0:
            return _("Jusqu’à %(most)s") % {"most": format_xaf(most)}
        return _("%(least)s à %(most)s") % {"least": format_xaf(least), "most": format_xaf(most)}
    if most is not None and least is None:
        return _("Jusqu’à %(most)s") % {"most": format_xaf(most)}
    if least is None:
        return ""
    return format_xaf(least) if least == most else _("À partir de %(least)s") % {"least": format_xaf(least)}


def _business(profile: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    year = profile.get("founded_year")
    return [
        (_("Prix"), price_words(profile.get("price_min_xaf"), profile.get("price_max_xaf")), ""),
        (_("Langues parlées"), ", ".join(_language(code) for code in profile.get("languages") or []), ""),
        (_("Forme juridique"), profile.get("legal_form") or "", ""),
        (_("Créée en"), str(year) if year else "", ""),
    ]


def _language(code: str) -> str:
    names = {"fr": _("français"), "en": _("anglais"), "pidgin": _("pidgin"), "ff": _("fulfulde")}
    return names.get(code, code)


def _service(profile: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    modality = dict(ServiceModality.choices).get(profile.get("modality") or "", "")
    return [
        (_("Organisme"), profile.get("provider") or "", ""),
        (_("Coût"), price_words(profile.get("fee_min_xaf"), profile.get("fee_max_xaf")), ""),
        (_("Délai"), profile.get("delay") or "", ""),
        (_("Où"), str(modality), ""),
    ]


def _dataset(profile: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    start, end = profile.get("temporal_start"), profile.get("temporal_end")
    if start and end and start != end:
        years = f"{start} – {end}"
    elif start and not end:
        years = _("depuis %(year)s") % {"year": start}
    else:
        years = str(start or end or "")
    frequency = dict(UpdateFrequency.choices).get(profile.get("update_frequency") or "", "")
    return [
        (_("Éditeur"), profile.get("publisher") or "", ""),
        (_("Licence"), profile.get("licence") or _("Non précisée par l’éditeur"), profile.get("licence_url") or ""),
        (_("Formats"), ", ".join(profile.get("formats") or []), ""),
        (_("Période"), years, ""),
        (_("Territoire"), profile.get("spatial_coverage") or "", ""),
        (pgettext("jeu de données", "Mise à jour"), str(frequency), ""),
        (_("Taille"), bytes_size(profile.get("size_bytes")), ""),
    ]


def _api(profile: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (_("Fournisseur"), profile.get("provider") or "", ""),
        (_("Prix"), str(dict(ApiPricing.choices).get(profile.get("pricing") or "", "")), ""),
        (_("Quota"), profile.get("quota") or "", ""),
        (_("Authentification"), str(dict(ApiAuthentication.choices).get(profile.get("auth_type") or "", "")), ""),
        (_("Formats"), ", ".join(profile.get("formats") or []), ""),
        (_("Adresse de base"), profile.get("base_url") or "", ""),
    ]
