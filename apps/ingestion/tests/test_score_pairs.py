"""`score_pairs`: measures on labelled pairs."""

from __future__ import annotations

import gzip
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.catalog.tests.factories import AT, make_category
from apps.ingestion.choices import LawfulBasis, Outcome, Verdict
from apps.ingestion.evaluation import Judged, MalformedPairs, measure, read_pairs
from apps.ingestion.matching.features import features
from apps.ingestion.matching.learning import Example, cross_validated, learn, places_of
from apps.ingestion.matching.profiles import make_profile
from apps.ingestion.models import RawRecord, Source

SUN: dict[str, Any] = {"name": "Pharmacie du Soleil Levant", "category": "amenity=pharmacy", "lat": 3.8701, "lon": 11.5152}
RISING = {**SUN, "name": "Phcie Soleil Levant", "lat": 3.8703}
PALMS = {**SUN, "name": "Clinique des Palmiers", "category": "amenity=clinic"}


@pytest.fixture
def _reference(db: None) -> None:  # noqa: ARG001  the database is needed, not its value
    make_category(slug="autres")


@pytest.fixture
def records(tmp_path: Path) -> Path:
    path = tmp_path / "records.ndjson.gz"
    rows = [{**row, "id": f"osm:{number}", "source": "osm", "source_id": str(number)} for number, row in enumerate((SUN, RISING, PALMS))]
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    return path


def pairs_file(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "pairs.csv"
    path.write_text("\n".join(["a,b,label", *lines]) + "\n", encoding="utf-8")
    return path


def quoted(record: dict[str, Any]) -> str:
    return '"' + json.dumps(record).replace('"', '""') + '"'


def score(*arguments: object) -> dict[str, Any]:
    out = StringIO()
    call_command("score_pairs", *map(str, arguments), "--json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


@pytest.mark.usefixtures("_reference")
def test_it_works(tmp_path: Path, records: Path) -> None:
    path = pairs_file(tmp_path, "osm:0,osm:1,same", "osm:0,osm:2,different", f"osm:1,{quoted(PALMS)},different")

    found = score(path, "--records", records)

    assert found["all"] == {
        "precision": 1.0, "recall": 1.0, "review_share": 0.0, "pairs": 3, "same": 1, "decided_same": 1, "right": 1, "reviews": 0,
        "missed": 0,
    }  # fmt: skip
    assert found["names_differ"]["pairs"] == 3
    assert found["unknown"] == 0


@pytest.mark.usefixtures("_reference")
def test_stored_records_and_records_without_a_name_are_compared_too(tmp_path: Path) -> None:
    source = Source.objects.create(slug="annuaire", name="Annuaire", licence="CC0", lawful_basis=LawfulBasis.OPEN_LICENCE)
    for origin, identity, record in (("osm", "7", SUN), ("", "9", RISING)):
        RawRecord.objects.create(
            source=source, origin=origin, identity=identity, payload=json.dumps(record).encode(), payload_hash=b"0" * 16,
            outcome=Outcome.CREATED, first_seen_at=AT, seen_at=AT, changed_at=AT,
        )  # fmt: skip
    nameless = {**SUN, "name": ""}
    path = pairs_file(tmp_path, "osm:7,annuaire:9,same", f"osm:7,{quoted(nameless)},same")

    found = score(path)

    assert found["all"]["pairs"] == 2
    assert found["all"]["precision"] == 1.0


@pytest.mark.usefixtures("_reference")
def test_an_unknown_record_is_named_and_the_rest_is_scored(tmp_path: Path, records: Path) -> None:
    path = pairs_file(tmp_path, "osm:0,osm:99,same", "osm:0,osm:1,same")
    out, err = StringIO(), StringIO()

    with pytest.raises(CommandError, match="1 pairs"):
        call_command("score_pairs", str(path), "--records", str(records), stdout=out, stderr=err)

    assert "line 2: no record is known as osm:99" in err.getvalue()
    assert "pairs=1" in out.getvalue()


@pytest.mark.parametrize("text", ["x,y,z\n1,2,same\n", "a,b,label\n1,2,maybe\n", "a,b,label\n1,,same\n", 'a,b,label\n"{",2,same\n'])
def test_a_malformed_file_says_where(text: str) -> None:
    with pytest.raises(MalformedPairs, match=r"header|line 2"):
        list(read_pairs(text.splitlines(keepends=True)))


@pytest.mark.usefixtures("_reference")
def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    broken = tmp_path / "records.ndjson"
    broken.write_text('{"id": "osm:0"}\nnot json\n', encoding="utf-8")

    with pytest.raises(CommandError, match="No such file"):
        score(tmp_path / "nothing.csv")
    with pytest.raises(CommandError, match="line 2"):
        score(pairs_file(tmp_path, "osm:0,osm:1,same"), "--records", broken)


def test_a_review_counts_as_missed_and_not_as_wrong() -> None:
    found = measure(
        [
            Judged(is_same=True, verdict=Verdict.SAME, has_same_names=True),
            Judged(is_same=True, verdict=Verdict.ASK, has_same_names=True),
            Judged(is_same=False, verdict=Verdict.SAME, has_same_names=False),
            Judged(is_same=False, verdict=Verdict.DIFFERENT, has_same_names=False),
        ]
    )

    assert (found.precision, found.recall, found.review_share, found.missed) == (0.5, 0.5, 0.25, 0)


def test_weights_are_learned_and_places_stay_in_one_fold() -> None:
    near = features(
        make_profile(name="Bar du Port", latitude=4.0, longitude=9.7), make_profile(name="Bar du Port", latitude=4.0, longitude=9.7)
    )
    far = features(
        make_profile(name="Bar du Port", latitude=4.0, longitude=9.7), make_profile(name="Bar du Lac", latitude=5.0, longitude=9.7)
    )
    examples = [Example(near, is_same=True, place=f"a{number}") for number in range(12)]
    examples += [Example(far, is_same=False, place=f"b{number}") for number in range(12)]

    learned = learn(examples)

    assert learned.score(near) > 0.9
    assert learned.score(far) < 0.1
    assert set(cross_validated(examples)[:12]) == {Verdict.SAME}
    assert places_of([("a", "b", True), ("b", "c", True), ("d", "a", False)]) == {"a": "a", "b": "a", "c": "a", "d": "d"}
