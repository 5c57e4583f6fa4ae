"""What search puts into the archive of somebody's own data. What was searched is not known of anybody."""

from __future__ import annotations

from apps.accounts.models import User
from apps.accounts.personal_data import Rows, personal_data
from apps.search.models import SavedSearch


@personal_data("saved_searches")
def saved(user: User) -> Rows:
    """The searches that the user keeps, and those removed within the last day."""
    rows: Rows = SavedSearch.objects.filter(user=user).order_by("created_at").values("name", "query", "created_at", "removed_at")
    return rows
