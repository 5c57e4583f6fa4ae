"""Each workflow of `n8n/workflows/` in a real n8n, against our real server, with what goes wrong between them."""

from __future__ import annotations

import gzip
import json
import signal
from typing import Any

import pytest

from tests.n8n.conftest import CSV, LISTING, PLACES, Lab
from tests.n8n.web import Fault

pytestmark = pytest.mark.n8n

BLOCK = """<li class="business-item"><h2 class="business-name">{name}</h2>{rest}</li>"""
# A command of n8n ends so in one of ninety runs, after everything is done and printed.
CRASHED_ON_ITS_WAY_OUT = -signal.SIGSEGV


def listing(*blocks: tuple[str, str]) -> str:
    """A page as directories have it."""
    rows = "".join(BLOCK.format(name=name, rest=rest) for name, rest in blocks)
    return f"<!doctype html><html lang=fr><meta charset=utf-8><title>Annuaire</title><ul>{rows}</ul></html>"


def field(name: str, text: str) -> str:
    """One fact of a block."""
    return f'<p class="business-{name}">{text}</p>'


def stored(lab: Lab, prefix: str) -> list[dict[str, Any]]:
    """Records in our database whose cleaned name begins so, with the name of their entry."""
    rows = lab.romapi.rows(
        "SELECT r.clean, e.name, e.status FROM ingest_records r LEFT JOIN api_resources e ON e.id = r.resource_id"
        " WHERE r.source_id = %s AND r.clean->>'name' LIKE %s ORDER BY r.id",
        lab.source, f"{prefix}%",
    )  # fmt: skip
    return [{**clean, "entry": name, "status": status} for clean, name, status in rows]


def shown(lab: Lab, entry: str) -> dict[str, Any]:
    """The entry as our API gives it to everybody."""
    ((number,),) = lab.romapi.rows("SELECT id FROM api_resources WHERE name = %s", entry)
    answer: dict[str, Any] = lab.romapi.get(f"/api/v1/api-resources/{number}")
    return answer


def only(counts: dict[str, int]) -> dict[str, int]:
    """Without what did not happen."""
    return {outcome: count for outcome, count in counts.items() if count}


def test_it_works(lab: Lab) -> None:
    """A listing page becomes entries, once, whatever happens to the calls; the second run changes nothing."""
    full = field("address", "Rue Joss, Bonanjo, Douala") + field("phone", "699 00 11 22") + field("category", "boulangerie")
    lab.site.put(LISTING, listing(
        ("Boulangerie &amp; CafÃ© du Ndé", full + '<a class="business-website" href="https://pain.example.cm">site</a>'),
        ("Boulangerie sans rien", field("address", "Akwa, Douala")),
        ("  Boulangerie   Zoé ", field("address", "Deïdo, Douala") + field("description", "Pain\n<b>chaud</b>")),
    ))  # fmt: skip
    lab.gate.faults += [Fault(status=429, retry_after_s=2), Fault(status=503), Fault(), Fault(after=True)]

    first = lab.n8n.run("romapiScrapeListing")

    assert (first.status, first.error) == ("success", "")
    assert (first.result["sent"], only(first.result["counts"]), first.result["unsent"]) == (3, {"created": 3}, [])
    posts = lab.gate.posts()
    keys = [post.headers["idempotency-key"] for post in posts]
    assert [post.status for post in posts] == [429, 503, 0, 0, 200, 200]
    assert len(set(keys[:5])) == 1
    assert keys[5] != keys[0]
    assert {post.body for post in posts[:5]} == {posts[0].body}
    waits = [answer["wait"] for answer in first.items("Answer") if answer["again"]]
    assert waits == [2, 2, 4, 8]  # what the server asked for, then 1, 2, 4… by the number of tries
    assert {post.headers["X-API-Key"] for post in posts} == {lab.key}
    found = stored(lab, "Boulangerie")
    assert [record["name"] for record in found] == ["Boulangerie & Café du Ndé", "Boulangerie sans rien", "Boulangerie Zoé"]
    assert found[0]["phones"] == ["+237699001122"]
    assert "website" not in found[1]
    assert {record["status"] for record in found} <= {"active", "pending"}

    second = lab.n8n.run("romapiScrapeListing")

    assert only(second.result["counts"]) == {"unchanged": 3}
    assert stored(lab, "Boulangerie") == found


def test_a_page_that_changed_its_form_fails_the_run(lab: Lab) -> None:
    lab.site.put(LISTING, "<html><h1>Bientôt de retour</h1></html>")
    run = lab.n8n.run("romapiScrapeListing")
    assert run.status == "error"
    assert run.error.startswith("No .business-item in the page")
    assert lab.gate.posts() == []


def test_a_call_that_does_not_get_through_fails_the_run_and_spares_the_others(lab: Lab) -> None:
    lab.site.put(LISTING, listing(*[(f"Quincaillerie {number}", field("address", f"Mvog-Ada {number}, Yaoundé")) for number in range(3)]))
    lab.gate.faults.append(Fault(status=403, body={"detail": "Cette source est en pause."}))
    run = lab.n8n.run("romapiScrapeListing")
    assert run.status == "error"
    assert run.error.startswith("1 call(s) did not get through")
    assert "Cette source est en pause." in run.error
    assert [post.status for post in lab.gate.posts()] == [403, 200]
    assert [record["name"] for record in stored(lab, "Quincaillerie")] == ["Quincaillerie 2"]


def test_a_table_with_french_titles(lab: Lab) -> None:
    """With a byte order mark, semicolons, a quoted separator and an empty line, as spreadsheets write them."""
    rows = 'Nom;Téléphone;Catégorie;Ville;Quartier;Site web;ID\n"Chez Awa; grillades";677 11 22 33;restaurant;Douala;Akwa;;t1\n;;;;;;\n'
    rows += "Garage Éric;;garage;Yaoundé;Bastos;https://garage.example.cm;t2\n"
    lab.site.put(CSV, f"\ufeff{rows}", "text/csv")
    first = lab.n8n.run("romapiImportCsv")
    assert (first.error, only(first.result["counts"])) == ("", {"created": 2})
    awa, garage = stored(lab, "Chez Awa") + stored(lab, "Garage Éric")
    assert (awa["phones"], awa["source_url"]) == (["+237677112233"], lab.site.url + CSV)
    assert garage["website"].startswith("https://garage.example.cm")
    assert shown(lab, "Chez Awa; grillades")["city"]["slug"] == "douala"

    lab.site.put(CSV, "\ufeff" + rows.replace("677 11 22 33", "677 11 22 44"), "text/csv")
    second = lab.n8n.run("romapiImportCsv")
    assert only(second.result["counts"]) == {"updated": 1, "unchanged": 1}
    assert [record["phones"] for record in stored(lab, "Chez Awa")] == [["+237677112244"]]


def test_a_file_of_places_is_followed_to_the_end_of_each_batch(lab: Lab) -> None:
    places = [
        {"source": "essai", "source_id": str(number), "name": f"École publique {word}", "category": "amenity=school",
         "lat": 3.8 + number / 9, "lon": 11.5}
        for number, word in enumerate(("Ngousso", "Mokolo", "Essos", "Nlongkak"))
    ]  # fmt: skip
    lines = [json.dumps(place, ensure_ascii=False) for place in places] + ["{not json"]
    lab.site.put(PLACES, gzip.compress("\n".join(lines).encode()), "application/gzip")
    lab.gate.faults += [Fault(status=503, retry_after_s=1), Fault(after=True)]
    first = lab.n8n.run("romapiImportPlaces")
    assert (first.status, first.error) == ("success", "")
    assert only(first.result["counts"]) == {"created": 4, "rejected": 1}
    assert [post.status for post in lab.gate.posts()] == [503, 0, 202, 202, 202]
    assert all(post.headers["prefer"] == "respond-async" for post in lab.gate.posts())
    assert [(record["index"], record["outcome"]) for record in first.result["failed"]] == [(4, "rejected")]
    assert len(stored(lab, "École publique")) == 4

    second = lab.n8n.run("romapiImportPlaces")
    assert only(second.result["counts"]) == {"unchanged": 4, "rejected": 1}
    assert len(stored(lab, "École publique")) == 4


def test_refused_records_become_a_message(lab: Lab) -> None:
    lab.site.put(LISTING, listing(("Librairie du Wouri", field("address", "Akwa, Douala")), ("", field("phone", "233 42 00 00"))))
    run = lab.n8n.run("romapiScrapeListing")
    assert (run.error, only(run.result["counts"])) == ("", {"created": 1, "rejected": 1})
    (message,) = lab.site.messages()
    assert "1 fiche(s) sur 2" in message["text"]
    assert "1 of 2 records" in message["text"]
    assert message["failed"][0]["outcome"] == "rejected"
    assert message["failed"][0]["reasons"][0]["code"] in message["text"]
    assert lab.key not in json.dumps(message)


def test_every_night_only_what_changed_is_read(lab: Lab) -> None:
    """Published, started by the clock: 200, then 304 and nothing sent, then the new state; a page that is gone is told."""
    page = [("Pressing Étoile", field("address", "Bali, Douala") + field("category", "pressing"))]
    lab.site.put(LISTING, listing(*page))
    lab.n8n.activate("romapiNightlyRefresh")

    def read(status: int) -> int:
        return [seen.status for seen in lab.site.seen].count(status)

    try:
        # On a busy machine the clock starts the second run before the first has kept what it saw: that one, too, reads and sends.
        lab.n8n.until(lambda: read(304) >= 2 and [post.status for post in lab.gate.posts()].count(200) == read(200) > 0, timeout_s=120)
        assert [record["name"] for record in stored(lab, "Pressing")] == ["Pressing Étoile"]

        lab.site.put(LISTING, listing(*page, ("Pressing Océan", field("address", "Bonapriso, Douala"))))
        lab.n8n.until(lambda: len(stored(lab, "Pressing")) == 2 and lab.site.seen[-1].status == 304, timeout_s=120)
        bodies = [json.loads(post.body)["items"] for post in lab.gate.posts()]
        assert [item["name"] for item in bodies[-1]] == ["Pressing Étoile", "Pressing Océan"]

        del lab.site.files[LISTING]
        lab.n8n.until(lambda: bool(lab.site.messages()), timeout_s=120)
        assert "404" in lab.site.messages()[0]["text"]
    finally:
        lab.n8n.activate("romapiNightlyRefresh", active=False)


def test_the_command_line_says_by_its_exit_code_how_a_run_ended(lab: Lab) -> None:
    lab.site.put(LISTING, listing(("Cordonnerie Fidèle", field("address", "New Bell, Douala"))))
    code, run = lab.n8n.execute("romapiScrapeListing")
    assert (run.status, only(run.result["counts"])) == ("success", {"created": 1})
    assert code in {0, CRASHED_ON_ITS_WAY_OUT}
    lab.gate.faults.append(Fault(status=403))
    code, run = lab.n8n.execute("romapiScrapeListing")
    assert run.status == "error"
    assert code != 0


def test_there_is_no_open_setup_page(lab: Lab) -> None:
    """The owner comes from the environment: nobody can make himself one."""
    _status, body, _cookie = lab.n8n.http("/rest/settings")
    assert json.loads(body)["data"]["userManagement"]["showSetupOnFirstLoad"] is False
    wanted = {"email": "voleur@exemple.cm", "firstName": "V", "lastName": "V", "password": "Mot de passe 99"}
    status, _body, _cookie = lab.n8n.http("/rest/owner/setup", wanted)
    assert status == 400
