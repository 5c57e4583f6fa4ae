"""Which of two entries survives a merge."""

from __future__ import annotations

from collections.abc import Iterable

from apps.catalog.choices import HoursKind
from apps.catalog.models import Resource

_FIELDS = (
    "name_en", "description_fr", "description_en", "category_id", "address_line1", "city_id", "quarter_id", "po_box", "latitude",
    "landmark_fr", "directions_fr", "attributes", "metadata",
)  # fmt: skip


def fullness(resource: Resource) -> int:
    """How many things an entry says; what visitors see counts most, so that nothing disappears by a merge."""
    said = sum(bool(getattr(resource, field)) for field in _FIELDS) + (resource.hours_kind != HoursKind.UNKNOWN)
    return said + resource.contacts.count() + resource.images.count() + 100 * resource.is_public


def order_of_survival(resources: Iterable[Resource]) -> list[Resource]:
    """The survivor first: the owned one, then the higher rank, then the fuller, then the older one."""
    return sorted(
        resources,
        key=lambda one: (one.user_id is None, -(one.plan_rank or 0), -fullness(one), one.created_at, one.pk),
    )
