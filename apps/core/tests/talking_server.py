"""A server on loopback that says what a test has it say, byte for byte."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class TalkingServer:
    """Answers each connection with `talk(connection, request head)`; keeps the heads it was sent."""

    def __init__(
        self, talk: Callable[[socket.socket, bytes], object], *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
    ) -> None:
        self._talk, self._tls = talk, tls
        self.heads: list[bytes] = []
        self._socket = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.port = self._socket.getsockname()[1]
        self.host = f"[{host}]" if ":" in host else host
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Its address by number."""
        return f"{'https' if self._tls else 'http'}://{self.host}:{self.port}/"

    def close(self) -> None:
        """Take no more connections."""
        # Closing alone does not wake who waits in accept().
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(20)
        with contextlib.suppress(OSError), contextlib.closing(connection):
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with contextlib.closing(connection):
                head = b""
                while b"\r\n\r\n" not in head:
                    piece = connection.recv(65536)
                    if not piece:
                        return
                    head += piece
                self.heads.append(head)
                self._talk(connection, head)


def reply(status: str, *headers: str, body: bytes = b"") -> bytes:
    """An answer with its length."""
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", ""]).encode() + body


def saying(answer: bytes) -> Callable[[socket.socket, bytes], object]:
    """Always the same answer."""
    return lambda connection, _head: connection.sendall(answer)


@contextlib.contextmanager
def talking(
    talk: Callable[[socket.socket, bytes], object] | bytes, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> Iterator[TalkingServer]:
    """A server for the length of a block."""
    server = TalkingServer(saying(talk) if isinstance(talk, bytes) else talk, host=host, tls=tls)
    try:
        yield server
    finally:
        server.close()


def certificate(folder: Path, *, name: str, is_expired: bool = False) -> tuple[ssl.SSLContext, Path]:
    """What a server needs to be `name`, and the file by which a client trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = dt.datetime.now(dt.UTC)
    try:
        alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        alternative = x509.DNSName(name)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=30))
        .not_valid_after(today + dt.timedelta(days=-1 if is_expired else 30))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, both = folder / "trusted.pem", folder / "server.pem"
    trusted.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    both.write_bytes(private + trusted.read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context, trusted
