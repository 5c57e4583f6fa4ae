"""A real Chromium behind the checking proxy."""

from __future__ import annotations

import functools
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from apps.core.outgoing import Client
from apps.core.outgoing.proxy import CheckingProxy
from apps.core.tests.talking_server import TalkingServer, reply, talking
from apps.ingestion.sources import PageUnavailable
from apps.ingestion.sources.browser import browsing, is_available

HTML = "Content-Type: text/html; charset=utf-8"
# What a page of no good asks for once it is open. `PORT` is that of a server on this machine that only the proxy keeps it from.
SCRIPT = """<div id="list"></div><script>
document.getElementById("list").innerHTML = '<p class="item">' + "Été".toUpperCase() + "</p>";
for (const address of ["http://169.254.169.254/", "http://127.0.0.2:PORT/secret", "http://[::ffff:10.0.0.1]/", "file:///etc/passwd"])
  fetch(address).then(() => document.body.append("REACHED " + address)).catch(() => document.body.append(" blocked"));
new Image().src = "http://127.0.0.2:PORT/image";
</script>"""


def in_a_thread(test: Callable[..., None]) -> Callable[..., None]:
    """Playwright's own fixtures keep a loop running in the thread of the tests, and it refuses a second one there."""

    @functools.wraps(test)
    def run(**fixtures: object) -> None:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(test, **fixtures).result()

    return run


@pytest.fixture
def secret() -> Iterator[TalkingServer]:
    """A server that a page must not reach: it stands for what runs beside us."""
    with talking(reply("200 OK", "Access-Control-Allow-Origin: *", body=b"secret"), host="127.0.0.2") as server:
        yield server


@in_a_thread
def test_it_works(secret: TalkingServer) -> None:
    page = reply("200 OK", HTML, body=SCRIPT.replace("PORT", str(secret.port)).encode())
    with talking(page) as server, browsing() as open_page:
        opened = open_page(server.url)
    assert '<p class="item">ÉTÉ</p>' in opened.text
    assert opened.url == server.url
    assert b"EcosysteBot/1.0" in server.heads[0]
    assert opened.text.split("</script>")[1].count("blocked") == 4
    assert "REACHED" not in opened.text.split("</script>")[1]
    assert secret.heads == []


@in_a_thread
def test_what_is_no_page() -> None:
    def talk(connection: socket.socket, head: bytes) -> None:
        path = head.split()[1].decode()
        if path.startswith("/to/"):
            connection.sendall(reply("302 Found", f"Location: {path.removeprefix('/to/')}"))
        else:
            connection.sendall(reply("404 Not Found", HTML, body=b"<p>"))

    targets = [
        "http://169.254.169.254/",
        "http://127.0.0.2:8/",
        "https://127.0.0.2/",
        "https://10.0.0.1/",
        "file:///etc/passwd",
        "data:text/html,x",
    ]
    reasons = []
    with talking(talk) as server, browsing() as open_page:
        for url in [*targets, *(f"{server.url}to/{target}" for target in targets), f"{server.url}gone"]:
            with pytest.raises(PageUnavailable) as refusal:
                open_page(url)
            reasons.append(refusal.value.reason)
    assert reasons[:2] == ["http_403", "http_403"]
    assert reasons[4:6] == ["url_invalid", "url_invalid"]
    assert reasons[-1] == "http_404"


@in_a_thread
def test_a_page_that_never_shows_what_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.ingestion.sources.browser.PAGE_TIMEOUT_MS", 1500)
    with (
        talking(reply("200 OK", HTML, body=b"<p>")) as server,
        browsing(wait_for=".item") as open_page,
        pytest.raises(PageUnavailable) as refusal,
    ):
        open_page(server.url)
    assert refusal.value.reason == "too_slow"


def test_it_says_whether_it_can() -> None:
    assert is_available()


def said(proxy: CheckingProxy, head: str) -> bytes:
    host, port = proxy.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(head.encode())
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer


@pytest.mark.parametrize(
    "target",
    [
        "169.254.169.254:443",
        "10.0.0.1:443",
        "[::1%25eth0]:443",
        "[fd00:ec2::254]:443",
        "127.0.0.2:22",
        "2852039166:443",
        "nonsense",
        ":",
        "a:b",
    ],
)
def test_no_tunnel_to_where_we_do_not_go(target: str) -> None:
    with CheckingProxy(Client()) as proxy:
        answer = said(proxy, f"CONNECT {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.split()[1] in {b"403", b"502"}


def test_a_tunnel_carries_bytes_both_ways() -> None:
    def echo(connection: socket.socket, head: bytes) -> None:
        connection.sendall(head.upper())

    with talking(echo) as server, CheckingProxy(Client()) as proxy:
        host, port = proxy.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n\r\n".encode())
            answer = connection.recv(1000)
            assert answer == b"HTTP/1.1 200 Connection established\r\n\r\n"
            connection.sendall(b"hello\r\n\r\n")
            assert connection.recv(1000) == b"HELLO\r\n\r\n"
