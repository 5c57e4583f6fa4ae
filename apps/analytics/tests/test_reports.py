"""Reports hold the numbers of the screen, survive their workers, and end when they should."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from openpyxl import load_workbook

from apps.accounts.models import User
from apps.accounts.personal_data import sources
from apps.accounts.tests.factories import make_user
from apps.analytics import tasks
from apps.analytics.choices import Channel, Dimension, EventType, Metric, ReportFormat, ReportPeriod, ReportState, Schedule, SourceClass
from apps.analytics.exceptions import TooManyReports
from apps.analytics.models import Report
from apps.analytics.report_files import open_file
from apps.analytics.report_rules import Filters, ReportSpec
from apps.analytics.selectors.dashboard import dashboard
from apps.analytics.services import reports
from apps.analytics.tests.telling import happened
from apps.analytics.tests.test_counters import AT, PERIOD, TODAY, event
from apps.catalog.models import City, Resource
from apps.catalog.tests.factories import make_category, make_city, make_resource
from apps.core.exceptions import FieldsInvalid
from apps.core.models import OutboxEvent

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
EVIL = '=HYPERLINK("https://mal.example","Cliquez")'


@pytest.fixture(autouse=True)
def _own_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The field asked for its storage when the application began."""
    monkeypatch.setattr(Report._meta.get_field("file"), "storage", FileSystemStorage(tmp_path))


@pytest.fixture
def owner() -> User:
    return make_user()


@pytest.fixture
def town() -> City:
    return make_city(slug="douala", name_fr="Douala")


@pytest.fixture
def listing(owner: User, town: City) -> Resource:
    """With a week of everything."""
    found = make_resource(user=owner, category=make_category(slug="pharmacies"), name="+Pharmacie")
    rows = []
    for number in range(40):
        given: dict[str, Any] = {"number": found.number, "at": AT - number % 9 * DAY - dt.timedelta(hours=number % 11)}
        kind = list(EventType)[number % 7]
        channel = list(Channel)[1 + number % 6] if kind is EventType.CONTACT else Channel.NONE
        source, city = list(SourceClass)[number % 4], town.number if number % 3 else None
        rows.append(event(kind, **given, channel=channel, source=source, city_number=city, campaign=EVIL if number % 2 else ""))
    happened([*rows, event(number=10**9)], batch_id="a", at=AT)
    return found


def spec(dimension: Dimension = Dimension.DAY, **given: Any) -> ReportSpec:
    return ReportSpec(**{"name": "Mon rapport", "metrics": [Metric.VIEWS], "dimension": dimension, **given})


def made(owner: User, wanted: ReportSpec) -> Report:
    report = reports.create_report(user=owner, livemode=True, spec=wanted, at=AT)
    assert reports.make_report(report_id=report.pk, clock=lambda: AT)
    report.refresh_from_db()
    return report


def content(report: Report) -> bytes:
    file, _name, _type = open_file(report)
    with file:
        return file.read()


def table(report: Report) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content(report).decode("utf-8-sig"))))


@pytest.mark.usefixtures("listing")
def test_it_works(owner: User) -> None:
    report = made(owner, spec(metrics=[Metric.VIEWS, Metric.CONTACTS]))
    rows = table(report)
    assert (report.state, report.progress, report.rows, report.expires_at) == (ReportState.READY, 100, 30, AT + 7 * DAY)
    assert rows[0] == ["Jour", "Vues", "Contacts"]
    assert rows[1][0] == PERIOD.first.isoformat()
    assert rows[-1][0] == TODAY.isoformat()


@pytest.mark.parametrize("dimension", Dimension)
def test_rows_add_up_to_the_numbers_of_the_screen(owner: User, listing: Resource, dimension: Dimension) -> None:
    metrics = {Dimension.CHANNEL: [Metric.CONTACTS]}.get(dimension, [Metric.VIEWS, Metric.CONTACTS])
    if dimension in {Dimension.DAY, Dimension.WEEK, Dimension.MONTH, Dimension.WEEKDAY, Dimension.LISTING}:
        metrics = list(Metric)
    shown = dashboard([listing.number], period=PERIOD, at=AT)
    by_metric = dict(zip(Metric, shown.totals.by_type.values(), strict=True))

    rows = table(made(owner, spec(dimension, metrics=metrics)))[1:]

    sums = [sum(int(row[number - len(metrics)]) for row in rows) for number in range(len(metrics))]
    if dimension is Dimension.CITY:
        assert [(row[0], row[1], int(row[2])) for row in rows] == [("douala", "Douala", shown.cities[0][1])]
    elif dimension is Dimension.CAMPAIGN:
        assert [(row[0], int(row[1])) for row in rows] == [(f"'{EVIL}", shown.campaigns[0][1])]
    else:
        assert sums == [by_metric[metric] for metric in metrics]
    if dimension is Dimension.SOURCE:
        assert {row[0]: int(row[2]) for row in rows if int(row[2])} == {source.name.lower(): views for source, views in shown.sources}
    if dimension is Dimension.CHANNEL:
        assert {row[0]: int(row[2]) for row in rows} == {channel.name.lower(): count for channel, count in shown.totals.contacts.items()}
    if dimension is Dimension.DAY:
        assert [int(row[1]) for row in rows] == [point.totals.by_type[EventType.VIEW] for point in shown.series]
    if dimension is Dimension.HOUR:
        assert [int(row[2]) + int(row[3]) for row in rows] == [sum(column) for column in zip(*shown.hours, strict=True)]


def test_filters_let_through_what_they_name(owner: User, listing: Resource) -> None:
    shown = dashboard([listing.number], period=PERIOD, at=AT)
    second = make_resource(user=owner, category=listing.category)
    happened([event(number=second.number)], batch_id="b", at=AT)

    def total(**filters: Any) -> int:
        metric = Metric.CONTACTS if "channels" in filters else Metric.VIEWS
        return sum(int(row[1]) for row in table(made(owner, spec(metrics=[metric], filters=Filters(**filters))))[1:])

    views = shown.totals.by_type[EventType.VIEW]
    assert total() == views + 1
    assert total(resources=[listing.pk]) == views
    assert total(sources=["direct"], resources=[listing.pk]) == dict(shown.sources)[SourceClass.DIRECT]
    assert total(cities=["douala"]) == shown.cities[0][1]
    assert total(campaigns=[EVIL]) == shown.campaigns[0][1]
    assert total(campaigns=["une autre"]) == 0
    assert total(channels=["call", "sms"]) == shown.totals.contacts[Channel.CALL] + shown.totals.contacts[Channel.SMS]


@pytest.mark.usefixtures("listing")
def test_no_format_holds_a_formula(owner: User) -> None:
    by_listing, wanted = made(owner, spec(Dimension.LISTING)), spec(Dimension.CAMPAIGN, format=ReportFormat.XLSX)
    sheet = load_workbook(io.BytesIO(content(made(owner, wanted)))).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row]

    assert table(by_listing)[1][1] == "'+Pharmacie"
    assert [cell.value for cell in cells[:3]] == ["Campagne", "Vues", f"'{EVIL}"]
    assert {cell.data_type for cell in cells} == {"s", "n"}


@pytest.mark.usefixtures("listing")
def test_json_keeps_texts_as_they_are_and_english_has_its_words(owner: User) -> None:
    found = json.loads(content(made(owner, spec(Dimension.CAMPAIGN, format=ReportFormat.JSON))))

    assert found["rows"][0]["campaign"] == EVIL
    assert (found["metrics"], found["dimension"], found["first"]) == (["views"], "campaign", PERIOD.first.isoformat())
    assert table(made(owner, spec(language="en")))[0] == ["Day", "Views"]


@pytest.mark.parametrize(
    ("given", "member"),
    [
        ({"period": ReportPeriod.BETWEEN, "first": TODAY - 3650 * DAY, "last": TODAY}, "/first"),
        ({"period": ReportPeriod.BETWEEN, "first": TODAY, "last": TODAY - DAY}, "/last"),
        ({"period": ReportPeriod.BETWEEN, "first": TODAY, "last": TODAY + DAY}, "/last"),
        ({"period": ReportPeriod.BETWEEN}, "/first"),
        ({"period": ReportPeriod.BETWEEN, "first": TODAY, "last": TODAY, "schedule": Schedule.WEEKLY}, "/period"),
        ({"name": "  "}, "/name"),
        ({"metrics": []}, "/metrics"),
        ({"dimension": Dimension.SOURCE, "metrics": [Metric.SHARES]}, "/metrics"),
        ({"dimension": Dimension.CHANNEL}, "/metrics"),
        ({"filters": Filters(channels=["call"])}, "/metrics"),
        ({"filters": Filters(sources=["direct"], cities=["douala"])}, "/filters"),
        ({"dimension": Dimension.HOUR, "filters": Filters(sources=["direct"])}, "/filters"),
        ({"filters": Filters(cities=["atlantis"])}, "/filters/cities"),
    ],
    ids=[
        "ten years", "backwards", "tomorrow", "no dates", "fixed and scheduled", "no name", "nothing", "not counted", "channels of views",
        "views by channel", "crossed filters", "crossed with hours", "unknown town",
    ],
)  # fmt: skip
@pytest.mark.usefixtures("listing")
def test_what_cannot_be_counted_is_refused(owner: User, given: dict[str, Any], member: str) -> None:
    with pytest.raises(FieldsInvalid) as caught:
        reports.create_report(user=owner, livemode=True, spec=spec(**given), at=AT)

    assert member in {pointer for pointer, _code, _detail in caught.value.errors}
    assert not Report.objects.exists()


def test_somebody_elses_listing_cannot_be_reported(listing: Resource) -> None:
    with pytest.raises(FieldsInvalid, match="validation_failed"):
        reports.create_report(user=make_user(), livemode=True, spec=spec(filters=Filters(resources=[listing.pk])), at=AT)


@pytest.mark.usefixtures("listing")
def test_a_killed_worker_is_followed_by_another_and_writes_nothing_any_more(owner: User) -> None:
    report = reports.create_report(user=owner, livemode=True, spec=spec(), at=AT)
    dead = reports._begin(report.pk, at=AT)
    assert dead is not None
    assert not reports.make_report(report_id=report.pk, clock=lambda: AT + dt.timedelta(seconds=30))
    assert reports.waiting_reports(at=AT + dt.timedelta(seconds=30)) == []

    later = AT + dt.timedelta(minutes=3)
    assert reports.waiting_reports(at=later) == [report.pk]
    assert reports.make_report(report_id=report.pk, clock=lambda: later)
    with pytest.raises(reports._Overtaken):
        reports._make(dead, lambda: later)

    report.refresh_from_db()
    assert (report.state, report.attempt, report.tries) == (ReportState.READY, 2, 0)
    assert reports.waiting_reports(at=later + DAY) == []


def test_a_report_that_kills_its_workers_fails_with_a_reason(owner: User) -> None:
    report, at = reports.create_report(user=owner, livemode=True, spec=spec(), at=AT), AT
    for _try in range(reports.TRIES_MAX):
        assert reports._begin(report.pk, at=at) is not None
        at += dt.timedelta(minutes=3)

    assert reports.waiting_reports(at=at) == []
    report.refresh_from_db()
    assert (report.state, report.error) == (ReportState.FAILED, "given_up")
    assert reports.waiting_reports(at=at) == []
    assert OutboxEvent.objects.filter(name="analytics.report_failed").count() == 1, "it is told once"


def test_a_lost_message_is_sent_again(owner: User) -> None:
    report = reports.create_report(user=owner, livemode=True, spec=spec(), at=AT)

    assert reports.waiting_reports(at=AT + dt.timedelta(minutes=1)) == []
    assert reports.waiting_reports(at=AT + dt.timedelta(minutes=3)) == [report.pk]


@pytest.mark.usefixtures("listing")
def test_a_ready_report_is_told_once(owner: User) -> None:
    report = made(owner, spec())

    assert not reports.make_report(report_id=report.pk, clock=lambda: AT)
    told = OutboxEvent.objects.filter(name="analytics.report_ready").values_list("payload", flat=True)
    assert list(told) == [{"report_id": str(report.pk), "user_id": str(owner.pk), "scheduled": False}]


@pytest.mark.usefixtures("listing")
def test_a_scheduled_report_is_made_again_over_the_days_before(owner: User, django_capture_on_commit_callbacks: Any) -> None:
    report = made(owner, spec(schedule=Schedule.WEEKLY, period=ReportPeriod.WEEK))
    monday = dt.datetime(2026, 3, 23, 5, 0, tzinfo=dt.UTC)
    assert report.next_at == monday
    first_file = str(report.file.name)

    assert reports.begin_scheduled(at=monday - dt.timedelta(seconds=1)) == 0
    assert reports.begin_scheduled(at=monday) == 1
    assert reports.begin_scheduled(at=monday) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert reports.make_report(report_id=report.pk, clock=lambda: monday)

    report.refresh_from_db()
    assert (report.first, report.last) == (dt.date(2026, 3, 16), dt.date(2026, 3, 22))
    assert report.next_at == monday + 7 * DAY
    assert report.file.name != first_file
    assert not report.file.storage.exists(first_file)


@pytest.mark.parametrize(
    ("hour", "month"),
    [(22, dt.datetime(2027, 1, 1, 5, tzinfo=dt.UTC)), (23, dt.datetime(2027, 2, 1, 5, tzinfo=dt.UTC))],
    ids=["before", "after"],
)
def test_months_turn_on_their_first_in_cameroon(hour: int, month: dt.datetime) -> None:
    assert reports.next_turn(Schedule.MONTHLY, after=dt.datetime(2026, 12, 31, hour, 59, tzinfo=dt.UTC)) == month


@pytest.mark.usefixtures("listing")
def test_files_go_after_a_week_and_rows_after_ninety_days(owner: User, django_capture_on_commit_callbacks: Any) -> None:
    report = made(owner, spec())
    name, storage = str(report.file.name), report.file.storage

    assert reports.prune_reports(at=AT + 7 * DAY) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert reports.prune_reports(at=AT + 7 * DAY + dt.timedelta(seconds=1)) == 1
    report.refresh_from_db()
    assert (report.state, storage.exists(name)) == (ReportState.EXPIRED, False)

    reports.prune_reports(at=AT + 91 * DAY)
    assert not Report.objects.exists()


@pytest.mark.usefixtures("listing")
def test_an_account_that_ends_takes_its_reports_along(owner: User, django_capture_on_commit_callbacks: Any) -> None:
    report, other = made(owner, spec()), made(make_user(), spec())
    name, storage = str(report.file.name), report.file.storage
    assert [row["name"] for row in sources()["reports"](owner)] == ["Mon rapport"]

    with django_capture_on_commit_callbacks(execute=True):
        tasks.delete_reports_of(user_id=str(owner.pk))

    assert list(Report.objects.all()) == [other]
    assert not storage.exists(name)


def test_fifty_are_kept(owner: User) -> None:
    for _number in range(reports.REPORTS_MAX):
        reports.create_report(user=owner, livemode=True, spec=spec(), at=AT)

    with pytest.raises(TooManyReports):
        reports.create_report(user=owner, livemode=True, spec=spec(), at=AT)
