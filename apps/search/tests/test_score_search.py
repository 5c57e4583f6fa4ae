"""The command that measures the search: over the catalogue, over documents of a file, and over files that are wrong."""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from elasticsearch import Elasticsearch

from apps.catalog.tests.factories import make_resource
from apps.search.management.commands.score_search import ended_like_ctrl_c
from apps.search.models import ResourceSearch, SearchWord
from apps.search.services import index_resources, scoring

pytestmark = pytest.mark.django_db

DOCUMENTS = [
    {"id": "a", "title": "Château de Chenonceau", "text": "Un château sur le Cher, ses jardins et sa galerie."},
    {"id": "b", "name": "Musée du vin", "description": "Dégustation de vins de Loire dans une cave du XVe siècle."},
    {"id": 3, "title": "Camping des rives", "text": "Au bord de l’eau, à deux pas du château."},
]


class Files:
    """A set of files, and the command over them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.paths: dict[str, Path] = {}
        self.stderr = io.StringIO()

    def write(self, name: str, text: str | bytes) -> Path:
        self.paths[name] = self.folder / name
        self.paths[name].write_bytes(text.encode() if isinstance(text, str) else text)
        return self.paths[name]

    def score(self, *options: object) -> str:
        named = [str(item) for name, path in self.paths.items() for item in (f"--{name}", path)]
        return str(
            call_command("score_search", *named, *map(str, options), stdout=(out := io.StringIO()), stderr=self.stderr) or out.getvalue()
        )


@pytest.fixture
def files(tmp_path: Path) -> Files:
    files = Files(tmp_path)
    files.write("queries", "q1\tchateau jardins\nq2\tdegustation vin\n")
    files.write("qrels", "q1 0 a 3\nq1 0 3 1\nq2 0 b 2\n")
    return files


def ndjson(documents: Sequence[object]) -> str:
    return "".join(json.dumps(document) + "\n" for document in documents)


def schemas() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'scoring%%'")
        return {name for (name,) in cursor.fetchall()}


def test_it_works(files: Files) -> None:
    files.write("docs", ndjson(DOCUMENTS))
    out = files.score()
    figures = dict(line.split() for line in out.splitlines())
    assert figures == {
        "nDCG@10": figures["nDCG@10"],
        "MRR@10": "1.0000",
        "recall@10": figures["recall@10"],
        "queries": "2",
        "backend": "postgres",
    }
    assert float(figures["nDCG@10"]) > 0.9
    assert files.stderr.getvalue() == ""


def test_documents_leave_nothing_behind_and_do_not_mix_with_the_catalogue(files: Files) -> None:
    resource = make_resource(name="Château Jardins")
    index_resources(resource_ids=[resource.pk])
    words = SearchWord.objects.count()
    files.write("docs", ndjson(DOCUMENTS))
    run = files.folder / "run.tsv"
    files.score("--run", run)
    lines = [line.split("\t") for line in run.read_text(encoding="utf-8").splitlines()]
    assert next(line[2] for line in lines if line[0] == "q1") == "a"
    assert {line[2] for line in lines} <= {"a", "b", "3"}
    assert {tuple(line[i] for i in (1, 5)) for line in lines} == {("Q0", "postgres")}
    assert ResourceSearch.objects.count() == 1
    assert SearchWord.objects.count() == words
    assert schemas() == set()


def test_the_catalogue_is_known_by_source_and_key(files: Files) -> None:
    wanted = make_resource(name="Château de Foumban", source="osm", source_id="n1")
    other = make_resource(name="Boulangerie", source="osm", source_id="n2")
    index_resources(resource_ids=[wanted.pk, other.pk])
    files.write("queries", "q1\tchateau foumban\t5.7\t10.9\n")
    files.write("qrels", "q1\t0\tosm:n1\t3\nq1\t0\tosm:n9\t1\n")
    told = json.loads(files.score("--json"))
    assert told["per_query"]["q1"]["MRR@10"] == told["MRR@10"] == 1
    assert (told["recall@10"], told["queries"], told["backend"]) == (0.5, 1, "postgres")
    assert "1 of 2 relevant documents do not exist here, such as 'osm:n9'" in files.stderr.getvalue()


@pytest.fixture
def elastic_site(elasticsearch_server: dict[str, Any], settings: Any) -> Elasticsearch:
    """A site whose configured engine is Elasticsearch."""
    settings.ELASTICSEARCH = elasticsearch_server
    settings.ELASTICSEARCH_INDEX_PREFIX += "-score"
    return Elasticsearch(**elasticsearch_server)


def test_elasticsearch_ranks_documents_in_an_index_of_their_own(files: Files, elastic_site: Elasticsearch, settings: Any) -> None:
    files.write("docs", ndjson(DOCUMENTS))
    told = json.loads(files.score("--json"))
    assert (told["backend"], told["MRR@10"]) == ("elasticsearch", 1)
    assert json.loads(files.score("--json", "--backend", "postgres"))["nDCG@10"] == told["nDCG@10"]
    files.write("docs", ndjson(DOCUMENTS) + "{")
    with pytest.raises(CommandError, match="line 4"):
        files.score()
    with elastic_site:
        assert list(elastic_site.indices.get(index=f"{settings.ELASTICSEARCH_INDEX_PREFIX}-scoring*")) == []


def test_an_engine_that_is_not_there_is_named(files: Files) -> None:
    with pytest.raises(CommandError, match="elasticsearch is not configured"):
        files.score("--backend", "elasticsearch")


def test_an_engine_that_does_not_answer_is_not_replaced_by_another(files: Files, settings: Any) -> None:
    settings.ELASTICSEARCH = {"hosts": ["http://127.0.0.1:9"]}
    with pytest.raises(CommandError, match="does not answer"):
        files.score()


def test_what_is_not_judged_or_not_asked_is_left_out_and_said(files: Files) -> None:
    files.write("docs", ndjson(DOCUMENTS))
    files.write("queries", "q1\tchateau\nq3\tmusée\nq4\tcamping\n")
    files.write("qrels", "q1 0 a 3\nq2 0 b 2\nq4 0 a 0\n")
    assert json.loads(files.score("--json"))["queries"] == 1
    assert "2 queries have no relevant document" in files.stderr.getvalue()
    assert "1 judged queries are not among the queries" in files.stderr.getvalue()


def test_files_may_be_gzipped(files: Files) -> None:
    files.write("docs", gzip.compress(ndjson(DOCUMENTS).encode()))
    assert json.loads(files.score("--json"))["queries"] == 2


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("queries", "q1 chateau\n", "queries, line 1: expected query_id"), ("qrels", "q1 0 a 3\nq1 a\n", "qrels, line 2"),
        ("qrels", "other 0 a 3\n", "ids of both files agree"), ("docs", ndjson(DOCUMENTS) + "{", "docs, line 4: not JSON"),
        ("docs", ndjson([*DOCUMENTS, DOCUMENTS[0]]), "docs, line 4: the document 'a' is there twice"),
        ("docs", gzip.compress(ndjson(DOCUMENTS).encode(), mtime=0)[:-9], "damaged"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_named(files: Files, file: str, text: str | bytes, message: str) -> None:
    files.write(file, text)
    with pytest.raises(CommandError, match=message):
        files.score()
    assert schemas() == set()


def test_a_file_that_is_not_there_is_named(files: Files) -> None:
    files.paths["qrels"] = files.folder / "missing.tsv"
    with pytest.raises(CommandError, match=r"missing\.tsv: No such file"):
        files.score()


def test_a_run_that_cannot_be_written_is_named(files: Files) -> None:
    with pytest.raises(CommandError, match="can be written"):
        files.score("--run", files.folder / "no" / "run.tsv")


def test_a_termination_unwinds(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after Ctrl-C, what was made aside is gone."""
    files.write("docs", ndjson(DOCUMENTS))

    def killed(*_: object) -> None:
        assert schemas() != set()
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(scoring, "learn_words", killed)
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended:
        files.score()
    assert ended.value.code == 128 + signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is before
    assert schemas() == set()


def test_elsewhere_than_in_the_main_thread_signals_stay() -> None:
    from threading import Thread

    kept = []
    thread = Thread(target=lambda: kept.append(_entered()))
    thread.start()
    thread.join()
    assert kept == [True]


def _entered() -> bool:
    with ended_like_ctrl_c():
        return True


def test_documents_are_stored_in_batches(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "BATCH", 2)
    files.write("docs", ndjson(DOCUMENTS))
    assert json.loads(files.score("--json"))["MRR@10"] == 1
