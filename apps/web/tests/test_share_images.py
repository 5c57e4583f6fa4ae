"""Every page has a picture for those who share its address."""

from __future__ import annotations

import io
import re

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from apps.catalog.tests.factories import make_resource
from apps.web.share_images import HEIGHT, WIDTH, draw_share_image

PICTURE_MAX_BYTES = 60_000


def _picture(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


@pytest.mark.django_db
@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("path", ["/fr/", "/en/recherche/", "/fr/fiche/pharmacie-nue/", "/en/fiche/paie-api/"])
def test_it_works(client: Client, path: str) -> None:
    html = client.get(path).content.decode()
    found = re.search(r'<meta property="og:image" content="http://testserver([^"]+)"', html)
    assert found is not None
    response = client.get(found[1].replace("&amp;", "&"))
    assert response.status_code == 200
    assert response["Content-Type"] == "image/png"
    assert "public" in response["Cache-Control"]
    assert _picture(response.content).size == (WIDTH, HEIGHT)
    assert len(response.content) < PICTURE_MAX_BYTES


@pytest.mark.django_db
@pytest.mark.usefixtures("catalogue")
def test_an_entry_with_photos_has_a_large_picture_too(client: Client) -> None:
    """Its photo's largest size is half as wide as a large preview asks for."""
    entry = make_resource(images=[{"external_url": "https://exemple.cm/photo.jpg"}])
    html = client.get(f"/fr/fiche/{entry.slug}/").content.decode()
    assert "https://exemple.cm/photo.jpg" in html
    assert f'<meta property="og:image" content="http://testserver/fr/fiche/{entry.slug}/partage.png' in html


@pytest.mark.django_db
@pytest.mark.usefixtures("catalogue")
def test_no_entry_no_picture(client: Client) -> None:
    assert client.get("/fr/fiche/rien-du-tout/partage.png").status_code == 404


def test_another_name_is_another_picture() -> None:
    assert draw_share_image(title="Chez Wouri", line="Restaurants", seed="a") != draw_share_image(
        title="Le Kotto", line="Restaurants", seed="a"
    )


@given(title=st.text(max_size=300), line=st.text(max_size=300))
def test_any_words_can_be_drawn(title: str, line: str) -> None:
    assert _picture(draw_share_image(title=title, line=line, seed=title)).size == (WIDTH, HEIGHT)
