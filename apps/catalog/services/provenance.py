"""Which fields of an imported entry a person has fixed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from apps.catalog.models import FieldProvenance, Resource

# What a person changes → name in the provenance table, for what imports may also write.
_IMPORTED = {
    "name": "name", "description_fr": "description", "category": "category", "address_line1": "address_line1", "city": "city",
    "quarter": "city", "latitude": "position", "longitude": "position", "metadata": "metadata", "hours_kind": "hours",
    "hours": "hours", "contacts": "contacts",
}  # fmt: skip


def lock_fields(resource: Resource, changed: Iterable[str], *, by: str, at: dt.datetime) -> None:
    """What a person wrote is no longer overwritten by the source it came from.

    :param changed: columns, `hours` and `contacts`; what no import writes is passed over.
    :param by: "owner" or "staff", kept as the field's source.
    """
    if not resource.source:
        return
    names = {_IMPORTED[name] for name in changed if name in _IMPORTED}
    FieldProvenance.objects.bulk_create(
        [
            FieldProvenance(resource=resource, field=name, source=by, observed_at=at, confidence=1.0, locked_by_owner=True)
            for name in sorted(names)
        ],
        update_conflicts=True,
        unique_fields=["resource", "field"],
        update_fields=["source", "observed_at", "confidence", "locked_by_owner"],
    )
