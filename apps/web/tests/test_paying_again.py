"""Sending the form of payment twice, ringing again, and paying though a first attempt is unknown."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.billing.choices import Operator, PaymentState, Period, Product, ProviderCode
from apps.billing.fake_operator.client import FakeOperator
from apps.billing.models import Invoice, Payment
from apps.billing.services.payments import nudges
from apps.billing.services.payments.transitions import Trigger, move
from apps.billing.tests.factories import make_invoice, make_payment
from apps.billing.tests.issuing import pro_forma
from apps.billing.tests.payers import begin
from apps.billing.tests.world import open_shop
from apps.catalog.models import ListingEntitlement
from apps.core.models import IdempotentRequest, OutboxEvent

pytestmark = pytest.mark.django_db
HOME = "/fr/compte/facturation/"
BODY = {"phone": "6 70 00 01 11", "operator": "mtn"}


@pytest.fixture(autouse=True)
def _operators(settings: Any) -> None:
    settings.MTN_MOMO_BASE_URL = settings.ORANGE_MP_BASE_URL = "http://127.0.0.1:9"


@pytest.fixture
def user(client: Client) -> User:
    user = make_user()
    client.force_login(user)
    return user


def form_of(client: Client, invoice: Invoice) -> tuple[str, dict[str, str]]:
    """The address of the form, and its hidden key with what one types."""
    address = f"{HOME}factures/{invoice.pk}/payer/"
    html = client.get(address).content.decode()
    found = re.search(r'name="once" value="([0-9a-f-]{36})"', html)
    assert found is not None
    return address, {**BODY, "once": found[1]}


def test_the_form_has_a_key_of_its_own_and_answers_the_same_twice(client: Client, user: User) -> None:
    address, filled = form_of(client, make_invoice(user=user))
    first = client.post(address, filled)
    # It failed meanwhile: whoever sends the old form again is not asked for his money again.
    assert move(Payment.objects.get(), Trigger.SUBMIT_REFUSED, at=timezone.now())
    second = client.post(address, filled)
    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    assert second["Idempotent-Replayed"] == "true"
    assert (Payment.objects.count(), IdempotentRequest.objects.count()) == (1, 1)
    _address, fresh = form_of(client, Invoice.objects.get())
    assert client.post(address, fresh)["Location"] != first["Location"]
    assert Payment.objects.count() == 2


def test_the_way_back_and_another_number_asks_to_look_again(client: Client, user: User) -> None:
    address, filled = form_of(client, make_invoice(user=user))
    client.post(address, filled)
    changed = client.post(address, {**filled, "phone": "677 00 02 22"})
    assert changed.status_code == 422
    assert "a déjà servi à un autre paiement" in changed.content.decode()
    assert filled["once"] not in changed.content.decode()
    assert Payment.objects.count() == 1


@pytest.mark.parametrize("once", ["", "x", "1' OR 1", "00000000-0000-0000-0000-00000000000g"])
def test_a_key_that_is_none_charges_nothing_twice(client: Client, user: User, once: str) -> None:
    invoice = make_invoice(user=user)
    found = [client.post(f"{HOME}factures/{invoice.pk}/payer/", {**BODY, "once": once}) for _ in range(2)]
    assert {one.status_code for one in found} <= {302, 422}
    assert Payment.objects.count() <= 1


def test_a_refusal_is_not_kept(client: Client, user: User, settings: Any) -> None:
    address, filled = form_of(client, make_invoice(user=user))
    settings.MTN_MOMO_BASE_URL = ""
    assert client.post(address, filled).status_code == 422
    settings.MTN_MOMO_BASE_URL = "http://127.0.0.1:9"
    assert client.post(address, filled).status_code == 302


def test_an_unknown_attempt_lets_another_begin_once_he_was_warned(client: Client, user: User) -> None:
    now = timezone.now()
    old = make_payment(
        invoice=make_invoice(user=user), state=PaymentState.UNKNOWN, created_at=now - dt.timedelta(minutes=20),
        expires_at=now - dt.timedelta(minutes=5),
    )  # fmt: skip
    assert f"factures/{old.invoice_id}/payer/" in client.get(f"{HOME}paiements/{old.pk}/").content.decode()
    address, filled = form_of(client, old.invoice)
    assert "peut encore aboutir" in client.get(address).content.decode()
    other = {**filled, "phone": "677 00 02 22"}
    assert client.post(address, other).status_code == 422
    assert Payment.objects.count() == 1
    assert client.post(address, {**other, "despite_unknown": "on", "once": str(uuid.uuid4())}).status_code == 302
    old.refresh_from_db()
    assert (old.superseded, old.state, Payment.objects.count()) == (True, PaymentState.UNKNOWN, 2)


def test_one_that_is_young_or_does_not_match_does_not_make_room(client: Client) -> None:
    now = timezone.now()
    past = {"created_at": now - dt.timedelta(minutes=20), "expires_at": now - dt.timedelta(minutes=5)}
    for fields in ({}, {"mismatch": True, **past}):
        payment = make_payment(state=PaymentState.UNKNOWN, **fields)
        client.force_login(payment.user)
        address, filled = form_of(client, payment.invoice)
        assert "peut encore aboutir" not in client.get(address).content.decode()
        assert client.post(address, {**filled, "phone": "677 00 02 22", "despite_unknown": "on"}).status_code == 422
    assert Payment.objects.count() == 2


def waiting(**fields: Any) -> Payment:
    return make_payment(
        provider=ProviderCode.ORANGE_MP, operator=Operator.ORANGE, msisdn="+237693456789", **{"provider_token": "MP1", **fields}
    )  # fmt: skip


def test_a_phone_rings_again_on_request_once_a_minute(client: Client) -> None:
    payment = waiting()
    client.force_login(payment.user)
    page = f"{HOME}paiements/{payment.pk}/"
    assert "Renvoyer la demande" in client.get(page).content.decode()
    for _ in range(2):
        assert client.post(f"{page}rappeler/")["Location"] == page
    assert OutboxEvent.objects.filter(name="billing.nudge_asked", key=str(payment.pk)).count() == 1
    later = timezone.now()
    for minutes, is_taken in ((2, True), (4, True), (6, False)):
        assert nudges.ask_to_nudge(payment_id=payment.pk, at=later + dt.timedelta(minutes=minutes)) is is_taken


def test_nobody_rings_where_no_operator_can_or_for_a_stranger(client: Client) -> None:
    for payment in (make_payment(), waiting(provider_token=""), waiting(state=PaymentState.UNKNOWN), waiting(expires_at=timezone.now())):
        client.force_login(payment.user)
        page = f"{HOME}paiements/{payment.pk}/"
        assert "Renvoyer la demande" not in client.get(page).content.decode()
        client.post(f"{page}rappeler/")
        assert client.get(f"{page}rappeler/").status_code == 405
    assert client.post(f"{HOME}paiements/{waiting().pk}/rappeler/").status_code == 404
    assert not OutboxEvent.objects.filter(name="billing.nudge_asked").exists()


def test_the_operator_rings_under_the_same_token(fake_operator: FakeOperator) -> None:
    fake_operator.scenario("never")
    life = begin(fake_operator, phone="693456789", wallet=Operator.ORANGE, invoice=pro_forma())
    life.step()
    assert life.payment.state == PaymentState.PENDING
    assert nudges.nudge(payment_id=life.payment.pk, at=life.at)
    assert (life.truth["nudges"], life.truth["submits"], life.truth["debits"]) == (1, 1, 0)
    assert life.payment.events.filter(cause="nudge:accepted").count() == 1
    life.payment.refresh_from_db()
    assert life.payment.state == PaymentState.PENDING


def test_a_featured_listing_says_so_as_long_as_it_is_paid_for(client: Client) -> None:
    shop, at = open_shop(), timezone.now()
    address = f"/fr/fiche/{shop.listing.slug}/"
    assert "Annonce" not in client.get(address).content.decode()
    shop.buys(Product.LISTING_FEATURED, Period.DAY, at=at - dt.timedelta(hours=1))
    assert "Annonce" in client.get(address).content.decode()
    ListingEntitlement.objects.filter(resource=shop.listing.pk).update(valid_until=at - dt.timedelta(seconds=1))
    assert "Annonce" not in client.get(address).content.decode()
