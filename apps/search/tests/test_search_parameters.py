"""What is refused before any engine is asked: each bad parameter by its name."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.catalog.tests.factories import make_category
from apps.search.tests.test_search_api import NEARBY, PATH, refused

pytestmark = pytest.mark.django_db


BAD = {
    "lat": ["lat=91&lng=9", "lat=-90.1&lng=9", "lat=nan&lng=9", "lat=1e1&lng=9", "lng=9", "lat=&lng=9", "lat=4%00&lng=9"],
    "lng": ["lat=4&lng=181", "lat=4", "lat=4&lng=inf", "lat=4&lng=9&lng=10"],
    "radius": ["lat=4&lng=9&radius=0", "lat=4&lng=9&radius=-1", "lat=4&lng=9&radius=1000000000", "lat=4&lng=9&radius=5.5"],
    "type": ["lat=4&lng=9&type=shop", "lat=4&lng=9&type=api&resource_type=data"],
    "has": ["lat=4&lng=9&has=gold"],
    "bbox": ["lat=4&lng=9&bbox=179,4,-179,5", "lat=4&lng=9&bbox=9,5,10,4", "lat=4&lng=9&bbox=9,4,10", "lat=4&lng=9&bbox=9,4,10,91"],
    "limit": ["lat=4&lng=9&limit=101", "lat=4&lng=9&limit=0", "lat=4&lng=9&limit=x"],
    "lang": ["lat=4&lng=9&lang=de"],
    "wrong": ["lat=4&lng=9&wrong=1"],
}
BAD_SEARCHES = {
    "q": [f"q={'x' * 201}", "q=%00", "q=a%0Ab", "q=%ff", "q=a&q=b"],
    "location": ["location=zzzz", f"location={'x' * 121}", "location=Akwa&city=douala"],
    "radius": ["radius=500"],
    "sort": ["sort=distance", "sort=price"],
    "offset": ["offset=10001", "offset=-1", "offset=9950&limit=60"],
    "facets": ["facets=price", "facets=type,,owner"],
    "include": ["include=price"],
    "explain": ["explain=perhaps"],
    "understand": ["understand=perhaps"],
}


@pytest.mark.usefixtures("akwa")
@pytest.mark.parametrize(("parameter", "query"), [(name, query) for name, queries in BAD.items() for query in queries])
def test_bad_parameters(client: Client, parameter: str, query: str) -> None:
    for path in (PATH, NEARBY):
        problem = refused(client, query, path)
        assert problem["code"] == "invalid_parameter"
        assert parameter in [error["parameter"] for error in problem["errors"]]


@pytest.mark.usefixtures("akwa")
@pytest.mark.parametrize(("parameter", "query"), [(name, query) for name, queries in BAD_SEARCHES.items() for query in queries])
def test_bad_parameters_of_searches(client: Client, parameter: str, query: str) -> None:
    problem = refused(client, query)
    assert problem["code"] == "invalid_parameter"
    assert parameter in [error["parameter"] for error in problem["errors"]]


def test_neighbours_of_nothing(client: Client) -> None:
    assert [error["parameter"] for error in refused(client, "", NEARBY)["errors"]] == ["lat"]
    for name in ("q", "sort", "facets", "offset"):
        assert refused(client, f"lat=4&lng=9&{name}=1", NEARBY)["errors"][0]["parameter"] == name


@pytest.mark.usefixtures("akwa")
def test_unknown_slugs_have_suggestions(client: Client) -> None:
    make_category(slug="pharmacies")
    for parameter, value, near in (
        ("category", "pharmacie", "pharmacies"), ("city", "duala", "douala"), ("quarter", "akwwa", "akwa"),
        ("region", "litoral", "littoral"), ("location", "akwathiii", "Akwa, Douala"),
    ):  # fmt: skip
        problem = refused(client, f"{parameter}={value}")
        assert problem["errors"][0]["parameter"] == parameter
        assert near in problem["suggestions"], parameter
    assert refused(client, "lat=4&lng=9&category=pharmacie", NEARBY)["suggestions"] == ["pharmacies"]
