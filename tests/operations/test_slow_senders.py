"""Who sends slowly, or nothing more, holds himself and nobody else: on the server as we start it."""

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

from ecosysteme import serving

WAIT_S = 60.0
SERVED = """
import threading, time
from ecosysteme.serving import Turns

working, most = 0, 0

def answer(environ, start_response):
    global working, most
    working += 1
    most = max(most, working)
    time.sleep(0.02)  # long enough for another to be seen beside it
    working -= 1
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if environ["PATH_INFO"] == "/unread":
        start_response("413 Content Too Large", [("Content-Length", "0")])
        return [b""]
    body = environ["wsgi.input"].read(length) if length else b""
    said = f"{len(body)} {most}".encode()
    start_response("200 OK", [("Content-Length", str(len(said)))])
    return [said]

application = Turns(answer)
"""


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Where a small application answers behind the server as we start it, with one worker."""
    (tmp_path / "served.py").write_text(SERVED)
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
        try:
            server.wait(5)
        except subprocess.TimeoutExpired:
            server.kill()  # it waits for senders who stall
            server.wait(WAIT_S)


def ask(port: int, method: str = "GET", path: str = "/", body: bytes = b"") -> tuple[int, str]:
    """Status and text; all of it is sent at once, since the answer may come before the body was read."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT_S) as client:
        client.sendall(head.encode() + body)
        with contextlib.suppress(ConnectionError):
            while piece := client.recv(65536):
                answer += piece
    said, _, text = answer.partition(b"\r\n\r\n")
    return int(said.split()[1]), text.decode()


def ask_until(port: int, status: int) -> tuple[int, str]:
    """Ask until the server has seen who came, or who went."""
    end = time.monotonic() + WAIT_S
    while (answer := ask(port, "POST", body=b"a" * 500))[0] != status:
        assert time.monotonic() < end
    return answer


def begin(port: int, length: int, sent: int = 1) -> socket.socket:
    """A body of which so much is sent, and no more."""
    sender = socket.create_connection(("127.0.0.1", port), timeout=WAIT_S)
    sender.sendall(f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n\r\n".encode() + b"a" * sent)
    return sender


def test_it_works(port: int) -> None:
    assert ask(port)[1].startswith("0 ")
    for length in (1, serving.READ_AHEAD_MAX, serving.READ_AHEAD_MAX + 1, 3_000_000):
        assert ask(port, "POST", body=b"a" * length)[1].startswith(f"{length} ")


@pytest.mark.parametrize("length", [500, serving.READ_AHEAD_MAX + 1])
def test_senders_who_stall_hold_nobody(port: int, length: int) -> None:
    senders = [begin(port, length) for _ in range(serving.SENDERS_MAX - 1)]

    assert ask(port)[0] == 200
    assert ask(port, "POST", body=b"a" * 500)[1].startswith("500 ")
    # Who goes on is answered, whoever else still stalls.
    senders[0].sendall(b"a" * (length - 1))
    assert senders[0].recv(65536).startswith(b"HTTP/1.1 200")
    for sender in senders:
        sender.close()


def test_too_many_who_stall_hold_those_who_send(port: int) -> None:
    senders = [begin(port, 500) for _ in range(serving.SENDERS_MAX)]

    assert ask_until(port, 503) == (503, "")
    assert ask(port)[0] == 200
    # They leave, and the others have their room again.
    for sender in senders:
        sender.close()
    assert ask_until(port, 200)[1].startswith("500 ")


def test_a_body_that_is_refused_is_not_waited_for(port: int) -> None:
    sender = socket.create_connection(("127.0.0.1", port), timeout=WAIT_S)
    sender.sendall(b"POST /unread HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10485760\r\n\r\n")

    assert sender.recv(65536).startswith(b"HTTP/1.1 413")
    sender.close()


def test_one_request_works_at_a_time(port: int) -> None:
    clients = [http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_S) for _ in range(8)]
    for number, client in enumerate(clients):
        client.request("POST" if number % 2 else "GET", "/", b"aaa" if number % 2 else None)
    said = [client.getresponse().read().decode() for client in clients]

    assert {one.split()[1] for one in said} == {"1"}
    for client in clients:
        client.close()
