"""What the review page of a pair shows."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from apps.catalog.models import Resource
from apps.core.mercator import project
from apps.ingestion.choices import Verdict
from apps.ingestion.matching.profiles import distance_m
from apps.ingestion.matching.reasons import Explained, explain
from apps.ingestion.models import Merge, Pair
from apps.ingestion.selectors.merging import order_of_survival
from apps.ingestion.selectors.profiles import stored_profiles

# Corners of static/geo/cameroon.svg, in degrees (see catalog.admin.position), and the small plan's size.
_SHEET_NORTH_WEST, _SHEET_SOUTH_EAST = (13.3, 8.2), (1.4, 16.5)
PLAN_WIDTH, PLAN_HEIGHT, _PLAN_MARGIN = 320, 180, 40
_LEAST_SPAN_M = 60.0


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of both entries."""

    label: str
    first: str
    second: str

    @property
    def differs(self) -> bool:
        """Whether both say something, and not the same."""
        return bool(self.first and self.second) and self.first.casefold() != self.second.casefold()


@dataclass(frozen=True, slots=True)
class PairPlan:
    """Both positions: on a plan of their surroundings (pixels as text) and on the country (per cent as text)."""

    points: tuple[tuple[str, str, str], ...]
    country: tuple[tuple[str, str], ...]
    metres: int


@dataclass(frozen=True, slots=True)
class PairPage:
    """A pair side by side. `kept` is the entry that a merge would keep."""

    pair: Pair
    rows: tuple[FieldRow, ...]
    reasons: tuple[Explained, ...]
    plan: PairPlan | None
    kept: Resource
    merge: Merge | None
    next_id: uuid.UUID | None


def waiting_pairs() -> QuerySet[Pair]:
    """The queue: undecided pairs of entries that are still there, best score first."""
    gone = Merge.objects.filter(Q(absorbed=OuterRef("first")) | Q(absorbed=OuterRef("second")), undone_at__isnull=True)
    return (
        Pair.objects.filter(verdict=Verdict.ASK, first__deleted_at__isnull=True, second__deleted_at__isnull=True)
        .filter(~Exists(gone))
        .order_by("-score", "id")
    )


def next_pair(pair: Pair) -> uuid.UUID | None:
    """The pair that follows in the queue, from its beginning after the last one."""
    queue = waiting_pairs().exclude(pk=pair.pk)
    behind = queue.filter(Q(score__lt=pair.score) | Q(score=pair.score, pk__gt=pair.pk))
    return behind.values_list("pk", flat=True).first() or queue.values_list("pk", flat=True).first()


def pair_page(pair_id: uuid.UUID) -> PairPage | None:
    """Everything the page shows of a pair; None when there is none."""
    pair = (
        Pair.objects.select_related("decided_by")
        .prefetch_related(
            *(f"{side}__{part}" for side in ("first", "second") for part in ("contacts", "images", "category", "city", "quarter", "user"))
        )
        .filter(pk=pair_id)
        .first()
    )
    if pair is None:
        return None
    ids = (pair.first_id, pair.second_id)
    merge = Merge.objects.filter(survivor__in=ids, absorbed__in=ids, undone_at__isnull=True).order_by(F("merged_at").desc()).first()
    kept = order_of_survival([pair.first, pair.second])[0]
    return PairPage(
        pair=pair, rows=tuple(_rows(pair.first, pair.second)), reasons=tuple(explain(pair.reasons)), plan=_plan(pair), kept=kept,
        merge=merge, next_id=next_pair(pair),
    )  # fmt: skip


def _rows(first: Resource, second: Resource) -> Iterator[FieldRow]:
    names = {
        "name": _("Nom"), "category": _("Catégorie"), "status": _("Modération"), "user": _("Propriétaire"), "city": _("Ville"),
        "quarter": _("Quartier"), "address_line1": _("Adresse"), "landmark_fr": _("Repère"), "po_box": _("Boîte postale"),
        "phone": _("Téléphones"), "email": _("E-mail"), "website": _("Site"), "description_fr": _("Description"), "images": _("Photos"),
        "source": _("Source"),
    }  # fmt: skip
    for field, label in names.items():
        values = [_value(resource, field) for resource in (first, second)]
        if any(values):
            yield FieldRow(label, *values)


def _value(resource: Resource, field: str) -> str:
    if field == "status":
        return str(resource.get_status_display())
    if field in {"phone", "email", "website"}:
        return ", ".join(contact.value for contact in resource.contacts.all() if contact.kind == field)
    if field == "images":
        count = len(resource.images.all())
        return str(count) if count else ""
    value = getattr(resource, field)
    return str(value)[:300] if value else ""


def _plan(pair: Pair) -> PairPlan | None:
    placed = [resource for resource in (pair.first, pair.second) if resource.latitude is not None and resource.longitude is not None]
    if len(placed) < 2:
        return None
    positions = [(float(resource.latitude or 0), float(resource.longitude or 0)) for resource in placed]
    profiles = stored_profiles([resource.pk for resource in placed])
    metres = distance_m(profiles[placed[0].pk], profiles[placed[1].pk]) or 0.0
    flat = [project(*position) for position in positions]
    middle = [sum(point[axis] for point in flat) / 2 for axis in (0, 1)]
    # A degree is about 111 km: two places of one house lie in the middle and not in the corners.
    span = max(
        *(abs(flat[0][axis] - flat[1][axis]) * factor for axis, factor in ((0, 1.0), (1, PLAN_WIDTH / PLAN_HEIGHT))),
        _LEAST_SPAN_M / 111_195,
    )
    scale = (PLAN_WIDTH - 2 * _PLAN_MARGIN) / span
    points = tuple(
        (letter, f"{PLAN_WIDTH / 2 + (x - middle[0]) * scale:.1f}", f"{PLAN_HEIGHT / 2 + (y - middle[1]) * scale:.1f}")
        for letter, (x, y) in zip("AB", flat, strict=True)
    )
    left, top = project(*_SHEET_NORTH_WEST)
    right, bottom = project(*_SHEET_SOUTH_EAST)
    country = tuple((f"{100 * (x - left) / (right - left):.2f}", f"{100 * (y - top) / (bottom - top):.2f}") for x, y in flat)
    return PairPlan(points, country, round(metres))
