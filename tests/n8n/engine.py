"""n8n as `scripts/install_n8n.py` installed it: its command line, and its server with an owner set by the environment."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from scripts import install_n8n

CACHE = Path(os.environ.get("N8N_CACHE", install_n8n.DEFAULT))
NODE, N8N = install_n8n.node_bin(CACHE) / "node", install_n8n.modules(CACHE) / "n8n" / "bin" / "n8n"
OWNER_EMAIL, OWNER_PASSWORD = "responsable@exemple.cm", "Un mot de passe 2026"
# n8n asks the world about versions, templates, banners and licences unless told not to.
QUIET = (
    "DIAGNOSTICS", "VERSION_NOTIFICATIONS", "VERSION_NOTIFICATIONS_WHATS_NEW", "DYNAMIC_BANNERS", "TEMPLATES", "PERSONALIZATION",
    "HIRING_BANNER", "LICENSE_AUTO_RENEW", "VERIFIED_PACKAGES",
)  # fmt: skip
SCOPES = ("execution:read", "execution:list", "workflow:activate", "workflow:deactivate", "workflow:read", "workflow:list")
Done = subprocess.CompletedProcess[str]


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Execution:
    """What one run of a workflow left behind."""

    status: str
    error: str
    run_data: dict[str, Any]

    @classmethod
    def of(cls, execution: Mapping[str, Any]) -> Execution:
        """From n8n's own description."""
        result = execution["data"]["resultData"]
        return cls(execution["status"], str((result.get("error") or {}).get("message", "")), result.get("runData", {}))

    def items(self, node: str, *, output: int = 0) -> list[dict[str, Any]]:
        """The items that a node put out, over all its turns; empty when it did not run."""
        found: list[dict[str, Any]] = []
        for turn in self.run_data.get(node, []):
            outputs = turn.get("data", {}).get("main", [])
            if len(outputs) > output:
                found += [item["json"] for item in outputs[output] or []]
        return found

    @property
    def result(self) -> dict[str, Any]:
        """What the node `Result` of our workflows says."""
        (result,) = self.items("Result")
        return result


class Engine:
    """One n8n with a folder and a database of its own."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder, self.port = folder, free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self._session: dict[str, str] = {}
        self._api: dict[str, str] = {}
        at = urlsplit(database_url)
        self.environment = {
            **install_n8n.environment(CACHE),
            "HOME": str(folder), "N8N_USER_FOLDER": str(folder), "N8N_ENCRYPTION_KEY": "only for tests",
            "N8N_LISTEN_ADDRESS": "127.0.0.1", "N8N_HOST": "127.0.0.1", "N8N_PORT": str(self.port), "N8N_PROTOCOL": "http",
            "N8N_DISABLED_MODULES": "mcp-registry", "N8N_DIAGNOSTICS_CONFIG_FRONTEND": "", "N8N_DIAGNOSTICS_CONFIG_BACKEND": "",
            "EXTERNAL_FRONTEND_HOOKS_URLS": "", "N8N_SECURE_COOKIE": "false", "GENERIC_TIMEZONE": "Africa/Douala", "NO_COLOR": "1",
            "DB_TYPE": "postgresdb", "DB_POSTGRESDB_HOST": unquote(at.hostname or ""), "DB_POSTGRESDB_PORT": str(at.port or 5432),
            "DB_POSTGRESDB_DATABASE": at.path[1:], "DB_POSTGRESDB_USER": at.username or "", "DB_POSTGRESDB_PASSWORD": at.password or "",
            **{f"N8N_{name}_ENABLED": "false" for name in QUIET},
        }  # fmt: skip

    def node(self, *arguments: str, cwd: Path | None = None, timeout_s: float = 240) -> Done:
        """A program of Node."""
        environment = self.environment | {"N8N_RUNNERS_BROKER_PORT": str(free_port())}
        return subprocess.run(
            [str(NODE), *arguments], env=environment, cwd=cwd or self.folder, capture_output=True, text=True, timeout=timeout_s, check=False
        )

    def cli(self, *arguments: str) -> Done:
        """An n8n command, beside the server too."""
        return self.node(str(N8N), *arguments)

    def load(self, *, credentials: Sequence[Mapping[str, Any]] = (), workflows: Sequence[Mapping[str, Any]] = ()) -> None:
        """Import; what has the same id is replaced."""
        for kind, data in (("credentials", credentials), ("workflow", workflows)):
            if data:
                path = self.folder / f"{kind}.json"
                path.write_text(json.dumps(data))
                done = self.cli(f"import:{kind}", f"--input={path}")
                assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]

    def start(self) -> None:
        """Serve until `stop`, with an owner as `n8n/compose.env.example` sets one."""
        hashed = self.node("-p", f"require('bcryptjs').hashSync({json.dumps(OWNER_PASSWORD)}, 10)", cwd=CACHE / "app").stdout.strip()
        owner = {
            "N8N_INSTANCE_OWNER_MANAGED_BY_ENV": "true", "N8N_INSTANCE_OWNER_EMAIL": OWNER_EMAIL, "N8N_INSTANCE_OWNER_FIRST_NAME": "Awa",
            "N8N_INSTANCE_OWNER_LAST_NAME": "Ngo", "N8N_INSTANCE_OWNER_PASSWORD_HASH": hashed,
            "N8N_RUNNERS_BROKER_PORT": str(free_port()),
        }  # fmt: skip
        with (self.folder / "start.log").open("wb") as log:
            self.process = subprocess.Popen(
                [str(NODE), str(N8N), "start"], env=self.environment | owner, cwd=self.folder, stdout=log, stderr=log
            )
        self.until(lambda: self.http("/healthz/readiness")[0] == 200, timeout_s=240)

    def log_in(self) -> None:
        """As the owner; makes a key for n8n's own API, too."""
        status, body, cookie = self.http("/rest/login", {"emailOrLdapLoginId": OWNER_EMAIL, "password": OWNER_PASSWORD})
        assert status == 200, body
        self._session = {"cookie": cookie}
        status, body, _ = self.http("/rest/api-keys", {"label": "tests", "expiresAt": None, "scopes": SCOPES}, self._session)
        assert status == 200, body
        self._api = {"X-N8N-API-KEY": json.loads(body)["data"]["rawApiKey"]}

    def run(self, workflow: str, *, trigger: str = "By hand", timeout_s: float = 240) -> Execution:
        """Press “Execute workflow” and wait for the end."""
        status, body, _ = self.http(f"/rest/workflows/{workflow}/run", {"triggerToStartFrom": {"name": trigger}}, self._session)
        assert status == 200, body
        number = json.loads(body)["data"]["executionId"]
        going_on = {"new", "running", "waiting"}
        self.until(lambda: self.api(f"/executions/{number}")["status"] not in going_on, timeout_s=timeout_s)
        return Execution.of(self.api(f"/executions/{number}?includeData=true"))

    def execute(self, workflow: str) -> tuple[int, Execution]:
        """Run it once by the command line: the exit code and what was printed."""
        done = self.cli("execute", f"--id={workflow}")
        start = done.stdout.find("\n{")
        assert start >= 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.returncode, Execution.of(json.JSONDecoder().raw_decode(done.stdout[start + 1 :])[0])

    def create(self, workflow: Mapping[str, Any]) -> None:
        """A new workflow with this id."""
        status, body, _ = self.http("/rest/workflows", workflow, self._session)
        assert status == 200, body

    def test_credential(self, credential: str, data: Mapping[str, str] | None = None) -> tuple[str, str]:
        """Press “Test” on a credential, with other values when given: status and message."""
        status, body, _ = self.http(f"/rest/credentials/{credential}?includeData=true", headers=self._session)
        assert status == 200, body
        found = json.loads(body)["data"]
        asked = {**found, "data": data or found["data"]}
        status, body, _ = self.http("/rest/credentials/test", {"credentials": asked}, self._session)
        assert status == 200, body
        answer = json.loads(body)["data"]
        return answer["status"], answer["message"]

    def activate(self, workflow: str, *, active: bool = True) -> None:
        """Publish it or take it back; its triggers follow a little later."""
        self.api(f"/workflows/{workflow}/{'activate' if active else 'deactivate'}", {})

    def api(self, path: str, data: object = None) -> dict[str, Any]:
        """n8n's own API."""
        status, body, _ = self.http(f"/api/v1{path}", data, self._api)
        assert status == 200, body
        answer: dict[str, Any] = json.loads(body)
        return answer

    def http(self, path: str, data: object = None, headers: Mapping[str, str] | None = None) -> tuple[int, bytes, str]:
        """Status, body and cookie of a call of n8n's server; status 0 while it does not answer."""
        body = None if data is None else json.dumps(data).encode()
        sent = {"content-type": "application/json", "browser-id": "tests", **(headers or {})}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=body, headers=sent)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  our own
                return answer.status, answer.read(), (answer.headers.get("set-cookie") or "").partition(";")[0]
        except urllib.error.HTTPError as error:
            return error.code, error.read(), ""
        except OSError:
            return 0, b"", ""

    def until(self, done: Callable[[], bool], *, timeout_s: float) -> None:
        """Wait for something that the server brings about."""
        deadline = time.monotonic() + timeout_s
        while not done():
            ended = self.process is None or self.process.poll() is not None
            assert not ended, (self.folder / "start.log").read_text()[-3000:]
            assert time.monotonic() < deadline, (self.folder / "start.log").read_text()[-3000:]
            time.sleep(0.2)

    def stop(self) -> None:
        """End the server, if it runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
        self.process = None
