"""A mail server on a socket of this machine, which answers what a test tells it to, or nothing."""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django import Settings


class MailServer:
    """What it answers to RCPT and DATA, and the mails that it keeps."""

    def __init__(self) -> None:
        self.recipient, self.answer = "250 OK", "250 OK"
        self.dies_after_data = False
        # While `over` is not set, whoever has sent a mail waits for the answer; `taken` says that one does.
        self.taken, self.over = threading.Event(), threading.Event()
        self.over.set()
        self.mails: list[Any] = []

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: ARG002, N802  aiosmtpd's names
        """Take or refuse a recipient."""
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802  likewise
        """Take or refuse a mail, or take it and fall dead before saying so."""
        if self.answer.startswith("250"):
            self.mails.append(email.message_from_bytes(envelope.content or b"", policy=email.policy.default))  # type: ignore[arg-type]
        self.taken.set()
        await asyncio.to_thread(self.over.wait, 60)
        if self.dies_after_data and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return self.answer


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def mail_server(settings: Settings) -> Iterator[MailServer]:
    """Have mails leave by SMTP to a server of this test."""
    handler = MailServer()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", controller.port, False
    try:
        yield handler
    finally:
        controller.stop()
