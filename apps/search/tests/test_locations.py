"""Places as people type them: by any name, misspelt, or by a landmark, which is a point to search around."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.catalog.models import Quarter
from apps.catalog.selectors import UnknownSlug
from apps.catalog.tests.factories import AT, make_category, make_city, make_quarter, make_region
from apps.search import selectors
from apps.search.questions import SearchQuestion, UnderstoodKind
from apps.search.tests.factories import make_found

pytestmark = pytest.mark.django_db
PATH = "/api/v1/search"
AKWA, NDOKOTI = (4.05, 9.7), (4.0434, 9.7425)


@pytest.fixture(autouse=True)
def quarters() -> dict[str, Quarter]:
    """Two quarters of Douala with positions, one without, and a town elsewhere."""
    littoral = make_region(slug="littoral", name_fr="Littoral", name_en="Littoral")
    douala = make_city(slug="douala", name_fr="Douala", name_en="Douala", region=littoral, aliases=["Ville de Douala"])
    make_city(slug="yaounde", name_fr="Yaoundé", name_en="Yaounde", region=make_region(slug="centre", name_fr="Centre", name_en="Centre"))
    return {
        "akwa": make_quarter(slug="akwa", name="Akwa", city=douala, latitude=AKWA[0], longitude=AKWA[1]),
        "ndokoti": make_quarter(
            slug="ndokoti", name="Ndokoti", city=douala, aliases=["Carrefour Ndokoti"], latitude=NDOKOTI[0], longitude=NDOKOTI[1]
        ),
        "deido": make_quarter(slug="deido", name="Deïdo", city=douala),
    }


@pytest.fixture
def hotel(quarters: dict[str, Quarter]) -> None:
    """A landmark."""
    hotels = make_category(slug="hotels", name_fr="Hôtels", name_en="Hotels", aliases=["hôtel"])
    make_found(
        name="Akwa Palace", slug="akwa-palace", category=hotels, city=quarters["akwa"].city, quarter=quarters["akwa"],
        latitude=4.0501, longitude=9.6953,
    )  # fmt: skip


def meant(text: str) -> tuple[str, str]:
    found = selectors.locate(text, language="fr", at=AT)
    return str(found.kind), found.value


def get(client: Client, **query: str) -> Any:
    response = client.get(PATH, {"lang": "fr", **query})
    assert response.status_code == 200, response.content
    return response.json()


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Douala", "city", "douala"), ("DOUALA", "city", "douala"), ("à Douala", "city", "douala"), ("doula", "city", "douala"),
        ("Douala, Cameroun", "city", "douala"), ("ville de douala", "city", "douala"), ("yaounde", "city", "yaounde"),
        ("Yaoudé", "city", "yaounde"), ("littoral", "region", "littoral"), ("région du Littoral", "region", "littoral"),
        ("Litoral", "region", "littoral"), ("akwa", "quarter", "akwa"), ("quartier Akwa", "quarter", "akwa"),
        ("Akwa Douala", "quarter", "akwa"), ("Akwa, Douala", "quarter", "akwa"), ("Douala Akwa", "quarter", "akwa"),
        ("ndokotti", "quarter", "ndokoti"), ("akwadouala", "quarter", "akwa"), ("Akwa  doualla", "quarter", "akwa"),
        ("deido", "quarter", "deido"), ("rond-point Deïdo", "quarter", "deido"),
        ("carrefour Ndokoti", "landmark", "ndokoti"), ("Carrefour NDOKOTI, Douala", "landmark", "ndokoti"),
        ("vers ndokoti", "landmark", "ndokoti"), ("non loin de ndokoti", "landmark", "ndokoti"),
    ],
)  # fmt: skip
def test_it_works(text: str, kind: str, value: str) -> None:
    assert meant(text) == (kind, value)


@pytest.mark.usefixtures("hotel")
@pytest.mark.parametrize(
    "text",
    ["face hôtel Akwa Palace", "Akwa Palace", "hotel akwa palace", "derrière l’hôtel Akwa Palace à Douala", "AKWA PALASE"],
)
def test_a_published_entry_is_a_landmark(text: str) -> None:
    found = selectors.locate(text, language="fr", at=AT)
    assert (found.kind, found.name, found.value) == (UnderstoodKind.LANDMARK, "Akwa Palace", "akwa-palace")
    assert found.landmark is not None
    assert (found.landmark.point, found.landmark.radius_m) == ((4.0501, 9.6953), 2_000)


def test_of_landmarks_with_one_name_the_named_town_s_is_meant(quarters: dict[str, Quarter]) -> None:
    from apps.catalog.models import City

    markets = make_category(slug="marches", name_fr="Marchés", name_en="Markets", aliases=["marché"])
    for city, latitude in ((quarters["akwa"].city, 4.0), (City.objects.get(slug="yaounde"), 3.8)):
        make_found(
            name=f"Marché central de {city.name_fr}",
            slug=f"marche-{city.slug}",
            category=markets,
            city=city,
            latitude=latitude,
            longitude=9.7,
        )
    assert meant("marché central douala") == ("landmark", "marche-douala")
    assert meant("face marché central, Yaoundé") == ("landmark", "marche-yaounde")
    assert meant("marché central")[0] == "landmark"


@pytest.mark.usefixtures("hotel")
@pytest.mark.parametrize("text", ["hôtel", "Palace", "face", "xyzzy", "pharmacie du port", "🙂", "carrefour", "le la de", "1234"])
def test_what_nobody_knows_is_refused_with_suggestions(client: Client, text: str) -> None:
    if text == "Palace":
        # Half of its name, and no kind of place: people say that.
        assert meant(text) == ("landmark", "akwa-palace")
        return
    with pytest.raises(UnknownSlug):
        meant(text)
    response = client.get(PATH, {"location": text})
    assert response.status_code == 400
    assert isinstance(response.json()["suggestions"], list)


def test_near_misses_are_suggested(client: Client) -> None:
    refused = client.get(PATH, {"location": "Ndokothiii"}).json()
    assert refused["errors"][0]["parameter"] == "location"
    assert "Ndokoti, Douala" in refused["suggestions"]


@pytest.mark.usefixtures("hotel")
def test_the_answer_says_what_was_understood_and_measures_from_a_landmark(client: Client) -> None:
    make_found(name="Pharmacie proche", latitude=4.0510, longitude=9.6960)
    make_found(name="Pharmacie lointaine", latitude=4.2, longitude=9.6960)
    page = get(client, q="pharmacie", location="face hôtel Akwa Palace")
    assert [item["name"] for item in page["data"]] == ["Pharmacie proche"]
    assert page["data"][0]["distance_m"] == 127
    assert page["location"] == {
        "kind": "landmark", "name": "Akwa Palace", "value": "akwa-palace", "latitude": 4.0501, "longitude": 9.6953,
    }  # fmt: skip
    assert len(get(client, q="pharmacie", location="Akwa Palace", radius="30000")["data"]) == 2
    assert [item["name"] for item in get(client, location="Akwa Palace", sort="distance")["data"]] == ["Akwa Palace", "Pharmacie proche"]
    assert get(client, location="akwa")["location"] == {"kind": "quarter", "name": "Akwa, Douala", "value": "akwa"}
    assert "location" not in get(client, q="pharmacie")
    far = get(client, q="pharmacie", location="Akwa Palace", lat="4.05", lng="9.70")["data"][0]
    assert far["distance_m"] == 457


@pytest.mark.usefixtures("hotel")
def test_what_does_not_go_together_is_refused(client: Client) -> None:
    def refused(**query: str) -> str:
        response = client.get(PATH, query)
        assert response.status_code == 400, query
        return str(response.json()["errors"][0]["parameter"])

    assert refused(location="Douala", radius="500") == "radius"
    assert refused(location="Douala", sort="distance") == "sort"
    assert refused(location="Akwa Palace", radius="500", lat="4", lng="9") == "radius"
    assert refused(location="Akwa Palace", city="douala") == "location"


@pytest.mark.usefixtures("hotel")
def test_an_empty_answer_says_to_drop_the_typed_place(client: Client) -> None:
    make_found(name="Pharmacie lointaine", latitude=4.2, longitude=9.6960)
    ways = get(client, q="pharmacie", location="Akwa Palace")["ways_out"]
    assert ways[0] == {"drop": "location", "value": "Akwa Palace", "count": 1, "also": []}


def test_a_hidden_entry_is_no_landmark(quarters: dict[str, Quarter]) -> None:
    make_found(name="Krystal Palace", status="suspended", city=quarters["akwa"].city, latitude=4.0, longitude=9.7)
    make_found(name="Hilton Palace", city=quarters["akwa"].city)
    for text in ("Krystal Palace", "Hilton Palace"):
        with pytest.raises(UnknownSlug):
            meant(text)


@pytest.mark.usefixtures("hotel")
@pytest.mark.parametrize(
    "text", ["pharmacie face hôtel Akwa Palace", "pharmacie en face de l'hotel akwa palace", "pharmacie derrière Akwa Palace"]
)
def test_a_landmark_among_the_words_is_where_to_measure_from(text: str) -> None:
    for name, latitude in (("Pharmacie Alpha", 4.15), ("Pharmacie Oméga", 4.0510)):
        make_found(name=name, latitude=latitude, longitude=9.6960)
    answer = selectors.search(SearchQuestion(text=text), at=AT)
    assert [hit.card.data(AT)["name"] for hit in answer.hits] == ["Pharmacie Oméga", "Pharmacie Alpha"]
    part = next(one for one in answer.understood if one.kind is UnderstoodKind.LANDMARK)
    assert (part.value, part.name, part.without) == ("akwa-palace", "Akwa Palace", "pharmacie")


@pytest.mark.usefixtures("hotel")
def test_the_landmark_alone_is_asked_for_by_its_name() -> None:
    answer = selectors.search(SearchQuestion(text="face hôtel Akwa Palace"), at=AT)
    assert [hit.card.data(AT)["name"] for hit in answer.hits] == ["Akwa Palace"]


@pytest.mark.parametrize("text", ["pharmacie carrefour ndokoti", "pharmacie vers le carrefour Ndokoti", "pharmacie rond point ndokoti"])
def test_a_crossroads_among_the_words_means_its_quarter(quarters: dict[str, Quarter], text: str) -> None:
    there = quarters["ndokoti"]
    make_found(name="Pharmacie Alpha", city=there.city, quarter=quarters["akwa"], latitude=AKWA[0], longitude=AKWA[1])
    make_found(name="Pharmacie Oméga", city=there.city, quarter=there, latitude=NDOKOTI[0], longitude=NDOKOTI[1])
    answer = selectors.search(SearchQuestion(text=text), at=AT)
    assert answer.hits[0].card.data(AT)["name"] == "Pharmacie Oméga"
    assert [one.value for one in answer.understood if one.kind is UnderstoodKind.QUARTER] == ["ndokoti"]


@pytest.mark.usefixtures("hotel")
def test_the_page_understands_the_same(client: Client) -> None:
    make_found(name="Pharmacie proche", latitude=4.0510, longitude=9.6960)
    make_found(name="Pharmacie lointaine", latitude=4.2, longitude=9.6960)
    page = client.get(reverse("web:search"), {"q": "pharmacie", "location": "face hôtel Akwa Palace"}).content.decode()
    assert "Pharmacie proche" in page
    assert "Pharmacie lointaine" not in page
    assert "Pharmacie lointaine" in client.get(reverse("web:search"), {"q": "pharmacie"}).content.decode()
