"""A POST with an Idempotency-Key happens once, whoever sends it again and whenever."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from rest_framework.response import Response

from apps.core import idempotency
from apps.core.clock import now
from apps.core.exceptions import Conflict, NotFound
from apps.core.idempotency import IdempotencyKeyInvalid, IdempotencyKeyReused, answer_once, read_key
from apps.core.models import IdempotentRequest, OutboxEvent

AT = dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)


class Endpoint:
    """Writes a row each time it really works, and counts."""

    def __init__(self, status: int = 201) -> None:
        self.calls = 0
        self.status = status
        self.error: Exception | None = None
        self.inside: Callable[[], None] = lambda: None

    def __call__(self) -> HttpResponse:
        self.calls += 1
        OutboxEvent.objects.create(name="test.effect", key=str(self.calls))
        self.inside()
        if self.error is not None:
            raise self.error
        return HttpResponse(f"answer {self.calls}", status=self.status, headers={"Location": "/there", "X-Once": "1"})


def post(key: str | None, path: str = "/api/v1/things") -> HttpRequest:
    headers = {} if key is None else {"Idempotency-Key": key}
    return RequestFactory().post(path, data=b"{}", content_type="application/json", headers=headers)


def call(
    endpoint: Callable[[], HttpResponse], key: str | None = "k1", *, body: bytes = b"{}", caller: str = "user:1",
    path: str = "/api/v1/things", at: dt.datetime = AT,
) -> HttpResponse:  # fmt: skip
    return answer_once(post(key, path), caller=caller, body=body, at=at, answer=endpoint)


@pytest.mark.django_db
def test_it_works() -> None:
    endpoint = Endpoint()
    first, second = call(endpoint), call(endpoint)
    assert (first.status_code, first.content) == (201, b"answer 1")
    assert "Idempotent-Replayed" not in first
    assert (second.status_code, second.content, second["Location"]) == (201, b"answer 1", "/there")
    assert second["Idempotent-Replayed"] == "true"
    assert endpoint.calls == 1


@pytest.mark.django_db
def test_without_a_key_every_call_counts() -> None:
    endpoint = Endpoint()
    call(endpoint, None)
    call(endpoint, None)
    assert endpoint.calls == 2
    assert not IdempotentRequest.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "other", [{"caller": "user:2"}, {"key": "k2"}, {"path": "/api/v1/other"}, {"path": "/api/v1/" + "a" * 300}], ids=str
)
def test_another_caller_key_or_route_is_another_request(other: dict[str, str]) -> None:
    endpoint = Endpoint()
    call(endpoint)
    assert call(endpoint, **other).content == b"answer 2"  # type: ignore[arg-type]  # only texts


@pytest.mark.django_db
def test_both_prefixes_of_the_api_are_one_route() -> None:
    endpoint = Endpoint()
    call(endpoint)
    assert call(endpoint, path="/api/things")["Idempotent-Replayed"] == "true"


@pytest.mark.django_db
def test_another_payload_with_the_same_key_is_refused() -> None:
    endpoint = Endpoint()
    call(endpoint)
    with pytest.raises(IdempotencyKeyReused) as refused:
        call(endpoint, body=b'{"name": "other"}')
    assert refused.value.status == 422
    assert endpoint.calls == 1


@pytest.mark.django_db
def test_quoted_and_bare_are_the_same_key() -> None:
    endpoint = Endpoint()
    call(endpoint, '"k1"')
    assert call(endpoint, "k1")["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("key", ["", '""', "é", "a b", "a" * 256, "\x01"])
def test_an_unusable_key_is_refused(key: str) -> None:
    with pytest.raises(IdempotencyKeyInvalid) as refused:
        read_key(post(key))
    assert refused.value.status == 400


def test_the_longest_key_is_read() -> None:
    assert read_key(post("a" * 255)) == "a" * 255
    assert read_key(post(None)) is None


@pytest.mark.django_db
def test_a_server_error_undoes_what_was_done_and_is_not_kept() -> None:
    endpoint = Endpoint(status=503)
    assert call(endpoint).status_code == 503
    assert not OutboxEvent.objects.exists()
    endpoint.status = 201
    assert call(endpoint).content == b"answer 2"


@pytest.mark.django_db
def test_a_refusal_is_not_kept_so_that_the_request_can_be_mended() -> None:
    endpoint = Endpoint()
    endpoint.error = NotFound()
    with pytest.raises(NotFound):
        call(endpoint)
    assert not OutboxEvent.objects.exists()
    endpoint.error = None
    assert call(endpoint, body=b'{"name": "mended"}').status_code == 201


@pytest.mark.django_db
def test_an_expired_key_is_new() -> None:
    endpoint = Endpoint()
    call(endpoint)
    assert call(endpoint, at=AT + dt.timedelta(hours=23, minutes=59)).content == b"answer 1"
    assert call(endpoint, at=AT + dt.timedelta(hours=24, minutes=1), body=b"other").content == b"answer 2"


@pytest.mark.django_db
def test_pruning_forgets_what_expired() -> None:
    call(Endpoint(), "old")
    call(Endpoint(), "new", at=AT + dt.timedelta(hours=20))
    assert idempotency.prune(at=AT + dt.timedelta(hours=25)) == 1
    assert IdempotentRequest.objects.get().key == "new"


@pytest.mark.django_db
def test_an_answer_of_the_framework_is_kept_as_bytes() -> None:
    answers = [call(lambda: Response({"id": 1, "name": "Chez Wou"}, status=201, headers={"ETag": '"1"'})) for _ in range(2)]
    assert [(answer.status_code, answer.content, answer["ETag"]) for answer in answers] == [(201, b'{"id":1,"name":"Chez Wou"}', '"1"')] * 2
    assert answers[1]["Content-Type"] == "application/json"


@pytest.mark.django_db(transaction=True)
def test_a_second_call_while_the_first_runs_is_a_conflict() -> None:
    endpoint, seen = Endpoint(), []

    def second(body: bytes) -> None:
        try:
            call(endpoint, body=body, at=now())
        except (Conflict, IdempotencyKeyReused) as error:
            seen.append(type(error))
        finally:
            connection.close()

    def in_the_middle() -> None:
        for body in (b"{}", b"other"):
            thread = threading.Thread(target=second, args=[body])
            thread.start()
            thread.join()

    endpoint.inside = in_the_middle
    assert call(endpoint, at=now()).status_code == 201
    assert seen == [Conflict, IdempotencyKeyReused]
    assert endpoint.calls == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_exactly_one_works() -> None:
    endpoint = Endpoint()
    barrier = threading.Barrier(12)
    outcomes: list[str] = []

    def one() -> None:
        barrier.wait()
        try:
            outcomes.append(call(endpoint).content.decode())
        except Conflict:
            outcomes.append("conflict")
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert endpoint.calls == 1
    assert OutboxEvent.objects.count() == 1
    assert set(outcomes) <= {"answer 1", "conflict"}
    assert "answer 1" in outcomes


@pytest.mark.django_db(transaction=True)
def test_a_process_that_died_leaves_neither_effect_nor_lock() -> None:
    endpoint = Endpoint()

    def die() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid = cursor.fetchone()[0]
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 2000)", [pid])
        other.close()

    endpoint.inside = die
    with pytest.raises(Exception, match=r"terminat|closed"):
        call(endpoint)
    connection.close()
    assert not OutboxEvent.objects.exists()
    endpoint.inside = lambda: None
    assert call(endpoint).content == b"answer 2"
    with transaction.atomic():
        assert OutboxEvent.objects.count() == 1
