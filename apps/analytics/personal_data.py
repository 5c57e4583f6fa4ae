"""What statistics hold of a person, for the archive of somebody's own data. Visitors are nobody: they have no name here."""

from __future__ import annotations

from apps.accounts.models import User
from apps.accounts.personal_data import Rows, personal_data
from apps.analytics.models import Report


@personal_data("reports")
def _reports(user: User) -> Rows:
    return (
        Report.objects.filter(user=user)
        .order_by("pk")
        .values(
            "name", "metrics", "dimension", "period", "first", "last", "filters", "format", "schedule", "state", "created_at", "finished_at"
        )
    )
