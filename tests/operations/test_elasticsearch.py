"""The Elasticsearch of a checkout: starts, keeps its data, outlives what can happen to it, and says what it lacks."""

from __future__ import annotations

import os
import shutil
import signal
import time
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from ecosysteme import elasticsearch
from ecosysteme.elasticsearch import Node
from ecosysteme.embedded import EmbeddedServerError

pytestmark = pytest.mark.xdist_group("operations")


def test_it_works(tmp_path: Path) -> None:
    node = Node(tmp_path / "node")
    with node.running() as url, Elasticsearch(url) as client:
        client.index(index="places", id="1", document={"name": "Boulangerie du Rail"}, refresh=True)
        assert client.search(index="places", query={"match": {"name": "rail"}})["hits"]["total"]["value"] == 1
    assert node.pid == 0
    with node.running() as url, Elasticsearch(url) as client:
        assert client.search(index="places", query={"match": {"name": "rail"}})["hits"]["total"]["value"] == 1


def test_a_killed_node_is_taken_over_with_its_data(tmp_path: Path) -> None:
    node = Node(tmp_path / "node")
    with node.running() as url, node.running():
        with Elasticsearch(url) as client:
            client.index(index="places", id="1", document={"name": "Boulangerie du Rail"})
        killed = node.pid
        os.kill(killed, signal.SIGKILL)
        while node.pid:
            time.sleep(0.02)
        with node.running() as again, Elasticsearch(again) as client:
            assert again == url, "whoever knew its address still does"
            assert client.get(index="places", id="1")["found"]
        assert node.pid not in {0, killed}, "it serves as long as somebody uses it"
    assert node.pid == 0


def test_a_node_that_cannot_start_shows_why(tmp_path: Path) -> None:
    node = Node(tmp_path / "node", java_options=("-Xmx1k",))
    with pytest.raises(EmbeddedServerError, match="Too small maximum heap"), node.running():
        pass


def test_a_full_disk_names_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elasticsearch, "FREE_DISK_MINIMUM", 10**18)
    with pytest.raises(EmbeddedServerError, match="is full: free"), Node(tmp_path / "node").running():
        pass


def test_no_jdk_names_the_remedies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "java-17"
    (old / "bin").mkdir(parents=True)
    (old / "bin" / "javac").touch()
    (old / "release").write_text('JAVA_VERSION="17.0.15"\n')
    monkeypatch.setattr(elasticsearch, "JAVA_FOLDER", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("JAVA_HOME", str(old))
    monkeypatch.delenv("ELASTICSEARCH_URL", raising=False)
    with pytest.raises(EmbeddedServerError, match=r"JDK 21 or later .* Temurin .* ELASTICSEARCH_URL"):
        elasticsearch.check()
    monkeypatch.setenv("ELASTICSEARCH_URL", "http://127.0.0.1:9200")
    elasticsearch.check()


@pytest.fixture
def fresh_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout in which nothing was fetched yet, and no other server named."""
    source = tmp_path / "elasticsearch-node"
    shutil.copytree(elasticsearch.SOURCE, source, ignore=shutil.ignore_patterns("target"))
    monkeypatch.setattr(elasticsearch, "SOURCE", source)
    monkeypatch.delenv("ELASTICSEARCH_URL", raising=False)
    return source


def test_no_maven_names_the_remedies(tmp_path: Path, fresh_source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(elasticsearch._jdk()))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EmbeddedServerError, match=r"maven \(make system-deps\), or set ELASTICSEARCH_URL"):
        elasticsearch.check()
    assert not (fresh_source / "target").exists()


def test_a_failed_fetch_says_what_maven_said_and_leaves_nothing_half_made(
    tmp_path: Path, fresh_source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maven = tmp_path / "mvn"
    maven.write_text("#!/bin/sh\necho Could not transfer artifact; exit 1\n")
    maven.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    node = Node(tmp_path / "node")
    with pytest.raises(EmbeddedServerError, match=r"(?s)Maven failed.*~/\.m2/settings\.xml.*Could not transfer artifact"), node.running():
        pass
    assert [path.name for path in (fresh_source / "target").iterdir()] == ["build.lock"]
    assert node.pid == 0
