"""One n8n, one server of ours and what stands around them, for all tests of this folder."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from ecosysteme import embedded
from scripts import install_n8n
from tests.n8n.engine import CACHE, Engine
from tests.n8n.romapi import ROOT, Romapi
from tests.n8n.web import Gate, Site

WORKFLOWS = ROOT / "n8n" / "workflows"
NODE_PACKAGE = "n8n-nodes-romapi"
LISTING, CSV, PLACES = "/douala", "/commerces.csv", "/places.ndjson.gz"


@dataclass
class Lab:
    """Everything that a test needs."""

    n8n: Engine
    romapi: Romapi
    site: Site
    gate: Gate
    source: str
    key: str


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Our server with its worker, a key of a source, and n8n with every workflow imported, served by an owner set by environment."""
    folder = tmp_path_factory.mktemp("n8n")
    with contextlib.ExitStack() as stack:
        romapi = Romapi(_folder(folder, "romapi"), fresh_database("romapi_n8n"))
        n8n = Engine(_folder(folder, "engine"), fresh_database("n8n"))
        site, gate = Site(), Gate(romapi.port)
        for stop in (site.close, gate.close, romapi.stop, n8n.stop):
            stack.callback(stop)
        # Both take half a minute or more, each on a core of its own.
        with ThreadPoolExecutor() as both:
            ours, theirs = both.submit(prepare_romapi, romapi), both.submit(prepare_n8n, n8n, workflows(site, gate))
            (source, key), _ = ours.result(), theirs.result()
        n8n.load(credentials=credentials(key, gate.url))
        n8n.log_in()
        n8n.activate("romapiFailedRecords")
        yield Lab(n8n, romapi, site, gate, source, key)


def prepare_romapi(romapi: Romapi) -> tuple[str, str]:
    """Our server, ready; id and key of a source."""
    romapi.prepare()
    romapi.start()
    return romapi.source("n8n")


def prepare_n8n(n8n: Engine, flows: list[dict[str, Any]]) -> None:
    """n8n with our node and workflows, ready."""
    install_node(n8n)
    n8n.load(workflows=flows)
    n8n.start()


@pytest.fixture(autouse=True)
def _afresh(lab: Lab) -> None:
    """Nothing seen, nothing planned."""
    lab.site.seen.clear()
    lab.gate.seen.clear()
    lab.gate.faults.clear()


def fresh_database(name: str) -> str:
    """An empty database beside the suite's own; its address."""
    url = os.environ.get("DATABASE_URL") or embedded.database_url()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    return f"{url.rsplit('/', 1)[0]}/{name}"


def install_node(n8n: Engine) -> None:
    """Check, build and pack our node, and install it as n8n does when a person asks for it."""
    source = CACHE / "app" / NODE_PACKAGE  # below `node_modules` with the tools
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(ROOT / "n8n" / NODE_PACKAGE, source, ignore=shutil.ignore_patterns("dist", "node_modules"))
    nodes = n8n.folder / ".n8n" / "nodes"
    nodes.mkdir(parents=True)
    npm = install_n8n.npm(CACHE)[1]
    for cwd, arguments in (
        (source, ("run", "lint")),
        (source, ("run", "build")),
        (source, ("pack", "--pack-destination", str(nodes))),
        (nodes, ("install", "--offline", *install_n8n.NPM_OPTIONS, f"./{NODE_PACKAGE}-1.0.0.tgz")),
    ):
        done = n8n.node(npm, *arguments, cwd=cwd)
        assert done.returncode == 0, f"npm {arguments}: {done.stdout[-3000:]}{done.stderr[-3000:]}"


def credentials(key: str, api_base: str) -> list[dict[str, Any]]:
    """The committed template, filled in."""
    text = (ROOT / "n8n" / "credentials.template.json").read_text()
    rows: list[dict[str, Any]] = json.loads(text.replace("romapi_live_PUT_YOUR_KEY_HERE", key).replace("http://127.0.0.1:8000", api_base))
    return rows


def workflows(site: Site, gate: Gate) -> list[dict[str, Any]]:
    """The committed workflows, with what a person would write into `Settings`, and small batches."""
    values = {
        "api_base": gate.url, "source_url": site.url + LISTING, "csv_url": site.url + CSV, "delimiter": ";",
        "file_url": site.url + PLACES, "message_url": f"{site.url}/messages", "pages": json.dumps([site.url + LISTING]), "batch_size": 2,
    }  # fmt: skip
    found = []
    for file in sorted(WORKFLOWS.glob("*.json")):
        workflow = json.loads(file.read_text(encoding="utf-8"))
        for node in workflow["nodes"]:
            if node["name"] == "Settings":
                for row in node["parameters"]["assignments"]["assignments"]:
                    row["value"] = values.get(row["name"], row["value"])
            if node["name"] == "By the clock":
                node["parameters"]["rule"] = {"interval": [{"field": "seconds", "secondsInterval": 2}]}
        found.append(workflow)
    return found


def _folder(parent: Path, name: str) -> Path:
    path = parent / name
    path.mkdir()
    return path
