"""Creation and edits of entries by their owners and staff."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.catalog.choices import Status
from apps.catalog.constants import RESERVED_SLUGS
from apps.catalog.models import PROFILE_MODELS, ContactPoint, Resource, SlugHistory
from apps.catalog.services.provenance import lock_fields
from apps.catalog.services.records import announce, announce_standing, lock_resource, save_change
from apps.catalog.services.resource_input import ResourceInput
from apps.core.exceptions import FieldsInvalid
from apps.core.ids import uuid7

# Columns that a PUT empties when its body does not name them.
REPLACEABLE: dict[str, Any] = {
    "name_en": "", "description_fr": "", "description_en": "", "address_line1": "", "address_line2": "", "quarter": None, "city": None,
    "po_box": "", "postal_code": "", "latitude": None, "longitude": None, "accuracy_m": None, "landmark_fr": "", "landmark_en": "",
    "directions_fr": "", "directions_en": "", "holiday_policy": "unknown", "attributes": [], "metadata": {},
    "operating_status": "open", "meta_title": "", "meta_description": "",
}  # fmt: skip


@transaction.atomic
def create_resource(*, owner: User, data: ResourceInput, at: dt.datetime, livemode: bool = True) -> Resource:
    """A new entry of its owner, waiting for moderation.

    :param livemode: False makes a test entry, which nobody moderates and only its owner ever sees.
    :raises FieldsInvalid: staff publishes an entry that lacks what publication needs.
    """
    resource = Resource(id=uuid7(), user=owner, livemode=livemode, created_at=at, updated_at=at, **data.fields)
    resource.slug = _free_slug(resource.name, resource.pk)
    resource.status = Status.PENDING
    _check_whole(resource)
    resource.save(force_insert=True)
    if data.contacts is not None:
        _replace_contacts(resource, data.contacts)
    _write_shorthands(resource, data.shorthands)
    _write_profile(resource, data.profile or {}, replace=True)
    announce(resource, was_public=False)
    return resource


@transaction.atomic
def update_resource(
    *, resource_id: uuid.UUID, data: ResourceInput, at: dt.datetime, expected_versions: set[int] | None, replace: bool = False
) -> Resource:
    """Change what the input names (PATCH), or make the entry exactly that (PUT, `replace`).

    An edit that changes nothing leaves the version alone.

    :param expected_versions: what `If-Match` allows; None allows any.
    :raises PreconditionFailed: it has changed since. :raises FieldsInvalid: the parts do not fit together.
    """
    resource = lock_resource(resource_id, expected_versions=expected_versions)
    fields = {**REPLACEABLE, **data.fields} if replace else dict(data.fields)
    changed = [name for name, value in fields.items() if getattr(resource, name) != value]
    was_public = resource.is_public
    former_name = resource.name
    for name in changed:
        setattr(resource, name, fields[name])
    _check_whole(resource)
    if "name" in changed and slugify(former_name) != slugify(resource.name):
        changed += _move_slug(resource, at=at)
    beside = [
        data.contacts is not None and _replace_contacts(resource, data.contacts),
        replace and data.contacts is None and _replace_contacts(resource, []),
        _write_shorthands(resource, data.shorthands),
        (data.profile is not None or replace) and _write_profile(resource, data.profile or {}, replace=replace),
    ]
    if changed or any(beside):
        lock_fields(resource, {*changed, *(["contacts"] if any(beside[:3]) else [])}, by="owner", at=at)
        save_change(resource, changed, at=at, was_public=was_public)
    if "operating_status" in changed:
        announce_standing(resource)
    return resource


def _check_whole(resource: Resource) -> None:
    """Rules across columns, said before the database's constraints would."""
    errors = []
    if resource.quarter is not None and (resource.city is None or resource.quarter.city_id != resource.city.pk):
        errors.append(("/quarter", "quarter_elsewhere", _("Ce quartier n’est pas dans cette ville.")))
    if resource.status == Status.ACTIVE and resource.category is None:
        errors.append(("/category", "required", _("Une fiche publiée a une catégorie.")))
    if errors:
        raise FieldsInvalid(list(errors))


def _free_slug(name: str, resource_id: uuid.UUID) -> str:
    """The name as an address, with the end of the id when it is taken, reserved or unwritable."""
    base = slugify(name)[:180].strip("-")
    is_free = base and base not in RESERVED_SLUGS and not Resource.objects.filter(slug=base).exclude(pk=resource_id).exists()
    if is_free and not SlugHistory.objects.filter(slug=base).exclude(resource=resource_id).exists():
        return base
    return f"{base or 'fiche'}-{resource_id.hex[-8:]}"


def _move_slug(resource: Resource, *, at: dt.datetime) -> list[str]:
    """A published entry keeps its former address as a redirect."""
    former, resource.slug = resource.slug, _free_slug(resource.name, resource.pk)
    if former == resource.slug:
        return []
    SlugHistory.objects.filter(slug=resource.slug, resource=resource).delete()
    if resource.published_at is not None:
        SlugHistory.objects.get_or_create(slug=former, defaults={"resource": resource, "created_at": at})
    return ["slug"]


def _replace_contacts(resource: Resource, contacts: list[dict[str, Any]]) -> bool:
    """Make the contacts exactly these, the first of each kind primary unless another says so; False when they are already."""
    with_primary = {contact["kind"] for contact in contacts if contact["is_primary"]}
    rows: list[tuple[str, str, bool, bool]] = []
    seen: set[str] = set()
    for contact in contacts:
        kind = contact["kind"]
        is_primary = kind not in seen and (contact["is_primary"] or kind not in with_primary)
        if is_primary:
            seen.add(kind)
        rows.append((kind, contact["value"], contact["is_whatsapp"], is_primary))
    stored = list(resource.contacts.values_list("kind", "value", "is_whatsapp", "is_primary"))
    if stored == rows:
        return False
    resource.contacts.all().delete()
    ContactPoint.objects.bulk_create(
        ContactPoint(resource=resource, kind=kind, value=value, is_whatsapp=is_whatsapp, is_primary=is_primary, order_index=order)
        for order, (kind, value, is_whatsapp, is_primary) in enumerate(rows)
    )
    return True


def _write_shorthands(resource: Resource, shorthands: dict[str, str | None]) -> bool:
    """`phone`, `email` and `website` set the primary contact of their kind; `whatsapp` says which phone takes messages."""
    if not shorthands:
        return False
    contacts: list[dict[str, Any]] = [dict(row) for row in resource.contacts.values("kind", "value", "is_whatsapp", "is_primary")]
    for kind in ("phone", "email", "website"):
        if kind in shorthands:
            value = shorthands[kind]
            others = [c for c in contacts if not (c["kind"] == kind and (c["is_primary"] or c["value"] == value))]
            kept = next((c for c in contacts if c["kind"] == kind and c["value"] == value), None)
            is_whatsapp = bool(kept and kept["is_whatsapp"])
            own = [{"kind": kind, "value": value, "is_whatsapp": is_whatsapp, "is_primary": True}] if value else []
            contacts = own + others
    if "whatsapp" in shorthands:
        number = shorthands["whatsapp"]
        contacts = [{**c, "is_whatsapp": c["kind"] == "phone" and c["value"] == number} for c in contacts]
        if number and not any(c["is_whatsapp"] for c in contacts):
            contacts.append({"kind": "phone", "value": number, "is_whatsapp": True, "is_primary": False})
    return _replace_contacts(resource, contacts)


def _write_profile(resource: Resource, members: dict[str, Any], *, replace: bool) -> bool:
    model = PROFILE_MODELS[resource.resource_type]
    manager: Any = model._default_manager  # noqa: SLF001  Django's name for a model's manager
    profile = manager.filter(resource=resource).first()
    before = None if profile is None else {f.attname: getattr(profile, f.attname) for f in model._meta.fields}  # noqa: SLF001
    if profile is None or replace:
        profile = model(resource=resource)
    for name, value in members.items():
        field: Any = model._meta.get_field(name)  # noqa: SLF001  Django's documented Model._meta API
        setattr(profile, name, field.get_default() if value is None and not field.null else value)
    after = {f.attname: getattr(profile, f.attname) for f in model._meta.fields}  # noqa: SLF001
    if after == before:
        return False
    profile.save(force_insert=before is None, force_update=before is not None)
    return True
