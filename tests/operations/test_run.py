"""`make run` in a checkout of its own: starts, serves, ends, and recovers from what can happen to it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from elasticsearch import Elasticsearch

from apps.billing.fake_operator.addresses import BASE_URLS
from apps.billing.fake_operator.client import FakeOperator
from apps.billing.tests.fake_operator.conftest import PawaPay
from ecosysteme import run as run_module
from ecosysteme.elasticsearch import Node

ROOT = Path(__file__).resolve().parent.parent.parent
START_TIMEOUT_S = 300
DEPOSIT = "5b0c3c1e-7f5e-4c2a-9a35-0d6b1f8f2c11"
FOREIGN = ("DJANGO_", "DATABASE_", "ELASTICSEARCH_", "REDIS_", "PYTEST_")
pytestmark = pytest.mark.xdist_group("operations")


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def python(checkout: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start the checkout's Python as a newcomer's shell would."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return subprocess.Popen(
        [str(checkout / ".venv" / "bin" / "python"), *arguments],
        cwd=checkout, env={**clean, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A second checkout beside this one, with the environment of this one and nothing under `var/`."""
    target = tmp_path_factory.mktemp("checkout") / "ecosysteme"
    ignored = shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", ".*cache", ".hypothesis", "node_modules")
    shutil.copytree(ROOT, target, ignore=ignored)
    (target / ".venv").symlink_to(Path(sys.prefix))
    # Collecting static files takes a minute and has tests of its own: this checkout believes that it is done.
    (target / "var" / "static").mkdir(parents=True)
    (target / "var" / "dev").mkdir()
    digest = python(target, "-c", "from ecosysteme.run import _static_digest; print(_static_digest(), end='')").communicate()[0]
    (target / "var" / "dev" / "static.digest").write_text(digest)
    yield target
    python(target, "-c", "from ecosysteme import embedded; embedded.remove()").communicate(timeout=60)


class Run:
    """One `make run`."""

    def __init__(self, checkout: Path, **environment: str) -> None:
        self.checkout, self.port = checkout, free_port()
        self.process = python(checkout, "-m", "ecosysteme.run", PORT=str(self.port), WEB_WORKERS="1", **environment)

    def get(self, path: str) -> bytes:
        """A page of the running site."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
            return bytes(answer.read())

    def wait(self) -> None:
        """Until it answers."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                pytest.fail(f"it ended: {self.process.communicate()[0]}")
            try:
                self.get("/health")
            except OSError:
                time.sleep(0.2)
            else:
                return
        # Its children hold its output too: read to the end it would wait for them.
        for process in [psutil.Process(self.process.pid), *self.children()]:
            process.kill()
        pytest.fail(f"it does not answer: {self.process.communicate(timeout=60)[0]}")

    def children(self) -> list[psutil.Process]:
        """Web server, worker and beat, with theirs."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number: int = signal.SIGINT) -> str:
        """End it as Ctrl-C does; everything it said."""
        os.kill(self.process.pid, number)
        said, _ = self.process.communicate(timeout=60)
        return said


def are_servers_up(checkout: Path) -> bool:
    """Whether the checkout's Redis answers (PostgreSQL starts and stops with it)."""
    code = "from ecosysteme import embedded; print(embedded._redis_answers())"
    return "True" in python(checkout, "-c", code).communicate(timeout=60)[0]


def test_it_works(checkout: Path) -> None:
    run = Run(checkout)
    run.wait()
    page = json.loads(run.get("/api/v1/api-resources?limit=5"))
    assert len(page["data"]) == 5
    assert json.loads(run.get("/health/ready"))["status"] == "ok"
    children = run.children()
    assert len(children) >= 3
    said = run.end()
    assert run.process.returncode == 0, said
    assert f"http://127.0.0.1:{run.port}/" in said
    assert "/_control/truth" in said, "where the operator to pay with shows what it knows"
    assert said.count("@demo.ecosyste.example") == 3
    _gone, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []
    assert not are_servers_up(checkout)


@pytest.fixture
def without_operators(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that names no operator, and forgets what a run adds to it."""
    for name in [*BASE_URLS, "ORANGE_WEBPAY_TOKEN_URL", "ORANGE_PAYMENT_PAGE_HOSTS"]:
        # Set first, so that it is undone whatever a run does.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    return monkeypatch


def test_the_operator_to_pay_with_keeps_its_port_and_what_it_knows(without_operators: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without_operators.setattr(run_module, "STATE", tmp_path)
    operator = FakeOperator(run_module._share_operator())
    assert os.environ["MTN_MOMO_BASE_URL"] == operator.address
    assert os.environ["ORANGE_PAYMENT_PAGE_HOSTS"] == "127.0.0.1,localhost"
    child = run_module._operator(operator.address)

    def answer() -> dict[str, object]:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            child.watch()
            with contextlib.suppress(OSError):
                return operator.options()
            time.sleep(0.05)
        pytest.fail("it does not answer")

    try:
        assert answer()["pawapay_callback_url"] == "http://testserver/api/v1/payments/webhooks"
        with httpx.Client(base_url=operator.address, trust_env=False) as http:
            assert PawaPay(http).submit("237693456129", DEPOSIT)["status"] == "ACCEPTED"
        first = child.process
        assert first is not None
        first.kill()
        first.wait()
        answer()
        payment = operator.movement(DEPOSIT)
    finally:
        if child.process is not None:
            child.process.terminate()
            child.process.wait()
    assert child.process is not first
    assert payment is not None
    assert (payment["status"], payment["amount"]) == ("pending", 5000)


def test_an_operator_with_an_address_is_not_played(without_operators: pytest.MonkeyPatch) -> None:
    without_operators.setenv("ORANGE_WEBPAY_BASE_URL", "https://operator.example/v1")

    address = run_module._share_operator()

    assert os.environ["MTN_MOMO_BASE_URL"] == os.environ["PAWAPAY_BASE_URL"] == os.environ["ORANGE_MP_BASE_URL"] == address
    assert os.environ["ORANGE_WEBPAY_BASE_URL"] == "https://operator.example/v1"
    assert "ORANGE_WEBPAY_TOKEN_URL" not in os.environ
    assert "ORANGE_PAYMENT_PAGE_HOSTS" not in os.environ

    for name in BASE_URLS:
        without_operators.setenv(name, "https://operator.example")
    assert run_module._share_operator() == ""


def test_a_killed_run_is_taken_over_by_the_next(checkout: Path) -> None:
    run = Run(checkout)
    run.wait()
    orphans = run.children()
    os.kill(run.process.pid, signal.SIGKILL)
    run.process.wait(timeout=30)
    assert run.process.stdout is not None
    run.process.stdout.close()  # read to its end it would wait for the orphans, which hold it too
    again = Run(checkout)
    again.wait()
    _gone, alive = psutil.wait_procs(orphans, timeout=20)
    assert alive == [], "the orphans were ended"
    said = again.end(signal.SIGTERM)
    assert "demo_created=0" in said, "nothing was lost and nothing loaded twice"
    assert "@demo.ecosyste.example" not in said, "passwords are printed once"
    assert not are_servers_up(checkout)


def test_a_second_run_of_a_checkout_says_how_to_end_the_first(checkout: Path) -> None:
    run = Run(checkout)
    run.wait()
    second = Run(checkout)
    assert "`make stop`" in second.process.communicate(timeout=60)[0]
    assert second.process.returncode == 1
    command = python(checkout, "manage.py", "shell", "-c", "print('asked')")
    assert "asked" in command.communicate(timeout=60)[0]
    run.get("/api/v1/categories")
    assert are_servers_up(checkout), "a command does not stop the servers of a run"
    run.end()


def test_elasticsearch_runs_with_the_others_and_keeps_its_data(checkout: Path) -> None:
    node = Node(checkout / "var" / "dev" / "elasticsearch")
    run = Run(checkout, SEARCH="elasticsearch")
    run.wait()
    first, address = node.pid, node.url
    with Elasticsearch(address) as client:
        assert client.count(index="ecosysteme-places")["count"] > 600, "the first start fills the index"
        client.index(index="kept", id="1", document={"name": "Saveurs du Wouri"}, refresh=True)
    os.kill(first, signal.SIGKILL)
    deadline = time.monotonic() + START_TIMEOUT_S
    while node.pid in {0, first} and time.monotonic() < deadline:
        time.sleep(0.1)
    assert node.pid not in {0, first}, "what ends is started again"
    run.end()
    assert node.pid == 0
    again = Run(checkout, SEARCH="elasticsearch")
    again.wait()
    assert node.url == address
    with Elasticsearch(address) as client:
        assert client.get(index="kept", id="1")["_source"] == {"name": "Saveurs du Wouri"}
    again.end()
    assert node.pid == 0


def test_a_taken_port_names_the_remedy(checkout: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = python(checkout, "-m", "ecosysteme.run", PORT=str(port))
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"PORT={port + 10} make run" in said


def test_data_of_another_postgresql_names_the_remedy(checkout: Path) -> None:
    code = "from ecosysteme import embedded; print(embedded._postgres_home() / 'data' / 'PG_VERSION', end='')"
    version = Path(python(checkout, "-c", code).communicate(timeout=60)[0])
    before = version.read_text()
    version.write_text("17\n")
    try:
        process = python(checkout, "manage.py", "check", "--database", "default")
        said, _ = process.communicate(timeout=60)
    finally:
        version.write_text(before)
    assert process.returncode == 1
    assert "make backup" in said
    assert "make reset" in said
