"""What the catalogue puts into the archive of somebody's own data."""

from __future__ import annotations

from apps.accounts.models import User
from apps.accounts.personal_data import Rows, personal_data
from apps.catalog.models import Resource


@personal_data("listings")
def listings(user: User) -> Rows:
    """The user's entries, deleted ones included."""
    return (
        Resource.objects.filter(user=user)
        .order_by("created_at")
        .values(
            "id", "slug", "name", "resource_type", "status", "livemode", "description_fr", "description_en",
            "address_line1", "address_line2", "latitude", "longitude", "category__slug", "city__slug",
            "created_at", "updated_at", "published_at", "deleted_at",
        )
        .iterator()
    )  # fmt: skip
