"""Two entries of one place become one, and two again."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.catalog import events as catalog_events
from apps.catalog.choices import HoursKind, Status
from apps.catalog.models import Category, ContactPoint, OpeningInterval, Resource, ResourceImage, SlugHistory, SpecialDay
from apps.catalog.services.records import save_change
from apps.core import events
from apps.ingestion.exceptions import MergeRefused
from apps.ingestion.models import Merge, Pair, RawRecord
from apps.ingestion.selectors.merging import order_of_survival
from apps.ingestion.services.match_keys import refresh_match_keys
from apps.ingestion.services.row_states import put_back, read_state
from apps.ingestion.services.survivorship import refold

# What the survivor takes where it says nothing.
_FILLED: tuple[tuple[str, ...], ...] = (
    ("name_en",), ("description_fr",), ("description_en",), ("category",), ("address_line1",), ("address_line2",), ("city", "quarter"),
    ("po_box",), ("postal_code",), ("latitude", "longitude", "accuracy_m"), ("landmark_fr",), ("landmark_en",), ("directions_fr",),
    ("directions_en",), ("meta_title",), ("meta_description",),
)  # fmt: skip


@transaction.atomic
def merge_entries(
    *, first_id: uuid.UUID, second_id: uuid.UUID, at: dt.datetime, actor: User | None = None, pair: Pair | None = None
) -> Merge:
    """Make one entry of two: the survivor keeps its id and address, the other answers with them.

    The owned one survives, then the one of higher rank, then the fuller one. It gets the records, pictures, contacts and former
    addresses of the other, and its fields are folded anew from all records; what its owner wrote stays. Harmless when repeated:
    the same two give the merge there is.

    :param actor: None when nobody was asked; two owned entries are never merged so.
    :raises MergeRefused: one of them is deleted, of the test mode or merged into a third, or both are owned and nobody was asked.
    """
    rows = list(Resource.objects.filter(pk__in={first_id, second_id}).order_by("pk").select_for_update(no_key=True))
    existing = Merge.objects.filter(survivor__in=rows, absorbed__in=rows, undone_at__isnull=True).first()
    if existing is not None:
        return existing
    _check(rows, is_asked=actor is not None)
    survivor, absorbed = order_of_survival(rows)
    ids = [survivor.pk, absorbed.pk]
    was_public = {row.pk: row.is_public for row in rows}
    before = read_state(ids)
    fields = _fill(survivor, absorbed)
    _move_parts(survivor, absorbed)
    _move_addresses(survivor, absorbed, at=at)
    RawRecord.objects.filter(resource=absorbed).update(resource=survivor)
    absorbed.status = Status.ARCHIVED
    save_change(absorbed, ["status"], at=at, was_public=was_public[absorbed.pk])
    save_change(survivor, fields, at=at, was_public=was_public[survivor.pk])
    _refold([survivor.pk], at=at)
    merge = Merge.objects.create(
        survivor=survivor, absorbed=absorbed, pair=pair, before={"before": before, "after": read_state(ids)}, merged_by=actor, merged_at=at
    )
    refresh_match_keys(ids)
    _announce(catalog_events.resource_merged, merge)
    return merge


@transaction.atomic
def undo_merge(*, merge_id: uuid.UUID, at: dt.datetime, actor: User | None = None) -> Merge:
    """Make two entries again: the absorbed one exactly as it was, the survivor, too, but for what was written since.

    Only `version` and `updated_at` go on, so that nobody who read the merged entry overwrites it unseen. Harmless when repeated.

    :raises MergeRefused: the survivor was merged into another entry meanwhile; that merge has to be undone first.
    """
    merge = Merge.objects.select_for_update().get(pk=merge_id)
    if merge.undone_at is not None:
        return merge
    ids = [merge.survivor_id, merge.absorbed_id]
    rows = {row.pk: row for row in Resource.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)}
    later = Merge.objects.filter(absorbed=merge.survivor_id, undone_at__isnull=True).select_related("survivor").first()
    if later is not None:
        detail = _("La fiche gardée a été fondue depuis dans « %(name)s ». Défaites d’abord cette fusion-là.") % {
            "name": later.survivor.name
        }
        raise MergeRefused(detail)
    was_public = {pk: row.is_public for pk, row in rows.items()}
    is_touched = put_back(
        survivor_id=merge.survivor_id, absorbed_id=merge.absorbed_id, before=merge.before["before"], after=merge.before["after"]
    )
    merge.undone_at, merge.undone_by = at, actor
    merge.save(update_fields=["undone_at", "undone_by"])
    for row in Resource.objects.filter(pk__in=ids).order_by("pk"):
        save_change(row, [], at=at, was_public=was_public[row.pk])
    if is_touched:
        # Records came or went, or another merge stands between: what the records of each say now counts.
        _refold(ids, at=at)
    refresh_match_keys(ids)
    _announce(catalog_events.resource_unmerged, merge)
    return merge


def _check(rows: list[Resource], *, is_asked: bool) -> None:
    if len(rows) != 2:
        raise MergeRefused(_("Il faut deux fiches différentes qui existent encore."))
    if any(row.deleted_at is not None for row in rows):
        raise MergeRefused(_("Une fiche supprimée ne peut pas être fondue ; restaurez-la d’abord."))
    if not all(row.livemode for row in rows):
        raise MergeRefused(_("Les fiches d’essai ne sont pas fondues."))
    if Merge.objects.filter(absorbed__in=rows, undone_at__isnull=True).exists():
        raise MergeRefused(_("L’une des deux a déjà été fondue dans une autre fiche."))
    if rows[0].resource_type != rows[1].resource_type:
        raise MergeRefused(_("Deux fiches de types différents ne peuvent pas être fondues."))
    if not is_asked and all(row.user_id is not None for row in rows):
        raise MergeRefused(_("Deux fiches qui ont un propriétaire ne sont fondues que par l’équipe."))


def _fill(survivor: Resource, absorbed: Resource) -> list[str]:
    """Take what the survivor lacks; returns the fields that changed."""
    changed: list[str] = []
    for group in _FILLED:
        if getattr(survivor, group[0]) in (None, "") and getattr(absorbed, group[0]) not in (None, ""):
            for field in group:
                setattr(survivor, field, getattr(absorbed, field))
            changed += group
    if survivor.quarter is not None and survivor.quarter.city_id != survivor.city_id:
        survivor.quarter = None
        changed.append("quarter")
    missing = [attribute for attribute in absorbed.attributes if attribute not in survivor.attributes]
    if missing:
        survivor.attributes = [*survivor.attributes, *missing]
        changed.append("attributes")
    if survivor.hours_kind == HoursKind.UNKNOWN and absorbed.hours_kind != HoursKind.UNKNOWN:
        survivor.hours_kind = absorbed.hours_kind
        changed.append("hours_kind")
        OpeningInterval.objects.filter(resource=survivor).delete()
        OpeningInterval.objects.filter(resource=absorbed).update(resource=survivor)
        if not SpecialDay.objects.filter(resource=survivor).exists():
            SpecialDay.objects.filter(resource=absorbed).update(resource=survivor)
    return changed


def _move_parts(survivor: Resource, absorbed: Resource) -> None:
    """Contacts that the survivor lacks, and pictures; its own stay the first ones."""
    known = set(ContactPoint.objects.filter(resource=survivor).values_list("kind", "value"))
    with_primary = {kind for kind, _value in ContactPoint.objects.filter(resource=survivor, is_primary=True).values_list("kind", "value")}
    last = len(known)
    for contact in ContactPoint.objects.filter(resource=absorbed):
        if (contact.kind, contact.value) not in known:
            contact.resource, contact.is_primary, contact.order_index = (
                survivor,
                contact.is_primary and contact.kind not in with_primary,
                last,
            )
            contact.save(update_fields=["resource", "is_primary", "order_index"])
            last += 1
    own = ResourceImage.objects.filter(resource=survivor)
    hashes = set(own.exclude(sha256="").values_list("sha256", flat=True))
    has_primary, last = own.filter(is_primary=True).exists(), own.count()
    for image in ResourceImage.objects.filter(resource=absorbed):
        if image.sha256 not in hashes:
            image.resource, image.is_primary, image.order_index = survivor, image.is_primary and not has_primary, last
            image.save(update_fields=["resource", "is_primary", "order_index"])
            last += 1


def _move_addresses(survivor: Resource, absorbed: Resource, *, at: dt.datetime) -> None:
    """What led to the other entry leads to the survivor: its address, its former ones, and its id."""
    SlugHistory.objects.filter(resource=absorbed).update(resource=survivor)
    SlugHistory.objects.bulk_create(
        [SlugHistory(slug=slug, resource=survivor, created_at=at) for slug in (absorbed.slug, str(absorbed.pk))], ignore_conflicts=True
    )


def _refold(ids: Iterable[uuid.UUID], *, at: dt.datetime) -> None:
    refold(ids, at=at, other_category=Category.objects.values_list("pk", flat=True).get(slug="autres"))


def _announce(event: events.Event, merge: Merge) -> None:
    events.publish(event, key=merge.survivor_id, survivor_id=str(merge.survivor_id), absorbed_id=str(merge.absorbed_id))
