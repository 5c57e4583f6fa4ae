"""Paying in Chromium on a phone, from the prices to the invoice, with a fake operator on a socket."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import User
from apps.billing.choices import PaymentState, Reason
from apps.billing.fake_operator.client import FakeOperator
from apps.billing.models import Invoice, Payment
from apps.billing.services import payments
from apps.billing.services.prices import load_defaults
from apps.billing.tests.factories import make_invoice, make_payment
from apps.catalog.models import Resource
from apps.catalog.tests.factories import make_category, make_resource
from apps.core.clock import now
from tests.browser.looking import READERS, faults
from tests.browser.test_account import log_in, make_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser-billing")]
HOME = "/fr/compte/facturation/"


@pytest.fixture
def owner() -> User:
    cache.clear()
    load_defaults(at=timezone.now())
    return make_person()


@pytest.fixture
def listing(owner: User) -> Resource:
    category = make_category(slug="restaurants", name_fr="Restaurants", name_en="Restaurants", icon="utensils")
    resource: Resource = make_resource(name="Saveurs du Wouri", slug="saveurs-du-wouri", user=owner, category=category)
    return resource


def test_an_owner_pays_for_the_first_places(
    page: Page, live_server: LiveServer, listing: Resource, fake_operator: FakeOperator, console: list[str]
) -> None:
    log_in(page, live_server, "/fr/compte/fiches/")
    page.get_by_role("link", name="Mettre en avant").click()
    page.get_by_label("Fiche à la une").check()
    page.get_by_role("button", name="Voir le montant exact").click()
    expect(page.get_by_text("À payer maintenant")).to_be_visible()
    page.get_by_role("button", name="Continuer vers le paiement").click()
    page.get_by_label("Numéro Mobile Money").press_sequentially("653 456 789")
    expect(page.get_by_label("MTN MoMo")).to_be_checked()
    page.get_by_role("button", name=re.compile("^Payer 7")).click()
    expect(page.get_by_role("heading", name="Validez sur votre téléphone")).to_be_visible()
    payment = Payment.objects.get()
    payments.advance(payment_id=payment.pk, at=now())
    page.reload()
    expect(page.get_by_text("Demande envoyée")).to_be_visible()
    fake_operator.decide(str(payment.reference), "succeeded")
    Payment.objects.update(next_query_at=now())
    payments.reconcile(at=now())
    # The page finds out by itself.
    expect(page.get_by_role("heading", name="Paiement réussi")).to_be_visible()
    assert not [said for said in console if "favicon" not in said]
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger la facture").click()
    assert download.value.path().read_bytes().startswith(b"%PDF")
    listing.refresh_from_db()
    assert listing.plan == "featured"
    assert fake_operator.movement(str(payment.reference))["debits"] == 1  # type: ignore[index]  # it knows the payment
    page.goto(f"{live_server.url}/fr/compte/fiches/")
    expect(page.get_by_text("À la une")).to_be_visible()
    page.goto(f"{live_server.url}/fr/fiche/saveurs-du-wouri/")
    expect(page.get_by_text("Annonce").first).to_be_visible()


def test_paying_works_without_a_script(
    page: Page,
    live_server: LiveServer,
    listing: Resource,
    fake_operator: FakeOperator,  # noqa: ARG001  the operator's settings
) -> None:
    """The same forms by hand, in a browser that runs nothing."""
    log_in(page, live_server)
    plain = page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]  # a browser runs it
    plain.add_cookies(page.context.cookies())  # type: ignore[arg-type]  # what one context gives the other takes
    bare = plain.new_page()
    bare.goto(f"{live_server.url}{HOME}choisir/?produit=listing_premium&periode=month&fiche={listing.pk}")
    bare.get_by_role("button", name="Voir le montant exact").click()
    bare.get_by_role("button", name="Continuer vers le paiement").click()
    bare.get_by_label("Numéro Mobile Money").fill("12")
    bare.get_by_role("button", name=re.compile("^Payer")).click()
    expect(bare.get_by_role("alert")).to_be_visible()
    bare.get_by_label("Numéro Mobile Money").fill("693456789")
    bare.get_by_role("button", name=re.compile("^Payer")).click()
    expect(bare.get_by_role("heading", name="Validez sur votre téléphone")).to_be_visible()
    bare.get_by_role("button", name="Vérifier le paiement").click()
    expect(bare.get_by_role("heading", name="Validez sur votre téléphone")).to_be_visible()
    plain.close()


@pytest.mark.parametrize(("language", "width"), READERS)
def test_pages_of_paying_are_accessible(
    page: Page, live_server: LiveServer, owner: User, listing: Resource, width: int, language: str
) -> None:
    invoice = make_invoice(user=owner)
    states = {
        "attente": make_payment(invoice=invoice),
        "inconnu": make_payment(invoice=invoice, state=PaymentState.UNKNOWN, superseded=True),
        "refus": make_payment(invoice=invoice, state=PaymentState.FAILED, reason=Reason.DECLINED),
    }
    log_in(page, live_server)
    page.set_viewport_size({"width": width, "height": 900})
    paths = [
        "tarifs/", "tarifs/?periode=day", "compte/fiches/", "compte/facturation/", f"compte/facturation/choisir/?fiche={listing.pk}",
        "compte/facturation/identite/", f"compte/facturation/factures/{invoice.pk}/", f"compte/facturation/factures/{invoice.pk}/payer/",
        f"compte/facturation/factures/{invoice.pk}/virement/", f"compte/facturation/abonnements/{invoice.subscription_id}/resilier/",
        *(f"compte/facturation/paiements/{one.pk}/" for one in states.values()),
    ]  # fmt: skip
    found = {}
    for path in paths:
        page.goto(f"{live_server.url}/{language}/{path}")
        found[path] = faults(page)
    assert not {path: said for path, said in found.items() if said}
    assert Invoice.objects.exists()
