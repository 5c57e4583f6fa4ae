"""Webhook endpoints of the caller. Each path is one class."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from apps.accounts.callers import Caller, caller_of
from apps.accounts.choices import Scope
from apps.accounts.models import User
from apps.core.api.pagination import Keyset, link_header, page_urls
from apps.core.api.params import Params
from apps.core.api.views import ApiView
from apps.core.clock import now
from apps.core.exceptions import FieldsInvalid
from apps.core.idempotency import answer_once
from apps.notifications.api import webhook_schema as schema
from apps.notifications.api.serializers import (
    WebhookEndpointInputSerializer,
    WebhookEndpointPatchSerializer,
    WebhookReplaySerializer,
    WebhookRotateSecretSerializer,
)
from apps.notifications.choices import WebhookState
from apps.notifications.models import WebhookEndpoint
from apps.notifications.selectors.webhooks import (
    delivery_data,
    delivery_detail,
    delivery_page,
    endpoint_data,
    find_delivery,
    find_endpoint,
    own_endpoints,
)
from apps.notifications.services.webhooks import endpoints, replaying
from apps.notifications.webhook_types import WEBHOOK_TYPES


class _WebhookView(ApiView):
    """What only the owner sees and does."""

    read_scope = Scope.WEBHOOKS_MANAGE.value

    def _endpoint(self, request: Request, endpoint_id: uuid.UUID) -> tuple[User, WebhookEndpoint]:
        """:raises NotFound: there is none, or not for this caller."""
        caller = caller_of(request)
        return caller.require_user(), find_endpoint(own_endpoints(caller), endpoint_id)

    def _once(self, request: Request, *, at: dt.datetime, answer: Callable[[], HttpResponse]) -> HttpResponse:
        django_request = request._request  # noqa: SLF001  DRF's way to Django's request
        return answer_once(django_request, caller=caller_of(request).identity, body=repr(request.data).encode(), at=at, answer=answer)

    def _with_secret(self, request: Request, make: Callable[[dt.datetime], tuple[WebhookEndpoint, str]]) -> HttpResponse:
        """The answer with the secret, which is added after the answer was stored for repetition: a repeated one has none."""
        at, secrets = now(), []

        def answer() -> HttpResponse:
            endpoint, secret = make(at)
            secrets.append(secret)
            response = JsonResponse(endpoint_data(endpoint), status=201)
            response["Location"] = request.build_absolute_uri(reverse("v1:webhook_endpoint", args=[endpoint.pk]))
            return response

        response = self._once(request, at=at, answer=answer)
        body = {**json.loads(response.content), "secret": secrets[0] if secrets else None}
        response.content = json.dumps(body).encode()
        return response


class EndpointListView(_WebhookView):
    """Endpoints."""

    @extend_schema(**schema.LIST)
    def get(self, request: Request) -> HttpResponse:
        """All of them, newest first."""
        data = [endpoint_data(one) for one in own_endpoints(caller_of(request))]
        return JsonResponse({"data": data, "has_more": False, "next": None, "previous": None})

    @extend_schema(**schema.CREATE)
    def post(self, request: Request) -> HttpResponse:
        """Make one. Its secret is in this answer alone."""
        caller = caller_of(request)
        user = caller.require(Scope.WEBHOOKS_MANAGE)
        body = WebhookEndpointInputSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        given: dict[str, Any] = dict(body.validated_data)
        livemode = _livemode(caller, given.pop("livemode", None))
        # Before anything is locked: names may take seconds to be found.
        url = endpoints.check_url(given.pop("url"))
        data = endpoints.EndpointInput(url=url, livemode=livemode, **given)
        return self._with_secret(request, lambda at: endpoints.create_endpoint(user=user, data=data, at=at))


class EndpointView(_WebhookView):
    """One endpoint."""

    @extend_schema(**schema.READ)
    def get(self, request: Request, endpoint_id: uuid.UUID) -> HttpResponse:
        """How it is set and how it does."""
        return JsonResponse(endpoint_data(self._endpoint(request, endpoint_id)[1]))

    @extend_schema(**schema.CHANGE)
    def patch(self, request: Request, endpoint_id: uuid.UUID) -> HttpResponse:
        """Change it, switch it on or off."""
        user, endpoint = self._endpoint(request, endpoint_id)
        body = WebhookEndpointPatchSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        changes: dict[str, Any] = dict(body.validated_data)
        if "url" in changes:
            changes["url"] = endpoints.check_url(changes["url"])
        endpoints.change_endpoint(user=user, endpoint_id=endpoint.pk, changes=changes, at=now())
        return JsonResponse(endpoint_data(self._endpoint(request, endpoint_id)[1]))

    @extend_schema(**schema.DELETE)
    def delete(self, request: Request, endpoint_id: uuid.UUID) -> HttpResponse:
        """End it, with everything that was sent there."""
        user, endpoint = self._endpoint(request, endpoint_id)
        endpoints.delete_endpoint(user=user, endpoint_id=endpoint.pk)
        return HttpResponse(status=204)


class RotateSecretView(_WebhookView):
    """Replacing a secret."""

    @extend_schema(**schema.ROTATE)
    def post(self, request: Request, endpoint_id: uuid.UUID) -> HttpResponse:
        """A new secret; both sign until the overlap is over."""
        user, endpoint = self._endpoint(request, endpoint_id)
        body = WebhookRotateSecretSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        seconds = body.validated_data.get("overlap")
        overlap = endpoints.OVERLAP_DEFAULT if seconds is None else dt.timedelta(seconds=seconds)
        return self._with_secret(request, lambda at: endpoints.rotate_secret(user=user, endpoint_id=endpoint.pk, at=at, overlap=overlap))


class DeliveryListView(_WebhookView):
    """What was sent, or will be."""

    reads_query = True

    @extend_schema(**schema.DELIVERIES)
    def get(self, request: Request, endpoint_id: uuid.UUID) -> HttpResponse:
        """A page, newest first."""
        endpoint = self._endpoint(request, endpoint_id)[1]
        django_request = request._request  # noqa: SLF001  DRF's way to Django's request
        params = Params(django_request.GET)
        limit, states, types = params.limit(), params.choices("state", WebhookState.values), params.choices("type", list(WEBHOOK_TYPES))
        since, until, cursor = params.moment("since"), params.moment("until"), params.text("cursor")
        if since is not None and until is not None and since >= until:
            params.error("until", _("« until » doit être après « since »."))
        params.finish()
        place = Keyset.decode(cursor, django_request) if cursor else None
        rows, following, preceding = delivery_page(endpoint, states=states, types=types, since=since, until=until, place=place, limit=limit)
        next_url, previous_url = page_urls(django_request, limit=limit, following=following, preceding=preceding)
        data = [delivery_data(row) for row in rows]
        response = JsonResponse({"data": data, "has_more": next_url is not None, "next": next_url, "previous": previous_url})
        if links := link_header(next_url, previous_url):
            response["Link"] = links
        return response


class DeliveryView(_WebhookView):
    """One of them."""

    @extend_schema(**schema.DELIVERY)
    def get(self, request: Request, endpoint_id: uuid.UUID, delivery_id: uuid.UUID) -> HttpResponse:
        """With what was sent, and what was answered to each try."""
        return JsonResponse(delivery_detail(find_delivery(self._endpoint(request, endpoint_id)[1], delivery_id)))


class TestView(_WebhookView):
    """Trying an endpoint."""

    @extend_schema(**schema.TEST)
    def post(self, request: Request, endpoint_id: uuid.UUID) -> HttpResponse:
        """Send a `webhook.test`, once."""
        user, endpoint = self._endpoint(request, endpoint_id)
        at = now()

        def answer() -> HttpResponse:
            return JsonResponse(delivery_data(replaying.send_test(user=user, endpoint_id=endpoint.pk, at=at)), status=202)

        return self._once(request, at=at, answer=answer)


class ReplayView(_WebhookView):
    """Sending again."""

    @extend_schema(**schema.REPLAY)
    def post(self, request: Request, endpoint_id: uuid.UUID) -> HttpResponse:
        """One delivery, or what did not arrive in a range of time."""
        user, endpoint = self._endpoint(request, endpoint_id)
        body = WebhookReplaySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        given, at = body.validated_data, now()
        if ("delivery_id" in given) == ("since" in given) or ("delivery_id" in given and len(given) > 1):
            raise FieldsInvalid([("/delivery_id", "one_of", _("Donnez soit delivery_id, soit since, avec until si vous voulez."))])

        def answer() -> HttpResponse:
            if "delivery_id" in given:
                replaying.replay_one(user=user, endpoint_id=endpoint.pk, delivery_id=given["delivery_id"], at=at)
                count, rest = 1, None
            else:
                count, rest = replaying.replay_range(
                    user=user, endpoint_id=endpoint.pk, since=given["since"], until=given.get("until") or at,
                    is_everything=given.get("include_delivered", False), at=at,
                )  # fmt: skip
            return JsonResponse({"replayed": count, "has_more": rest is not None, "next_since": rest}, status=202)

        return self._once(request, at=at, answer=answer)


def _livemode(caller: Caller, asked: bool | None) -> bool:
    """People choose; a key makes those of its own mode. :raises FieldsInvalid: it asks for the other."""
    if caller.is_in_person:
        return asked is not False
    if asked is not None and asked != caller.livemode:
        raise FieldsInvalid([("/livemode", "wrong_mode", _("Une clé ne crée que des adresses de son propre mode."))])
    return caller.livemode
