"""Owners list, read and download their invoices through the API; nobody else does."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import User
from apps.accounts.tests.factories import make_key, make_user
from apps.billing.models import Document
from apps.billing.services import credit_notes, invoices
from apps.billing.tests.issuing import AT, issued_invoice, pro_forma, subscribe

LIST = "/api/v1/payments/invoices"
DAY = dt.timedelta(days=1)


@pytest.fixture
def owner() -> User:
    return make_user()


@pytest.fixture
def api(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def many(owner: User, count: int) -> list[str]:
    """Ids of so many, the newest first, a day between them."""
    made = []
    for number in range(count):
        one = issued_invoice(user=owner, at=AT + number * DAY)
        one.subscription.state = "expired"
        one.subscription.ended_at = AT
        one.subscription.save()
        made.append(str(one.pk))
    return made[::-1]


def read(client: Client, path: str, status: int = 200, *, key: str = "") -> Any:
    response = client.get(path, headers={"X-API-Key": key} if key else {})
    assert response.status_code == status, response.content
    return response.json()


@pytest.mark.django_db
def test_it_works(api: Client, owner: User) -> None:
    invoice = issued_invoice(user=owner)
    note = credit_notes.issue(invoice=invoice, amount=1_000, reason="Fiche fermée", at=AT)
    data = read(api, f"{LIST}/{invoice.pk}")
    assert (data["number"], data["state"], data["livemode"], data["currency"]) == ("FA-2026-000001", "paid", True, "XAF")
    assert (data["total"], data["net"], data["vat"], data["vat_rate"], data["amount_due"]) == (2_500, 2_096, 404, "19.25", 2_500)
    assert data["lines"] == [
        {
            "description": "Fiche premium, 1 mois", "total": 2_500, "net": 2_096, "vat": 404, "period_start": "2026-11-26T09:30:00Z",
            "period_end": "2026-12-26T09:30:00Z",
        }
    ]  # fmt: skip
    assert data["buyer"]["email"] == owner.email
    assert data["paid_with"]["payer"] == "+237 6•• ••• 111"
    assert data["check"]["url"].endswith(f"/recu/{data['check']['code']}")
    assert [(row["id"], row["number"], row["total"]) for row in data["credit_notes"]] == [(str(note.pk), "AV-2026-000001", 1_000)]
    assert read(api, LIST)["data"] == [data]
    assert read(api, f"/api/payments/invoices/{invoice.pk}?lang=en")["lines"][0]["description"] == "Premium listing, month 1"


@pytest.mark.django_db
def test_a_pro_forma_has_neither_number_nor_code(api: Client, owner: User) -> None:
    data = read(api, f"{LIST}/{pro_forma(user=owner).pk}")
    assert (data["number"], data["check"], data["paid_with"], data["issued_at"]) == (None, None, None, None)


@pytest.mark.django_db
def test_pages_lead_forth_and_back(api: Client, owner: User) -> None:
    ids = many(owner, 5)
    first = read(api, f"{LIST}?limit=2")
    second = read(api, first["next"])
    third = read(api, second["next"])
    assert [row["id"] for page in (first, second, third) for row in page["data"]] == ids
    assert (first["previous"], third["next"], third["has_more"]) == (None, None, False)
    back = read(api, third["previous"])
    assert [row["id"] for row in back["data"]] == ids[2:4]
    assert [row["id"] for row in read(api, back["previous"])["data"]] == ids[:2]


@pytest.mark.django_db
def test_filters(api: Client, owner: User) -> None:
    ids = many(owner, 3)
    open_one = pro_forma(user=owner, at=AT + 3 * DAY)
    assert [row["id"] for row in read(api, f"{LIST}?state=open")["data"]] == [str(open_one.pk)]
    assert [row["id"] for row in read(api, f"{LIST}?state=paid")["data"]] == ids
    assert [row["id"] for row in read(api, f"{LIST}?from=2026-11-27&to=2026-11-28")["data"]] == [ids[1]]
    assert read(api, f"{LIST}?state=void")["data"] == []


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["state=payee", "limit=0", "limit=101", "from=hier", "to=2026-13-01", "cursor=x", "plan=pro",
                                   "from=2026-11-28&to=2026-11-27", "state=%00", "lang=de"])  # fmt: skip
def test_what_cannot_be_asked_is_named(api: Client, query: str) -> None:
    assert read(api, f"{LIST}?{query}", 400)["code"] in {"invalid_parameter", "invalid_cursor"}


@pytest.mark.django_db
def test_a_stranger_finds_nothing(owner: User) -> None:
    invoice = issued_invoice(user=owner)
    note = credit_notes.issue(invoice=invoice, amount=100, reason="Essai", at=AT)
    stranger = Client()
    stranger.force_login(make_user())
    assert read(stranger, LIST)["data"] == []
    for path in (f"{LIST}/{invoice.pk}", f"{LIST}/{invoice.pk}/pdf", f"/api/v1/payments/credit-notes/{note.pk}/pdf"):
        assert read(stranger, path, 404)["code"] == "not_found"
        assert read(Client(), path, 401)["code"] == "authentication_required"


@pytest.mark.django_db
def test_a_key_sees_its_own_mode(owner: User) -> None:
    real, test = issued_invoice(user=owner), issued_invoice(user=owner, livemode=False)
    for livemode, invoice, other in ((True, real, test), (False, test, real)):
        _, secret = make_key(owner, livemode=livemode, scopes=["payments:read"])
        assert [row["id"] for row in read(Client(), LIST, key=secret)["data"]] == [str(invoice.pk)]
        read(Client(), f"{LIST}/{other.pk}", 404, key=secret)
    _, blind = make_key(owner, scopes=["resources:read"])
    read(Client(), LIST, 403, key=blind)


@pytest.mark.django_db
def test_it_is_downloaded_as_it_was_issued(api: Client, owner: User) -> None:
    invoice = issued_invoice(user=owner)
    response = api.get(f"{LIST}/{invoice.pk}/pdf?lang=en")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'attachment; filename="{invoice.number}-en.pdf"'
    assert "private" in response["Cache-Control"]
    assert response.content.startswith(b"%PDF-")
    assert bytes(Document.objects.get(invoice=invoice, language="en").content) == response.content
    again = api.get(f"{LIST}/{invoice.pk}/pdf?lang=en", headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    note = credit_notes.issue(invoice=invoice, amount=100, reason="Essai", at=AT)
    file = api.get(f"/api/v1/payments/credit-notes/{note.pk}/pdf")
    assert file["Content-Disposition"] == 'attachment; filename="AV-2026-000001-fr.pdf"'


@pytest.mark.django_db
def test_a_pro_forma_is_downloaded_and_not_kept(api: Client, owner: User) -> None:
    invoice = pro_forma(user=owner)
    response = api.get(f"{LIST}/{invoice.pk}/pdf")
    assert response["Content-Disposition"] == 'attachment; filename="PF-2026-000001-fr.pdf"'
    assert not Document.objects.exists()


@pytest.mark.django_db
def test_a_list_costs_the_same_whatever_its_length(api: Client, owner: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    many(owner, 1)
    read(api, LIST)
    # The session with its owner, then invoices, lines and credit notes.
    with django_assert_num_queries(4):
        read(api, LIST)
    many(owner, 4)
    with django_assert_num_queries(4):
        assert len(read(api, LIST)["data"]) == 5


@pytest.mark.django_db
def test_a_lapsed_one_stays_readable(api: Client, owner: User) -> None:
    invoice = pro_forma(user=owner)
    invoices.lapse(at=AT + 31 * DAY)
    assert read(api, f"{LIST}/{invoice.pk}")["state"] == "lapsed"
    assert subscribe(owner).invoices.count() == 1
