"""Databases of the benchmark's own on the checkout's servers, and processes that work on them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import psycopg

from benchmarks.runner import ROOT
from ecosysteme import embedded


@contextmanager
def bench_database(name: str, *, is_fresh: bool = False) -> Iterator[dict[str, str]]:
    """The environment that names a database, made when it is missing, or always anew."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecosysteme.settings.local")
    with embedded.running():
        address = embedded.database_url()
        with psycopg.connect(address.replace("postgres://", "postgresql://"), autocommit=True) as connection:
            if is_fresh:
                connection.execute(f"DROP DATABASE IF EXISTS {name}")
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
                connection.execute(f"CREATE DATABASE {name}")
            # A parallel worker takes its CPU time with it when it ends, before anybody reads it.
            connection.execute(f"ALTER DATABASE {name} SET max_parallel_workers_per_gather = 0")
        own = address.rsplit("/", 1)[0] + f"/{name}"
        with psycopg.connect(own.replace("postgres://", "postgresql://"), autocommit=True) as connection:
            _touch_buffers(connection)
        yield {"DATABASE_URL": own, "REDIS_URL": embedded.redis_url(), "CARD_CACHE_S": "0", "LOG_LEVEL": "WARNING"}


def _touch_buffers(connection: psycopg.Connection[Any]) -> None:
    """Use every page of PostgreSQL's buffers once, as a server that has been up for a while has.

    The first use costs about 3 µs a page, which whoever is measured first would pay and who is measured after it would not.
    """
    connection.execute("CREATE UNLOGGED TABLE bench_touched (filler text)")
    connection.execute("ALTER TABLE bench_touched ALTER filler SET STORAGE PLAIN")
    # One row to a page. Reading or copying would go through a few pages again and again.
    pages = "pg_size_bytes(current_setting('shared_buffers')) / 8192"
    connection.execute(f"INSERT INTO bench_touched SELECT repeat('x', 5000) FROM generate_series(1, {pages})")  # noqa: S608  a constant
    connection.execute("DROP TABLE bench_touched")


def postgres_process() -> psutil.Process:
    """The server that all its backends descend from."""
    pidfile = next(iter((embedded.ROOT / "var" / "dev").glob("postgres/data/postmaster.pid")))
    return psutil.Process(int(pidfile.read_text().split()[0]))


def figures_of(statement: str, environment: dict[str, str]) -> Any:
    """Run Python statements in a process of their own, whose settings are those of the environment; what its last line says in JSON."""
    done = subprocess.run(  # noqa: S603  our own module
        [sys.executable, "-c", statement], cwd=ROOT, env={**os.environ, **environment}, check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return json.loads(done.stdout.strip().splitlines()[-1])
