"""Prices, choosing, paying and what was paid, as pages without a script."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest
from django.core.cache import cache
from django.test import Client, override_settings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.billing.choices import PaymentState, Reason, SubscriptionState
from apps.billing.models import Invoice, Payment, Quote, Subscription
from apps.billing.services.invoices import settle_invoice
from apps.billing.services.prices import load_defaults
from apps.billing.tests.factories import make_invoice, make_payment
from apps.catalog.models import Resource
from apps.catalog.tests.factories import make_resource

pytestmark = pytest.mark.django_db
HOME = "/fr/compte/facturation/"
OPERATOR = {"MTN_MOMO_BASE_URL": "http://127.0.0.1:9/mtn", "ORANGE_MP_BASE_URL": "http://127.0.0.1:9/orange"}


@pytest.fixture(autouse=True)
def _prices() -> None:
    cache.clear()
    load_defaults(at=timezone.now())


@pytest.fixture
def user(client: Client) -> User:
    user = make_user(email="awa@exemple.cm")
    client.force_login(user)
    return user


@pytest.fixture
def listing(user: User) -> Resource:
    resource: Resource = make_resource(name="Saveurs du Wouri", slug="saveurs-du-wouri", user=user)
    return resource


def text_of(html: bytes) -> str:
    """What is read, in one line."""
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]+>", " ", html.decode().replace("\xa0", " ")))


def subscribe(client: Client, listing: Resource, product: str = "listing_featured") -> Invoice:
    """Choose and confirm, to the page of payment; returns what is to pay."""
    chosen = client.post(f"{HOME}choisir/?produit={product}", {"product": product, "period": "month", "listing": str(listing.pk)})
    assert chosen.status_code == 302, text_of(chosen.content)
    confirmed = client.post(chosen["Location"])
    invoice = Invoice.objects.get(subscription__resource=listing)
    assert confirmed["Location"] == f"{HOME}factures/{invoice.pk}/payer/"
    return invoice


def test_prices_are_read_by_anybody(client: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_max_num_queries(5):
        page = client.get("/fr/tarifs/")
    words = text_of(page.content)
    assert "7\u202f500\u202fF\u202fCFA par mois" in words
    assert "40 photos" in words
    assert "11\u202f250\u202fF\u202fCFA par mois" in text_of(client.get("/fr/tarifs/?grille=business").content)
    assert "de moins que douze mois" in text_of(client.get("/fr/tarifs/?periode=year").content)
    assert client.get("/en/tarifs/?periode=nonsense&utm_source=x").status_code == 200


def test_a_day_of_enterprise_is_not_sold(client: Client) -> None:
    page = client.get("/fr/tarifs/?periode=day")
    assert "Ce forfait n’existe pas pour cette période." in text_of(page.content)


def test_a_customer_sees_his_own_grid(client: Client) -> None:
    client.force_login(make_user(pricing_tier="business"))
    words = text_of(client.get("/fr/tarifs/?grille=standard").content)
    assert "11\u202f250\u202fF\u202fCFA par mois" in words
    assert "Grand compte" not in words


def test_choosing_shows_the_exact_price_then_asks_for_the_phone(client: Client, listing: Resource) -> None:
    form = client.get(f"{HOME}choisir/?produit=listing_featured&fiche={listing.pk}")
    assert f'value="{listing.pk}" selected' in form.content.decode()
    invoice = subscribe(client, listing)
    quote = Quote.objects.get()
    assert (quote.amount_due, invoice.amount_due, invoice.total) == (7500, 7500, 7500)
    assert "7\u202f500\u202fF\u202fCFA" in text_of(client.get(f"{HOME}devis/{quote.pk}/").content)
    page = client.get(f"{HOME}factures/{invoice.pk}/payer/")
    assert "Payer 7\u202f500\u202fF\u202fCFA" in text_of(page.content)
    assert "653 456 789" in text_of(page.content)


def test_test_numbers_are_for_development(client: Client, listing: Resource) -> None:
    invoice = subscribe(client, listing)
    with override_settings(DEMO_ALLOWED=False):
        assert "653 456 789" not in text_of(client.get(f"{HOME}factures/{invoice.pk}/payer/").content)


def test_confirming_twice_makes_one_invoice(client: Client, listing: Resource) -> None:
    invoice = subscribe(client, listing)
    again = client.post(f"{HOME}devis/{Quote.objects.get().pk}/")
    assert again["Location"] == f"{HOME}factures/{invoice.pk}/payer/"
    assert Invoice.objects.count() == Subscription.objects.count() == 1


def test_without_a_listing_there_are_ways_out(client: Client, user: User) -> None:  # noqa: ARG001  logs in
    page = client.get(f"{HOME}choisir/")
    assert "Vous n’avez pas encore de fiche" in text_of(page.content)
    assert "Vous ne gérez pas encore de fiche" in text_of(client.get("/fr/compte/fiches/").content)


def test_somebody_elses_listing_cannot_be_chosen(client: Client, listing: Resource) -> None:  # noqa: ARG001  one of one's own
    other = make_resource(name="Autre", slug="autre", user=make_user())
    refused = client.post(f"{HOME}choisir/", {"product": "listing_premium", "period": "month", "listing": str(other.pk)})
    assert refused.status_code == 422
    assert not Quote.objects.exists()


@override_settings(**OPERATOR)
def test_paying_waits_on_a_page_and_a_double_click_is_one_payment(client: Client, listing: Resource) -> None:
    invoice = subscribe(client, listing)
    body = {"phone": "6 70 00 01 11", "operator": "mtn"}
    first = client.post(f"{HOME}factures/{invoice.pk}/payer/", body)
    second = client.post(f"{HOME}factures/{invoice.pk}/payer/", body)
    payment = Payment.objects.get()
    assert first["Location"] == second["Location"] == f"{HOME}paiements/{payment.pk}/"
    page = client.get(first["Location"])
    assert "Validez sur votre téléphone" in text_of(page.content)
    assert "•• 01 11" in text_of(page.content)
    assert payment.msisdn not in page.content.decode()
    part = client.get(first["Location"], headers={"HX-Request": "true"})
    assert b"<html" not in part.content
    assert "HX-Request" in page["Vary"]
    assert "Un paiement est en cours." in text_of(client.get(HOME).content)


@override_settings(**OPERATOR)
@pytest.mark.parametrize(
    ("phone", "operator"), [("12", "mtn"), ("+33 1 42 68 53 00", "mtn"), ("222 23 40 00", "orange"), ("620000111", "")]
)
def test_a_number_that_cannot_pay_is_refused_with_a_remedy(client: Client, listing: Resource, phone: str, operator: str) -> None:
    invoice = subscribe(client, listing)
    refused = client.post(f"{HOME}factures/{invoice.pk}/payer/", {"phone": phone, "operator": operator})
    assert refused.status_code == 422
    assert "Erreur :" in text_of(refused.content)
    assert not Payment.objects.exists()


@override_settings(**OPERATOR)
def test_who_chooses_no_operator_pays_by_that_of_the_number(client: Client, listing: Resource) -> None:
    invoice = subscribe(client, listing)
    client.post(f"{HOME}factures/{invoice.pk}/payer/", {"phone": "670000111"})
    assert Payment.objects.get().operator == "mtn"


def test_no_operator_is_said_politely(client: Client, listing: Resource) -> None:
    invoice = subscribe(client, listing)
    with override_settings(MTN_MOMO_BASE_URL="", PAWAPAY_BASE_URL=""):
        refused = client.post(f"{HOME}factures/{invoice.pk}/payer/", {"phone": "670000111", "operator": "mtn"})
    assert refused.status_code == 422
    assert "ne prend pas de paiement en ce moment" in text_of(refused.content)


@pytest.mark.parametrize(("number", "marked"), [("670000111", "mtn"), ("699000222", "orange"), ("66", None), ("'\"><script>", None)])
def test_the_operator_follows_the_number(client: Client, user: User, number: str, marked: str | None) -> None:  # noqa: ARG001  logs in
    html = client.get(f"{HOME}operateurs/", {"phone": number}).content.decode()
    checked = re.findall(r'value="(\w+)"[^>]*checked', html)
    assert checked == ([marked] if marked else [])
    assert "<script>" not in html


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"state": PaymentState.PENDING}, "Validez sur votre téléphone"),
        ({"state": PaymentState.PENDING, "page_url": "https://pay.orange-money.com/x"}, "Continuer sur la page d’Orange Money"),
        ({"state": PaymentState.UNKNOWN}, "Ne payez pas une seconde fois"),
        ({"state": PaymentState.UNKNOWN, "mismatch": True}, "ne correspond pas exactement"),
        ({"state": PaymentState.FAILED, "reason": Reason.INSUFFICIENT_FUNDS}, "Le solde est insuffisant"),
        ({"state": PaymentState.EXPIRED}, "n’a pas été confirmé à temps"),
    ],
)
def test_each_state_says_what_to_do(client: Client, user: User, fields: dict[str, object], said: str) -> None:
    payment = make_payment(invoice=make_invoice(user=user), **fields)  # type: ignore[arg-type]  # columns of the row
    assert said in text_of(client.get(f"{HOME}paiements/{payment.pk}/").content)


def test_success_leads_to_the_invoice(client: Client, listing: Resource, user: User) -> None:
    invoice = subscribe(client, listing)
    payment = make_payment(invoice=invoice, state=PaymentState.SUCCEEDED, transaction_id="9812345670")
    settle_invoice(invoice_id=invoice.pk, payment=payment, at=timezone.now())
    page = client.get(f"{HOME}paiements/{payment.pk}/")
    assert "Paiement réussi" in text_of(page.content)
    assert "9812345670" in text_of(page.content)
    number = str(Invoice.objects.get(pk=invoice.pk).number)
    overview = text_of(client.get(HOME).content)
    assert number in overview
    shown = text_of(client.get(f"{HOME}factures/{invoice.pk}/").content)
    assert "Total TTC 7\u202f500\u202fF\u202fCFA" in shown
    pdf = client.get(f"{HOME}factures/{invoice.pk}/pdf/?lang=en")
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")
    assert client.get(f"{HOME}factures/{invoice.pk}/payer/")["Location"] == f"{HOME}factures/{invoice.pk}/"
    assert user.invoices.count() == 1


def test_what_belongs_to_somebody_else_is_not_found(client: Client, user: User) -> None:  # noqa: ARG001  logs in
    invoice = make_invoice()
    payment = make_payment(invoice=invoice)
    for path in (
        f"factures/{invoice.pk}/", f"factures/{invoice.pk}/pdf/", f"factures/{invoice.pk}/payer/", f"factures/{invoice.pk}/virement/",
        f"paiements/{payment.pk}/", f"abonnements/{invoice.subscription_id}/resilier/", f"devis/{uuid.uuid4()}/",
    ):  # fmt: skip
        assert client.get(HOME + path).status_code == 404, path
    assert client.post(f"{HOME}paiements/{payment.pk}/verifier/").status_code == 404


def test_everything_but_the_prices_asks_to_log_in(client: Client) -> None:
    for path in ("", "choisir/", "identite/", "operateurs/", f"factures/{uuid.uuid4()}/", f"paiements/{uuid.uuid4()}/"):
        assert client.get(HOME + path).status_code == 302, path
    assert client.get("/fr/compte/fiches/").status_code == 302


def test_cancelling_asks_and_can_be_taken_back(client: Client, listing: Resource) -> None:
    invoice = subscribe(client, listing)
    subscription = invoice.subscription
    now = timezone.now()
    Subscription.objects.filter(pk=subscription.pk).update(
        state=SubscriptionState.ACTIVE, started_at=now, period_start=now, period_end=now + dt.timedelta(days=30)
    )
    asked = client.get(f"{HOME}abonnements/{subscription.pk}/resilier/")
    assert "déjà payé" in text_of(asked.content)
    assert client.post(f"{HOME}abonnements/{subscription.pk}/resilier/").status_code == 302
    assert "Résilié : actif jusqu’au" in text_of(client.get(HOME).content)
    assert client.post(f"{HOME}abonnements/{subscription.pk}/reprendre/").status_code == 302
    assert "Prochain paiement le" in text_of(client.get(HOME).content)


def test_the_identity_on_invoices(client: Client, user: User) -> None:  # noqa: ARG001  logs in
    assert client.post(f"{HOME}identite/", {"name": ""}).status_code == 422
    saved = client.post(f"{HOME}identite/", {"name": "Wouri SARL", "niu": "m 012345678901 k", "address": "Akwa\nDouala", "rccm": ""})
    assert saved["Location"] == HOME
    assert 'value="M012345678901K"' in client.get(f"{HOME}identite/").content.decode()


def test_my_listings_name_plan_and_next_payment(client: Client, listing: Resource) -> None:  # noqa: ARG001  one of one's own
    words = text_of(client.get("/fr/compte/fiches/").content)
    assert "Saveurs du Wouri" in words
    assert "Gratuit, sans échéance." in words


@pytest.mark.parametrize("path", ["", "choisir/", "identite/"])
def test_statements_do_not_grow_with_rows(
    client: Client, user: User, listing: Resource, path: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    subscribe(client, listing)
    for number in range(5):
        make_resource(name=f"Autre {number}", slug=f"autre-{number}", user=user)
    with django_assert_max_num_queries(16):
        assert client.get(HOME + path).status_code == 200
    with django_assert_max_num_queries(8):
        assert client.get("/fr/compte/fiches/").status_code == 200
