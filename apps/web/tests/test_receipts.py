"""Whoever holds a receipt learns whether it is real, and nothing that leads to its buyer."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from apps.accounts.tests.factories import make_user
from apps.billing.check_codes import ALPHABET, LENGTH, grouped, new_check_code, read_check_code
from apps.billing.models import Invoice
from apps.billing.selectors.receipts import masked_name
from apps.billing.services import credit_notes
from apps.billing.tests.issuing import AT, issued_invoice, pro_forma

FALSE = "/recu/0000-0000-0000"


@pytest.fixture(autouse=True)
def _rested() -> None:
    cache.clear()


@pytest.fixture
def invoice() -> Invoice:
    return issued_invoice(user=make_user(name="Awa Marie Ngo Bassa", email="awa@exemple.cm"), totals=(25_000,))


def address(invoice: Invoice) -> str:
    return f"/recu/{grouped(str(invoice.check_code))}"


def page(client: Client, path: str, status: int = 200, language: str = "fr") -> str:
    response = client.get(path, headers={"Accept-Language": language})
    assert response.status_code == status
    return response.content.decode()


def rows(html: str) -> list[tuple[str, str]]:
    return re.findall(r"<dt>(.*?)</dt><dd.*?>(.*?)</dd>", html)


@pytest.mark.django_db
def test_it_works(client: Client, invoice: Invoice) -> None:
    html = page(client, address(invoice))
    assert "Ce reçu est authentique" in html
    assert [value.replace("\u202f", " ") for _, value in rows(html)] == ["26 novembre 2026", "25 000 F CFA", "–", "Compte pro", "A… M… N…"]
    assert '<meta name="robots" content="noindex">' in html
    for secret in ("awa@", "Awa", "Bassa", str(invoice.number), str(invoice.pk), "237"):
        assert secret not in html


@pytest.mark.django_db
def test_a_false_one_looks_the_same(client: Client, invoice: Invoice, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    page(client, address(invoice))
    with django_assert_num_queries(1):
        real = page(client, address(invoice))
    for code in ("0000-0000-0000", "x", "%00", "'; DROP TABLE invoices", "9" * 500):
        with django_assert_num_queries(1):
            false = page(client, f"/recu/{code}")
        assert "Ce reçu n’est pas de nous" in false
        assert [label for label, _ in rows(false)] == [label for label, _ in rows(real)]
        assert {value for _, value in rows(false)} == {"–"}


@pytest.mark.django_db
def test_it_reads_what_people_type(client: Client, invoice: Invoice) -> None:
    code = grouped(str(invoice.check_code)).lower().replace("0", "o").replace("1", "l").replace("-", " ")
    response = client.get("/recu/", {"code": f" {code} "})
    assert response.headers["Location"] == address(invoice)
    assert "authentique" in page(client, address(invoice))
    assert client.get("/recu/", {"code": "a/b"}).headers["Location"] == "/recu/a-b"
    form = page(client, "/recu/")
    assert rows(form) == []


@pytest.mark.django_db
def test_it_speaks_the_visitors_language(client: Client, invoice: Invoice) -> None:
    html = page(client, address(invoice), language="en")
    assert "This receipt is genuine" in html
    assert "26 November 2026" in html
    assert "Pro account" in html


@pytest.mark.django_db
def test_neither_a_test_nor_a_pro_forma_is_a_receipt(client: Client) -> None:
    assert "n’est pas de nous" in page(client, address(issued_invoice(livemode=False)))
    assert pro_forma().check_code is None


@pytest.mark.django_db
def test_what_was_taken_back_is_said(client: Client, invoice: Invoice) -> None:
    credit_notes.issue(invoice=invoice, amount=10_000, reason="Essai", at=AT)
    assert "10 000 F CFA" in rows(page(client, address(invoice)))[2][1].replace("\u202f", " ")


@pytest.mark.django_db
def test_machines_are_stopped(client: Client, invoice: Invoice) -> None:
    for _ in range(30):
        page(client, FALSE)
    limited = page(client, address(invoice), 429)
    assert "Trop de codes à la fois" in limited
    assert rows(limited) == []
    assert "Code du reçu" in page(client, "/recu/")


@given(code=st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH))
def test_what_is_printed_is_read(code: str) -> None:
    assert read_check_code(grouped(code)) == code
    assert len(grouped(code)) == LENGTH + 2


@given(typed=st.text(max_size=80))
def test_anything_can_be_typed(typed: str) -> None:
    assert len(read_check_code(typed)) in {0, LENGTH}
    assert len(masked_name(typed)) <= 8


def test_codes_do_not_repeat() -> None:
    assert len({new_check_code() for _ in range(1000)}) == 1000
