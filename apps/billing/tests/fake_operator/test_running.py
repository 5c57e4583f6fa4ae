"""The process: its command, its faster clock, and what it keeps over a restart."""

from __future__ import annotations

import signal
import subprocess
import sys
import uuid
from pathlib import Path

import httpx
import pytest

from apps.billing.fake_operator.client import ROOT, FakeOperator, running
from apps.billing.tests.fake_operator.conftest import Mtn, OrangeWeb


def test_the_command_prints_its_address_and_ends_when_asked() -> None:
    command = [sys.executable, "manage.py", "fake_operator", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        operator = FakeOperator(process.stdout.readline().strip())
        assert operator.state()["address"] == operator.address
        assert operator.options()["delay_s"] == 5
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


def test_a_taken_port_ends_it(fake_operator: FakeOperator) -> None:
    with pytest.raises(RuntimeError, match="code 1"), running("--port", fake_operator.address.rpartition(":")[2]):
        pass


def test_time_may_run_a_hundred_times_faster() -> None:
    with running("--time-scale", "1000000", "--delay", "3600") as operator, httpx.Client(base_url=operator.address) as http:
        mtn = Mtn(http)
        reference = str(uuid.uuid4())
        mtn.submit(reference=reference)
        found = "PENDING"
        while found == "PENDING":
            found = mtn.query(reference).json()["status"]
        assert found == "SUCCESSFUL"
        truth = operator.movement(reference)
        assert truth is not None
        assert truth["finished_at"] - truth["accepted_at"] >= 3600
        assert mtn.submit().status_code == 202, "tokens live in our seconds"


def test_what_happened_is_kept_over_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "operator.jsonl"
    paid, waiting, later = (str(uuid.uuid4()) for _ in range(3))
    with running("--delay", "0", "--state", str(state)) as operator, httpx.Client(base_url=operator.address) as http:
        mtn, web = Mtn(http), OrangeWeb(http)
        mtn.submit("237653456789", paid)
        mtn.submit("237653456129", waiting)
        operator.rule(reference=later, outcome=[{"status": "succeeded", "after_s": 60}])
        mtn.submit("237653456789", later)
        page = web.submit("P1").json()
        mtn.refund(paid, "2000")
    with state.open("a") as file:
        file.write('{"rail": "mtn", "refer')

    port = operator.address.rpartition(":")[2]
    with running("--state", str(state), "--port", port) as again, httpx.Client(base_url=again.address) as http:
        assert again.address == operator.address
        mtn, web = Mtn(http), OrangeWeb(http)
        assert [mtn.query(one).json()["status"] for one in (paid, waiting, later)] == ["SUCCESSFUL", "PENDING", "PENDING"]
        assert mtn.submit(reference=paid).status_code == 409
        assert [(refund["refunds"], refund["debits"]) for refund in again.refunds()] == [(paid, 1)]
        again.advance(60)
        assert mtn.query(later).json()["status"] == "SUCCESSFUL", "and goes on"
        again.confirm(page["pay_token"])
        again.advance(6)
        assert web.query("P1", page["pay_token"]).json()["status"] == "SUCCESS"
        again.reset()
    assert not state.exists()
