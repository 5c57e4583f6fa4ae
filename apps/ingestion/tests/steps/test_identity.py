"""Which record of a source it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps.ingestion.steps import Cleaned, content_hash

pytestmark = pytest.mark.django_db
Place = Callable[..., Cleaned]


@pytest.mark.parametrize(
    ("members", "origin", "identity"),
    [
        ({"source": "osm", "source_id": "n1"}, "osm", "n1"),
        ({"source": "", "source_id": "", "id": "osm:n1:2"}, "osm", "n1:2"),
        ({"source": "", "source_id": "n1"}, "", "n1"),
        ({"source": "osm", "source_id": "", "id": "osm:n1"}, "osm", "n1"),
        ({"source": "osm", "source_id": "", "id": "n1"}, "osm", "n1"),
        ({"source": "", "source_id": "", "id": 7}, "", "7"),
        ({"source": "", "source_id": "", "external_id": 7}, "", "7"),
    ],
)
def test_it_works(place: Place, members: dict[str, object], origin: str, identity: str) -> None:
    cleaned = place(**members)
    assert (cleaned.origin, cleaned.identity) == (origin, identity)


def fingerprint(place: Place, **members: object) -> str:
    """Of a record without an id."""
    return place(source="", source_id="", **members).identity


def test_a_record_without_id_is_known_by_name_and_phone_or_place(place: Place) -> None:
    first = fingerprint(place, phone="677 98 70 75", description="A")
    assert first.startswith("fp:")
    assert fingerprint(place, phone="+237 677987075", description="B", category="hôtel") == first
    assert fingerprint(place, phone="677 98 70 76") != first
    assert fingerprint(place, name="PHARMACIE  DU TEST", phone="677987075") == first
    here = fingerprint(place, lat=4.05001, lon=9.7, city="Douala")
    assert fingerprint(place, lat="4.05", lon="9.70001", city="DOUALA") == here
    assert fingerprint(place, lat=4.06, lon=9.7, city="Douala") != here
    akwa = fingerprint(place, city="Douala", quarter="Akwa")
    assert fingerprint(place, city="douala", quarter="AKWA") == akwa
    assert len({first, here, akwa, fingerprint(place), fingerprint(place, source_url="https://a.cm/1")}) == 5


def test_the_content_hash_changes_with_what_is_stored(place: Place) -> None:
    first = content_hash(place(phone="677 98 70 75").record)
    assert len(first) == 16
    assert content_hash(place(phone="677987075").record) == first
    assert content_hash(place(phone="677 98 70 76").record) != first
