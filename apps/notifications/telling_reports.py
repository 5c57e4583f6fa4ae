"""Reports that are ready, the week of an owner, keys that end soon."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import ApiKey, User
from apps.analytics.choices import ReportState
from apps.analytics.figures import Period
from apps.analytics.models import ListingDay, Report
from apps.analytics.report_links import link_token
from apps.catalog.choices import Status
from apps.catalog.models import Resource
from apps.notifications.models import Notification
from apps.notifications.services import notifying
from apps.notifications.telling import page_address

# Days before a key ends at which its owner is told.
KEY_DAYS = (7, 1)
PEOPLE_MAX, LISTINGS_MAX, KEYS_MAX = 500, 1000, 5000
STATISTICS_PAGE = "web:statistics"
# Who looks at the page of a report that takes no longer sees that it is ready.
WAITED = dt.timedelta(minutes=1)
# Summaries are ready when the office opens.
SUMMARY_HOUR, SUMMARY_WEEKDAY = 7, 0


def tell_report_ready(*, report_id: uuid.UUID, scheduled: bool, at: dt.datetime) -> None:
    """Write that a report can be downloaded, once each time it is made: a scheduled one, or one that its reader did not wait for."""
    report = Report.objects.select_related("user").filter(pk=report_id, user__deleted_at=None).exclude(file="").first()
    if report is None or report.finished_at is None:
        return
    if not scheduled and report.finished_at - report.created_at < WAITED:
        return
    _tell_report("report_ready", report, {"download_url": _download_url(report)}, at=at)


def tell_report_failed(*, report_id: uuid.UUID, at: dt.datetime) -> None:
    """Write that a report could not be made, once each time; nothing of one that is being made again."""
    report = Report.objects.select_related("user").filter(pk=report_id, user__deleted_at=None, state=ReportState.FAILED).first()
    if report is not None:
        _tell_report("report_failed", report, {"scheduled": bool(report.schedule)}, at=at)


def _tell_report(message: str, report: Report, context: dict[str, object], *, at: dt.datetime) -> None:
    key = f"report:{report.pk}:{report.attempt}"
    url = page_address(report.user, "web:report", str(report.pk))
    notifying.notify(message, user=report.user, context={"report": report.name, **context}, url=url, dedup_key=key, at=at)


def tell_expiring_keys(*, at: dt.datetime) -> int:
    """Write to the owners of keys that end within a week, and within a day; returns how many were told. Harmless when repeated."""
    count = 0
    for days in sorted(KEY_DAYS):
        end = at + dt.timedelta(days=days)
        soon = ApiKey.objects.filter(is_active=True, replaced_by=None, expires_at__gt=at, expires_at__lte=end, user__deleted_at=None)
        for key in soon.select_related("user").order_by("expires_at")[:KEYS_MAX]:
            if key.expires_at is not None:
                count += _tell_key(key, key.expires_at, days=days, at=at)
    return count


def _tell_key(key: ApiKey, end: dt.datetime, *, days: int, at: dt.datetime) -> bool:
    # Within the last day the word of the week before is not repeated.
    if days > min(KEY_DAYS) and end <= at + dt.timedelta(days=min(KEY_DAYS)):
        return False
    context = {"key_name": key.name, "key_shown": str(key), "days": days, "end": end.isoformat()}
    url = page_address(key.user, "web:developer_key", str(key.pk))
    dedup_key = f"key:{key.pk}:{end:%Y-%m-%d}:{days}"
    return notifying.notify("key_expiring", user=key.user, context=context, url=url, dedup_key=dedup_key, at=at) is not None


def tell_weekly_summaries(*, at: dt.datetime) -> int:
    """Write to owners what their listings brought last week; returns how many were told. A week without any view is told to nobody.

    It is asked often, so that a Monday without workers is made up for during the week.
    """
    local = timezone.localtime(at)
    monday = local.date() - dt.timedelta(days=local.weekday())
    if local.date() == monday and local.hour < SUMMARY_HOUR:
        return 0
    week = Period(monday - dt.timedelta(days=7), monday - dt.timedelta(days=1))
    key = f"week:{week.first}"
    told = Notification.objects.filter(message="weekly_summary", dedup_key=key).values("user")
    seen = ListingDay.objects.filter(day__range=(week.first, week.last), views__gt=0).values("resource_number")
    people = _live().filter(number__in=seen, user__deleted_at=None).exclude(user=None).exclude(user__in=told)
    users = people.order_by("user").values_list("user", flat=True).distinct()[:PEOPLE_MAX]
    return sum(_tell_week(user_id, week, key, at=at) for user_id in users if user_id)


def _tell_week(user_id: uuid.UUID, week: Period, key: str, *, at: dt.datetime) -> bool:
    user = User.objects.get(pk=user_id)
    names = {row.number: row.name_in(user.language) for row in _live().filter(user=user).order_by("number")[:LISTINGS_MAX]}
    days = ListingDay.objects.filter(resource_number__in=names, day__range=(week.before.first, week.last))
    last_week, week_before = days.filter(day__gte=week.first), days.filter(day__lt=week.first)
    best = last_week.values("resource_number").annotate(sum=Sum("views")).order_by("-sum", "resource_number").first()
    views, contacts = _sums(last_week)
    views_before, contacts_before = _sums(week_before)
    context = {
        "first": week.first.isoformat(), "last": week.last.isoformat(), "listings": len(names), "views": views, "contacts": contacts,
        "views_before": views_before, "contacts_before": contacts_before, "best": names[best["resource_number"]] if best else "",
    }  # fmt: skip
    url = page_address(user, STATISTICS_PAGE)
    return notifying.notify("weekly_summary", user=user, context=context, url=url, dedup_key=key, at=at) is not None


def _download_url(report: Report) -> str:
    return f"{settings.SITE_URL}{reverse('v1:report_file', args=[report.pk])}?signature={link_token(report)}"


def _sums(days: QuerySet[ListingDay]) -> tuple[int, int]:
    sums = days.aggregate(seen=Sum("views", default=0), reached=Sum("contacts", default=0))
    return sums["seen"], sums["reached"]


def _live() -> QuerySet[Resource]:
    live: QuerySet[Resource] = Resource.objects.filter(status=Status.ACTIVE, deleted_at=None, livemode=True)
    return live
