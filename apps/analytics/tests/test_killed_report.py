"""A worker that is killed while it makes a report: another one finishes it, once, and nothing of the first stays."""

from __future__ import annotations

import csv
import datetime as dt
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import connection, transaction

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.analytics.choices import Dimension, Metric, ReportFormat, ReportPeriod, ReportState
from apps.analytics.models import Report
from apps.analytics.periods import named_period, today
from apps.analytics.services import reports
from apps.analytics.services.recording import record
from apps.analytics.services.rollups import count_waiting
from apps.analytics.tests.test_counters import event
from apps.catalog.tests.factories import make_resource
from apps.core.clock import now
from apps.core.models import OutboxEvent

VIEWS = 23
# Begins workers by forking itself, which takes milliseconds, and says what becomes of them.
NURSERY = """
import os, signal, sys, uuid
import django
django.setup()
from django.db import connections
connections["default"].settings_dict["NAME"] = {name!r}
from apps.analytics.services import reports
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    if os.fork() == 0:
        os.write(1, b"%d begun\\n" % os.getpid())
        made = reports.make_report(report_id=uuid.UUID(line.strip()))
        os.write(1, b"%d %s\\n" % (os.getpid(), b"made" if made else b"left"))
        os._exit(0)
"""
SAID = re.compile(rb"(\d+) (begun|made|left)\n")


class Nursery:
    """Where workers come from."""

    def __init__(self, folder: Path) -> None:
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "ecosysteme.settings.test", "PRIVATE_ROOT": str(folder)}
        program = NURSERY.format(name=connection.settings_dict["NAME"])
        self._process = subprocess.Popen(
            [sys.executable, "-c", program], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )

    def begin(self, report: Report) -> int:
        """A worker that makes this report; its process id."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{report.pk}\n".encode())
        self._process.stdin.flush()
        process, said = self.hear()
        assert said == "begun"
        return process

    def hear(self) -> tuple[int, str]:
        """The next word of a worker; other lines are its log."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if told := SAID.fullmatch(line):
                return int(told[1]), told[2].decode()
        pytest.fail("the workers are gone")

    def end(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()


@pytest.fixture
def nursery(folder: Path) -> Iterator[Nursery]:
    nursery = Nursery(folder)
    yield nursery
    nursery.end()


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where this process and the workers keep files. The field asked for its storage when the application began."""
    monkeypatch.setattr(Report._meta.get_field("file"), "storage", FileSystemStorage(tmp_path))
    return tmp_path


def ask_for(owner: User, at: dt.datetime) -> Report:
    """A report whose message nobody has taken yet; through the service it would be made at once in tests."""
    days = named_period(ReportPeriod.MONTH, today(at))
    report: Report = Report.objects.create(
        user=owner, name="Vues", metrics=[Metric.VIEWS], dimension=Dimension.DAY, period=ReportPeriod.MONTH, first=days.first,
        last=days.last, format=ReportFormat.CSV, created_at=at, touched_at=at,
    )  # fmt: skip
    return report


def wait_until_it_waits_for(table: str) -> None:
    """Until somebody waits for this table, which the caller holds."""
    ends = time.monotonic() + 300
    with connection.cursor() as cursor:
        while time.monotonic() < ends:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass", [table])
            if cursor.fetchone() == (1,):
                return
            time.sleep(0.05)  # between two looks: another process comes to the table
    pytest.fail(f"no worker came to {table}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("held", "left"), [("analytics_listing_days", 0), ("core_outbox", 1)], ids=["while it reads", "with its file written and not told"]
)
def test_it_works(folder: Path, nursery: Nursery, held: str, left: int) -> None:
    owner, at = make_user(), now()
    listing = make_resource(user=owner)
    record([event(number=listing.number, at=at) for _view in range(VIEWS)], batch_id="a", at=at)
    count_waiting(at=at)
    report = ask_for(owner, at)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {held} IN ACCESS EXCLUSIVE MODE")
        first = nursery.begin(report)
        wait_until_it_waits_for(held)
        os.kill(first, signal.SIGKILL)
    report.refresh_from_db()
    assert (report.state, report.attempt, report.file.name) == (ReportState.RUNNING, 1, ""), "it was in the middle"
    assert len(files(folder)) == left
    silent = report.touched_at + reports.SILENT_FOR
    assert reports.waiting_reports(at=silent) == [], "it may still live"
    assert not reports.make_report(report_id=report.pk, clock=lambda: report.touched_at), "nobody takes what may still be made"
    assert reports.waiting_reports(at=silent + dt.timedelta(seconds=1)) == [report.pk]

    Report.objects.update(touched_at=at - reports.SILENT_FOR)
    reports_made = race(nursery, report)

    assert reports_made == ["left", "made"], "of two that come for it one makes it"
    report.refresh_from_db()
    assert (report.state, report.attempt, report.tries) == (ReportState.READY, 2, 0)
    assert files(folder) == [f"{report.pk}-2.csv"]
    with report.file.open("r") as file:
        rows = list(csv.reader(file))[1:]
    assert sum(int(count) for _day, count in rows) == VIEWS
    assert len(rows) == report.rows == 30
    assert OutboxEvent.objects.filter(name="analytics.report_ready").count() == 1


def race(nursery: Nursery, report: Report) -> list[str]:
    """What two workers say that come for the same report at once."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM analytics_reports WHERE id = %s FOR UPDATE", [report.pk])
        for _worker in range(2):
            nursery.begin(report)
    return sorted(said for _process, said in (nursery.hear(), nursery.hear()))


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / reports.FOLDER).glob("*"))
