"""What the query of a search asks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.catalog.api.filters import PLACES, FilterParams
from apps.core.api.params import OFFSET_MAX, InvalidParameter, Params
from apps.search import selectors
from apps.search.analysis import QUERY_LENGTH_MAX
from apps.search.backends.base import COUNTED_MAX, FACETS, Circle
from apps.search.questions import SearchQuestion, Sort

RADIUS_MAX_M = 50_000
NEARBY_RADIUS_M = 5_000
SUGGESTIONS_DEFAULT, SUGGESTIONS_MAX = 8, 20


@dataclass(frozen=True, slots=True)
class AskedSearch:
    """A question, and what of its answer is wanted. :ivar location: what a typed place was understood as."""

    question: SearchQuestion
    fields: tuple[str, ...]
    is_counted: bool
    location: selectors.Location | None = None


def read_search(params: Params, *, language: str, at: dt.datetime) -> AskedSearch:
    """The question of `/search`.

    :raises InvalidParameter: a parameter is unknown or unusable. :raises UnknownSlug: a slug or place means nothing.
    """
    filters = FilterParams.read(params)
    location = params.text("location", limit=120)
    if location and any(filters.asked[name] for name in PLACES):
        params.error("location", _("« location » et « city », « quarter » ou « region » s’excluent."))
    point, circle = _point(params), None
    radius_m = params.integer("radius", minimum=1, maximum=RADIUS_MAX_M)
    if radius_m and point is None and not location:
        params.error("radius", _radius_alone())
    if radius_m and point is not None:
        circle = Circle(*point, radius_m)
    sort = Sort(params.choice("sort", list(Sort)) or Sort.RELEVANCE)
    if sort is Sort.DISTANCE and point is None and not location:
        params.error("sort", _distance_alone())
    text, facets = params.text("q", limit=QUERY_LENGTH_MAX) or "", params.choices("facets", FACETS)
    explain, understand = params.boolean("explain"), params.boolean("understand")
    limit, offset, cursor = params.limit(), params.offset(), params.text("cursor", limit=500) or ""
    if cursor and offset:
        params.error("offset", _("« cursor » et « offset » s’excluent."))
    if offset + limit > OFFSET_MAX:
        params.error("offset", _("« offset » et « limit » vont ensemble jusqu’à %(maximum)s.") % {"maximum": OFFSET_MAX})
    fields, include = params.words("fields"), params.choice("include", ("count",))
    params.finish()
    found = selectors.locate(location, language=language, at=at) if location else None
    if found is not None and found.place is not None:
        filters.asked |= {"region": found.place.region, "city": found.place.city, "quarter": found.place.quarter}
        if radius_m and point is None:
            raise InvalidParameter([("radius", _radius_alone())])
        if sort is Sort.DISTANCE and point is None:
            raise InvalidParameter([("sort", _distance_alone())])
    if found is not None and found.landmark is not None:
        if circle is not None:
            raise InvalidParameter([("radius", _("« location » est ici un point : « radius » part de lui, sans « lat » ni « lng »."))])
        circle = Circle(*found.landmark.point, radius_m or found.landmark.radius_m)
        point = point or found.landmark.point
    question = SearchQuestion(
        text=text, chosen=filters.chosen(), sort=sort, language=language, circle=circle, point=point, limit=limit, offset=offset,
        cursor=cursor, facets=facets, explain=bool(explain), counted_max=COUNTED_MAX if include else 0, understand=understand is not False,
        location=location or "",
    )  # fmt: skip
    return AskedSearch(question, fields, include is not None, found)


def read_nearby(params: Params, *, language: str) -> AskedSearch:
    """The question of `/search/nearby`: its circle is always there.

    :raises DomainError: as `read_search`.
    """
    filters = FilterParams.read(params)
    point = _point(params, is_needed=True)
    radius_m = params.integer("radius", minimum=1, maximum=RADIUS_MAX_M) or NEARBY_RADIUS_M
    limit, cursor, fields = params.limit(), params.text("cursor", limit=500) or "", params.words("fields")
    params.finish()
    latitude, longitude = point or (0.0, 0.0)
    question = SearchQuestion(
        chosen=filters.chosen(), sort=Sort.DISTANCE, language=language, circle=Circle(latitude, longitude, radius_m), point=point,
        limit=limit, cursor=cursor,
    )  # fmt: skip
    return AskedSearch(question, fields, is_counted=False)


def _point(params: Params, *, is_needed: bool = False) -> tuple[float, float] | None:
    """`lat` and `lng`, which go together."""
    latitude, longitude = params.degrees("lat", 90), params.degrees("lng", 180)
    missing = [name for name in ("lat", "lng") if not params.has(name)]
    if len(missing) == 1 or (is_needed and missing):
        params.error(missing[0], _("« lat » et « lng » vont ensemble : il manque « %(name)s ».") % {"name": missing[0]})
    return None if latitude is None or longitude is None else (latitude, longitude)


def _radius_alone() -> str:
    return _("« radius » va avec « lat » et « lng », ou avec un repère dans « location ».")


def _distance_alone() -> str:
    return _("« sort=distance » va avec « lat » et « lng », ou avec un repère dans « location ».")
