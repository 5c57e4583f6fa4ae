"""What callers may say of an entry: each member's shape and rule, read once for creation and for changes.

Pure but for look-ups of places and categories. Every refusal is collected with its JSON pointer.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import nh3
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from apps.catalog.choices import Attribute, HolidayPolicy, HoursKind, OperatingStatus, ResourceType
from apps.catalog.constants import BOX_TOLERANCE_DEGREES, COUNTRY_BOXES
from apps.catalog.gazetteer import fold
from apps.catalog.models import Category, City, Quarter
from apps.catalog.services import member_rules as rules
from apps.catalog.services.profile_input import read_profile
from apps.catalog.validation import normalise_website
from apps.core.exceptions import FieldsInvalid
from apps.core.phones import InvalidPhone, parse_phone

NAME_MAX, TEXT_MAX, METADATA_MAX_BYTES = 200, 10_000, 16_384
CONTACTS_MAX = 10
# Members of an answer that only the server decides: sending them back is harmless.
READ_ONLY = frozenset({
    "id", "slug", "user_id", "status", "plan", "verified", "is_demo", "is_fictional", "version", "created_at", "updated_at",
    "published_at", "summary", "image", "images", "hours", "special_days", "provenance", "links", "open_status",
    "description_language", "region", "category_id", "livemode",
})  # fmt: skip
_LINES = {
    "address_line1": 255, "address_line2": 255, "po_box": 40, "postal_code": 20, "landmark_fr": 255, "landmark_en": 255,
    "meta_title": 255, "name_en": NAME_MAX,
}  # fmt: skip
_TEXTS = ("description_fr", "description_en", "directions_fr", "directions_en", "meta_description")
# Members that read and write the language of the request.
_LOCALISED = ("description", "landmark", "directions")
_CHOICES = {
    "operating_status": OperatingStatus.values, "hours_kind": HoursKind.values, "holiday_policy": HolidayPolicy.values,
    "country": sorted(COUNTRY_BOXES),
}  # fmt: skip
_CONTACT_SHORTHANDS = ("phone", "whatsapp", "email", "website")


class ResourceInput(msgspec.Struct):
    """Checked input. `fields` are columns of Resource; `contacts` and `profile` are None when they do not change.

    `contacts` is the whole new list; `shorthands` maps phone, whatsapp, email, website to a value or None (remove).
    """

    fields: dict[str, Any] = msgspec.field(default_factory=dict)
    contacts: list[dict[str, Any]] | None = None
    shorthands: dict[str, str | None] = msgspec.field(default_factory=dict)
    profile: dict[str, Any] | None = None


def read_input(data: object, *, language: str, is_new: bool, resource_type: str | None = None) -> ResourceInput:
    """Check what a caller says.

    :param data: the decoded body; null clears a member, an absent one keeps what is stored.
    :param is_new: `name` and `category` must be there.
    :param resource_type: the entry's type when it exists, or the one that the path fixes; None lets the body say.
    :raises FieldsInvalid: with every refusal.
    """
    if not isinstance(data, dict):
        raise FieldsInvalid([("", "not_an_object", _("Le corps doit être un objet JSON."))])
    reader = _Reader(data, language)
    kind = reader.resource_type(resource_type, is_new=is_new)
    reader.read_all(is_new=is_new)
    if "profile" in data:
        reader.take("profile", lambda value: read_profile(value, kind=kind, language=language), into_profile=True)
    unknown = sorted(set(data) - reader.known - READ_ONLY)
    reader.errors += [
        (f"/{rules.pointer(name)}", "unknown_member", _("Membre inconnu : %(name)s.") % {"name": name[:80]}) for name in unknown[:20]
    ]
    if reader.errors:
        raise FieldsInvalid(reader.errors)
    return reader.result


class _Reader:
    """Walks the members of one body."""

    def __init__(self, data: Mapping[str, Any], language: str) -> None:
        self.data, self.language = data, language
        self.result = ResourceInput()
        self.errors: list[tuple[str, str, Any]] = []
        self.known: set[str] = set()

    def take(self, name: str, check: Callable[[Any], Any], *, column: str | None = None, into_profile: bool = False) -> None:
        """Check a member that is there and keep it under its column."""
        self.known.add(name)
        if name not in self.data:
            return
        try:
            value = check(self.data[name])
        except rules.Refused as refusal:
            self.errors.append((f"/{name}", refusal.code, refusal.detail))
            return
        except FieldsInvalid as inner:
            self.errors += [(f"/{name}{pointer}", code, detail) for pointer, code, detail in inner.errors]
            return
        if into_profile:
            self.result.profile = value
        else:
            self.result.fields[column or name] = value

    def resource_type(self, fixed: str | None, *, is_new: bool) -> str:
        """The type, which never changes once the entry exists."""
        self.known.add("resource_type")
        given = self.data.get("resource_type")
        if given is not None and given not in ResourceType.values:
            self.errors.append(("/resource_type", "unknown_value", rules.one_of(ResourceType.values)))
            given = None
        if fixed and given and given != fixed:
            self.errors.append(("/resource_type", "immutable", _("Le type d’une fiche ne change pas.")))
        kind = fixed or given or ResourceType.BUSINESS.value
        if is_new:
            self.result.fields["resource_type"] = kind
        return kind

    def read_all(self, *, is_new: bool) -> None:
        """Every member but the profile."""
        self.take("name", _name)
        for name, limit in _LINES.items():
            self.take(name, functools.partial(rules.line, limit=limit))
        for name in _TEXTS:
            self.take(name, _text)
        for name in _LOCALISED:
            self.take(name, _text if name != "landmark" else lambda value: rules.line(value, 255), column=f"{name}_{self.language}")
        for name, values in _CHOICES.items():
            self.take(name, functools.partial(rules.choice, values=values), column="country_id" if name == "country" else None)
        self.take("category", _category, column="category")
        self._place()
        self._position()
        self.take("accuracy_m", lambda value: rules.integer(value, 0, 100_000))
        self.take("attributes", _attributes)
        self.take("metadata", _metadata)
        self._contacts()
        if is_new:
            for name in ("name", "category"):
                if name not in self.data or self.data[name] in (None, ""):
                    self.errors.append((f"/{name}", "required", _("Ce membre est obligatoire.")))

    def _place(self) -> None:
        """A town by slug, name or alias; a quarter within that town."""
        self.take("city", _city)
        self.known.add("quarter")
        if "quarter" not in self.data:
            if "city" in self.result.fields:
                self.result.fields["quarter"] = None
            return
        city = self.result.fields.get("city")
        try:
            self.result.fields["quarter"] = _quarter(self.data["quarter"], city)
        except rules.Refused as refusal:
            self.errors.append(("/quarter", refusal.code, refusal.detail))

    def _position(self) -> None:
        self.known |= {"latitude", "longitude"}
        if "latitude" not in self.data and "longitude" not in self.data:
            return
        try:
            position = read_position(self.data.get("latitude"), self.data.get("longitude"), str(self.data.get("country") or "CM"))
        except rules.Refused as refusal:
            self.errors.append(("/latitude", refusal.code, refusal.detail))
            return
        self.result.fields["latitude"], self.result.fields["longitude"] = position

    def _contacts(self) -> None:
        self.known |= {"contacts", *_CONTACT_SHORTHANDS}
        if "contacts" in self.data:
            self._contact_list(self.data["contacts"])
        for name in _CONTACT_SHORTHANDS:
            if name in self.data and "contacts" not in self.data:
                try:
                    self.result.shorthands[name] = contact_value("phone" if name == "whatsapp" else name, self.data[name])
                except rules.Refused as refusal:
                    self.errors.append((f"/{name}", refusal.code, refusal.detail))

    def _contact_list(self, value: object) -> None:
        if value is None:
            value = []
        if not isinstance(value, list) or len(value) > CONTACTS_MAX:
            self.errors.append(
                ("/contacts", "invalid", _("« contacts » est une liste d’au plus %(limit)s contacts.") % {"limit": CONTACTS_MAX})
            )
            return
        contacts: list[dict[str, Any]] = []
        for index, item in enumerate(value):
            try:
                contacts.append(_contact(item))
            except rules.Refused as refusal:
                self.errors.append((f"/contacts/{index}", refusal.code, refusal.detail))
        if len({(contact["kind"], contact["value"]) for contact in contacts}) != len(contacts):
            self.errors.append(("/contacts", "repeated", _("Un contact figure deux fois.")))
        self.result.contacts = contacts


def _name(value: object) -> str:
    text = rules.line(value, NAME_MAX)
    if not text:
        raise rules.Refused("required", _("Le nom est obligatoire."))
    return text


def _text(value: object) -> str:
    text = rules.string(value, TEXT_MAX).strip()
    return nh3.clean(text, tags=set()) if "<" in text else text


def _slug_or_name(value: object) -> str:
    if isinstance(value, dict):
        value = value.get("slug")
    return rules.string(value, 120)


def _category(value: object) -> Category:
    text = _slug_or_name(value)
    found = Category.objects.filter(slug=text, is_active=True).first()
    if found is None:
        wanted = fold(text)
        found = next((c for c in Category.objects.filter(is_active=True) if wanted in {fold(c.name_fr), fold(c.name_en)}), None)
    if found is None:
        raise rules.Refused("unknown_category", _("Catégorie inconnue. La liste est à /api/v1/categories."))
    return found


def _city(value: object) -> City | None:
    text = _slug_or_name(value)
    if not text:
        return None
    wanted = fold(text)
    for city in City.objects.select_related("region"):
        if text == city.slug or wanted in {fold(name) for name in (city.name_fr, city.name_en, *city.aliases)}:
            return city
    raise rules.Refused("unknown_city", _("Ville inconnue. Vérifiez l’orthographe, ou laissez vide et donnez une position."))


def _quarter(value: object, city: City | None) -> Quarter | None:
    text = _slug_or_name(value)
    if not text:
        return None
    if city is None:
        raise rules.Refused("city_required", _("Donnez la ville avec le quartier."))
    wanted = fold(text)
    for quarter in Quarter.objects.filter(city=city):
        if text == quarter.slug or wanted in {fold(name) for name in (quarter.name, *quarter.aliases)}:
            return quarter
    raise rules.Refused("unknown_quarter", _("Quartier inconnu dans cette ville. Décrivez-le plutôt dans « landmark »."))


def read_position(latitude: object, longitude: object, country: str) -> tuple[float | None, float | None]:
    """Both in degrees within the country, or neither.

    :raises member_rules.Refused: anything else.
    """
    if latitude is None and longitude is None:
        return None, None
    numbers = []
    for value in (latitude, longitude):
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise rules.Refused("invalid_position", _("Latitude et longitude vont ensemble, en degrés décimaux."))
        numbers.append(float(value))
    lat, lng = numbers
    if lat == 0 and lng == 0:
        raise rules.Refused("position_zero", _("La position 0, 0 est au large de l’Afrique : donnez la vraie position, ou aucune."))
    box = COUNTRY_BOXES.get(country)
    if box and not _inside(box, lat, lng):
        if _inside(box, lng, lat):
            raise rules.Refused("position_swapped", _("Latitude et longitude semblent inversées."))
        raise rules.Refused("position_outside", _("Cette position est hors du pays."))
    return round(lat, 8), round(lng, 8)


def _inside(box: tuple[float, float, float, float], latitude: float, longitude: float) -> bool:
    south, west, north, east = box
    margin = BOX_TOLERANCE_DEGREES
    return south - margin <= latitude <= north + margin and west - margin <= longitude <= east + margin


def _attributes(value: object) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or any(item not in Attribute.values for item in value if isinstance(item, str)):
        raise rules.Refused("unknown_value", rules.one_of(list(Attribute.values)))
    if any(not isinstance(item, str) for item in value):
        raise rules.Refused("unknown_value", rules.one_of(list(Attribute.values)))
    return sorted(set(value))


def _metadata(value: object) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise rules.Refused("not_an_object", _("« metadata » est un objet JSON."))
    if len(msgspec.json.encode(value)) > METADATA_MAX_BYTES:
        raise rules.Refused("too_long", _("« metadata » dépasse %(limit)s octets.") % {"limit": METADATA_MAX_BYTES})
    return value


def contact_value(kind: str, value: object) -> str | None:
    """A phone in E.164, an e-mail or a web address; None when empty.

    :raises member_rules.Refused: it cannot be one.
    """
    text = rules.string(value, 255).strip()
    if not text:
        return None
    if kind == "phone":
        try:
            return parse_phone(text)
        except InvalidPhone as error:
            raise rules.Refused("phone_invalid", str(error.detail)) from error
    if kind == "email":
        try:
            validate_email(text)
        except ValidationError as error:
            raise rules.Refused("email_invalid", _("Cette adresse e-mail n’est pas valide.")) from error
        return text
    website = normalise_website(text)
    if website is None:
        raise rules.Refused("website_invalid", _("Cette adresse de site n’est pas valide ; elle commence par https:// ou http://."))
    return website


def _contact(item: object) -> dict[str, Any]:
    if not isinstance(item, dict) or item.get("kind") not in {"phone", "email", "website"}:
        raise rules.Refused("invalid", _("Un contact a « kind » (phone, email ou website) et « value »."))
    unknown = set(item) - {"id", "kind", "value", "is_whatsapp", "is_primary"}
    if unknown:
        raise rules.Refused("unknown_member", _("Membre inconnu : %(name)s.") % {"name": str(min(unknown))[:80]})
    value = contact_value(str(item["kind"]), item.get("value"))
    if value is None:
        raise rules.Refused("required", _("La valeur du contact est vide."))
    flags = {name: item.get(name, False) for name in ("is_whatsapp", "is_primary")}
    if any(not isinstance(flag, bool) for flag in flags.values()) or (flags["is_whatsapp"] and item["kind"] != "phone"):
        raise rules.Refused("invalid", _("« is_whatsapp » ne va qu’avec un téléphone ; les indicateurs sont true ou false."))
    return {"kind": item["kind"], "value": value, **flags}
