"""Requests, their redirects, and answers that are decoded within bounds."""

from __future__ import annotations

import socket
import ssl
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpcore
import httpx
from django.conf import settings

from apps.core.outgoing.addresses import check_host
from apps.core.outgoing.connecting import CheckedBackend, Deadline, Resolve, checked_addresses, resolve_host
from apps.core.outgoing.errors import AnswerTooLarge, OutgoingFailed, OutgoingRefused, OutgoingTimeout

REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Meant for the first host alone.
PERSONAL_HEADERS = ("authorization", "cookie", "proxy-authorization", "x-api-key")
URL_MAX = 2000
GZIP_PIECE = 64 * 1024


@dataclass(frozen=True)
class Limits:
    """How much a request may take: seconds in all and for a single wait, decoded bytes, redirects."""

    total_s: float = 30.0
    wait_s: float = 10.0
    body_bytes: int = 5_000_000
    redirects: int = 5


@dataclass(frozen=True)
class Answer:
    """A whole answer. `url` is where the redirects ended; header names in any case."""

    url: str
    status: int
    headers: httpx.Headers
    body: bytes


@dataclass(frozen=True)
class Streamed:
    """An answer that is read piece by piece; the bounds hold while it is."""

    url: str
    status: int
    headers: httpx.Headers
    chunks: Iterator[bytes]


def user_agent() -> str:
    """Who we say we are, with a way to reach us."""
    return f"{settings.SITE_NAME}Bot/1.0 (+{settings.SITE_URL}; {settings.CONTACT_EMAIL})"


@cache
def _system_authorities() -> ssl.SSLContext:
    return ssl.create_default_context()


class Client:
    """Asks addresses of others. Holds no connection between two calls.

    :param resolve: from a name to addresses; the system's.
    :param ssl_context: whom to trust; the system's authorities.
    """

    def __init__(self, *, resolve: Resolve = resolve_host, ssl_context: ssl.SSLContext | None = None) -> None:
        self._resolve = resolve
        self._ssl = ssl_context or _system_authorities()

    def fetch(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        limits: Limits | None = None,
        follows: bool = True,
        before_redirect: Callable[[str], object] = lambda _url: None,
    ) -> Answer:
        """Ask and read the whole answer, whatever its status. See `stream`.

        :raises OutgoingError: there is no whole answer; the class says why.
        """
        with self.stream(
            url, method=method, headers=headers, content=content, limits=limits, follows=follows, before_redirect=before_redirect
        ) as streamed:
            return Answer(streamed.url, streamed.status, streamed.headers, b"".join(streamed.chunks))

    @contextmanager
    def stream(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        limits: Limits | None = None,
        follows: bool = True,
        before_redirect: Callable[[str], object] = lambda _url: None,
    ) -> Iterator[Streamed]:
        """Ask and read as much of the answer as wanted. Redirects are followed for GET and HEAD only; each is checked anew.

        :param follows: False gives a redirect as it is.
        :param before_redirect: told each further address before it is asked; what it raises ends the request.
        :raises OutgoingRefused: an address that we do not ask. :raises OutgoingFailed: no connection, or a broken answer.
        :raises OutgoingTimeout: too slow. :raises AnswerTooLarge: too long.
        """
        bounds = limits or Limits()
        deadline = Deadline(bounds.total_s)
        target = _checked(url)
        sent = httpx.Headers({"User-Agent": user_agent(), "Accept-Encoding": "gzip", **(headers or {})})
        follows = follows and method in {"GET", "HEAD"}
        for hop in range(bounds.redirects + 1):
            with self._ask(target, method=method, headers=sent, content=content, bounds=bounds, deadline=deadline) as answer:
                following = answer.headers.get("Location") if follows and answer.status in REDIRECTS else None
                if following is None:
                    yield answer
                    return
            if hop == bounds.redirects:
                break
            target, sent = _redirected(target, following, sent)
            before_redirect(str(target))
        raise OutgoingFailed("too_many_redirects", url)

    def check(self, url: str, *, timeout_s: float) -> None:
        """Whether this address would be asked now: its names are looked up, nothing is connected. It is checked again when it is asked.

        :raises OutgoingRefused: it would not. :raises OutgoingFailed: there is no such name. :raises OutgoingTimeout: nobody knows.
        """
        target = _checked(url)
        is_encrypted = target.scheme == "https"
        port = target.port or (443 if is_encrypted else 80)
        checked_addresses(
            target.raw_host.decode("ascii"), port, is_encrypted=is_encrypted, resolve=self._resolve, deadline=Deadline(timeout_s)
        )

    def connect(self, host: str, port: int, *, is_encrypted: bool, timeout_s: float) -> socket.socket:
        """A bare connection to a checked address, for who speaks with the host himself. The caller closes it.

        :raises OutgoingError: there is none that may be, or can be.
        """
        backend = CheckedBackend(is_encrypted=is_encrypted, resolve=self._resolve, deadline=Deadline(timeout_s))
        connected: socket.socket = backend.connect_tcp(host, port, timeout_s).get_extra_info("socket")
        return connected

    @contextmanager
    def _ask(
        self, url: httpx.URL, *, method: str, headers: httpx.Headers, content: bytes | None, bounds: Limits, deadline: Deadline
    ) -> Iterator[Streamed]:
        backend = CheckedBackend(is_encrypted=url.scheme == "https", resolve=self._resolve, deadline=deadline)
        waits = dict.fromkeys(("connect", "read", "write", "pool"), bounds.wait_s)
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        sent = [(b"Host", url.netloc), *headers.raw, (b"Connection", b"close")]
        with _own_errors(), httpcore.ConnectionPool(ssl_context=self._ssl, max_connections=1, network_backend=backend) as pool:  # noqa: SIM117  too long for one line
            with pool.stream(method, target, headers=sent, content=content, extensions={"timeout": waits}) as response:
                got = httpx.Headers(response.headers)
                yield Streamed(str(url), response.status, got, _decoded(response.iter_stream(), got, bounds.body_bytes))


def _checked(text: str) -> httpx.URL:
    """:raises OutgoingRefused: not an http(s) address of a host, or with a password in it."""
    if len(text) > URL_MAX:
        raise OutgoingRefused("url_invalid", text)
    try:
        url = httpx.URL(text)
        port = url.port
    except (httpx.InvalidURL, ValueError, UnicodeError) as error:
        raise OutgoingRefused("url_invalid", error) from error
    if url.scheme not in {"http", "https"} or not url.host or not 0 < (443 if port is None else port) < 65536:
        raise OutgoingRefused("url_invalid", text)
    if url.userinfo:
        raise OutgoingRefused("credentials_in_url", url.host)
    check_host(url.raw_host.decode("ascii"))
    return url.copy_with(fragment=None)


def _redirected(url: httpx.URL, location: str, headers: httpx.Headers) -> tuple[httpx.URL, httpx.Headers]:
    """:raises OutgoingRefused: to where we do not go."""
    try:
        following = _checked(str(url.join(location)))
    except (httpx.InvalidURL, ValueError, UnicodeError) as error:
        raise OutgoingRefused("url_invalid", error) from error
    if url.scheme == "https" and following.scheme == "http":
        raise OutgoingRefused("downgrade", following)
    kept = headers.copy()
    if (url.scheme, url.host, url.port) != (following.scheme, following.host, following.port):
        for name in PERSONAL_HEADERS:
            kept.pop(name, None)
    return following, kept


@contextmanager
def _own_errors() -> Iterator[None]:
    """What the library raises, in our words."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise OutgoingTimeout("too_slow", error) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        raise OutgoingFailed("answer_broken", error) from error


def _decoded(raw: Iterator[bytes], headers: httpx.Headers, most: int) -> Iterator[bytes]:
    """The pieces of a body, unpacked a little at a time so that a small one cannot grow without bound.

    :raises AnswerTooLarge: more than `most` bytes. :raises OutgoingFailed: a packing that we did not ask for, or a damaged one.
    """
    length = headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > most:
        raise AnswerTooLarge("too_large", length)
    encoding = headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"identity", "", "gzip", "x-gzip"}:
        raise OutgoingFailed("encoding_unknown", encoding)
    total = 0
    for piece in _gunzipped(raw) if "gzip" in encoding else raw:
        total += len(piece)
        if total > most:
            raise AnswerTooLarge("too_large", total)
        yield piece


def _gunzipped(raw: Iterator[bytes]) -> Iterator[bytes]:
    """Pieces of at most `GZIP_PIECE`, however much a piece holds. What follows the end of a file that is no file itself is padding."""
    unpack = zlib.decompressobj(wbits=31)
    is_begun = False
    for piece in raw:
        rest = piece
        while rest:
            if unpack.eof:
                if not rest.startswith(b"\x1f"):
                    break
                unpack = zlib.decompressobj(wbits=31)
            is_begun = True
            data = _inflated(unpack, rest)
            rest = unpack.unconsumed_tail or unpack.unused_data
            while data:
                yield data
                # All input may be taken in while output still waits inside.
                data = b"" if rest or unpack.eof or len(data) < GZIP_PIECE else _inflated(unpack, b"")
    if is_begun and not unpack.eof:
        raise OutgoingFailed("answer_broken", "gzip")


def _inflated(unpack: Any, data: bytes) -> bytes:
    try:
        return bytes(unpack.decompress(data, GZIP_PIECE))
    except zlib.error as error:
        raise OutgoingFailed("answer_broken", error) from error
