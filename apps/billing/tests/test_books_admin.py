"""Staff finds invoices and postings, reads them, and cannot write them."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.accounts.tests.factories import PASSWORD, make_user
from apps.billing.models import Invoice, Seller
from apps.billing.services import credit_notes
from apps.billing.tests.issuing import AT, issued_invoice, pro_forma

LISTS = ("invoice", "creditnote", "seller", "buyeridentity", "ledgertransaction", "ledgeraccount", "numberseries")


@pytest.fixture
def desk() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("staff@exemple.cm", PASSWORD, name="Staff"))
    return client


@pytest.fixture
def invoice() -> Invoice:
    issued = issued_invoice(user=make_user(email="awa@exemple.cm"))
    credit_notes.issue(invoice=issued, amount=1_000, reason="Fiche fermée", at=AT)
    return issued


def found(desk: Client, model: str, term: str) -> int:
    response = desk.get(reverse(f"admin:billing_{model}_changelist"), {"q": term})
    assert response.status_code == 200
    return int(response.context["cl"].result_count)


@pytest.mark.django_db
def test_it_works(desk: Client, invoice: Invoice) -> None:
    for model in LISTS:
        assert desk.get(reverse(f"admin:billing_{model}_changelist")).status_code == 200, model
    html = desk.get(reverse("admin:billing_invoice_change", args=[invoice.pk])).content.decode()
    assert "Fiche premium, 1 mois" in html
    link = reverse("admin:billing_invoice_pdf", args=[invoice.pk, "fr"])
    assert link in html
    assert desk.get(link).content.startswith(b"%PDF-")
    assert desk.get(link.replace("fr.pdf", "de.pdf")).status_code == 404
    books = desk.get(reverse("admin:billing_ledgertransaction_change", args=[invoice.postings.first().pk]))  # type: ignore[union-attr]
    assert books.status_code == 200


@pytest.mark.django_db
def test_things_are_found_by_what_a_caller_can_name(desk: Client, invoice: Invoice) -> None:
    other = pro_forma()
    assert found(desk, "invoice", str(invoice.number).lower()) == 1
    assert found(desk, "invoice", other.pro_forma_number) == 1
    assert found(desk, "invoice", "AWA@exemple.cm") == 1
    assert found(desk, "invoice", "FA-2026") == 0
    assert found(desk, "creditnote", "AV-2026-000001") == found(desk, "creditnote", "awa@exemple.cm") == 1
    for term in (str(invoice.number), invoice.pro_forma_number, "awa@exemple.cm"):
        assert found(desk, "ledgertransaction", term) == 3, term
    assert found(desk, "ledgertransaction", "AV-2026-000001") == 1


@pytest.mark.django_db
def test_nobody_writes_what_is_issued(desk: Client, invoice: Invoice) -> None:
    assert desk.post(reverse("admin:billing_invoice_change", args=[invoice.pk]), {"total": 1}).status_code == 403
    assert desk.post(reverse("admin:billing_invoice_delete", args=[invoice.pk])).status_code == 403
    for model in set(LISTS) - {"seller"}:
        assert desk.get(reverse(f"admin:billing_{model}_add")).status_code == 403, model


@pytest.mark.django_db
def test_a_seller_stays_once_a_document_bears_it(desk: Client) -> None:
    free = Seller.objects.create(name="Future SA", address="Douala", valid_from=AT.replace(year=2030))
    borne = Seller.objects.get(pk=pro_forma().seller["id"])
    for seller, status in ((free, 302), (borne, 403)):
        values = {"name": "Autre", "address": "Douala", "valid_from_0": "2030-01-01", "valid_from_1": "00:00:00"}
        assert desk.post(reverse("admin:billing_seller_change", args=[seller.pk]), values).status_code == status
    assert desk.post(reverse("admin:billing_seller_delete", args=[borne.pk]), {"post": "yes"}).status_code == 403


@pytest.mark.django_db
def test_a_stranger_sees_nothing(client: Client, invoice: Invoice) -> None:
    client.force_login(make_user())
    for path in (reverse("admin:billing_invoice_changelist"), reverse("admin:billing_invoice_pdf", args=[invoice.pk, "fr"])):
        assert client.get(path).status_code == 302
