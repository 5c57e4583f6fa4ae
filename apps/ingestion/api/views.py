"""Sending records, and asking what became of them. Each path is one class."""

from __future__ import annotations

import itertools
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from apps.accounts.callers import Caller, caller_of
from apps.accounts.choices import Scope
from apps.catalog.choices import ResourceType
from apps.core.api.params import Params
from apps.core.api.views import ApiView
from apps.core.clock import now
from apps.core.idempotency import answer_once
from apps.ingestion.api import schema
from apps.ingestion.api.bodies import Body, read_body
from apps.ingestion.choices import Outcome
from apps.ingestion.models import Batch, Source
from apps.ingestion.selectors.batches import counts_of, find_batch, item_data, item_page, source_of
from apps.ingestion.services import batches

# What is answered at once; the rest waits for a worker.
RECORDS_AT_ONCE, BYTES_AT_ONCE = 500, 1_000_000


class IngestView(ApiView):
    """POST of records."""

    resource_type = ""

    @extend_schema(**schema.INGEST)
    def post(self, request: Request) -> HttpResponse:
        """Take records; each is answered for by itself."""
        caller = caller_of(request)
        caller.require(Scope.INGEST_WRITE)
        source = source_of(caller)
        django_request = request._request  # noqa: SLF001  DRF's way to Django's request
        at = now()
        batches.check_open(source, at=at)
        with read_body(django_request) as body:

            def answer() -> HttpResponse:
                return self._take(django_request, caller, source, body)

            return answer_once(django_request, caller=caller.identity, body=body.digest, at=at, answer=answer)

    def _take(self, request: HttpRequest, caller: Caller, source: Source, body: Body) -> HttpResponse:
        at = now()
        options: dict[str, Any] = {
            "source": source, "at": at, "sent_by": caller.identity, "livemode": caller.livemode, "is_full": body.is_full,
            "resource_type": self.resource_type, "user_id": caller.require_user().pk,
        }  # fmt: skip
        is_deferred = "respond-async" in request.headers.get("Prefer", "").lower()
        if is_deferred or body.count > RECORDS_AT_ONCE or body.size > BYTES_AT_ONCE:
            batch = batches.queue(lines=body.lines, received=body.count, **options)
            response = JsonResponse(batch_data(batch), status=202)
            response["Location"] = request.build_absolute_uri(reverse("v1:ingest_batch", kwargs={"batch_id": batch.pk}))
            if is_deferred:
                response["Preference-Applied"] = "respond-async"
            return response
        rows = list(itertools.islice(batches.read_lines(body.lines), RECORDS_AT_ONCE))
        batch, items = batches.take_now(rows=rows, **options)
        lines = [item_data(item.index, item.outcome.value, item.id, [reason_data(reason) for reason in item.reasons]) for item in items]
        return JsonResponse({**batch_data(batch), "items": lines})


class IngestBusinessesView(IngestView):
    """The same, where every record is a business."""

    resource_type = ResourceType.BUSINESS.value

    @extend_schema(**schema.INGEST_BUSINESSES)
    def post(self, request: Request) -> HttpResponse:
        """Take businesses; each is answered for by itself."""
        return super().post(request)


class BatchView(ApiView):
    """One batch."""

    read_scope = Scope.INGEST_WRITE.value
    reads_query = True

    @extend_schema(**schema.BATCH)
    def get(self, request: Request, batch_id: uuid.UUID) -> HttpResponse:
        """How far it is, and what became of its records, a page at a time."""
        caller = caller_of(request)
        caller.require_user()
        params = Params(request._request.GET)  # noqa: SLF001  DRF's way to Django's request
        limit, outcome = params.limit(), params.choice("outcome", Outcome.values)
        after = params.integer("cursor", minimum=0, maximum=99_999_999)
        params.finish()
        batch = find_batch(caller, batch_id)
        items, following = item_page(batch, after=-1 if after is None else after, limit=limit, outcome=outcome)
        address = None
        if following is not None:
            query = request._request.GET.copy()  # noqa: SLF001  likewise
            query["cursor"], query["limit"] = str(following), str(limit)
            address = f"{request.build_absolute_uri(request.path)}?{query.urlencode()}"
        return JsonResponse({**batch_data(batch), "items": items, "has_more": address is not None, "next": address, "previous": None})


def reason_data(reason: Any) -> dict[str, str]:
    """A reason as the wire has it."""
    return {"field": reason.field, "code": reason.code, "detail": reason.detail}


def batch_data(batch: Batch) -> dict[str, Any]:
    """What is said of a batch everywhere. No member is ever called `error`: n8n would send a 200 with it again."""
    return {
        "batch_id": str(batch.pk), "state": str(batch.state), "source": batch.source.slug, "livemode": batch.livemode,
        "received": batch.received, "done": batch.done, "counts": counts_of(batch), "failure": batch.error,
        "created_at": batch.created_at, "started_at": batch.started_at, "finished_at": batch.finished_at,
    }  # fmt: skip
