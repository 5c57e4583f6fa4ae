"""`make run`: prepares everything, then keeps the web server, the worker, the beat and an operator to pay with up until Ctrl-C.

A child that ends is started again, later each time it fails soon. Children of a supervisor that was killed are
ended by the next one, which knows them by process id and start time.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import django
import psutil
from django.core.management import call_command
from django.db import connections

from apps.billing.fake_operator.addresses import BASE_URLS, addresses
from ecosysteme import elasticsearch, embedded, serving

ROOT = embedded.ROOT
STATE = ROOT / "var" / "dev"
STOP_TIMEOUT_S = 15
BACKOFF_MAX_S = 30
# What the collected static files depend on.
STATIC_SOURCES = ("static", "assets", "templates", "requirements/dev.txt", "apps/catalog/reference/categories.json")


@dataclass
class Child:
    """One process that must be up."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    failures: int = 0

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches the supervisor alone."""
        self.process = subprocess.Popen(self.command, cwd=ROOT, start_new_session=True)  # noqa: S603  our own commands
        self.started_at = time.monotonic()

    def watch(self) -> None:
        """Start it again when it ended, at once the first time, later when it keeps failing."""
        if self.process is None:
            if time.monotonic() >= self.start_again_at:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        self.failures = self.failures + 1 if time.monotonic() - self.started_at < 60 else 1
        wait_s = min(2 ** (self.failures - 1), BACKOFF_MAX_S)
        print(f"{self.name} ended with code {code}; it starts again in {wait_s} s.", file=sys.stderr, flush=True)  # noqa: T201
        self.process, self.start_again_at = None, time.monotonic() + wait_s


def _end(processes: list[psutil.Process]) -> None:
    """Ask processes and their children to end, then make them."""
    family: list[psutil.Process] = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            family += [process, *process.children(recursive=True)]
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _gone, alive = psutil.wait_procs(family, timeout=STOP_TIMEOUT_S)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=STOP_TIMEOUT_S)


def _record(children: list[Child]) -> None:
    """Remember who our children are, for the supervisor after a `kill -9`."""
    known = [(child.process.pid, psutil.Process(child.process.pid).create_time()) for child in children if child.process]
    (STATE / "children.json").write_text(json.dumps(known))


def _end_orphans() -> None:
    """End what a killed supervisor left behind; a process id that now belongs to another program is left alone."""
    path = STATE / "children.json"
    if not path.exists():
        return
    orphans = []
    for pid, created in json.loads(path.read_text()):
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            if abs(process.create_time() - created) < 0.01:
                orphans.append(process)
    if orphans:
        print("Ending what an interrupted run left behind.", flush=True)  # noqa: T201
        _end(orphans)
    path.unlink()


def _check_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sys.exit(f"Port {port} of {host} cannot be used ({error.strerror}). Choose another one: PORT={port + 10} make run")


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("This checkout is running already. End it with Ctrl-C there or `make stop`.")
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _static_digest() -> str:
    digest = hashlib.sha256()
    for name in STATIC_SOURCES:
        path = ROOT / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "build" not in file.relative_to(ROOT).parts:
                stat = file.stat()
                digest.update(f"{file.relative_to(ROOT)} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def prepare_static() -> None:
    """Build the assets and collect them, hashed and compressed, when a source changed since the last time."""
    from django.conf import settings  # noqa: PLC0415  settings exist only after main() named them

    stamp, digest = STATE / "static.digest", _static_digest()
    if stamp.exists() and stamp.read_text() == digest and Path(settings.STATIC_ROOT).exists():
        return
    print("Building style sheet, icons and static files (about a minute the first time)…", flush=True)  # noqa: T201
    subprocess.run([sys.executable, "scripts/build_assets.py"], cwd=ROOT, check=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(digest)


def prepare_data() -> None:
    """Migrate, load what ships, make the demonstration users; repeatable, and quick when there is nothing to do."""
    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_reference")
    call_command("load_demo")
    # After an update the cards may have another form.
    call_command("rebuild_cards", if_stale=True)
    call_command("rebuild_index", if_stale=True)
    call_command("create_demo_users")
    call_command("load_demo_traffic")
    connections.close_all()


def _share_operator() -> str:
    """Let a fake one play every operator of Mobile Money that has no address; every child learns its own. Empty: all have one."""
    given = {name for name in BASE_URLS if not os.environ.get(name)}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}"
    for name, value in addresses(address).items():
        # What goes with a base URL is given with it or not at all.
        if name in given or (name not in BASE_URLS and "ORANGE_WEBPAY_BASE_URL" in given):
            os.environ[name] = os.environ.get(name) or value
    return address if given else ""


def _operator(address: str) -> Child:
    """It keeps its port and its payments when it starts again."""
    from django.conf import settings  # noqa: PLC0415  settings exist only after main() named them

    return Child("The fake operator", [
        sys.executable, "-m", "apps.billing.fake_operator", "--port", address.rpartition(":")[2],
        "--state", str(STATE / "operator.jsonl"), "--callback-host", str(urlsplit(settings.SITE_URL).hostname),
        "--pawapay-callback-url", f"{settings.SITE_URL}/api/v1/payments/webhooks",
    ])  # fmt: skip


def _children(host: str, port: int) -> list[Child]:
    binaries = Path(sys.executable).parent
    workers = int(os.environ.get("WEB_WORKERS", "2"))
    celery = [str(binaries / "celery"), "-A", "ecosysteme"]
    worker = [*celery, "worker", "--concurrency", "1", "--loglevel", "warning", "--without-gossip", "--without-mingle"]
    return [
        Child("The web server", [*serving.command(host, port, workers=workers), "--respawn-failed-workers"]),
        Child("The worker", worker),
        # It asks servers of others, which may be slow; its requests run in threads of its own.
        Child("The worker of webhooks", [*worker, "--queues", "webhooks", "--pool", "solo", "--hostname", "webhooks@%h"]),
        Child("The beat", [*celery, "beat", "--loglevel", "warning", "--pidfile", ""]),
        *([Child("Elasticsearch", [sys.executable, "-m", "ecosysteme.elasticsearch", "keep"])] if elasticsearch.is_needed() else []),
    ]  # fmt: skip


def _share_metrics() -> None:
    """A folder in which every child writes what it counts, so that whichever answers `/metrics` knows it; before anything counts."""
    folder = STATE / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def main() -> None:
    """Run until SIGINT or SIGTERM; then end every child and, when nobody else needs them, the servers."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecosysteme.settings.local")
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    with _only_one():
        _end_orphans()
        _check_port(host, port)
        if shutil.disk_usage(ROOT).free < 300_000_000:
            sys.exit(f"Less than 300 MB are free on the disk of {ROOT}: free some space and try again.")
        _share_metrics()
        operator = _share_operator()
        with embedded.running(), elasticsearch.running():
            django.setup()
            prepare_static()
            prepare_data()
            signal.signal(signal.SIGINT, stop)
            signal.signal(signal.SIGTERM, stop)
            children = [*([_operator(operator)] if operator else []), *_children(host, port)]
            shown = f"[{host}]" if ":" in host else host
            try:
                for child in children:
                    child.start()
                _record(children)
                address = f"http://{shown}:{port}"
                print(  # noqa: T201
                    f"\n  ECOSYSTE  {address}/\n  ROMAPI    {address}/api/docs\n  Mails     {address}/admin/notifications/delivery/\n"
                    + (f"  Operator  {operator}/_control/truth\n" if operator else "")
                    + "  Ctrl-C ends it.\n",
                    flush=True,
                )
                while not stopping:
                    before = [child.process for child in children]
                    for child in children:
                        child.watch()
                    if [child.process for child in children] != before:
                        _record(children)
                    time.sleep(0.3)
            finally:
                _end([psutil.Process(child.process.pid) for child in children if child.process and child.process.poll() is None])
                (STATE / "children.json").unlink(missing_ok=True)


if __name__ == "__main__":
    main()
