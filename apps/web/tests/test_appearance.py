"""Theme and data-saving mode."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.urls("apps.web.tests.styleguide_urls")
PAGE = "/fr/styleguide/"


def test_it_works(client: Client) -> None:
    response = client.post("/fr/apparence/", {"theme": "dark", "next": PAGE})
    assert response.status_code == 302
    assert response["Location"] == PAGE
    assert response.cookies["theme"]["samesite"] == "Lax"
    assert '<html lang="fr" data-theme="dark">' in client.get(PAGE).content.decode()


def test_no_theme_follows_the_system(client: Client) -> None:
    client.post("/fr/apparence/", {"theme": "dark"})
    client.post("/fr/apparence/", {"theme": ""})
    assert '<html lang="fr">' in client.get(PAGE).content.decode()


@pytest.mark.parametrize("theme", ["rouge", '"><script>', "dark "])
def test_an_unknown_theme_is_not_kept(client: Client, theme: str) -> None:
    response = client.post("/fr/apparence/", {"theme": theme})
    assert response.cookies["theme"].value == ""
    client.cookies["theme"] = theme
    assert "data-theme=" not in client.get(PAGE).content.decode()


@pytest.mark.parametrize("address", ["https://ailleurs.example/", "//ailleurs.example/", "javascript:alert(1)", ""])
def test_it_never_leads_elsewhere(client: Client, address: str) -> None:
    assert client.post("/fr/apparence/", {"theme": "light", "next": address})["Location"] == "/"


def test_reading_the_address_changes_nothing(client: Client) -> None:
    response = client.get("/fr/apparence/", {"theme": "dark"})
    assert response.status_code == 405
    assert not response.cookies


def test_saving_data_leaves_out_fonts_and_photos(client: Client) -> None:
    assert "fonts/hanken" in client.get(PAGE).content.decode()
    client.post("/fr/apparence/", {"saver": "1", "next": PAGE})
    saved = client.get(PAGE).content.decode()
    assert '<html lang="fr" data-saver>' in saved
    assert "preload" not in saved
    assert "sample-1.svg" not in saved
    client.post("/fr/apparence/", {"saver": "", "next": PAGE})
    assert "sample-1.svg" in client.get(PAGE).content.decode()


def test_a_browser_that_asks_to_save_data_is_heard_until_the_visitor_chooses(client: Client) -> None:
    assert "data-saver" in client.get(PAGE, headers={"Save-Data": "on"}).content.decode()
    client.post("/fr/apparence/", {"saver": ""})
    assert "data-saver>" not in client.get(PAGE, headers={"Save-Data": "on"}).content.decode()
