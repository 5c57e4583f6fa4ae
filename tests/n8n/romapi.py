"""Our server as it is run: granian and a Celery worker, on a database of their own with the reference data."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import psycopg

from ecosysteme import embedded, serving
from tests.n8n.engine import free_port

ROOT = embedded.ROOT
START_TIMEOUT_S = 120
# As staff do it in the admin.
MAKE_SOURCE = """
import json
from apps.accounts.choices import Scope
from apps.accounts.models import User
from apps.accounts.services.keys import KeyInput, create_key
from apps.core.clock import now
from apps.ingestion.choices import LawfulBasis, Policy
from apps.ingestion.models import Source, SourceKey
source = Source.objects.create(slug={slug!r}, name={slug!r}, licence="CC0 1.0", lawful_basis=LawfulBasis.OPEN_LICENCE, policy=Policy.AUTO)
owner = User.objects.create_user(email={slug!r} + "@exemple.cm", name={slug!r})
staff = User.objects.create_superuser(email="equipe-" + owner.email, name="Equipe", password="Un mot de passe long")
data = KeyInput(name="n8n", scopes=[Scope.INGEST_WRITE, Scope.RESOURCES_READ, Scope.SEARCH_READ])
key, secret = create_key(user=owner, data=data, at=now(), actor=staff)
SourceKey.objects.create(key=key, source=source)
print("\\n" + json.dumps([str(source.pk), secret]))
"""


class Romapi:
    """The server, its worker, and what they stored."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder, self.database_url, self.port = folder, database_url, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        foreign = ("DJANGO_", "PYTEST_", "ELASTICSEARCH_")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(foreign)} | {
            "DJANGO_SETTINGS_MODULE": "ecosysteme.settings.local", "DATABASE_URL": database_url, "SITE_URL": self.url,
            "REDIS_URL": os.environ.get("REDIS_URL") or embedded.redis_url(), "CACHE_KEY_PREFIX": "n8n", "LOG_LEVEL": "WARNING",
            "MEDIA_ROOT": str(folder / "media"), "PRIVATE_ROOT": str(folder / "private"), "CARD_CACHE_S": "0",
        }  # fmt: skip
        self.processes: list[subprocess.Popen[bytes]] = []

    def prepare(self) -> None:
        """Tables and reference data."""
        self.manage("migrate", "--verbosity", "0")
        self.manage("load_reference")

    def manage(self, *arguments: str) -> str:
        """A command of ours; what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        return done.stdout

    def start(self) -> None:
        """Web server and worker, until `stop`."""
        binaries = Path(sys.executable).parent
        commands = [
            serving.command("127.0.0.1", self.port, workers=1),
            [str(binaries / "celery"), "-A", "ecosysteme", "worker", "--concurrency", "1", "--loglevel", "warning", "--without-gossip",
             "--without-mingle"],
        ]  # fmt: skip
        log = (self.folder / "romapi.log").open("wb")
        for command in commands:
            self.processes.append(subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True))
        log.close()
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.2)

    def stop(self) -> None:
        """End both."""
        for process in self.processes:
            os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes:
            process.wait(60)
        self.processes = []

    def said(self) -> str:
        """The end of the log."""
        return (self.folder / "romapi.log").read_text()[-4000:]

    def source(self, slug: str) -> tuple[str, str]:
        """A new source that publishes at once, and a key that may send for it: (id, secret)."""
        printed = self.manage("shell", "-c", MAKE_SOURCE.format(slug=slug))
        source, secret = json.loads(printed.strip().splitlines()[-1])
        return source, secret

    def get(self, path: str, *, key: str = "") -> Any:
        """JSON of our API."""
        request = urllib.request.Request(f"{self.url}{path}", headers={"X-API-Key": key} if key else {})  # noqa: S310  our own
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  our own
            return json.load(answer)

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database holds."""
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(statement, values).fetchall()

    def _answers(self) -> bool:
        assert all(process.poll() is None for process in self.processes), self.said()
        try:
            # Nothing is scheduled here, which the probe may call degraded.
            return self.get("/health/ready")["status"] in {"ok", "degraded"}
        except OSError:
            return False
