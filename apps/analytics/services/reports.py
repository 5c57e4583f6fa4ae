"""Reports: asked for, made by a worker, kept for a week, made again on their days."""

from __future__ import annotations

import datetime as dt
import tempfile
import uuid
from collections.abc import Callable

import structlog
from django.core.files import File
from django.db import transaction
from django.db.models import F, Q

from apps.accounts.models import User
from apps.analytics import events as analytics_events
from apps.analytics import periods
from apps.analytics.choices import Dimension, Metric, ReportPeriod, ReportState, Schedule
from apps.analytics.constants import ZONE
from apps.analytics.exceptions import TooManyReports
from apps.analytics.figures import Period
from apps.analytics.models import Report
from apps.analytics.report_rules import Filters, ReportSpec, days_of, refusals
from apps.analytics.selectors.report_rows import report_rows
from apps.analytics.selectors.reports import listings_of, own_report, unknown_filters
from apps.analytics.services.report_files import write_file
from apps.core import events
from apps.core.clock import now
from apps.core.exceptions import FieldsInvalid

log = structlog.get_logger(__name__)

REPORTS_MAX = 50
KEPT_FOR, ROW_KEPT_FOR = dt.timedelta(days=7), dt.timedelta(days=90)
# A worker says after each month read that it lives; who is silent for so long is dead.
SILENT_FOR = dt.timedelta(minutes=2)
# So often a report is begun before it is given up: one that kills its worker must not do so for ever.
TRIES_MAX = 3
# Scheduled reports are made at this hour in Cameroon, when the day before is counted.
SEND_HOUR = 6
PRUNE_BATCH = 500
FOLDER = "reports"


class _Overtaken(Exception):
    """Another worker has the report now, or it is gone: what this one made is thrown away."""


@transaction.atomic
def create_report(*, user: User, livemode: bool, spec: ReportSpec, at: dt.datetime) -> Report:
    """Save a report and have it made.

    :raises FieldsInvalid: what cannot be counted, or names what is not the user's; names each member.
    :raises TooManyReports: `REPORTS_MAX` are kept.
    """
    User.objects.select_for_update().get(pk=user.pk)
    if errors := [*refusals(spec, at=at), *unknown_filters(user, livemode=livemode, filters=spec.filters)]:
        raise FieldsInvalid([(f"/{name}", code, detail) for name, code, detail in errors])
    if Report.objects.filter(user=user).count() >= REPORTS_MAX:
        raise TooManyReports
    days = days_of(spec, at=at)
    report = Report.objects.create(
        user=user, livemode=livemode, name=spec.name.strip(), metrics=[str(metric) for metric in dict.fromkeys(spec.metrics)],
        dimension=spec.dimension, period=spec.period, first=days.first, last=days.last, filters=spec.filters.as_json(), format=spec.format,
        language=spec.language, schedule=spec.schedule, next_at=next_turn(spec.schedule, after=at), created_at=at, touched_at=at,
    )  # fmt: skip
    events.publish(analytics_events.report_requested, key=report.pk, report_id=str(report.pk))
    return report


@transaction.atomic
def delete_report(*, user: User, livemode: bool | None, report_id: uuid.UUID) -> None:
    """Delete a report with its file; a scheduled one is made no more. :raises NotFound: not a report of this person."""
    _delete(own_report(user, livemode=livemode, report_id=report_id, locked=True))


def make_report(*, report_id: uuid.UUID, clock: Callable[[], dt.datetime] = now) -> bool:
    """Make the file; False when there is nothing to do. Harmless when repeated, or begun by two workers.

    A worker that dies leaves the report running; `waiting_reports` finds it and another worker begins anew.
    """
    report = _begin(report_id, at=clock())
    if report is None:
        return False
    log.info("report_begun", report_id=str(report.pk), attempt=report.attempt)
    try:
        _make(report, clock)
    except _Overtaken:
        log.info("report_overtaken", report_id=str(report.pk), attempt=report.attempt)
        return False
    return True


def waiting_reports(*, at: dt.datetime) -> list[uuid.UUID]:
    """Reports to hand to a worker again: their worker died, or the broker lost them. Gives up those that failed too often."""
    silent = Report.objects.filter(state__in=(ReportState.QUEUED, ReportState.RUNNING), touched_at__lt=at - SILENT_FOR)
    for report in silent.filter(tries__gte=TRIES_MAX)[:PRUNE_BATCH]:
        _give_up(report, at=at)
    return list(silent.filter(tries__lt=TRIES_MAX).order_by("touched_at").values_list("pk", flat=True)[:PRUNE_BATCH])


def begin_scheduled(*, at: dt.datetime) -> int:
    """Have the reports made whose day has come; returns how many. One that is still being made waits for its next day."""
    due = list(Report.objects.filter(~Q(schedule=""), next_at__lte=at).order_by("next_at").values_list("pk", flat=True)[:PRUNE_BATCH])
    return sum(_begin_again(report_id, at=at) for report_id in due)


def prune_reports(*, at: dt.datetime) -> int:
    """Remove files after a week, and rows that nobody scheduled after ninety days; returns how many files."""
    old = list(Report.objects.filter(state=ReportState.READY, expires_at__lt=at)[:PRUNE_BATCH])
    for report in old:
        with transaction.atomic():
            locked = Report.objects.select_for_update().get(pk=report.pk)
            if locked.state != ReportState.READY or locked.expires_at is None or locked.expires_at >= at:
                continue
            _remove_file(locked.file.name)
            locked.file, locked.size, locked.state = "", 0, ReportState.EXPIRED
            locked.save(update_fields=["file", "size", "state"])
    _remove_orphans(at)
    Report.objects.filter(schedule="", state__in=(ReportState.EXPIRED, ReportState.FAILED), created_at__lt=at - ROW_KEPT_FOR).delete()
    return len(old)


@transaction.atomic
def delete_reports_of(*, user_id: uuid.UUID) -> int:
    """Delete all reports of a person whose account is gone, with their files; returns how many."""
    reports = list(Report.objects.select_for_update().filter(user_id=user_id).order_by("pk"))
    for report in reports:
        _delete(report)
    return len(reports)


def next_turn(schedule: str, *, after: dt.datetime) -> dt.datetime | None:
    """When a schedule's next day begins to count: the next Monday or first of a month, in the morning; None for none."""
    if schedule == Schedule.NEVER:
        return None
    today = periods.today(after)
    day = today + dt.timedelta(days=7 - today.weekday()) if schedule == Schedule.WEEKLY else periods.months_before(today, -1)
    return dt.datetime.combine(day, dt.time(SEND_HOUR), ZONE)


@transaction.atomic
def _begin(report_id: uuid.UUID, *, at: dt.datetime) -> Report | None:
    report = Report.objects.select_for_update().filter(pk=report_id).first()
    if report is None or report.state not in {ReportState.QUEUED, ReportState.RUNNING}:
        return None
    if report.state == ReportState.RUNNING and report.touched_at > at - SILENT_FOR:
        return None
    if report.tries >= TRIES_MAX:
        _give_up(report, at=at)
        return None
    report.state, report.progress, report.touched_at = ReportState.RUNNING, 0, at
    report.attempt, report.tries = report.attempt + 1, report.tries + 1
    report.save(update_fields=["state", "progress", "touched_at", "attempt", "tries"])
    return report


def _make(report: Report, clock: Callable[[], dt.datetime]) -> None:
    """Read, write and hand over. :raises _Overtaken: the report is no longer this worker's."""

    def tell(percent: int) -> None:
        # The last percent is the file.
        mine = Report.objects.filter(pk=report.pk, attempt=report.attempt, state=ReportState.RUNNING)
        if not mine.update(progress=min(percent, 99), touched_at=clock()):
            raise _Overtaken

    filters = Filters.from_json(report.filters)
    rows = report_rows(
        listings_of(report.user_id, livemode=report.livemode, only=filters.resources),
        metrics=[Metric(metric) for metric in report.metrics],
        dimension=Dimension(report.dimension),
        period=Period(report.first, report.last),
        filters=filters,
        language=report.language,
        on_progress=tell,
    )
    with tempfile.TemporaryFile() as target:
        write_file(report, rows, target)
        target.seek(0)
        _hand_over(report, File(target), len(rows), at=clock())


@transaction.atomic
def _hand_over(report: Report, file: File[bytes], rows: int, *, at: dt.datetime) -> None:
    locked = Report.objects.select_for_update().filter(pk=report.pk, attempt=report.attempt, state=ReportState.RUNNING).first()
    if locked is None:
        raise _Overtaken
    former, dead = locked.file.name, [f"{FOLDER}/{locked.pk}-{number}.{locked.format}" for number in _tries_before(locked)]
    # The name holds the attempt: a link to the file before does not show this one, and a file left by a crash is not taken for it.
    locked.file.save(f"{locked.pk}-{locked.attempt}.{locked.format}", file, save=False)
    locked.state, locked.progress, locked.error, locked.tries = ReportState.READY, 100, "", 0
    locked.size, locked.rows, locked.touched_at, locked.finished_at, locked.expires_at = locked.file.size, rows, at, at, at + KEPT_FOR
    locked.save()
    # What a worker wrote that was killed before it said so is nobody's.
    for name in [former, *dead]:
        _remove_file(name)
    _tell(analytics_events.report_ready, locked)


@transaction.atomic
def _begin_again(report_id: uuid.UUID, *, at: dt.datetime) -> bool:
    report = Report.objects.select_for_update().get(pk=report_id)
    if not report.schedule or report.next_at is None or report.next_at > at:
        return False
    report.next_at = next_turn(report.schedule, after=at)
    if is_waiting := report.state in {ReportState.QUEUED, ReportState.RUNNING}:
        report.save(update_fields=["next_at"])
        return not is_waiting
    # Yesterday is the last whole day.
    days = periods.named_period(ReportPeriod(report.period), periods.today(at) - dt.timedelta(days=1))
    report.first, report.last = days.first, days.last
    report.state, report.progress, report.tries, report.error, report.touched_at = ReportState.QUEUED, 0, 0, "", at
    report.save(update_fields=["next_at", "first", "last", "state", "progress", "tries", "error", "touched_at"])
    events.publish(analytics_events.report_requested, key=report.pk, report_id=str(report.pk))
    return True


def _tries_before(report: Report) -> range:
    """The attempts of workers that died since the report was asked for, this one's left out."""
    return range(report.attempt - report.tries + 1, report.attempt)


@transaction.atomic
def _give_up(report: Report, *, at: dt.datetime) -> None:
    mine = Report.objects.filter(pk=report.pk, attempt=report.attempt, state__in=(ReportState.QUEUED, ReportState.RUNNING))
    if mine.update(state=ReportState.FAILED, error="given_up", finished_at=at, attempt=F("attempt") + 1):
        _tell(analytics_events.report_failed, report)
        log.warning("report_failed", report_id=str(report.pk))


def _tell(event: events.Event, report: Report) -> None:
    events.publish(event, key=report.pk, report_id=str(report.pk), user_id=str(report.user_id), scheduled=bool(report.schedule))


def _delete(report: Report) -> None:
    name = report.file.name
    report.delete()
    _remove_file(name)


def _remove_orphans(at: dt.datetime) -> None:
    """Files of workers that died between writing one and saying so."""
    storage = Report._meta.get_field("file").storage  # noqa: SLF001  Django's own way to a field
    if not storage.exists(FOLDER):
        return
    names = [f"{FOLDER}/{name}" for name in storage.listdir(FOLDER)[1]]
    known = set(Report.objects.exclude(file="").values_list("file", flat=True))
    for name in names:
        if name not in known and storage.get_modified_time(name) < at - KEPT_FOR:
            storage.delete(name)


def _remove_file(name: str | None) -> None:
    """Once the row is committed: a row never names a file that is gone."""
    if name:
        storage = Report._meta.get_field("file").storage  # noqa: SLF001  Django's own way to a field
        transaction.on_commit(lambda: storage.delete(name))
