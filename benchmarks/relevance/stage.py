"""What `make bench ONLY=relevance` runs in a process of its own, on a database that it fills: prints the scores of each engine."""

from __future__ import annotations

import io
import json
import sys
import tempfile
from pathlib import Path
from typing import Any


def demonstration() -> None:
    """The set over the demonstration catalogue."""
    _prepare()
    from django.core.management import call_command  # noqa: PLC0415  the settings are known only in this process

    from benchmarks.relevance.judge import HERE  # noqa: PLC0415

    call_command("load_demo", stdout=sys.stderr)
    _score(HERE)


def made_up() -> None:
    """The set over made-up places."""
    _prepare()
    from apps.core.clock import now  # noqa: PLC0415
    from apps.ingestion.services.files import import_rows  # noqa: PLC0415
    from benchmarks.directory import make_places  # noqa: PLC0415
    from benchmarks.relevance.generated import PLACES, SEED, write  # noqa: PLC0415

    import_rows(make_places(PLACES, seed=SEED), country="CM", at=now())
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        _score(Path(folder))


def _prepare() -> None:
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_reference", stdout=sys.stderr)


def _score(folder: Path) -> None:
    from django.core.management import call_command  # noqa: PLC0415

    from apps.search.backends import engines  # noqa: PLC0415

    call_command("rebuild_index", stdout=sys.stderr)
    told: dict[str, Any] = {}
    for engine in engines():
        out = io.StringIO()
        files = ["--queries", str(folder / "queries.tsv"), "--qrels", str(folder / "qrels.tsv")]
        call_command("score_search", *files, "--backend", engine.name, "--json", stdout=out)
        told[engine.name] = json.loads(out.getvalue())
    print(json.dumps(told))  # noqa: T201  the parent process reads it
