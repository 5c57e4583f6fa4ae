"""Which addresses an application may send people back to."""

from __future__ import annotations

import pytest

from apps.accounts.oauth.redirects import is_acceptable, is_registered, origin_of_uri


@pytest.mark.parametrize(
    ("uri", "is_fine"),
    [
        ("https://partenaire.cm/retour", True),
        ("https://partenaire.cm:8443/retour?source=ecosyste", True),
        ("http://localhost:3000/cb", True),
        ("http://127.0.0.1/cb", True),
        ("http://[::1]:8080/cb", True),
        ("cm.partenaire.app:/retour", True),
        ("http://partenaire.cm/retour", False),
        ("https://partenaire.cm/retour#x", False),
        ("https://*.partenaire.cm/", False),
        ("https://partenaire.cm@voleur.cm/", False),
        ("https://partenaire.cm\\@voleur.cm/", False),
        ("https://partenaire.cm; script-src *", False),
        ("https://partenaire.cm/;x", False),
        ("https://partenaire.cm:99999/", False),
        ("https://[::1/", False),
        ("https:///retour", False),
        ("https://pàrtenaire.cm/", False),
        ("//partenaire.cm/", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("app:/retour", False),
        ("", False),
    ],
)
def test_what_may_be_registered(uri: str, is_fine: bool) -> None:
    assert is_acceptable(uri) is is_fine


@pytest.mark.parametrize(
    ("uri", "is_known"),
    [
        ("https://partenaire.cm/retour", True),
        ("http://127.0.0.1:51234/cb", True),
        ("http://127.0.0.1:51234/autre", False),
        ("http://127.0.0.1:51234/cb?x=1", False),
        ("http://user@127.0.0.1:51234/cb", False),
        ("http://localhost/cb", False),
        ("https://partenaire.cm/retour/", False),
        ("https://partenaire.cm/retour?x=1", False),
        ("https://partenaire.cm:443/retour", False),
        ("https://PARTENAIRE.cm/retour", False),
        ("https://partenaire.cm/retour/../vol", False),
    ],
)
def test_only_the_address_as_written(uri: str, is_known: bool) -> None:
    assert is_registered(uri, ["https://partenaire.cm/retour", "http://127.0.0.1/cb"]) is is_known


def test_what_a_form_may_lead_to() -> None:
    assert origin_of_uri("https://partenaire.cm:8443/retour") == "https://partenaire.cm:8443"
    assert origin_of_uri("cm.partenaire.app:/retour") == "cm.partenaire.app:"
    assert origin_of_uri("https://a.cm/; script-src *") == ""
