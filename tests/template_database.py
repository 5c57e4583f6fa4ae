"""A database that is migrated once for each state of the migrations; those of a test run begin as its copies, in a second."""

from __future__ import annotations

import fcntl
import hashlib

from django.conf import settings
from django.db import connection

from ecosysteme.embedded import ROOT, state_dir

PREFIX = "tests_template_"


def template_database() -> str:
    """Its name. Made when it is missing; whoever comes meanwhile waits. Those of other states go."""
    name = PREFIX + _state()
    with (state_dir() / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
            there = {row[0] for row in cursor.fetchall()}
        if name not in there:
            _make(name, instead_of=there)
    return name


def _make(name: str, *, instead_of: set[str]) -> None:
    test, own = connection.settings_dict["TEST"], settings.DATABASES["default"]["NAME"]
    unfinished = f"unfinished_{name}"
    before, test["NAME"] = test.get("NAME"), unfinished
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        connection.close()
        test["NAME"] = before
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = own
    with connection._nodb_cursor() as cursor:
        for old in instead_of:
            cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(old)}")
        cursor.execute(f"ALTER DATABASE {connection.ops.quote_name(unfinished)} RENAME TO {connection.ops.quote_name(name)}")


def _state() -> str:
    """Changes with any file of the migrations, and with any package, which may bring its own."""
    files = [ROOT / "requirements" / "dev.txt", *sorted(path for path in ROOT.glob("apps/*/migrations/**/*") if path.is_file())]
    digest = hashlib.sha256()
    for path in files:
        if "__pycache__" not in path.parts:
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]
