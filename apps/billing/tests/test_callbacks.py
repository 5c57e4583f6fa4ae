"""What is sent to the callback addresses: stored, answered, never believed, and a reason to ask."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from apps.billing.choices import PaymentState, ProviderCode
from apps.billing.models import CallbackReceipt, Payment, ProviderState
from apps.billing.providers.port import Callback, Hint
from apps.billing.services import callbacks
from apps.billing.services.callbacks import Outcome
from apps.billing.tests.factories import make_payment
from apps.core.models import OutboxEvent

pytestmark = pytest.mark.django_db

SAYS_PAID = b'{"status":"SUCCESSFUL","amount":"1","externalId":"x"}'


class Recognising:
    """An operator's adapter as far as callbacks know it: everything is its own, and means what it was told."""

    code = ProviderCode.ORANGE_WEB

    def __init__(self, hint: Hint) -> None:
        self.meant = hint

    def recognises(self, callback: Callback) -> bool:
        return callback.body.startswith(b"{")

    def hint(self, _callback: Callback) -> Hint:
        return self.meant


def hastened() -> list[str]:
    """Payments that somebody was told to look at, oldest first."""
    return [row.key for row in OutboxEvent.objects.filter(name="billing.callback_received").order_by("pk")]


def receive(token: str = "", body: bytes = SAYS_PAID, *, hint: Hint | None = None, at: dt.datetime | None = None) -> Outcome:
    known: Any = [Recognising(hint)] if hint else []
    callback = Callback("POST", "/", body, {"Content-Type": "application/json", "Authorization": "Bearer x"})
    return callbacks.receive(token=token, provider="mtn", callback=callback, providers=known, at=at or timezone.now())


@pytest.mark.parametrize("method", ["post", "put"])
@pytest.mark.parametrize("prefix", ["/api", "/api/v1"])
def test_it_works(client: Client, method: str, prefix: str) -> None:
    payment = make_payment()

    answer = client.generic(
        method.upper(), f"{prefix}/payments/webhooks/mtn/{payment.callback_token}?any=thing", SAYS_PAID, content_type="text/odd",
        headers={"Authorization": "Bearer secret", "User-Agent": "MTN"},
    )  # fmt: skip

    assert (answer.status_code, answer.content) == (200, b"")
    receipt = CallbackReceipt.objects.get()
    assert (receipt.payment, receipt.provider, bytes(receipt.body), receipt.method) == (payment, "mtn", SAYS_PAID, method.upper())
    assert receipt.headers == {"User-Agent": "MTN", "Content-Type": "text/odd", "Content-Length": str(len(SAYS_PAID))}
    assert hastened() == [str(payment.pk)]
    payment.refresh_from_db()
    assert payment.state == PaymentState.PENDING, "nothing of it is believed"
    assert ProviderState.objects.get(provider="mtn").last_callback_at is not None


@pytest.mark.parametrize("method", ["GET", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_other_methods_are_refused(client: Client, method: str) -> None:
    answer = client.generic(method, "/api/payments/webhooks/mtn/jeton")

    assert answer.status_code == 405
    assert answer["Allow"] == "POST, PUT"


def test_a_stranger_is_answered_the_same(client: Client) -> None:
    answer = client.post("/api/payments/webhooks/mtn/personne", SAYS_PAID, content_type="application/json")

    assert (answer.status_code, answer.content) == (200, b"")
    assert CallbackReceipt.objects.get().payment is None
    assert not hastened()


def test_no_limit_of_the_api_counts_there(client: Client, settings: Any) -> None:
    settings.ANONYMOUS_HOURLY_RATE, settings.ANONYMOUS_BURST = 2, 2

    answers = [client.post("/api/payments/webhooks", SAYS_PAID, content_type="application/json") for _ in range(6)]

    assert {answer.status_code for answer in answers} == {200}
    assert not any(answer.has_header("RateLimit") for answer in answers)


def test_a_body_of_exactly_64_kib_is_stored_and_one_more_byte_is_not(client: Client) -> None:
    payment = make_payment()
    path = f"/api/payments/webhooks/mtn/{payment.callback_token}"

    assert client.post(path, b"a" * 65536, content_type="text/plain").status_code == 200
    assert client.post(path, b"a" * 65537, content_type="text/plain").status_code == 413
    assert client.post(path, b"", content_type="text/plain", CONTENT_LENGTH="9" * 5000).status_code == 413
    assert len(CallbackReceipt.objects.get().body) == 65536


def test_the_same_body_is_stored_once_for_each_address() -> None:
    first, second = make_payment(), make_payment()

    assert receive(first.callback_token) == Outcome.STORED
    assert receive(first.callback_token) == Outcome.REPEATED
    assert receive(second.callback_token) == Outcome.STORED
    assert hastened() == [str(first.pk), str(second.pk)], "the first is about to be looked at already"
    Payment.objects.filter(pk=first.pk).update(next_query_at=timezone.now() + dt.timedelta(hours=1))
    assert receive(first.callback_token) == Outcome.REPEATED
    assert hastened()[-1] == str(first.pk), "a repeated body is a reason to ask, too"


def test_twenty_a_minute_are_stored_and_one_query_comes_of_it() -> None:
    payment, at = make_payment(), timezone.now()

    outcomes = [receive(payment.callback_token, b"%d" % number, at=at) for number in range(25)]

    assert outcomes == [Outcome.STORED] * 20 + [Outcome.TOO_MANY] * 5
    assert hastened() == [str(payment.pk)]
    payment.refresh_from_db()
    assert payment.next_query_at == at
    assert receive(payment.callback_token, b"later", at=at + dt.timedelta(seconds=61)) == Outcome.STORED


def test_who_invents_addresses_fills_no_table() -> None:
    at = timezone.now()

    for number in range(callbacks.UNKNOWN_A_MINUTE + 30):
        receive(f"faux-{number}", at=at)

    assert CallbackReceipt.objects.count() == callbacks.UNKNOWN_A_MINUTE


def test_a_query_that_is_near_is_not_asked_for_again() -> None:
    at = timezone.now()
    soon = dt.timedelta(seconds=5)
    asked = make_payment(last_query_at=at - soon, next_query_at=at + soon)
    waiting = make_payment(last_query_at=at - soon, next_query_at=at + dt.timedelta(minutes=2))
    due = make_payment(next_query_at=at)

    for payment in (asked, waiting, due):
        receive(payment.callback_token, at=at)

    assert hastened() == [str(waiting.pk)]
    waiting.refresh_from_db()
    assert waiting.next_query_at == at + soon, "ten seconds after the last query"


@pytest.mark.parametrize(("hours", "is_asked"), [(1, False), (25, True), (48, True)])
def test_after_a_success_one_query_a_day(hours: int, is_asked: bool) -> None:
    """The last query was so long ago; that of 48 hours is the one that saw the success."""
    at = timezone.now()
    finished_at = at - dt.timedelta(hours=48)
    payment = make_payment(state=PaymentState.SUCCEEDED, finished_at=finished_at, last_query_at=at - dt.timedelta(hours=hours))

    receive(payment.callback_token, at=at)

    assert hastened() == ([str(payment.pk)] if is_asked else [])


@pytest.mark.parametrize("field", ["reference", "order_id", "token", "notif_token"])
def test_the_bare_address_finds_the_payment_by_what_the_body_names(field: str) -> None:
    reference = uuid.uuid4()
    secret = hashlib.sha256(b"avis").hexdigest()
    payment = make_payment(provider=ProviderCode.ORANGE_WEB, reference=reference, provider_token="page", notif_token_hash=secret)
    make_payment(provider=ProviderCode.MTN, provider_token="page", notif_token_hash=secret)
    value = {"reference": str(reference), "order_id": payment.order_id, "token": "page", "notif_token": "avis"}[field]

    assert receive(hint=Hint(**{field: value})) == Outcome.STORED

    assert CallbackReceipt.objects.get().payment == payment
    assert hastened() == [str(payment.pk)]


def test_a_hint_that_names_nobody_is_stored() -> None:
    assert receive(hint=Hint(reference="pas-un-uuid", order_id="P", token="?", notif_token="?")) == Outcome.STORED
    assert receive(b"nothing known".hex()) == Outcome.STORED
    assert not hastened()


def test_old_bodies_are_forgotten_and_others_stay() -> None:
    at, payment = timezone.now(), make_payment()
    receive(payment.callback_token, at=at - dt.timedelta(days=401))
    receive("personne", at=at - dt.timedelta(days=31))
    receive(payment.callback_token, b"new", at=at)

    assert callbacks.prune(at=at) == 2
    assert bytes(CallbackReceipt.objects.get().body) == b"new"


def test_statements(client: Client, django_assert_num_queries: Any) -> None:
    """Time, the transaction (2), payment, lock, seen before, this minute, row, sign of life, haste (4), event with its delivery."""
    payment = make_payment()
    ProviderState.objects.create(provider="mtn", last_callback_at=timezone.now())
    with django_assert_num_queries(15):
        client.post(f"/api/payments/webhooks/mtn/{payment.callback_token}", SAYS_PAID, content_type="application/json")


@hypothesis_settings(max_examples=120)
@given(
    body=st.binary(max_size=200), method=st.sampled_from(["POST", "PUT"]), provider=st.text(max_size=20), token=st.text(max_size=80),
    header=st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=50), query=st.text(max_size=40),
)  # fmt: skip
def test_anything_is_answered(client: Client, body: bytes, method: str, provider: str, token: str, header: str, query: str) -> None:
    path = f"/api/payments/webhooks/{quote(provider)}/{quote(token)}?{quote(query)}"

    answer = client.generic(method, path, body, headers={"Signature": header, "Content-Type": header})

    # An empty or divided segment is another address.
    assert answer.status_code in ({200} if provider and token and "/" not in provider + token else {200, 404}), path


@hypothesis_settings(max_examples=60)
@given(body=st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
def test_anything_on_the_bare_address_is_answered(client: Client, body: bytes) -> None:
    answer = client.generic("POST", "/api/v1/payments/webhooks", body, content_type="application/json")

    assert (answer.status_code, answer.content) == (200, b"")
    assert Payment.objects.count() == 0
