"""Bodies of pages, kept once by what they hold, in the storage that no address leads to."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import storages

from apps.ingestion.models import FetchedPage

KEPT_FOR = dt.timedelta(days=90)
PRUNE_BATCH = 500


@dataclass(frozen=True)
class Kept:
    """Where a body is, and its digest (32 hexadecimal digits)."""

    name: str
    digest: str


def digest_of(body: bytes) -> str:
    """What names a body: 32 hexadecimal digits."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def keep(body: bytes) -> Kept:
    """Write a body down, once."""
    digest = digest_of(body)
    name = f"evidence/{digest[:2]}/{digest}.gz"
    if not storages["private"].exists(name):
        name = storages["private"].save(name, ContentFile(gzip.compress(body, 6, mtime=0)))
    return Kept(name, digest)


def read(name: str) -> bytes | None:
    """The body; None when it is gone, or was never kept."""
    if not name:
        return None
    try:
        with storages["private"].open(name) as packed:
            return gzip.decompress(packed.read())
    except (OSError, EOFError):
        return None


def prune(*, at: dt.datetime) -> int:
    """Forget pages that were not read for `KEPT_FOR`, and their bodies when no other page has the same; returns how many pages."""
    count = 0
    while old := list(FetchedPage.objects.filter(fetched_at__lt=at - KEPT_FOR).order_by("pk")[:PRUNE_BATCH]):
        FetchedPage.objects.filter(pk__in=[page.pk for page in old]).delete()
        names = {page.evidence for page in old if page.evidence}
        still = set(FetchedPage.objects.filter(evidence__in=names).values_list("evidence", flat=True))
        for name in names - still:
            storages["private"].delete(name)
        count += len(old)
    return count
