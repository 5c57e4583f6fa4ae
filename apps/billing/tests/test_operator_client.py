"""The HTTP client against servers that misbehave."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from apps.billing.choices import CallKind
from apps.billing.providers.http import BODY_MAX, OperatorClient, Reply, is_loopback, scaled
from apps.billing.tests.recorded_journal import RecordedJournal
from apps.billing.tests.scripted_operator import ScriptedOperator, Talk, cut, drip, hang_up, reply, reset, silent
from apps.core.tests.talking_server import certificate

CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000\r\n" + b"a" * 0x10000 + b"\r\n40000\r\n" + b"a" * 0x40000


@pytest.fixture
def client(operator: ScriptedOperator) -> Iterator[OperatorClient]:
    made = OperatorClient(operator.url, secrets=["s3cret-key", "4711"])
    yield made
    made.close()


def ask(client: OperatorClient, journal: RecordedJournal, *, method: str = "POST", path: str = "/x", **more: Any) -> Reply:
    return client.call(CallKind.SUBMIT, method, path, journal, headers={}, **more)


def test_it_works(operator: ScriptedOperator, client: OperatorClient, journal: RecordedJournal) -> None:
    operator.on("POST", "/x", reply(200, {"status": "PENDING"}))
    got = ask(client, journal, content={"amount": "5000"})
    assert (got.status, got.data, got.is_readable) == (200, {"status": "PENDING"}, True)
    assert operator.requests[0].data == {"amount": "5000"}
    assert operator.requests[0].headers["accept-encoding"] == "identity"
    [entry] = journal.entries
    assert (entry.kind, entry.method, entry.path, entry.status) == (CallKind.SUBMIT, "POST", "/x", 200)
    assert json.loads(entry.body) == {"status": "PENDING"}


def test_connections_are_used_again(operator: ScriptedOperator, client: OperatorClient, journal: RecordedJournal) -> None:
    operator.on("GET", "/x", reply(200, {}))
    for _ in range(5):
        assert ask(client, journal, method="GET").status == 200
    assert operator.connections == 1


def test_a_connection_closed_in_between_costs_nothing(operator: ScriptedOperator, client: OperatorClient, journal: RecordedJournal) -> None:
    def once(stream: Any) -> None:
        stream.sendall(reply(200, {}))

    operator.on("GET", "/x", once)
    for _ in range(3):
        assert ask(client, journal, method="GET").status == 200
        # The server's hang-up has to arrive.
        time.sleep(0.05)
    assert operator.connections == 3


def test_an_empty_post_says_its_length(operator: ScriptedOperator, client: OperatorClient, journal: RecordedJournal) -> None:
    operator.on("POST", "/x", reply(202))
    got = ask(client, journal)
    assert operator.requests[0].headers["content-length"] == "0"
    assert (got.status, got.data, got.is_empty, got.is_readable) == (202, None, True, True)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (silent, "too_slow"),
        (drip(reply(200, {"a": "b" * 100}), pause_s=0.3), "too_slow"),
        (drip(reply(200, {"a": "b" * 100}), at_once=100, pause_s=0.3), "too_slow"),
        (reset, "answer_broken"),
        (hang_up, "answer_broken"),
        (cut(reply(202, {"status": "ok"})), "answer_broken"),
        (cut(reply(202), left_out=3), "answer_broken"),
        (lambda stream: stream.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"), "answer_broken"),
        (lambda stream: stream.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), "answer_broken"),
        (reply(200, b"[" * (BODY_MAX + 1)), "too_large"),
        (lambda stream: stream.sendall(CHUNKS), "too_large"),
        (reply(200, gzip.compress(b"{}"), "Content-Encoding: gzip"), "encoding_unknown"),
    ],
    ids=[
        "silent",
        "drip_head",
        "drip_body",
        "reset",
        "hang_up",
        "cut_body",
        "cut_head",
        "not_http",
        "bad_chunk",
        "huge",
        "huge_chunks",
        "gzip",
    ],
)
@pytest.mark.usefixtures("short_waits")
def test_no_whole_answer(
    operator: ScriptedOperator, client: OperatorClient, journal: RecordedJournal, answer: bytes | Talk, error: str
) -> None:
    operator.on("POST", "/x", answer)
    got = ask(client, journal)
    assert (got.status, got.data, got.error, got.is_readable) == (None, None, error, False)
    assert (journal.entries[0].status, journal.entries[0].error) == (None, error)
    # And it goes on after it.
    operator.on("POST", "/x", reply(200, {}))
    assert ask(client, journal).status == 200


def test_nobody_listens(operator: ScriptedOperator, client: OperatorClient, journal: RecordedJournal) -> None:
    operator.close()
    assert ask(client, journal).error == "connection_failed"


def test_redirects_are_answers(operator: ScriptedOperator, client: OperatorClient, journal: RecordedJournal) -> None:
    operator.on("GET", "/x", reply(302, b"", f"Location: {operator.url}/elsewhere"))
    assert ask(client, journal, method="GET").status == 302
    assert len(operator.requests) == 1


def test_cookies_are_not_kept(operator: ScriptedOperator, client: OperatorClient, journal: RecordedJournal) -> None:
    operator.on("GET", "/x", reply(200, {}, "Set-Cookie: a=b"))
    ask(client, journal, method="GET")
    ask(client, journal, method="GET")
    assert "cookie" not in operator.requests[1].headers


def test_proxies_of_the_environment_are_ignored(
    operator: ScriptedOperator, client: OperatorClient, journal: RecordedJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    operator.on("GET", "/x", reply(200, {}))
    assert ask(client, journal, method="GET").status == 200


@pytest.mark.parametrize(
    "body",
    [b"<html></html>", b"[]", b'"SUCCESSFUL"', b"5000", b"null", b"{", b"\xff\xfe\x00", b'{"a": NaN}', b"[" * 100_000, b'{"a":' * 50_000],
)
def test_only_an_object_is_data(operator: ScriptedOperator, client: OperatorClient, journal: RecordedJournal, body: bytes) -> None:
    operator.on("GET", "/x", reply(200, body))
    got = ask(client, journal, method="GET")
    assert (got.status, got.data, got.is_readable) == (200, None, False)


def test_secrets_and_numbers_stay_out_of_the_journal(operator: ScriptedOperator, client: OperatorClient, journal: RecordedJournal) -> None:
    echo = "key s3cret-key pin 4711 token tok-abcdef"
    said = {
        "access_token": "tok-abcdef",
        "payer": {"partyId": "237670123111"},
        "echo": echo,
        "n": 45711,
    }
    operator.on("POST", r"/pay/.*", reply(200, said))
    ask(client, journal, path="/pay/MP-token-1", content={"pin": "4711"}, secrets=["MP-token-1"])
    [entry] = journal.entries
    assert entry.path == "/pay/***"
    assert not any(word in entry.body for word in ("tok-abcdef", "s3cret", "4711 ", "670123111", "237670123111"))
    assert "6xx xx x 111" in entry.body
    assert "45711" in entry.body


def test_the_journal_is_told_before_the_call(operator: ScriptedOperator, client: OperatorClient) -> None:
    class Refusing(RecordedJournal):
        def begin(self, kind: CallKind, method: str, path: str) -> int:  # noqa: ARG002  the port's names
            raise RuntimeError

    with pytest.raises(RuntimeError):
        ask(client, Refusing())
    assert operator.requests == []


def test_certificates_are_verified(operator: ScriptedOperator, journal: RecordedJournal, tmp_path: Path) -> None:
    tls, trusted = certificate(tmp_path, name="127.0.0.1")
    operator.encrypt(tls)
    operator.on("GET", "/x", reply(200, {}))
    stranger, pinned = OperatorClient(operator.url), OperatorClient(operator.url, ca_file=str(trusted))
    assert ask(stranger, journal, method="GET").error == "tls_failed"
    assert ask(pinned, journal, method="GET").status == 200
    assert len(operator.requests) == 1
    stranger.close()
    pinned.close()


@pytest.mark.parametrize(("name", "is_expired"), [("127.0.0.1", True), ("pay.example.cm", False)])
def test_an_expired_certificate_or_one_of_another_host(
    operator: ScriptedOperator, journal: RecordedJournal, tmp_path: Path, name: str, is_expired: bool
) -> None:
    tls, trusted = certificate(tmp_path, name=name, is_expired=is_expired)
    operator.encrypt(tls)
    client = OperatorClient(operator.url, ca_file=str(trusted))
    assert ask(client, journal, method="GET").error == "tls_failed"
    client.close()


def test_plain_http_stays_on_this_machine(journal: RecordedJournal, settings: Any) -> None:
    settings.OUTGOING_ALLOWED_NETWORKS = []
    client = OperatorClient("http://192.0.2.1")
    assert ask(client, journal, method="GET").error == "https_only"
    client.close()


@pytest.mark.parametrize("address", ["", "ftp://x", "mtn", "https://", "https://user:pw@host", "http://[::1"])
def test_an_address_that_cannot_be_one(address: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        OperatorClient(address)


def test_a_missing_authority_or_a_credential_with_a_line_end() -> None:
    with pytest.raises(ImproperlyConfigured):
        OperatorClient("https://127.0.0.1", ca_file="/nowhere/ca.pem")
    with pytest.raises(ImproperlyConfigured):
        OperatorClient("https://127.0.0.1", secrets=["abc\n"])


def test_waits_are_scaled_down_to_a_second(settings: Any) -> None:
    settings.PAYMENT_TIME_SCALE = 1
    assert scaled(20.0) == 20.0
    settings.PAYMENT_TIME_SCALE = 4
    assert scaled(20.0) == 5.0
    settings.PAYMENT_TIME_SCALE = 100
    assert scaled(20.0) == 1.0


def test_what_this_machine_is() -> None:
    assert all(is_loopback(host) for host in ("localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"))
    assert not any(is_loopback(host) for host in ("localhost.example", "10.0.0.1", "127.0.0.1.example", ""))
