"""Counts of calls on their way from Redis to PostgreSQL, once a minute, each exactly once."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping

import redis
from django.conf import settings
from django.db import connection, transaction

from apps.accounts.events import quota_reached
from apps.accounts.limits.admission import PENDING, ZONE, flush_local, month_of
from apps.accounts.limits.script import counter
from apps.accounts.models import ApiUsage, QuotaAlert, UsageFlush, User
from apps.accounts.selectors.usage import forecast_day
from apps.core import events

ALERTS = (50, 80, 100)
KEPT_MONTHS = 25
_LETTERS = {"c": "calls", "u": "units", "r": "refused", "e": "errors"}
# Users and keys that were deleted meanwhile have no counts any more.
_ADD = """
INSERT INTO api_usage (day, user_id, key_id, operation, calls, units, refused, errors)
SELECT n.day, n.user_id, k.id, n.operation, sum(n.calls), greatest(sum(n.units), 0), sum(n.refused), sum(n.errors)
FROM unnest(%s::date[], %s::uuid[], %s::uuid[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
    AS n(day, user_id, key_id, operation, calls, units, refused, errors)
JOIN users u ON u.id = n.user_id
LEFT JOIN api_keys k ON k.id = n.key_id
GROUP BY n.day, n.user_id, k.id, n.operation
ORDER BY n.user_id, n.day, k.id, n.operation
ON CONFLICT (user_id, day, key_id, operation) DO UPDATE SET calls = api_usage.calls + excluded.calls,
    units = greatest(api_usage.units + excluded.units, 0), refused = api_usage.refused + excluded.refused,
    errors = api_usage.errors + excluded.errors
"""
_TOTALS = """
UPDATE users u SET api_usage = t.units FROM (
    SELECT n.id, coalesce((SELECT sum(units) FROM api_usage a WHERE a.user_id = n.id AND a.day >= %s), 0) AS units
    FROM unnest(%s::uuid[]) n(id)
) t WHERE u.id = t.id RETURNING u.id, u.api_usage, u.api_quota
"""


def flush_usage(*, at: dt.datetime) -> int:
    """Add what Redis counted to `ApiUsage`; returns the number of counted groups.

    The hash is renamed first, so that counting goes on beside; its batch is remembered in the transaction that adds it.
    Whoever finds a renamed hash finishes it: one that was added but not yet deleted is only deleted.
    """
    flush_local()
    client = counter.client()
    pending = f"{settings.CACHE_KEY_PREFIX}:{PENDING}"
    done = 0
    for name in [*client.scan_iter(f"{pending}:*", count=1000), _renamed(client, pending)]:
        if name is None:
            continue
        text = name.decode() if isinstance(name, bytes) else str(name)
        counts = {bytes(field).decode(): int(number) for field, number in client.hgetall(text).items()}  # type: ignore[arg-type]  # answers are bytes
        done += add_usage(batch_id=uuid.UUID(text.rsplit(":", 1)[1]), counts=counts, at=at)
        client.delete(text)
    return done


def _renamed(client: redis.Redis, pending: str) -> str | None:
    name = f"{pending}:{uuid.uuid4()}"
    try:
        client.rename(pending, name)
    except redis.ResponseError:
        return None
    return name


@transaction.atomic
def add_usage(*, batch_id: uuid.UUID, counts: Mapping[str, int], at: dt.datetime) -> int:
    """Add a batch of counts, unless it was added before; returns the number of its groups.

    :param counts: by `day|user|key|operation|` and the letter of the column (c, u, r, e).
    """
    groups: defaultdict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_LETTERS.values(), 0))
    for field, number in counts.items():
        groups[field[:-1]][_LETTERS[field[-1]]] = number
    _flush, is_new = UsageFlush.objects.get_or_create(batch_id=batch_id)
    if not is_new or not groups:
        return 0
    parts = [name.split("|") for name in groups]
    columns = [[int(values[name]) for values in groups.values()] for name in _LETTERS.values()]
    users = sorted({part[1] for part in parts})
    # In the order in which everybody locks users.
    list(User.objects.select_for_update(of=("self",)).filter(pk__in=users).order_by("pk").values_list("pk"))
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD,
            [
                [part[0] for part in parts],
                [part[1] for part in parts],
                [part[2] or None for part in parts],
                [part[3] for part in parts],
                *columns,
            ],
        )
        cursor.execute(_TOTALS, [month_of(at), users])
        totals = cursor.fetchall()
    for user_id, used, quota in totals:
        _warn(user_id, used=used, quota=quota, at=at)
    return len(groups)


def _warn(user_id: uuid.UUID, *, used: int, quota: int, at: dt.datetime) -> None:
    """Tell that a share of the quota is used: each share once a month, and the highest alone when several are passed at once."""
    month, today = month_of(at), at.astimezone(ZONE).date()
    passed = [percent for percent in ALERTS if quota and used * 100 >= quota * percent]
    if not passed:
        return
    known = set(QuotaAlert.objects.filter(user=user_id, month=month).values_list("percent", flat=True))
    new = [percent for percent in passed if percent not in known]
    QuotaAlert.objects.bulk_create([QuotaAlert(user_id=user_id, month=month, percent=percent) for percent in new], ignore_conflicts=True)
    if new and max(new) > max(known, default=0):
        forecast = forecast_day(used=used, quota=quota, today=today)
        events.publish(
            quota_reached, key=user_id, user_id=str(user_id), percent=max(new), used=used, quota=quota, month=month.isoformat(),
            forecast=forecast.isoformat() if forecast else None,
        )  # fmt: skip


def begin_month(*, at: dt.datetime) -> int:
    """Set the month's total of users to 0 who have not called since it began; returns how many."""
    active = ApiUsage.objects.filter(day__gte=month_of(at)).values("user")
    return User.objects.filter(api_usage__gt=0).exclude(pk__in=active).update(api_usage=0)


def prune_usage(*, at: dt.datetime) -> int:
    """Forget counts after 25 months and batches after a week; returns how many counts."""
    UsageFlush.objects.filter(created_at__lt=at - dt.timedelta(days=7)).delete()
    return ApiUsage.objects.filter(day__lt=at.date() - dt.timedelta(days=31 * KEPT_MONTHS)).delete()[0]
