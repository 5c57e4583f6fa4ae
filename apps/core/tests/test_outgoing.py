"""Requests to addresses that others give us, against servers that mean no good."""

from __future__ import annotations

import contextlib
import gzip
import ipaddress
import pickle
import socket
import ssl
import threading
import time
import zlib
from pathlib import Path

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from apps.core.checks import check_networks_are_written_right, check_no_private_network_is_allowed
from apps.core.outgoing import (
    Answer,
    AnswerTooLarge,
    Client,
    Limits,
    OutgoingError,
    OutgoingFailed,
    OutgoingRefused,
    OutgoingTimeout,
    check_address,
    resolve_host,
)  # fmt: skip
from apps.core.tests.talking_server import certificate, reply, talking

OK = reply("200 OK", "Content-Type: text/html", body=b"<p>Bonjour</p>")
SHORT = Limits(total_s=1.0, wait_s=0.5, body_bytes=100_000, redirects=3)

PRIVATE = [
    "127.0.0.2", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200", "0.0.0.0", "0.1.2.3",  # noqa: S104  an address to refuse
    "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "192.88.99.1", "168.63.129.16", "::", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "2002:a9fe:a9fe::1",
    "2002:7f00:2::", "2001:0:1::1", "2001:db8::1", "2001:10::1", "3fff::1", "5f00::1", "4000::1", "100::1",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "154.72.160.1", "2a00:1450:4007:80e::200e", "2606:4700::1111", "64:ff9b::101:101", "2002:101:101::1", "::ffff:1.1.1.1"]


def ask(url: str, *, client: Client | None = None, limits: Limits = SHORT) -> Answer:
    return (client or Client()).fetch(url, limits=limits)


def reason(url: str, *, client: Client | None = None, limits: Limits = SHORT) -> str:
    with pytest.raises(OutgoingError) as refusal:
        ask(url, client=client, limits=limits)
    return refusal.value.reason


def names(**addresses: list[str]) -> Client:
    """A client for which names stand for these addresses; dots are underscores."""
    table = {name.replace("_", "."): found for name, found in addresses.items()}
    return Client(resolve=lambda host, _timeout: table[host])


def test_it_works() -> None:
    with talking(OK) as server:
        answer = ask(f"{server.url}page?q=1#part")
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, b"<p>Bonjour</p>", "text/html")
    head = server.heads[0].decode()
    assert head.startswith("GET /page?q=1 HTTP/1.1\r\n")
    assert f"Host: {server.host}:{server.port}\r\n" in head
    assert "EcosysteBot/1.0 (+http://testserver; contact@ecosyste.example)" in head


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not_of_the_open_internet(address: str) -> None:
    with pytest.raises(OutgoingRefused) as refusal:
        check_address(address)
    assert refusal.value.reason == "address_private"


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_open_internet(address: str) -> None:
    check_address(address)


@given(st.ip_addresses())
def test_no_address_is_let_through_that_python_calls_private(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    with override_settings(OUTGOING_ALLOWED_NETWORKS=[]):
        try:
            check_address(str(address))
        except OutgoingRefused:
            return
    assert address.is_global or getattr(address, "ipv4_mapped", None) is not None
    assert not address.is_multicast


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://169.254.169.254/latest/meta-data/", "address_private"),
        ("https://[::ffff:169.254.169.254]/", "address_private"),
        ("https://[::ffff:a9fe:a9fe]/", "address_private"),
        ("https://2852039166/", "host_odd"),
        ("https://0xa9fea9fe/", "host_odd"),
        ("https://0251.0376.0251.0376/", "url_invalid"),
        ("https://169.254.43518/", "host_odd"),
        ("https://127.1/", "host_odd"),
        ("https://10.0.0.1./", "host_odd"),
        ("https://user:secret@example.org/", "credentials_in_url"),
        ("https://user@example.org/", "credentials_in_url"),
        ("ftp://example.org/", "url_invalid"),
        ("file:///etc/passwd", "url_invalid"),
        ("gopher://127.0.0.1/", "url_invalid"),
        ("https:///path", "url_invalid"),
        ("", "url_invalid"),
        ("https://example.org/\r\nHost: a", "url_invalid"),
        ("https://example.org:99999/", "url_invalid"),
        ("https://example.org/" + "a" * 3000, "url_invalid"),
        ("https://exa mple.org/", "host_odd"),
        ("https://1.1.1.1:22/", "port_not_allowed"),
        ("http://1.1.1.1/", "https_only"),
    ],
)
def test_addresses_that_are_not_asked(url: str, expected: str) -> None:
    assert reason(url) == expected


def test_wide_digits_and_dots_are_no_way_around() -> None:
    assert reason("https://１６９.254.169.254/") in {"address_private", "host_odd", "url_invalid"}
    assert reason("https://169。254。169。254/") in {"address_private", "host_odd", "url_invalid"}


@given(st.text(max_size=60))
def test_any_text_is_refused_or_fails_in_our_words(text: str) -> None:
    client = Client(resolve=lambda _host, _timeout: ["10.0.0.1"])
    with pytest.raises(OutgoingError):
        client.fetch(f"https://{text}", limits=SHORT)


def test_one_private_address_among_several_is_enough() -> None:
    client = names(mixed_example=["1.1.1.1", "10.0.0.1"])
    assert reason("https://mixed.example/", client=client) == "address_private"


def test_a_name_is_looked_up_once_and_its_checked_address_asked() -> None:
    lookups: list[str] = []

    def rebinding(host: str, _timeout: float) -> list[str]:
        lookups.append(host)
        return ["127.0.0.1"] if len(lookups) == 1 else ["169.254.169.254"]

    with talking(OK) as server:
        client = Client(resolve=rebinding)
        assert ask(f"http://shop.example:{server.port}/", client=client).status == 200
        assert lookups == ["shop.example"]
        assert f"Host: shop.example:{server.port}".encode() in server.heads[0]
        # The next call asks anew, and sees the change.
        assert reason(f"http://shop.example:{server.port}/", client=client) == "address_private"


def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    with talking(OK) as server:
        client = names(two_example=["::1", "127.0.0.1"])
        assert ask(f"http://two.example:{server.port}/", client=client).status == 200


def test_an_ipv6_host() -> None:
    with talking(OK, host="::1") as server:
        assert ask(server.url).status == 200
        assert f"Host: [::1]:{server.port}".encode() in server.heads[0]


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("http://169.254.169.254/latest/meta-data/", "address_private"),
        ("https://169.254.169.254/", "address_private"),
        ("//10.0.0.1/", "address_private"),
        ("http://0x7f000002/", "host_odd"),
        ("file:///etc/passwd", "url_invalid"),
        ("http://a:b@127.0.0.1/", "credentials_in_url"),
        ("http://[", "host_odd"),
    ],
)
def test_redirects_are_checked_like_first_addresses(location: str, expected: str) -> None:
    with talking(reply("302 Found", f"Location: {location}")) as server:
        assert reason(server.url) == expected


def test_a_redirect_is_followed_and_told_of() -> None:
    told: list[str] = []
    with talking(OK) as second, talking(reply("301 Moved Permanently", f"Location: {second.url}there")) as first:
        answer = Client().fetch(first.url, headers={"Authorization": "Bearer x", "Accept": "text/html"}, before_redirect=told.append)
    assert answer.url == f"{second.url}there"
    assert told == [answer.url]
    assert b"authorization: bearer x" in first.heads[0].lower()
    assert b"authorization" not in second.heads[0].lower()
    assert b"accept: text/html" in second.heads[0].lower()


def test_a_redirect_can_be_declined() -> None:
    def decline(_url: str) -> None:
        raise OutgoingRefused("url_invalid")

    with talking(OK) as second, talking(reply("302 Found", f"Location: {second.url}")) as first:
        with pytest.raises(OutgoingRefused):
            Client().fetch(first.url, before_redirect=decline)
        assert second.heads == []


def test_redirects_in_a_circle_end() -> None:
    with talking(reply("302 Found", "Location: /again")) as server:
        assert reason(server.url) == "too_many_redirects"
        assert len(server.heads) == SHORT.redirects + 1


def test_a_post_is_sent_once() -> None:
    with talking(reply("307 Temporary Redirect", "Location: /again")) as server:
        answer = Client().fetch(server.url, method="POST", content=b"{}", headers={"Content-Type": "application/json"})
    assert answer.status == 307
    assert len(server.heads) == 1


def test_from_https_to_http_never(tmp_path: Path) -> None:
    tls, trusted = certificate(tmp_path, name="127.0.0.1")
    client = Client(ssl_context=ssl.create_default_context(cafile=str(trusted)))
    with talking(OK) as plain, talking(reply("302 Found", f"Location: {plain.url}"), tls=tls) as server:
        assert reason(server.url, client=client) == "downgrade"
        assert plain.heads == []


def test_the_certificate_is_that_of_the_name(tmp_path: Path) -> None:
    tls, trusted = certificate(tmp_path, name="shop.example")
    context = ssl.create_default_context(cafile=str(trusted))
    client = Client(resolve=lambda _host, _timeout: ["127.0.0.1"], ssl_context=context)
    with talking(OK, tls=tls) as server:
        assert ask(f"https://shop.example:{server.port}/", client=client).status == 200
        assert reason(f"https://other.example:{server.port}/", client=client) == "tls_failed"
        assert reason(server.url) == "tls_failed"


def test_an_expired_certificate(tmp_path: Path) -> None:
    tls, trusted = certificate(tmp_path, name="127.0.0.1", is_expired=True)
    client = Client(ssl_context=ssl.create_default_context(cafile=str(trusted)))
    with talking(OK, tls=tls) as server:
        assert reason(server.url, client=client) == "tls_failed"


def drip(connection: socket.socket, _head: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b".")
        time.sleep(0.05)  # the server is slow: that is what is tested


def drip_headers(connection: socket.socket, _head: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        connection.sendall(b"a")
        time.sleep(0.05)  # the server is slow: that is what is tested


def silence(connection: socket.socket, _head: bytes) -> None:
    connection.recv(1)


@pytest.mark.parametrize("talk", [drip, drip_headers, silence])
def test_a_server_that_takes_its_time_is_left(talk: object) -> None:
    with talking(talk) as server, pytest.raises(OutgoingTimeout) as refusal:  # type: ignore[arg-type]  # a function of connection and head
        ask(server.url)
    assert refusal.value.is_passing


def test_a_name_server_that_is_silent_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    is_over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: is_over.wait() and [])
    with pytest.raises(OutgoingTimeout):
        resolve_host("silent.example", 0.05)
    is_over.set()


def endless(connection: socket.socket, _head: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    with contextlib.suppress(OSError):
        while True:
            connection.sendall(b"x" * 65536)


def endless_chunks(connection: socket.socket, _head: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    with contextlib.suppress(OSError):
        while True:
            connection.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")


@pytest.mark.parametrize("talk", [endless, endless_chunks])
def test_an_endless_body_ends(talk: object) -> None:
    with talking(talk) as server, pytest.raises(AnswerTooLarge):  # type: ignore[arg-type]  # likewise
        ask(server.url, limits=Limits(total_s=10, body_bytes=1_000_000))


def test_a_length_beyond_the_bound_is_enough_to_stop() -> None:
    with talking(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n") as server, pytest.raises(AnswerTooLarge):
        ask(server.url)


def endless_headers(connection: socket.socket, _head: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    with contextlib.suppress(OSError):
        while True:
            connection.sendall(b"X-More: " + b"a" * 1000 + b"\r\n")


def test_endless_headers_end() -> None:
    with talking(endless_headers) as server:
        assert reason(server.url, limits=Limits(total_s=10)) == "answer_broken"


def bomb() -> bytes:
    pack = zlib.compressobj(wbits=31)
    zeros = bytes(1_000_000)
    return b"".join(pack.compress(zeros) for _ in range(300)) + pack.flush()


def test_a_small_body_cannot_unpack_into_a_large_one() -> None:
    body = bomb()
    assert len(body) < 400_000
    with talking(reply("200 OK", "Content-Encoding: gzip", body=body)) as server, pytest.raises(AnswerTooLarge):
        ask(server.url, limits=Limits(body_bytes=500_000))


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 131_072, 300_000])
def test_a_packed_body_is_unpacked_whole(size: int) -> None:
    text = (bytes(range(256)) * 1200)[:size]
    packed = gzip.compress(text[: size // 2]) + gzip.compress(text[size // 2 :]) + bytes(16)
    with talking(reply("200 OK", "Content-Encoding: gzip", body=packed)) as server:
        assert ask(server.url, limits=Limits(body_bytes=300_000)).body == text


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (reply("200 OK", "Content-Encoding: gzip", body=gzip.compress(b"a" * 5000, mtime=0)[:-10]), "answer_broken"),
        (reply("200 OK", "Content-Encoding: gzip", body=b"not packed"), "answer_broken"),
        (reply("200 OK", "Content-Encoding: br", body=b"x"), "encoding_unknown"),
        (reply("200 OK", "Content-Encoding: gzip, gzip", body=b"x"), "encoding_unknown"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort", "answer_broken"),
        (b"\x00\x01\x02 nonsense\r\n\r\n", "answer_broken"),
        (b"", "answer_broken"),
    ],
)
def test_broken_answers(answer: bytes, expected: str) -> None:
    with talking(answer) as server:
        assert reason(server.url) == expected


def test_nobody_listens() -> None:
    with talking(OK) as server:
        pass
    with pytest.raises(OutgoingFailed) as failure:
        ask(server.url)
    assert failure.value.reason == "connection_failed"


def test_a_name_that_does_not_exist() -> None:
    def unknown(_host: str, _timeout: float) -> list[str]:
        raise socket.gaierror(-2, "unknown")

    assert reason("https://nowhere.example/", client=Client(resolve=unknown)) == "name_unknown"


def test_errors_survive_a_queue() -> None:
    error = pickle.loads(pickle.dumps(OutgoingRefused("address_private", "10.0.0.1")))  # noqa: S301  our own bytes
    assert (error.reason, error.found, str(error)) == ("address_private", "10.0.0.1", "address_private: 10.0.0.1")


def test_exceptions_are_checked_when_it_starts() -> None:
    with override_settings(OUTGOING_ALLOWED_NETWORKS=["10.0.0.0/33"]):
        assert [found.id for found in check_networks_are_written_right(None)] == ["core.E003"]
    with override_settings(OUTGOING_ALLOWED_NETWORKS=["127.0.0.0/8"]):
        assert [found.id for found in check_no_private_network_is_allowed(None)] == ["core.E004"]
        assert check_networks_are_written_right(None) == []
    with override_settings(OUTGOING_ALLOWED_NETWORKS=[]):
        assert check_no_private_network_is_allowed(None) == []
        assert reason("http://127.0.0.1:1/") == "address_private"
