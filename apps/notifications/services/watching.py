"""Looks for silence: tasks that do not run, messages that do not leave. Who looks after the system is told, with the page that helps."""

from __future__ import annotations

import datetime as dt

import httpx
import structlog
from django.conf import settings
from django.db.models import Count, Q
from django.utils import translation
from prometheus_client import Counter

from apps.accounts.models import User
from apps.core import heartbeats
from apps.notifications.choices import Channel
from apps.notifications.models import DeliveryAttempt
from apps.notifications.services import notifying

logger = structlog.get_logger(__name__)
ALARMS = Counter("notifications_alarms_total", "Alarms of the watch, by kind.", ["kind"])
# Failures of the last quarter of an hour count from twenty tries on: one dead address is no alarm.
WINDOW = dt.timedelta(minutes=15)
TRIED_MIN, FAILED_PERCENT = 20, 20
PERMISSION = "notifications.view_delivery"
STAFF_MAX = 50
PING_S = 5.0


def watch(*, at: dt.datetime) -> int:
    """Tell the staff what is silent or fails, once an hour each; returns how many alarms there were."""
    _ping()
    return _watch_tasks(at=at) + _watch_deliveries(at=at)


def _watch_tasks(*, at: dt.datetime) -> int:
    overdue = heartbeats.silent()
    for task, age_s in overdue.items():
        logger.error("task_silent", task=task, age_s=round(age_s))
        context = {"task": task.removeprefix("apps."), "minutes": int(age_s // 60)}
        _tell("beat_silent", context, f"silent:{task}:{at:%Y%m%dT%H}", at=at)
    return len(overdue)


def _watch_deliveries(*, at: dt.datetime) -> int:
    recent = DeliveryAttempt.objects.filter(at__gte=at - WINDOW, at__lte=at)
    counts = recent.values("delivery__channel").annotate(tried=Count("pk"), failed=Count("pk", filter=~Q(error="")))
    count = 0
    for row in counts:
        percent = 100 * row["failed"] // row["tried"]
        if row["tried"] < TRIED_MIN or percent < FAILED_PERCENT:
            continue
        count += 1
        channel = row["delivery__channel"]
        logger.error("deliveries_failing", channel=channel, failed=row["failed"], tried=row["tried"])
        context = {"channel": channel, "failed": row["failed"], "tried": row["tried"], "percent": percent}
        _tell("deliveries_failing", context, f"failing:{channel}:{at:%Y%m%dT%H}", at=at)
    return count


def _tell(name: str, context: dict[str, object], dedup_key: str, *, at: dt.datetime) -> None:
    ALARMS.labels(name).inc()
    staff = User.objects.filter(is_staff=True, is_active=True, deleted_at=None).order_by("pk")[:STAFF_MAX]
    base = f"{settings.SITE_URL}/admin/notifications/delivery/"
    for user in [one for one in staff if one.has_perm(PERMISSION)]:
        with translation.override(user.language):
            channel = str(Channel(str(context["channel"])).label) if "channel" in context else ""
        values = {**context, **({"channel": channel} if channel else {}), "runbook": f"{base}runbook/#{name}"}
        notifying.notify(name, user=user, context=values, url=base, dedup_key=dedup_key, at=at)


def _ping() -> None:
    """Tell a monitor elsewhere that beat and workers live: when it hears nothing more, it alarms."""
    if not settings.HEARTBEAT_URL:
        return
    try:
        httpx.get(settings.HEARTBEAT_URL, timeout=PING_S, follow_redirects=False)
    except httpx.HTTPError as error:
        logger.warning("heartbeat_unheard", error=type(error).__name__)
