"""Whom the site names for its entries."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from apps.catalog.choices import Status
from apps.ingestion.choices import LawfulBasis
from apps.ingestion.models import RawRecord, Source


def credited_sources() -> list[Source]:
    """Sources whose licence or wish asks to be named, and of which something is published: one statement."""
    published = RawRecord.objects.filter(
        source=OuterRef("pk"), livemode=True, resource__status=Status.ACTIVE, resource__deleted_at=None, resource__livemode=True
    )
    named = Q(lawful_basis=LawfulBasis.OPEN_LICENCE) | ~Q(attribution="")
    return list(Source.objects.filter(named, Exists(published), withdrawn_at=None).order_by("name"))
