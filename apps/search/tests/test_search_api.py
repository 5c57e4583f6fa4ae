"""GET /search and /search/nearby."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.tests.factories import make_key
from apps.catalog.models import Quarter
from apps.catalog.tests.factories import AT, make_category, make_city, make_quarter, make_user
from apps.search.tests.factories import make_found

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("each_engine")]
PATH, NEARBY = "/api/v1/search", "/api/v1/search/nearby"
MEMBERS = {
    "data", "has_more", "next", "previous", "facets", "highlights", "did_you_mean", "understood", "partial", "ways_out",
}  # fmt: skip


def get(client: Client, query: str, path: str = PATH, **headers: str) -> Any:
    response = client.get(f"{path}?{query}", headers=headers)
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "application/json"
    return response.json()


def names(client: Client, query: str, path: str = PATH) -> list[str]:
    return [item["name"] for item in get(client, query, path)["data"]]


def refused(client: Client, query: str, path: str = PATH, status: int = 400) -> Any:
    response = client.get(f"{path}?{query}")
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    return response.json()


def test_it_works(client: Client, akwa: Quarter) -> None:
    category = make_category(slug="pharmacies", name_fr="Pharmacies", name_en="Pharmacies")
    found = make_found(name="Pharmacie du Soleil", category=category, city=akwa.city, quarter=akwa, latitude=4.05, longitude=9.7)
    make_found(name="Garage du Soleil")
    page = get(client, "q=pharmacie%20soleil%20akwa&lang=fr")
    assert set(page) == MEMBERS
    item = page["data"][0]
    assert (item["id"], item["name"], item["sponsored"]) == (str(found.pk), "Pharmacie du Soleil", False)
    assert "distance_m" not in item
    assert "reasons" not in item
    assert {(part["kind"], part["value"]) for part in page["understood"]} >= {("quarter", "akwa")}
    assert [13, 20] in [list(pair) for pair in page["highlights"][str(found.pk)]["name"]] or page["highlights"][str(found.pk)]["name"]
    assert (page["did_you_mean"], page["partial"], page["ways_out"], page["has_more"]) == (None, False, [], False)


def test_an_entry_is_what_lists_say_of_it(client: Client) -> None:
    make_found(name="Hôtel du Port", hours_kind="always")
    listed = client.get("/api/v1/api-resources").json()["data"][0]
    found = get(client, "q=hotel")["data"][0]
    assert {name: value for name, value in found.items() if name in listed} == listed
    assert set(found) - set(listed) == {"sponsored"}


def test_both_prefixes_answer_alike(client: Client) -> None:
    make_found(name="Hôtel du Port")
    for path in ("search?q=hotel", "search/nearby?lat=4&lng=9", "search/suggestions?q=hot"):
        assert client.get(f"/api/{path}").json() == client.get(f"/api/v1/{path}").json()


def test_without_words_it_is_the_list(client: Client) -> None:
    for name, plan, at in (("Ancienne", "free", AT), ("Nouvelle", "free", AT + dt.timedelta(hours=1)), ("Une", "featured", AT)):
        make_found(name=name, plan=plan, at=at)
    assert names(client, "") == ["Une", "Nouvelle", "Ancienne"]
    assert names(client, "sort=newest") == ["Nouvelle", "Une", "Ancienne"] or names(client, "sort=newest")[0] == "Nouvelle"
    assert names(client, "q=&category=&location=") == ["Une", "Nouvelle", "Ancienne"]


def test_each_filter(client: Client, akwa: Quarter) -> None:
    root = make_category(slug="sante")
    make_found(
        name="Elle", category=make_category(parent=root), city=akwa.city, quarter=akwa, resource_type="service", plan="premium",
        verified=True, hours_kind="always", attributes=["parking", "wifi"], latitude=4.05, longitude=9.7,
    )  # fmt: skip
    make_found(name="Autre", city=make_city(), attributes=["wifi"], latitude=3.87, longitude=11.52)
    for query in (
        "category=sante", "city=douala", "quarter=akwa", "region=littoral", "type=service", "resource_type=service",
        "plan=premium,featured", "verified=true", "open_now=true", "has=parking", "has=wifi&has=parking", "bbox=9,4,10,5",
        "lat=4.051&lng=9.7&radius=500", "location=Akwa", "location=akwa%20centre", "location=Douala", "location=littoral",
        "city=douala&category=sante&type=service&q=elle",
    ):  # fmt: skip
        assert names(client, query) == ["Elle"], query
    assert names(client, "verified=false") == ["Autre"]
    assert sorted(names(client, "has=parking,wifi")) == ["Autre", "Elle"]
    assert names(client, "city=douala&bbox=11,3,12,4") == []


def test_only_what_is_public(client: Client) -> None:
    for hidden in ({"status": "pending"}, {"status": "suspended"}, {"deleted_at": AT}, {"livemode": False}):
        make_found(name="Hôtel caché", **hidden)
    make_found(name="Hôtel visible")
    assert names(client, "q=hotel") == ["Hôtel visible"]
    assert names(client, "") == ["Hôtel visible"]


def test_what_was_hidden_a_moment_ago_is_not_shown(client: Client) -> None:
    resource = make_found(name="Hôtel du Port")
    resource.status = "suspended"
    resource.save(update_fields=["status"])
    from apps.catalog.cards import write_cards

    write_cards([resource.pk])
    assert names(client, "q=hotel%20port") == []


def test_counts_when_asked(client: Client) -> None:
    for number in range(3):
        make_found(name=f"Hôtel {number}", resource_type="service" if number else "business")
    page = get(client, "q=hotel&include=count&limit=1&facets=type,has")
    assert (page["count"], page["count_relation"]) == (3, "eq")
    assert page["facets"]["type"] == [
        {"value": "service", "name": "Service", "count": 2, "selected": False},
        {"value": "business", "name": "Entreprise", "count": 1, "selected": False},
    ]
    assert page["facets"]["has"] == []
    chosen = get(client, "q=hotel&type=service&facets=type")["facets"]["type"]
    assert [(one["value"], one["count"], one["selected"]) for one in chosen] == [("service", 2, True), ("business", 1, False)]


def test_alternatives_are_counted_as_if_none_was_chosen(client: Client, akwa: Quarter) -> None:
    bali = make_quarter(slug="bali", name="Bali", city=akwa.city)
    hotels, bars = make_category(slug="hotels", name_fr="Hôtels"), make_category(slug="bars", name_fr="Bars")
    other = make_category(slug="banques", name_fr="Banques")
    for number, (category, quarter) in enumerate([(hotels, akwa), (bars, bali), (other, akwa), (hotels, bali), (hotels, None)]):
        make_found(name=f"Lieu {number}", category=category, city=akwa.city, quarter=quarter)
    page = get(client, "city=douala&category=hotels,bars&quarter=akwa,bali&facets=category,quarter")
    assert {one["name"] for one in page["data"]} == {"Lieu 0", "Lieu 1", "Lieu 3"}
    facets = {name: {one["value"]: (one["count"], one["selected"]) for one in options} for name, options in page["facets"].items()}
    assert facets == {
        "category": {"hotels": (2, True), "bars": (1, True), "banques": (1, False)},
        "quarter": {"bali": (2, True), "akwa": (1, True)},
    }


def test_distances(client: Client) -> None:
    make_found(name="Loin", latitude=4.06, longitude=9.7)
    make_found(name="Près", latitude=4.0505, longitude=9.7)
    make_found(name="Nulle part")
    assert names(client, "lat=4.05&lng=9.7&sort=distance") == ["Près", "Loin"]
    near = get(client, "lat=4.05&lng=9.7", NEARBY)
    assert [(item["name"], item["distance_m"]) for item in near["data"]] == [("Près", 56), ("Loin", 1112)]
    assert set(near) == MEMBERS
    assert names(client, "lat=4.05&lng=9.7&radius=100", NEARBY) == ["Près"]
    assert names(client, "lat=4.05&lng=9.7&radius=50000&type=service", NEARBY) == []


def test_reasons_and_members_when_asked(client: Client) -> None:
    make_found(name="Hôtel du Port")
    item = get(client, "q=hotel%20du%20port&explain=true&lang=fr")["data"][0]
    assert item["reasons"]
    assert all(reason["code"] and reason["text"] for reason in item["reasons"])
    assert get(client, "q=hotel&fields=name,sponsored")["data"] == [{"name": "Hôtel du Port", "sponsored": False}]
    assert refused(client, "q=hotel&fields=price")["errors"][0]["parameter"] == "fields"


def test_what_was_mistyped_is_said(client: Client) -> None:
    make_found(name="Boulangerie Étoile")
    page = get(client, "q=boulangrie")
    assert [item["name"] for item in page["data"]] == ["Boulangerie Étoile"]
    assert page["did_you_mean"]


def test_no_entry_has_ways_out(client: Client) -> None:
    make_found(name="Garage du Port")
    ways = get(client, "q=garage&verified=true")["ways_out"]
    assert ways
    assert {"drop", "value", "count", "also"} == set(ways[0])


@pytest.mark.usefixtures("akwa")
def test_words_are_words_when_nothing_is_to_be_understood(client: Client) -> None:
    make_found(name="Hôtel Akwa", city=make_city())
    assert get(client, "q=hotel%20akwa&understand=false")["understood"] == []


@pytest.mark.parametrize("query", ["q=hotel", "sort=newest", "lat=4&lng=9&sort=distance", "", "q=hotel&sort=newest"])
def test_pages_neither_skip_nor_repeat(client: Client, query: str) -> None:
    for number in range(7):
        make_found(name=f"Hôtel {number}", at=AT - dt.timedelta(days=number), latitude=4 + number / 100, longitude=9)
    everything = [item["id"] for item in get(client, f"{query}&limit=100")["data"]]
    assert len(everything) == 7
    seen, address = [], f"{PATH}?{query}&limit=3"
    while address:
        response = client.get(address)
        page = response.json()
        assert page["has_more"] == (page["next"] is not None)
        if page["next"]:
            assert f'<{page["next"]}>; rel="next"' in response["Link"]
        seen += [item["id"] for item in page["data"]]
        address = page["next"]
    assert seen == everything
    by_offset = [item["id"] for offset in (0, 3, 6) for item in get(client, f"{query}&limit=3&offset={offset}")["data"]]
    assert by_offset == everything


def test_pages_of_neighbours(client: Client) -> None:
    for number in range(5):
        make_found(name=f"Hôtel {number}", latitude=4 + number / 1000, longitude=9)
    seen, address = [], f"{NEARBY}?lat=4&lng=9&limit=2"
    while address:
        page = client.get(address).json()
        seen += [item["name"] for item in page["data"]]
        address = page["next"]
    assert seen == [f"Hôtel {number}" for number in range(5)]


@pytest.mark.parametrize("cursor", ["nonsense", "f.0.0.0", "'", "é", "~", "a" * 400, "postgres.0.AAAA~BBBB"])
def test_a_cursor_made_by_hand_is_refused(client: Client, cursor: str) -> None:
    for path, query in ((PATH, "q=hotel"), (NEARBY, "lat=4&lng=9")):
        assert refused(client, f"{query}&cursor={quote(cursor)}", path)["code"] in {"invalid_cursor", "invalid_parameter"}


def test_a_cursor_serves_its_own_question_only(client: Client) -> None:
    for number in range(3):
        make_found(name=f"Hôtel {number}")
    following = get(client, "q=hotel&limit=1")["next"]
    cursor = following.partition("cursor=")[2]
    assert client.get(f"{PATH}?q=hotel&limit=2&cursor={cursor}").status_code == 200
    for other in ("q=garage", "q=hotel&verified=true", "q=hotel&sort=newest", ""):
        assert refused(client, f"{other}&cursor={cursor}")["code"] == "invalid_cursor"


def test_headers(client: Client) -> None:
    make_found(name="Hôtel du Port")
    for path in (f"{PATH}?q=hotel", f"{NEARBY}?lat=4&lng=9", f"{PATH}/suggestions?q=hotel"):
        response = client.get(path, headers={"Accept-Language": "en"})
        assert response["Content-Language"] == "en"
        assert response["Cache-Control"] == "public, max-age=60, stale-while-revalidate=600"
        assert "Accept-Language" in response["Vary"]
        assert "Set-Cookie" not in response
        again = client.get(path, headers={"Accept-Language": "en", "If-None-Match": response["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert client.get(path, headers={"Accept-Language": "fr", "If-None-Match": response["ETag"]}).status_code == 200


@pytest.mark.django_db(transaction=True)  # answers are forgotten when the index commits
def test_a_change_changes_the_etag(client: Client) -> None:
    make_found(name="Hôtel du Port")
    before = client.get(f"{PATH}?q=hotel")["ETag"]
    make_found(name="Hôtel du Fleuve")
    assert client.get(f"{PATH}?q=hotel")["ETag"] != before


def test_what_calls_cost(client: Client) -> None:
    headers = {"X-API-Key": make_key(make_user())[1]}
    for path, units in ((PATH, "1"), (f"{NEARBY}?lat=4&lng=9", "1"), (f"{PATH}/suggestions?q=ho", "0")):
        assert client.get(path, headers=headers)["X-Quota-Cost"] == units, path


@pytest.mark.parametrize(
    ("path", "most"),
    [(PATH, 2), (f"{PATH}?q=hotel", 3), (f"{PATH}?q=hotel&facets=category,city,type,has&explain=true&include=count", 4),
     (f"{NEARBY}?lat=4&lng=9", 3), (f"{PATH}/suggestions?q=hot", 3)],
)  # fmt: skip
def test_statements(client: Client, path: str, most: int) -> None:
    for number in range(5):
        make_found(name=f"Hôtel {number}", latitude=4, longitude=9)
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    assert len(asked) <= most, [query["sql"][:160] for query in asked]


def test_what_is_only_beside_says_so(client: Client, akwa: Quarter) -> None:
    """No pharmacy lies in Akwa: the next one comes first, then what is in Akwa and of a category beside, and neither claims more."""
    health = make_category(slug="sante", name_fr="Santé", name_en="Health")
    pharmacies = make_category(slug="pharmacies", name_fr="Pharmacies", name_en="Pharmacies", parent=health)
    hospitals = make_category(slug="hopitaux", name_fr="Hôpitaux", name_en="Hospitals", parent=health)
    bonanjo = make_quarter(slug="bonanjo", name="Bonanjo", city=akwa.city)
    for quarter, latitude in ((akwa, 4.05), (bonanjo, 4.04)):
        Quarter.objects.filter(pk=quarter.pk).update(latitude=latitude, longitude=9.7)
    make_found(name="Le Soleil", category=hospitals, city=akwa.city, quarter=akwa, latitude=4.05, longitude=9.7)
    make_found(name="La Lune", category=pharmacies, city=akwa.city, quarter=bonanjo, latitude=4.04, longitude=9.7)
    found = get(client, "q=pharmacie%20akwa&explain=true")["data"]
    assert [(item["name"], [reason["code"] for reason in item["reasons"]]) for item in found] == [
        ("La Lune", ["category", "place_beside"]), ("Le Soleil", ["category_beside", "place"]),
    ]  # fmt: skip


def test_what_an_entry_has(client: Client) -> None:
    """`momo` is any way of paying by phone, `whatsapp` a number that takes messages there; both in lists and in searches."""
    whatsapp = {"kind": "phone", "value": "+237670000001", "is_whatsapp": True, "is_primary": True}
    make_found(name="Par message", attributes=["orange_money"], contacts=[whatsapp])
    make_found(name="Par téléphone", attributes=["delivery", "mobile_money"])
    make_found(name="Sur place", attributes=["cash"])
    for path in (PATH, "/api/v1/api-resources"):
        assert set(names(client, "has=momo", path)) == {"Par message", "Par téléphone"}
        assert names(client, "has=whatsapp", path) == ["Par message"]
        assert names(client, "has=momo&has=delivery", path) == ["Par téléphone"]
    assert {"value": "whatsapp", "name": "WhatsApp", "count": 1}.items() <= next(
        found for found in get(client, "has=whatsapp&facets=has")["facets"]["has"] if found["value"] == "whatsapp"
    ).items()
