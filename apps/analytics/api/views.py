"""Taking events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request

from apps.analytics.api import schema
from apps.analytics.api.reading import read_body
from apps.analytics.incoming import Rejected
from apps.analytics.services.tracking import track
from apps.analytics.visitors import visitor_of
from apps.core.api.answers import JSON
from apps.core.api.views import PRIVATE_CACHE, ApiView
from apps.core.exceptions import DomainError


class TrackView(ApiView):
    """Events of pages and programs. Nobody has to say who he is, and nobody who does is known for it: cookies and keys are not read.

    Who sends a readable body is answered without DRF's machinery; every refusal of the whole call is DRF's.
    """

    authentication_classes: list[type] = []  # noqa: RUF012  DRF's class attribute
    permission_classes: list[type] = []  # noqa: RUF012  likewise

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The short way for a POST, else DRF's."""
        if request.method != "POST" or request.META.get("QUERY_STRING"):
            return super().dispatch(request, *args, **kwargs)
        try:
            return self._answer(request)
        except (DomainError, UnsupportedMediaType) as error:
            self._refusal = error
            return super().dispatch(request, *args, **kwargs)

    _refusal: DomainError | UnsupportedMediaType | None = None

    @extend_schema(**schema.TRACK)
    def post(self, request: Request) -> HttpResponse:
        """Take what happened with listings: 202 says what became of each event."""
        if self._refusal is not None:
            raise self._refusal
        return self._answer(request._request)  # noqa: SLF001  DRF's way to Django's request

    def _answer(self, request: HttpRequest) -> HttpResponse:
        events, unread = read_body(request)
        at = timezone.now()
        taken = track(events, visitor=visitor_of(request, at=at), own_host=request.get_host(), at=at)
        rejected: list[dict[str, Any]] = []
        if unread or taken.rejected:
            self._choose_language(request)
            rejected = _told([*unread, *((one, "") for one in taken.rejected)])
        body = msgspec.json.encode({"accepted": taken.accepted, "set_aside": taken.set_aside, "rejected": rejected})
        return HttpResponse(body, status=202, content_type=JSON, headers={"Cache-Control": PRIVATE_CACHE})


def _told(rejected: Iterable[tuple[Rejected, str]]) -> list[dict[str, Any]]:
    details = {
        "invalid": _("Le membre « %(member)s » manque, est inconnu ou n’a pas une valeur possible."),
        "unreadable": _("L’événement n’est pas un objet JSON."),
        "too_large": _("Un événement a au plus 1 024 octets."),
        "unknown_type": _("Ce type d’événement n’existe pas."),
        "unknown_resource": _("Aucune fiche publique n’a ce nom."),
        "rate_limited": _("Trop d’événements d’un coup : attendez une minute."),
        "unavailable": _("Les événements ne peuvent pas être gardés pour le moment : réessayez plus tard."),
    }
    return [
        {"index": one.place, "code": one.code, "detail": details[one.code] % {"member": member}}
        for one, member in sorted(rejected, key=lambda pair: pair[0].place)
    ]
