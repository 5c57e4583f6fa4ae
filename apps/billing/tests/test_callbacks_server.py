"""The callback addresses behind the real server: bodies that are too long, in pieces, or end too early."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from apps.billing.models import CallbackReceipt
from apps.billing.tests.factories import make_payment
from ecosysteme import serving

pytestmark = pytest.mark.django_db(transaction=True)

WAIT_S = 60.0
SERVED = """
import django
django.setup()
from django.db import connections
connections.settings["default"]["NAME"] = {name!r}
from ecosysteme.wsgi import application
"""


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Where a server of ours answers from this test's database."""
    (tmp_path / "served.py").write_text(SERVED.format(name=connection.settings_dict["NAME"]))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        chosen: int = free.getsockname()[1]
    command = serving.command("127.0.0.1", chosen, workers=1, application="served:application")
    server = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{Path.cwd()}"})
    try:
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end and server.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", chosen), timeout=1):
                break
            time.sleep(0.05)  # between two looks: another process starts
        yield chosen
    finally:
        server.terminate()
        server.wait(WAIT_S)


def stored() -> list[bytes]:
    return [bytes(receipt.body) for receipt in CallbackReceipt.objects.order_by("pk")]


def test_it_works(port: int) -> None:
    path = f"/api/v1/payments/webhooks/mtn/{make_payment().callback_token}"
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_S)

    client.request("PUT", path, b'{"status":"SUCCESSFUL"}')
    with client.getresponse() as answer:
        assert (answer.status, answer.read()) == (200, b"")
    # In pieces, without a length: read to its end.
    client.request("POST", path, iter([b'{"status":', b'"FAILED"}']), encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
    with client.getresponse() as answer:
        assert (answer.status, answer.read()) == (200, b"")
    client.close()

    assert stored() == [b'{"status":"SUCCESSFUL"}', b'{"status":"FAILED"}']


def test_ten_megabytes_are_refused_unread(port: int) -> None:
    path = f"/api/payments/webhooks/mtn/{make_payment().callback_token}"
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"

    # The answer comes though not one byte of the body was sent.
    assert exchange(port, f"{head}Content-Length: 10485760\r\n\r\n".encode()).startswith(b"HTTP/1.1 413")
    pieces = b"".join(b"10000\r\n" + b"a" * 65536 + b"\r\n" for _ in range(160))
    assert exchange(port, f"{head}Transfer-Encoding: chunked\r\n\r\n".encode(), pieces).startswith(b"HTTP/1.1 413")
    assert stored() == []
    # And the server goes on.
    assert exchange(port, f"{head}Content-Length: 2\r\n\r\n{{}}".encode()).startswith(b"HTTP/1.1 200")
    assert stored() == [b"{}"]


def test_a_sender_that_goes_away_harms_nobody(port: int) -> None:
    path = f"/api/payments/webhooks/mtn/{make_payment().callback_token}"
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT_S) as leaving:
        leaving.sendall(f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 500\r\n\r\nbeginning".encode())

    answer = exchange(port, f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 2\r\n\r\n[]".encode())

    assert answer.startswith(b"HTTP/1.1 200")
    assert b"[]" in stored()


def exchange(port: int, head: bytes, body: bytes = b"") -> bytes:
    """Send as much as the server takes; its answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT_S) as connected:
        connected.sendall(head)
        with contextlib.suppress(ConnectionError):
            connected.sendall(body)
        answer = b""
        with contextlib.suppress(ConnectionError):
            while piece := connected.recv(65536):
                answer += piece
        return answer
