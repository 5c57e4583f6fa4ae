"""What callers may say in the profile of each type of entry."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from apps.catalog.choices import ApiAuthentication, ApiPricing, ServiceModality, UpdateFrequency
from apps.catalog.services import member_rules as rules
from apps.catalog.validation import normalise_website
from apps.core.exceptions import FieldsInvalid

XAF_MAX = 2_000_000_000
_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}


def _line(limit: int) -> Callable[[Any], str]:
    return lambda value: rules.line(value, limit)


def _words(limit: int, each: int) -> Callable[[Any], list[str]]:
    def check(value: object) -> list[str]:
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > limit:
            raise rules.Refused("invalid", _("Une liste d’au plus %(limit)s textes est attendue.") % {"limit": limit})
        return [text for text in (rules.line(item, each) for item in value) if text]

    return check


def _number(minimum: int, maximum: int) -> Callable[[Any], int | None]:
    return lambda value: rules.integer(value, minimum, maximum)


def _url(value: object) -> str:
    text = rules.string(value, 500).strip()
    if not text:
        return ""
    if not re.match(r"(?i)https?://", text) or normalise_website(text[:255]) is None:
        raise rules.Refused("url_invalid", _("Une adresse complète en https:// ou http:// est attendue."))
    return text


def _choice(values: list[str]) -> Callable[[Any], str]:
    return lambda value: rules.choice(value, values)


def _endpoints(value: object) -> list[dict[str, str]]:
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > 100:
        raise rules.Refused("invalid", _("Une liste d’au plus %(limit)s points d’accès est attendue.") % {"limit": 100})
    return [_endpoint(item) for item in value]


def _endpoint(item: object) -> dict[str, str]:
    if not isinstance(item, dict) or item.get("method") not in _METHODS or not isinstance(item.get("path"), str):
        raise rules.Refused("invalid", _("Un point d’accès a « method », « path » et des résumés."))
    if set(item) - {"method", "path", "summary", "summary_fr", "summary_en"}:
        raise rules.Refused("unknown_member", _("Un point d’accès a « method », « path » et des résumés."))
    french = rules.line(item.get("summary_fr", item.get("summary")), 255)
    return {
        "method": str(item["method"]), "path": rules.line(item["path"], 255), "summary_fr": french,
        "summary_en": rules.line(item.get("summary_en"), 255) or french,
    }  # fmt: skip


# Members by type. A member of `_LOCALISED` is also accepted without its language, which is then the request's.
_MEMBERS: dict[str, dict[str, Callable[[Any], Any]]] = {
    "business": {
        "legal_form": _line(60), "founded_year": _number(1700, 2100), "price_min_xaf": _number(0, XAF_MAX),
        "price_max_xaf": _number(0, XAF_MAX), "languages": _words(20, 30),
    },
    "service": {
        "provider": _line(200), "modality": _choice(ServiceModality.values), "delay_fr": _line(200), "delay_en": _line(200),
        "fee_min_xaf": _number(0, XAF_MAX), "fee_max_xaf": _number(0, XAF_MAX), "documents_fr": _words(40, 255),
        "documents_en": _words(40, 255), "online_url": _url,
    },
    "data": {
        "publisher": _line(200), "licence": _line(120), "licence_url": _url, "formats": _words(20, 30),
        "update_frequency": _choice(UpdateFrequency.values), "temporal_start": _number(-4000, 2200),
        "temporal_end": _number(-4000, 2200), "spatial_coverage_fr": _line(200), "spatial_coverage_en": _line(200),
        "download_url": _url, "documentation_url": _url, "size_bytes": _number(0, 10**15),
    },
    "api": {
        "provider": _line(200), "base_url": _url, "documentation_url": _url, "openapi_url": _url,
        "auth_type": _choice(ApiAuthentication.values), "formats": _words(20, 30), "pricing": _choice(ApiPricing.values),
        "quota_fr": _line(200), "quota_en": _line(200), "endpoints": _endpoints, "sample_request": lambda value: rules.string(value, 5000),
    },
}  # fmt: skip
_LOCALISED = {"service": ("delay", "documents"), "data": ("spatial_coverage",), "api": ("quota",), "business": ()}
_ORDERED = (("price_min_xaf", "price_max_xaf"), ("fee_min_xaf", "fee_max_xaf"), ("temporal_start", "temporal_end"))


def read_profile(value: object, *, kind: str, language: str) -> dict[str, Any]:
    """Checked columns of the profile of a type; null clears a member, an absent one keeps what is stored.

    :raises FieldsInvalid: pointers are relative to the profile.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise FieldsInvalid([("", "not_an_object", _("« profile » est un objet JSON."))])
    members = _MEMBERS[kind]
    errors: list[tuple[str, str, Any]] = []
    checked: dict[str, Any] = {}
    for name, given in value.items():
        column = f"{name}_{language}" if name in _LOCALISED[kind] else name
        if column not in members:
            errors.append((f"/{rules.pointer(name)}", "unknown_member", _("Membre inconnu : %(name)s.") % {"name": name[:80]}))
            continue
        try:
            checked[column] = members[column](given)
        except rules.Refused as refusal:
            errors.append((f"/{rules.pointer(name)}", refusal.code, refusal.detail))
    for low, high in _ORDERED:
        if checked.get(low) is not None and checked.get(high) is not None and checked[low] > checked[high]:
            errors.append((f"/{high}", "out_of_order", _("Cette valeur doit être supérieure ou égale à « %(low)s ».") % {"low": low}))
    if errors:
        raise FieldsInvalid(errors)
    return checked
