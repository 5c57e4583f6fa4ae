"""Webhooks reach a receiver that is well, and survive one that fails in every way."""

from __future__ import annotations

import dataclasses
import datetime as dt
import socket
import ssl
import threading
import time
from pathlib import Path

import pytest
from pytest_django import DjangoAssertNumQueries
from standardwebhooks import Webhook, WebhookVerificationError

from apps.core.clock import now
from apps.core.outgoing import Client
from apps.core.tests.talking_server import certificate, reply, talking
from apps.notifications.choices import EndpointState, WebhookState
from apps.notifications.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from apps.notifications.services.webhooks import dispatching, endpoints, signing
from apps.notifications.services.webhooks.attempting import Outcome
from apps.notifications.tests.webhooks.receiver import (
    NO_CONTENT,
    PATIENT,
    SHORT,
    Talk,
    make_delivery,
    make_endpoint,
    read_and_take,
    receiving,
    send,
    verified,
)

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)
# Enough for a status on a busy machine, and no more.
FOUR_SECONDS = dataclasses.replace(SHORT, total_s=4, wait_s=4)


def test_it_works() -> None:
    with receiving() as receiver:
        endpoint, secret = make_endpoint(receiver.url)
        row = make_delivery(endpoint)
        assert send() == 1
        assert send() == 0, "once"
    ((headers, body),) = receiver.messages
    assert verified(secret, (headers, body)) == {"type": "key.created", "data": {"id": "0 é"}}
    assert headers["webhook-id"] == str(row.pk)
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["user-agent"].startswith("Ecosyste-Webhooks/1.0")
    assert "cookie" not in headers
    row.refresh_from_db()
    endpoint.refresh_from_db()
    assert (row.state, row.tries, row.last_status, row.next_attempt_at) == (WebhookState.DELIVERED, 1, 204, None)
    assert endpoint.last_success_at is not None
    assert row.attempts.get().status == 204


def test_signatures_are_of_the_bytes_that_were_sent() -> None:
    with receiving() as receiver:
        endpoint, secret = make_endpoint(receiver.url)
        make_delivery(endpoint, body='{"type":"key.created","data":{"id":"1","n":1.0,"é":"\\u00e9"}}')
        send()
    headers, body = receiver.messages[0]
    verified(secret, (headers, body))
    for changed in (body + b" ", body.replace(b"1.0", b"1"), body.decode().replace("\\u00e9", "é").encode()):
        with pytest.raises(WebhookVerificationError):
            verified(secret, (headers, changed))
    with pytest.raises(WebhookVerificationError):
        verified(secret, ({**headers, "webhook-id": "another"}, body))
    with pytest.raises(WebhookVerificationError):
        verified(signing.new_secret(), (headers, body))


def test_two_secrets_sign_while_they_overlap() -> None:
    with receiving() as receiver:
        endpoint, old = make_endpoint(receiver.url)
        at = now()
        _endpoint, new = endpoints.rotate_secret(user=endpoint.user, endpoint_id=endpoint.pk, at=at)
        make_delivery(endpoint, at=at)
        send(at)
        make_delivery(endpoint, at=at)
        send(at + dt.timedelta(hours=24, seconds=1))
    first, second = receiver.messages
    assert len(first[0]["webhook-signature"].split(" ")) == 2
    verified(old, first)
    verified(new, first)
    assert len(second[0]["webhook-signature"].split(" ")) == 1
    assert second[0]["webhook-signature"] == Webhook(new).sign(
        second[0]["webhook-id"], dt.datetime.fromtimestamp(int(second[0]["webhook-timestamp"]), tz=dt.UTC), second[1].decode()
    )
    assert endpoints.prune_secrets(at=at + dt.timedelta(hours=25)) == 1


def test_a_secret_that_leaked_signs_no_more() -> None:
    endpoint, old = make_endpoint()
    at = now()
    _endpoint, between = endpoints.rotate_secret(user=endpoint.user, endpoint_id=endpoint.pk, at=at)
    _endpoint, new = endpoints.rotate_secret(user=endpoint.user, endpoint_id=endpoint.pk, at=at, overlap=dt.timedelta(0))
    assert len({old, between, new}) == 3
    assert endpoint.secrets.count() == 1


def test_nothing_is_sent_unsigned(settings: object) -> None:
    with receiving() as receiver:
        endpoint, _secret = make_endpoint(receiver.url)
        other, _other_secret = make_endpoint(receiver.url)
        settings.API_KEY_PEPPER = "another"  # type: ignore[attr-defined]
        broken = make_delivery(endpoint)
        assert send() == 1
        assert receiver.messages == []
        good, _secret = make_endpoint(receiver.url)
        make_delivery(good)
        make_delivery(other)
        assert send() == 2, "the others go on"
        assert len(receiver.messages) == 1
    broken.refresh_from_db()
    assert (broken.state, broken.last_error) == (WebhookState.PENDING, "unsigned")


def silent(connection: socket.socket, _head: bytes) -> None:
    """Takes everything and says nothing."""
    while connection.recv(65536):
        pass


def dripping_head(connection: socket.socket, _head: bytes) -> None:
    """A byte at a time, so that no single wait is long."""
    for letter in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 1000:
        connection.sendall(bytes([letter]))
        time.sleep(0.02)  # the fault itself


def broken_head(connection: socket.socket, _head: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 O")


def not_http(connection: socket.socket, _head: bytes) -> None:
    connection.sendall(b"\x00\xff\x00 nothing of the kind\r\n\r\n")


def endless_head(connection: socket.socket, _head: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"X-More: 1\r\n" * 100_000)


FAULTS: dict[str, tuple[bytes | Talk, str]] = {
    "never_answers": (silent, "too_slow"),
    "drips": (dripping_head, "too_slow"),
    "closes_in_its_head": (broken_head, "answer_broken"),
    "speaks_no_http": (not_http, "answer_broken"),
    "head_without_end": (endless_head, "answer_broken"),
    "hangs_up": (lambda connection, _head: connection.close(), "answer_broken"),
    "server_error": (reply("500 Oh No", body=b"<h1>Trace</h1>"), "status"),
    "not_found": (reply("404 Not Found"), "status"),
    "moved": (reply("302 Found", "Location: http://127.0.0.1:1/"), "redirect"),
    "moved_to_private": (reply("308 Permanent Redirect", "Location: http://169.254.169.254/latest/meta-data/"), "redirect"),
    "not_modified": (b"HTTP/1.1 304 Not Modified\r\n\r\n", "redirect"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_noted_and_tried_again_under_the_same_id(fault: str) -> None:
    answer, word = FAULTS[fault]
    with receiving(answer) as receiver:
        endpoint, secret = make_endpoint(receiver.url)
        row = make_delivery(endpoint)
        at = now()
        assert send(at, limits=SHORT if word == "too_slow" else PATIENT) == 1
        row.refresh_from_db()
        endpoint.refresh_from_db()
        assert (row.state, row.last_error, row.failures) == (WebhookState.PENDING, word, 1)
        assert row.next_attempt_at is not None
        assert dt.timedelta(seconds=5) <= row.next_attempt_at - at < dt.timedelta(seconds=8)
        assert endpoint.failures == 1
        receiver.answer = NO_CONTENT
        assert send(at + dt.timedelta(seconds=10)) == 1
    row.refresh_from_db()
    endpoint.refresh_from_db()
    assert (row.state, row.tries, row.attempts.count(), endpoint.failures, endpoint.failing_since) == ("delivered", 2, 2, 0, None)
    assert receiver.ids == [str(row.pk)] * 2
    assert receiver.messages[0][1] == receiver.messages[1][1]
    verified(secret, receiver.messages[1])


def huge(connection: socket.socket, _head: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n")
    for _time in range(10_000):  # until the other side hangs up
        connection.sendall(b"<!--" + b"x" * 100_000)


def cut(connection: socket.socket, _head: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nthank")


def silent_body(connection: socket.socket, head: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
    silent(connection, head)


GOOD: dict[str, bytes | Talk] = {
    "huge": huge, "cut": cut, "silent_body": silent_body, "odd_encoding": reply("200 OK", "Content-Encoding: br", body=b"\x00\x01\x02"),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_a_2xx_is_success_whatever_follows_it(name: str) -> None:
    with receiving(GOOD[name]) as receiver:
        endpoint, _secret = make_endpoint(receiver.url)
        row = make_delivery(endpoint)
        assert send(limits=FOUR_SECONDS if name == "silent_body" else PATIENT) == 1
    row.refresh_from_db()
    assert row.state == WebhookState.DELIVERED
    assert len(row.attempts.get().answer) <= 1000


def test_the_beginning_of_an_answer_is_kept_as_text() -> None:
    with receiving(reply("500 Oh No", body=b"caf\xc3\xa9 \x00\xff\x1b[31m" + b"z" * 5000)) as receiver:
        endpoint, _secret = make_endpoint(receiver.url)
        row = make_delivery(endpoint)
        send()
    kept = row.attempts.get().answer
    assert kept.startswith("café ")
    assert "\x00" not in kept
    assert "\x1b" not in kept
    assert len(kept) == 1000


def test_410_ends_the_endpoint_and_holds_what_waits() -> None:
    with receiving(reply("410 Gone")) as receiver:
        endpoint, _secret = make_endpoint(receiver.url)
        at = now()
        first, later = make_delivery(endpoint, at=at), make_delivery(endpoint, at=at + MINUTE)
        send(at)
        assert send(at + dt.timedelta(hours=1)) == 0
    endpoint.refresh_from_db()
    assert endpoint.state == EndpointState.GONE
    for row in (first, later):
        row.refresh_from_db()
        assert (row.state, row.next_attempt_at) == (WebhookState.HELD, None)


PAUSES = [
    ("429 Too Many", "600", 600),
    ("429 Too Many", "", 30),
    ("502 Bad Gateway", "", 30),
    ("504 Gateway Timeout", "tomorrow", 30),
    ("429 Too Many", "99999999999999999999", 24 * 3600),
    ("429 Too Many", "Fri, 31 Dec 9999 23:59:59 GMT", 24 * 3600),
]


@pytest.mark.parametrize(("status", "asked", "wait"), PAUSES)
def test_an_endpoint_that_asks_for_a_pause_gets_it(status: str, asked: str, wait: int) -> None:
    with receiving(reply(status, *([f"Retry-After: {asked}"] if asked else []))) as receiver:
        endpoint, _secret = make_endpoint(receiver.url)
        at = now()
        make_delivery(endpoint, at=at)
        assert send(at) == 1
        make_delivery(endpoint, at=at)
        receiver.answer = NO_CONTENT
        assert send(at + dt.timedelta(seconds=wait - 2)) == 0, "nothing of it at all"
        assert send(at + dt.timedelta(seconds=wait * 1.3 + 10)) == 2


def test_retry_after_of_another_failure_is_for_that_message_alone() -> None:
    with receiving(reply("503 Busy", "Retry-After: 900")) as receiver:
        endpoint, _secret = make_endpoint(receiver.url)
        at = now()
        row = make_delivery(endpoint, at=at)
        send(at)
        row.refresh_from_db()
        assert row.next_attempt_at is not None
        assert row.next_attempt_at - at > dt.timedelta(seconds=890)
        make_delivery(endpoint, at=at)
        assert send(at + dt.timedelta(seconds=1)) == 1


def test_a_wrong_certificate(tmp_path: Path) -> None:
    context, trusted = certificate(tmp_path, name="127.0.0.1")
    with talking(read_and_take, tls=context) as server:
        row = make_delivery(make_endpoint(f"{server.url}hook")[0])
        send()
        row.refresh_from_db()
        assert (row.state, row.last_error) == (WebhookState.PENDING, "tls_failed")
        assert server.heads == []
        send(now() + MINUTE, client=Client(ssl_context=ssl.create_default_context(cafile=str(trusted))))
    row.refresh_from_db()
    assert row.state == WebhookState.DELIVERED


def test_a_name_that_moved_into_a_private_network_since_it_was_saved() -> None:
    with receiving() as receiver:
        port = receiver.url.split(":")[2].split("/")[0]
        addresses = ["127.0.0.1"]
        client = Client(resolve=lambda _host, _timeout: addresses)
        url = endpoints.check_url(f"http://moves.exemple.cm:{port}/hook", client=client)
        endpoint, _secret = make_endpoint(url.text)
        row = make_delivery(endpoint)
        addresses[:] = ["127.0.0.1", "10.0.0.5"]
        send(client=client)
        row.refresh_from_db()
        assert (row.last_error, receiver.messages) == ("address_private", [])
        addresses[:] = ["169.254.169.254"]
        send(now() + MINUTE, client=client)
        row.refresh_from_db()
        assert (row.last_error, row.tries, receiver.messages) == ("address_private", 2, [])
        addresses[:] = ["127.0.0.1"]
        send(now() + 30 * MINUTE, client=client)
    row.refresh_from_db()
    assert (row.state, len(receiver.messages)) == (WebhookState.DELIVERED, 1)


def test_a_slow_endpoint_holds_up_nobody_else() -> None:
    served = threading.Event()
    asked_meanwhile: list[int] = []

    def slow(_connection: socket.socket, _head: bytes) -> None:
        """Answers nothing before the others are served: were they behind it, nobody ever would be."""
        served.wait(20)

    def quick(connection: socket.socket, _head: bytes) -> None:
        connection.sendall(NO_CONTENT)
        if len(well.messages) == 5:
            asked_meanwhile.append(len(jammed.messages))
            served.set()

    with receiving(slow) as jammed, receiving(quick) as well:
        bad, _secret = make_endpoint(jammed.url, failures=1, failing_since=now())
        at = now()
        for number in range(40):
            make_delivery(bad, at=at - MINUTE, key=f"{number}:slow")
        good, _secret = make_endpoint(well.url)
        for number in range(5):
            make_delivery(good, at=at, key=f"{number}:quick")
        dispatching.dispatch(at=at, budget_s=5.0)
    assert well.messages[4:]
    assert asked_meanwhile == [1], "its share while it fails"


def test_no_endpoint_has_more_requests_than_its_share() -> None:
    endpoint, _secret = make_endpoint()
    at = now()
    for number in range(10):
        make_delivery(endpoint, at=at, key=f"{number}:x")
    first = dispatching.claim(at=at, most=16)
    assert len(first) == dispatching.SHARE
    assert dispatching.claim(at=at, most=16) == [], "another process gets no more of it"
    assert len(dispatching.claim(at=at + dispatching.CLAIM, most=16)) == dispatching.SHARE, "whoever had them died"
    assert {job.delivery_id for job in first} <= set(endpoint.deliveries.values_list("pk", flat=True))


def test_who_has_waited_longest_comes_first() -> None:
    at = now()
    made = [make_endpoint()[0] for _number in range(6)]
    for endpoint in made:
        for number in range(3):
            make_delivery(endpoint, at=at, key=f"{number}:x")
    turns = [job.endpoint_id for _turn in range(3) for job in dispatching.claim(at=at, most=2)]
    assert len(set(turns)) == 6


def test_an_endpoint_that_was_deleted_while_it_was_asked() -> None:
    with receiving() as receiver:
        endpoint, _secret = make_endpoint(receiver.url)
        make_delivery(endpoint)
        job = dispatching.claim(at=now(), most=1)[0]
        endpoints.delete_endpoint(user=endpoint.user, endpoint_id=endpoint.pk)
        dispatching.note(Outcome(job, 200, "", "", 3), at=now())
    assert not WebhookEndpoint.objects.exists()
    assert not WebhookDelivery.objects.exists()
    assert not WebhookAttempt.objects.exists()


def test_what_was_held_while_it_was_asked_stays_held_unless_it_arrived() -> None:
    endpoint, _secret = make_endpoint()
    at = now()
    arrived, lost = make_delivery(endpoint, at=at), make_delivery(endpoint, at=at)
    jobs = {job.delivery_id: job for job in dispatching.claim(at=at, most=2)}
    endpoints.change_endpoint(user=endpoint.user, endpoint_id=endpoint.pk, changes={"state": "disabled"}, at=at)
    dispatching.note(Outcome(jobs[arrived.pk], 200, "", "", 3), at=at)
    dispatching.note(Outcome(jobs[lost.pk], 500, "status", "", 3), at=at)
    arrived.refresh_from_db()
    lost.refresh_from_db()
    assert (arrived.state, lost.state) == (WebhookState.DELIVERED, WebhookState.HELD)


def test_statements(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    at = now()
    for _number in range(3):
        endpoint, _secret = make_endpoint()
        for number in range(3):
            make_delivery(endpoint, at=at, key=f"{number}:x")
    with django_assert_num_queries(7):
        assert len(dispatching.claim(at=at, most=16)) == 9
    with django_assert_num_queries(1):
        now()
