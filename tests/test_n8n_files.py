"""What is shipped for n8n, without n8n: `make test-n8n` runs it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from apps.accounts.keys import PUBLISHED_PATTERN
from scripts import build_n8n_workflows

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "n8n"
FILES = sorted((FOLDER / "workflows").glob("*.json"))
ID_MAX = 21


def read(file: Path) -> dict[str, Any]:
    workflow: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return workflow


def test_the_workflows_are_what_the_script_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_n8n_workflows, "OUT", tmp_path)
    build_n8n_workflows.main()
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {file.name: file.read_text() for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_can_be_imported(file: Path) -> None:
    """An id that n8n takes, a version on every node, connections that lead somewhere, both languages, not switched on."""
    workflow = read(file)
    assert re.fullmatch(rf"[A-Za-z0-9]{{1,{ID_MAX}}}", workflow["id"])
    assert workflow["active"] is False
    assert workflow["settings"]["executionOrder"] == "v1"
    names = [node["name"] for node in workflow["nodes"]]
    assert len(names) == len(set(names))
    assert all(node["typeVersion"] and node["id"] and node["type"].startswith("n8n-nodes-base.") for node in workflow["nodes"])
    for source, outputs in workflow["connections"].items():
        assert source in names
        assert {link["node"] for output in outputs["main"] for link in output} <= set(names)
    notes = [node["parameters"]["content"] for node in workflow["nodes"] if node["type"].endswith("stickyNote")]
    assert notes
    assert all("\n\n---\n\n" in note for note in notes)


def test_each_calls_a_workflow_that_is_there() -> None:
    workflows = [read(file) for file in FILES]
    ids = {workflow["id"] for workflow in workflows}
    assert len(ids) == len(FILES)
    wanted = {workflow["settings"].get("errorWorkflow", "romapiFailedRecords") for workflow in workflows}
    called = {
        node["parameters"]["workflowId"]["value"]
        for workflow in workflows
        for node in workflow["nodes"]
        if node["type"] == "n8n-nodes-base.executeWorkflow"
    }
    assert wanted | called <= ids


def test_no_secret_is_in_any_file() -> None:
    """Keys and passwords are placeholders; a workflow names its credential by id."""
    for file in [*FILES, *FOLDER.glob("*.example"), *FOLDER.glob("*.json"), *FOLDER.glob("*.md")]:
        assert not PUBLISHED_PATTERN.search(file.read_text(encoding="utf-8")), file
    template = json.loads((FOLDER / "credentials.template.json").read_text())
    known = {row["id"] for row in template}
    used = {link["id"] for file in FILES for node in read(file)["nodes"] for link in node.get("credentials", {}).values()}
    assert used <= known
    lines = (FOLDER / "compose.env.example").read_text().splitlines()
    secret = [line for line in lines if re.match(r"[A-Z0-9_]*(PASSWORD|KEY|HASH)[A-Z_]*=", line)]
    assert len(secret) == 3
    assert all("CHANGE_ME" in line for line in secret)


def test_the_owner_is_set_by_the_environment() -> None:
    lines = (FOLDER / "compose.env.example").read_text().splitlines()
    assert "N8N_INSTANCE_OWNER_MANAGED_BY_ENV=true" in lines


def test_n8n_is_pinned_by_its_lock() -> None:
    wanted = read(FOLDER / "package.json")
    lock = read(FOLDER / "package-lock.json")["packages"]
    assert lock[""]["dependencies"] == wanted["dependencies"]
    assert lock[""]["devDependencies"] == wanted["devDependencies"]
    assert lock["node_modules/n8n"]["version"] == wanted["dependencies"]["n8n"] == "2.41.1"
    assert not any("resolved" in package for package in lock.values())
