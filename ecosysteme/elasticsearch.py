"""A real Elasticsearch without Docker, for the tests, the benchmarks and `make run SEARCH=elasticsearch`.

Its jars come from Maven once; `docker/elasticsearch-node/` says which. Only the module that speaks HTTP is among them: what we
ask of it works unchanged on the official image. Who uses a node holds its shared lock and the last one out stops it, as in
`embedded.py`. The node itself holds `node.pid` locked while it lives, so that nobody mistakes a dead one, or another program
that has its process id, for a running one.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ecosysteme import embedded
from ecosysteme.embedded import EmbeddedServerError

SOURCE = embedded.ROOT / "docker" / "elasticsearch-node"
JAVA_MINIMUM = 21
JAVA_FOLDER = Path("/usr/lib/jvm")
FETCH_TIMEOUT_S = 300
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 15
FREE_DISK_MINIMUM = 300_000_000
# Ready in half the CPU time of Java's defaults, and in 300 MB. A benchmark wants another choice.
QUICK_START = ("-Xms512m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
OTHER_SERVER = "or set ELASTICSEARCH_URL to a server of version 9 (docker compose -f docker/compose.yml up elasticsearch)"


def is_needed() -> bool:
    """Whether `SEARCH=elasticsearch` asks for this checkout's own node: no other server is named, and this is not production."""
    production = os.environ.get("DJANGO_SETTINGS_MODULE", "").endswith(".production")
    return os.environ.get("SEARCH") == "elasticsearch" and not os.environ.get("ELASTICSEARCH_URL") and not production


def _jdk() -> Path:
    """The first JDK that is new enough, where one would look for it.

    :raises EmbeddedServerError: there is none.
    """
    on_path = shutil.which("java")
    homes = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    homes += [Path(on_path).resolve().parent.parent] if on_path else []
    homes += sorted(JAVA_FOLDER.glob("*"))
    for home in homes:
        # Every JDK describes itself in this file: nothing needs to be started to know its version.
        release = home / "release"
        version = re.search(r'^JAVA_VERSION="(\d+)', release.read_text(), re.MULTILINE) if release.is_file() else None
        if version and int(version[1]) >= JAVA_MINIMUM and (home / "bin" / "javac").exists():
            return home
    raise EmbeddedServerError(
        f"Elasticsearch needs a JDK {JAVA_MINIMUM} or later with javac, and none is in JAVA_HOME, on PATH or under {JAVA_FOLDER}. "
        f"Debian 12 has none: install Temurin (https://adoptium.net/installation/linux/), {OTHER_SERVER}."
    )


def _maven() -> str:
    maven = shutil.which("mvn")
    if maven is None:
        raise EmbeddedServerError(f"Elasticsearch's jars come from Maven: install Debian's maven (make system-deps), {OTHER_SERVER}.")
    return maven


def _program() -> Path:
    """Where the jars, the module and our main class are, or will be: another folder whenever a source changes."""
    digest = hashlib.sha256(b"".join((SOURCE / name).read_bytes() for name in ("pom.xml", "Node.java")))
    return SOURCE / "target" / digest.hexdigest()[:12]


def check() -> None:
    """Nothing when a node can be started, or need not be.

    :raises EmbeddedServerError: what is missing, and the remedy.
    """
    if not os.environ.get("ELASTICSEARCH_URL"):
        _jdk()
        if not _program().exists():
            _maven()


def _run(step: str, *command: str, java_home: Path) -> None:
    """Run one step of the build; what it said is part of the error."""
    try:
        done = subprocess.run(  # noqa: S603  our own command, no shell
            command, env={**os.environ, "JAVA_HOME": str(java_home)}, timeout=FETCH_TIMEOUT_S, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise EmbeddedServerError(f"{step} took more than {FETCH_TIMEOUT_S} s. Check the network and try again, {OTHER_SERVER}.") from error
    if done.returncode:
        said = "\n".join(done.stdout.splitlines()[-8:])
        raise EmbeddedServerError(f"{step} failed. Check the network and ~/.m2/settings.xml, {OTHER_SERVER}. It said:\n{said}")


def _build() -> Path:
    """Fetch and compile what is not there yet, aside and then moved into place: about 30 s once.

    :raises EmbeddedServerError: with the remedy.
    """
    program, jdk = _program(), _jdk()
    program.parent.mkdir(exist_ok=True)
    with (program.parent / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if program.exists():
            return program
        print("Fetching Elasticsearch (44 MB, once)…", file=sys.stderr, flush=True)  # noqa: T201
        fresh = program.with_name("new")
        shutil.rmtree(fresh, ignore_errors=True)
        libraries, module = fresh / "lib", fresh / "modules" / "transport-netty4"
        _run(
            "Maven", _maven(), "-q", "-B", "-f", str(SOURCE / "pom.xml"), "dependency:copy-dependencies", f"-DoutputDirectory={libraries}",
            java_home=jdk,
        )  # fmt: skip
        # As in the real distribution a module has its own folder, with its descriptor.
        module.mkdir(parents=True)
        for jar in [*libraries.glob("netty-*.jar"), *libraries.glob("transport-netty4-*.jar")]:
            jar.rename(module / jar.name)
        with zipfile.ZipFile(next(module.glob("transport-netty4-*.jar"))) as archive:
            descriptor = archive.read("META-INF/es-plugins/transport-netty4/plugin-descriptor.properties").decode()
        kept = [line for line in descriptor.splitlines() if not line.startswith("modulename=")]  # its jars are on a class path here
        (module / "plugin-descriptor.properties").write_text("\n".join(kept) + "\n")
        _run(
            "javac", str(jdk / "bin" / "javac"), "--release", str(JAVA_MINIMUM), "-cp", f"{libraries}/*", "-d", str(fresh / "classes"),
            str(SOURCE / "Node.java"), java_home=jdk,
        )  # fmt: skip
        fresh.rename(program)
    return program


@dataclass(frozen=True)
class Node:
    """One node with all of its state under `folder`."""

    folder: Path
    java_options: tuple[str, ...] = QUICK_START

    @property
    def url(self) -> str:
        """Its address, as the node wrote it when it bound; empty before it ever started."""
        bound = self.folder / "logs" / "http.ports"
        return f"http://{bound.read_text().split()[0]}" if bound.exists() else ""

    @property
    def pid(self) -> int:
        """Its process id; 0 when it does not run."""
        if not self._is_alive():
            return 0
        # It writes its id itself a moment after it took the lock.
        deadline = time.monotonic() + START_TIMEOUT_S
        while not (written := self._pidfile.read_text()) and time.monotonic() < deadline:
            time.sleep(0.02)
        return int(written or 0)

    @property
    def _pidfile(self) -> Path:
        return self.folder / "node.pid"

    def _is_alive(self) -> bool:
        if not self._pidfile.exists():
            return False
        with self._pidfile.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def _answers(self) -> bool:
        """Whether it has recovered every index that it keeps. Yellow will do: one node has no place for replicas."""
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=2)
        try:
            connection.request("GET", "/_cluster/health?wait_for_status=yellow&wait_for_no_initializing_shards=true&timeout=1s")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()

    def start(self) -> None:
        """Start it unless it runs, and wait until it can search.

        :raises EmbeddedServerError: with the remedy.
        """
        is_launched = not self._is_alive()
        if is_launched:
            self._launch(_build())
        deadline = time.monotonic() + START_TIMEOUT_S
        while not (self.url and self._answers()):
            alive = self._is_alive()
            # The one that was there was just ending.
            if not alive and not is_launched:
                is_launched = True
                self._launch(_build())
                continue
            if not alive or time.monotonic() > deadline:
                self._kill()
                said = "\n".join(self._log.read_text().splitlines()[-8:])
                reason = f"did not answer within {START_TIMEOUT_S} s" if alive else "ended"
                raise EmbeddedServerError(f"Elasticsearch {reason}. Its last lines (all of them in {self._log}):\n{said}")
            time.sleep(0.05)

    @property
    def _log(self) -> Path:
        return self.folder / "node.log"

    def _launch(self, program: Path) -> None:
        if shutil.disk_usage(self.folder).free < FREE_DISK_MINIMUM:
            raise EmbeddedServerError(f"The disk that holds {self.folder} is full: free {FREE_DISK_MINIMUM // 1_000_000} MB and try again.")
        for name in ("config", "data", "logs"):
            (self.folder / name).mkdir(exist_ok=True)
        modules = self.folder / "modules"
        modules.unlink(missing_ok=True)
        modules.symlink_to(program / "modules")
        former_port = f"{self.url.rpartition(':')[2]}," if self.url else ""
        (self.folder / "logs" / "http.ports").unlink(missing_ok=True)
        settings = {
            "cluster.name": "ecosysteme",
            "node.name": "node",
            "discovery.type": "single-node",
            "network.host": "127.0.0.1",
            # The first free one, written to logs/http.ports; after a crash the former one, which its users know.
            "http.port": f"{former_port}9200-9300",
            "node.portsfile": "true",
            # By default indices become read-only on a disk that is 95 % full.
            "cluster.routing.allocation.disk.threshold_enabled": "false",
        }
        command = [
            str(_jdk() / "bin" / "java"), *self.java_options, "--enable-native-access=ALL-UNNAMED", "--add-modules=jdk.incubator.vector",
            "-cp", f"{program}/classes:{program}/lib/*", "Node", str(self.folder),
            *(f"{name}={value}" for name, value in settings.items()),
        ]  # fmt: skip
        with self._pidfile.open("w") as pidfile, self._log.open("w") as log:
            # The lock passes to the node and is free again when it is dead, however it died. The shell's "&" makes it nobody's
            # child, so that it outlives the process that happened to come first.
            fcntl.flock(pidfile, fcntl.LOCK_EX)
            subprocess.run(  # noqa: S603  our own command
                ["/bin/sh", "-c", '"$@" &', "sh", *command], cwd=self.folder, pass_fds=[pidfile.fileno()], start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=True,
            )  # fmt: skip

    def stop(self) -> None:
        """End it, by force when it does not end by itself."""
        if pid := self.pid:
            os.kill(pid, signal.SIGTERM)
            deadline = time.monotonic() + STOP_TIMEOUT_S
            while self._is_alive() and time.monotonic() < deadline:
                time.sleep(0.02)
        self._kill()

    def _kill(self) -> None:
        if pid := self.pid:
            os.kill(pid, signal.SIGKILL)
            deadline = time.monotonic() + STOP_TIMEOUT_S
            while self._is_alive() and time.monotonic() < deadline:
                time.sleep(0.02)

    @contextlib.contextmanager
    def running(self) -> Iterator[str]:
        """Hold it for the length of the block; gives its address.

        :raises EmbeddedServerError: with the remedy.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with embedded.shared(self.folder, start=self.start, stop=self.stop):
            yield self.url


def own_node() -> Node:
    """The node of this checkout and profile."""
    return Node(embedded.state_dir() / "elasticsearch")


@contextlib.contextmanager
def running() -> Iterator[None]:
    """Hold this checkout's node for the length of the block, when `SEARCH` asks for it."""
    with own_node().running() if is_needed() else contextlib.nullcontext():
        yield


def main() -> None:
    """`check`: say what is missing. `keep`: hold this checkout's node, and end when it does."""
    try:
        if sys.argv[1:] == ["check"]:
            check()
            return
        with own_node().running():
            signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit())
            while own_node().pid:
                time.sleep(1)
        sys.exit("Elasticsearch ended.")
    except EmbeddedServerError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
