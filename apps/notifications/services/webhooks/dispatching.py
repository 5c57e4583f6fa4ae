"""From what is due to what was answered: claim in a short transaction, ask in threads without any, note each answer in another.

Who dies between asking and noting leaves a message that is sent again, under the same id, once its claim is over: twice rather than
never. A claim locks the endpoint's row, so that however many processes dispatch, no endpoint has more requests at a time than its share;
and it takes from those first who have waited longest. So an endpoint that takes its full fifteen seconds holds up only itself.
"""

from __future__ import annotations

import datetime as dt
import random
import time
import uuid
from collections.abc import Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

import structlog
from cryptography.fernet import InvalidToken
from django.db import transaction
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, When, Window
from django.db.models.functions import Coalesce, RowNumber

from apps.core import events
from apps.notifications.choices import EndpointState, WebhookState
from apps.notifications.events import endpoint_disabled, endpoint_failing
from apps.notifications.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookSecret
from apps.notifications.services.webhooks import signing
from apps.notifications.services.webhooks.attempting import Job, Outcome, Sender
from apps.notifications.services.webhooks.endpoints import switch
from apps.notifications.services.webhooks.schedule import Health, Verdict, is_success, judge, next_try
from apps.notifications.webhook_types import TEST

logger = structlog.get_logger(__name__)

THREADS = 16
# Requests at a time: of an endpoint that answers, and of one that lately did not.
SHARE, SHARE_FAILING = 4, 1
# Longer than a request may take.
CLAIM = dt.timedelta(seconds=60)
BUDGET_S = 30.0
LOOK_AGAIN_S = 0.5


def dispatch(*, at: dt.datetime, sender: Sender | None = None, budget_s: float = BUDGET_S) -> int:
    """Send what is due until nothing is, or the budget is spent; returns how many tries were made.

    :param at: now; the time goes on from there.
    """
    sender = sender or Sender()
    began, tries = time.monotonic(), 0

    def moment() -> dt.datetime:
        return at + dt.timedelta(seconds=time.monotonic() - began)

    running: set[Future[Outcome]] = set()
    with ThreadPoolExecutor(THREADS, thread_name_prefix="webhook") as pool:
        while True:
            is_in_time = time.monotonic() - began < budget_s
            jobs = claim(at=moment(), most=THREADS - len(running)) if is_in_time else []
            running |= {pool.submit(sender.attempt, job, at=moment()) for job in jobs}
            if not running:
                return tries
            # What is due meanwhile need not wait for the slowest.
            done, running = wait(running, timeout=LOOK_AGAIN_S, return_when=FIRST_COMPLETED)
            for future in done:
                note(future.result(), at=moment())
                tries += 1


@transaction.atomic
def claim(*, at: dt.datetime, most: int) -> list[Job]:
    """Take at most so many messages for this process, a fair share of each endpoint."""
    if most <= 0:
        return []
    endpoints = {one.pk: one for one in _ready(at).select_for_update(skip_locked=True, no_key=True, of=("self",))[:most]}
    if not endpoints:
        return []
    rows = _fair(endpoints, at=at)[:most]
    WebhookDelivery.objects.filter(pk__in=[row.pk for row in rows]).update(claimed_until=at + CLAIM)
    WebhookEndpoint.objects.filter(pk__in=endpoints).update(served_at=at)
    secrets = _secrets(endpoints, at=at)
    return [
        Job(
            delivery_id=row.pk, endpoint_id=row.endpoint_id, type=row.type, url=endpoints[row.endpoint_id].url, body=row.body.encode(),
            secrets=tuple(secrets.get(row.endpoint_id, ())),
        )
        for row in rows
    ]  # fmt: skip


@transaction.atomic
def note(outcome: Outcome, *, at: dt.datetime) -> None:
    """Write down what a try came to, for the message and for its endpoint; tell its owner when it has to be told."""
    job = outcome.job
    endpoint = WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk=job.endpoint_id).first()
    row = WebhookDelivery.objects.select_for_update(no_key=True).filter(pk=job.delivery_id).first() if endpoint else None
    if endpoint is None or row is None:
        # Deleted while it was asked.
        return
    WebhookAttempt.objects.create(
        delivery=row, at=at, status=outcome.status, error=outcome.error, answer=outcome.answer, duration_ms=outcome.duration_ms
    )
    _note_delivery(row, outcome, at=at)
    if row.type == TEST and not is_success(outcome.status):
        return
    before = Health(endpoint.failures, endpoint.failing_since, EndpointState(endpoint.state))
    verdict = judge(before, status=outcome.status, at=at, retry_after=outcome.retry_after)
    _note_endpoint(endpoint, verdict, is_good=is_success(outcome.status), at=at)


def _note_delivery(row: WebhookDelivery, outcome: Outcome, *, at: dt.datetime) -> None:
    row.tries, row.claimed_until = row.tries + 1, None
    row.last_status, row.last_error = outcome.status, outcome.error
    if is_success(outcome.status):
        row.state, row.delivered_at, row.next_attempt_at = WebhookState.DELIVERED, at, None
    else:
        row.failures += 1
        # What was held meanwhile stays so.
        if row.state == WebhookState.PENDING:
            following = next_try(
                failures=row.failures, at=at, retry_after=outcome.retry_after,
                chance=random.random(),  # noqa: S311  spreads the load, and guards nothing
            )  # fmt: skip
            row.next_attempt_at = None if row.type == TEST else following
            row.state = WebhookState.FAILED if row.next_attempt_at is None else WebhookState.PENDING
    row.save(
        update_fields=[
            "state", "failures", "tries", "next_attempt_at", "claimed_until", "last_status", "last_error", "delivered_at",
        ]
    )  # fmt: skip


def _note_endpoint(endpoint: WebhookEndpoint, verdict: Verdict, *, is_good: bool, at: dt.datetime) -> None:
    health = verdict.health
    endpoint.failures, endpoint.failing_since, endpoint.throttled_until = health.failures, health.failing_since, verdict.throttled_until
    if is_good:
        endpoint.last_success_at = at
    else:
        endpoint.last_failure_at = at
    endpoint.save(update_fields=["failures", "failing_since", "throttled_until", "last_success_at", "last_failure_at"])
    told = {
        "endpoint_id": str(endpoint.pk), "user_id": str(endpoint.user_id), "failures": health.failures,
        "since": health.failing_since.isoformat() if health.failing_since else "",
    }  # fmt: skip
    if health.state != endpoint.state:
        switch(endpoint, health.state, at=at)
        events.publish(endpoint_disabled, key=endpoint.pk, state=str(health.state), **told)
        logger.warning("webhook_endpoint_disabled", endpoint=str(endpoint.pk), state=str(health.state), failures=health.failures)
    elif verdict.warning:
        events.publish(endpoint_failing, key=endpoint.pk, **told)


def _due(at: dt.datetime) -> QuerySet[WebhookDelivery]:
    free = Q(claimed_until=None) | Q(claimed_until__lte=at)
    return WebhookDelivery.objects.filter(free, state=WebhookState.PENDING, next_attempt_at__lte=at)


def _ready(at: dt.datetime) -> QuerySet[WebhookEndpoint]:
    """Endpoints that have something due and part of their share left; who has waited longest comes first."""
    due = _due(at).filter(endpoint=OuterRef("pk"))
    is_open = Q(state=EndpointState.ENABLED) & (Q(throttled_until=None) | Q(throttled_until__lte=at))
    return (
        WebhookEndpoint.objects.filter((is_open & Exists(due)) | Exists(due.filter(type=TEST)))
        .annotate(busy=_busy(at), share=Case(When(failures__gt=0, then=SHARE_FAILING), default=SHARE))
        .filter(busy__lt=F("share"))
        .order_by(F("served_at").asc(nulls_first=True), "pk")
    )


def _busy(at: dt.datetime) -> Coalesce:
    """How many requests to the endpoint run, or may still run."""
    claimed = WebhookDelivery.objects.filter(endpoint=OuterRef("pk"), state=WebhookState.PENDING, claimed_until__gt=at)
    counted = claimed.order_by().values("endpoint").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def _fair(endpoints: Mapping[uuid.UUID, Any], *, at: dt.datetime) -> list[WebhookDelivery]:
    """The first of each endpoint, then the second of each… within its share; tests first, and alone where it is off or has a pause."""
    place = Window(
        RowNumber(), partition_by="endpoint", order_by=(Case(When(type=TEST, then=0), default=1), "next_attempt_at", "pk")
    )  # fmt: skip
    ranked = _due(at).filter(endpoint__in=endpoints).annotate(place=place)
    return [
        row
        for row in ranked.filter(place__lte=SHARE).order_by("place", "next_attempt_at")
        if row.place + (endpoint := endpoints[row.endpoint_id]).busy <= endpoint.share and (_is_open(endpoint, at=at) or row.type == TEST)
    ]


def _is_open(endpoint: WebhookEndpoint, *, at: dt.datetime) -> bool:
    return endpoint.state == EndpointState.ENABLED and (endpoint.throttled_until is None or endpoint.throttled_until <= at)


def _secrets(endpoint_ids: Iterable[uuid.UUID], *, at: dt.datetime) -> dict[uuid.UUID, list[str]]:
    """What signs now, newest first."""
    found: dict[uuid.UUID, list[str]] = {}
    usable = WebhookSecret.objects.filter(Q(expires_at=None) | Q(expires_at__gt=at), endpoint__in=list(endpoint_ids))
    for secret in usable.order_by("-created_at", "-pk"):
        try:
            found.setdefault(secret.endpoint_id, []).append(signing.unseal(secret.sealed))
        except InvalidToken:
            # Sealed under another pepper: nothing is sent unsigned, and the others go on.
            logger.exception("webhook_secret_sealed_otherwise", endpoint=str(secret.endpoint_id))
    return found
