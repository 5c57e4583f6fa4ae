"""One request to an endpoint. No database here: it runs in threads of the dispatcher."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import structlog
from django.conf import settings

from apps.core.outgoing import Client, Limits, OutgoingError
from apps.notifications.services.webhooks import signing
from apps.notifications.services.webhooks.schedule import read_retry_after

logger = structlog.get_logger(__name__)

# The specification asks for 15 to 30 seconds. Of an answer nobody needs more than its beginning.
LIMITS = Limits(total_s=15, wait_s=15, body_bytes=1 << 60, redirects=0)
ANSWER_KEPT, ANSWER_READ = 1000, 4000
# A status is an answer: what comes after it, drop by drop, holds nobody up for long.
ANSWER_READ_S = 2.0


@dataclass(frozen=True)
class Job:
    """What a try needs."""

    delivery_id: uuid.UUID
    endpoint_id: uuid.UUID
    type: str
    url: str
    body: bytes
    secrets: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What came of a try. `error` is a stable word, empty after a 2xx; `status` is None when nothing was answered."""

    job: Job
    status: int | None
    error: str
    answer: str
    duration_ms: int
    retry_after: dt.timedelta | None = None


class Sender:
    """How messages leave. Tests give it names of their own and little patience."""

    def __init__(self, *, client: Client | None = None, limits: Limits = LIMITS) -> None:
        self._client, self._limits = client or Client(), limits

    def attempt(self, job: Job, *, at: dt.datetime) -> Outcome:
        """Ask once, and read at most the beginning of the answer. Never follows a redirect."""
        timestamp = int(at.timestamp())
        signed = signing.signatures(message_id=str(job.delivery_id), timestamp=timestamp, body=job.body, secrets_used=job.secrets)
        headers = {
            "Content-Type": "application/json; charset=utf-8", "User-Agent": f"{settings.SITE_NAME}-Webhooks/1.0 (+{settings.SITE_URL})",
            "webhook-id": str(job.delivery_id), "webhook-timestamp": str(timestamp), "webhook-signature": signed,
            # Nothing is unpacked: only its beginning is looked at.
            "Accept-Encoding": "identity",
        }  # fmt: skip
        began = time.monotonic()

        def took() -> int:
            return int((time.monotonic() - began) * 1000)

        if not job.secrets:
            return Outcome(job, None, "unsigned", "", took())
        status, wait, read = None, "", bytearray()
        try:
            with self._client.stream(job.url, method="POST", headers=headers, content=job.body, limits=self._limits, follows=False) as got:
                status, wait = got.status, got.headers.get("Retry-After", "")
                _read_beginning(got.chunks, into=read)
        except OutgoingError as error:
            # A status was an answer: whatever is wrong with what came after it does not change what it says.
            if status is None:
                return Outcome(job, None, error.reason, "", took())
        except Exception:
            # Whatever one endpoint provokes, the others go on; this one is tried again like any other that fails.
            logger.exception("webhook_attempt_broken", delivery=str(job.delivery_id))
            if status is None:
                return Outcome(job, None, "internal", "", took())
        word = "" if 200 <= status < 300 else "redirect" if 300 <= status < 400 else "status"
        return Outcome(job, status, word, _text(read), took(), read_retry_after(wait, at=at) if wait else None)


def _read_beginning(chunks: Iterator[bytes], *, into: bytearray) -> None:
    end = time.monotonic() + ANSWER_READ_S
    for piece in chunks:
        into += piece[:ANSWER_READ]
        if len(into) >= ANSWER_READ or time.monotonic() > end:
            return


def _text(read: bytearray) -> str:
    text = bytes(read[:ANSWER_READ]).decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in text)[:ANSWER_KEPT]
