"""What happens and needs work. Receivers only enqueue."""

from __future__ import annotations

from apps.accounts import events as accounts_events
from apps.analytics import events
from apps.core.background import enqueue
from apps.core.events import receiver


@receiver(events.report_requested, uid="analytics.make_report")
def make_report(*, key: str, report_id: str, **_: object) -> None:  # noqa: ARG001  every receiver takes the key
    """A report has to be made."""
    enqueue("apps.analytics.tasks.make_report", report_id=report_id)


@receiver(accounts_events.account_deleted, uid="analytics.delete_reports")
def delete_reports(*, key: str, user_id: str, **_: object) -> None:  # noqa: ARG001  likewise
    """An account is gone."""
    enqueue("apps.analytics.tasks.delete_reports_of", user_id=user_id)
