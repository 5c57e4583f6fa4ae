"""Step `fields`: the names that sources use become ours; what says nothing is absent; what a source may not fill is left out.

Known are the names of the n8n workflow of the architecture document, of the import files (`lat`, `lon`, `opening_hours`), of our own API
(`description_fr`, `address_line1`, `contacts`) and of `CleanRecord`, so that a cleaned record can be cleaned again.
"""

from __future__ import annotations

from collections.abc import Mapping

from apps.ingestion.steps.notes import Notes
from apps.ingestion.steps.text import is_absent

# Our name → names of sources, in order of preference.
NAMES: dict[str, tuple[str, ...]] = {
    "id": ("id",),
    "origin": ("source", "origin"),
    "source_id": ("source_id", "external_id", "identity"),
    "source_url": ("source_url",),
    "resource_type": ("resource_type",),
    "name": ("name", "name_fr", "nom", "title"),
    "name_en": ("name_en",),
    "description": ("description",),
    "description_fr": ("description_fr",),
    "description_en": ("description_en",),
    "category": ("category", "raw_category", "category_slug", "categorie", "catégorie", "categories"),
    "category_id": ("category_id",),
    "latitude": ("lat", "latitude"),
    "longitude": ("lon", "lng", "longitude", "long"),
    "position": ("position", "location", "geo", "coordinates"),
    "city": ("city", "ville", "town"),
    "city_id": ("city_id",),
    "is_city_guessed": ("is_city_guessed",),
    "quarter": ("quarter", "quartier", "neighborhood", "neighbourhood"),
    "quarter_id": ("quarter_id",),
    "is_quarter_guessed": ("is_quarter_guessed",),
    "department": ("department", "departement", "département", "division"),
    "region": ("region", "région"),
    "raw_place": ("raw_place",),
    "address": ("address", "address_line1", "adresse", "full_address"),
    "address_line2": ("address_line2",),
    "po_box": ("po_box", "boite_postale", "bp"),
    "landmark": ("landmark", "landmark_fr", "landmark_en", "repere", "repère"),
    "phone": ("phone", "phones", "telephone", "téléphone", "tel", "phone_number"),
    "whatsapp": ("whatsapp",),
    "contacts": ("contacts",),
    "email": ("email", "e-mail", "mail", "courriel"),
    "website": ("website", "site", "site_web", "url"),
    "hours": ("hours", "opening_hours", "horaires"),
    "attributes": ("attributes", "has"),
    "operating_status": ("operating_status",),
    "extra": ("extra", "metadata"),
}
# What the rules of a source speak of → our names. The rest (name, identity, type) every source may give.
GROUPS: dict[str, tuple[str, ...]] = {
    "description": ("description", "description_fr", "description_en"),
    "category": ("category", "category_id"),
    "position": ("latitude", "longitude", "position"),
    "city": ("city", "city_id", "quarter", "quarter_id", "department", "region", "raw_place"),
    "address": ("address", "address_line2", "po_box", "landmark"),
    "phones": ("phone", "whatsapp"),
    "email": ("email",),
    "website": ("website",),
    "hours": ("hours",),
    "attributes": ("attributes", "operating_status"),
    "extra": ("extra",),
}
_OURS = {theirs: (ours, rank) for ours, names in NAMES.items() for rank, theirs in enumerate(names)}
_GROUP_OF = {name: group for group, names in GROUPS.items() for name in names}
# Members of our own answers that a copied record may carry and that only the server decides.
_IGNORED = frozenset({
    "slug", "user_id", "status", "plan", "verified", "is_demo", "is_fictional", "version", "created_at", "updated_at", "published_at",
    "summary", "image", "images", "special_days", "provenance", "links", "open_status", "description_language", "livemode", "country",
    "hours_kind", "holiday_policy", "distance_m",
})  # fmt: skip
_UNKNOWN_SHOWN, _CONTACTS_READ = 12, 20
_CONTACT_KINDS = frozenset({"phone", "email", "website"})


def read(raw: Mapping[object, object], notes: Notes, *, allowed: frozenset[str] = frozenset()) -> dict[str, object]:
    """The values that say something, by our names. A key is also known in other case and with spaces; the preferred of two names wins.

    :param allowed: groups that the source may fill, empty for all; the rest is left out without its value entering the history.
    """
    found: dict[str, object] = {}
    ranks: dict[str, int] = {}
    unknown: list[str] = []
    for key, value in raw.items():
        if value == "" or is_absent(value):
            continue
        known = _OURS.get(key) if isinstance(key, str) else None
        if known is None:
            name = str(key)[:60]
            known = _OURS.get("_".join(name.casefold().split()))
            if known is None:
                if name not in _IGNORED and not name.startswith("_"):
                    unknown.append(name)
                continue
        ours, rank = known
        if ours not in found or rank < ranks[ours]:
            found[ours], ranks[ours] = value, rank
    if unknown:
        notes.dropped("", "unknown_fields", ", ".join(unknown[:_UNKNOWN_SHOWN]))
    if "contacts" in found:
        _spread_contacts(found, notes)
    if allowed:
        for name in [name for name in found if (group := _GROUP_OF.get(name)) and group not in allowed]:
            del found[name]
            notes.dropped(name, "not_allowed")
    return found


def _spread_contacts(found: dict[str, object], notes: Notes) -> None:
    """`contacts` of our own answers, `[{kind, value, is_whatsapp}, …]`, as the fields that they are, behind one given by itself."""
    contacts = found.pop("contacts")
    spread: dict[str, list[object]] = {}
    for contact in contacts[:_CONTACTS_READ] if isinstance(contacts, list) else [contacts]:
        kind = contact.get("kind") if isinstance(contact, dict) else None
        if not isinstance(contact, dict) or not isinstance(kind, str) or kind not in _CONTACT_KINDS or is_absent(contact.get("value")):
            notes.dropped("contacts", "unknown_value", kind if isinstance(kind, str) else type(contact).__name__)
            continue
        spread.setdefault("whatsapp" if contact.get("is_whatsapp") is True else kind, []).append(contact["value"])
    for name, values in spread.items():
        given = found.get(name)
        found[name] = [*([] if given is None else given if isinstance(given, list) else [given]), *values]
