"""What the query of a list asks."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from apps.catalog import selectors
from apps.catalog.choices import Attribute, ListingPlan, ResourceType
from apps.core.api.pagination import InvalidCursor, Keyset
from apps.core.api.params import Params
from apps.core.process_cache import ProcessCache

SORTS = ("default", "newest")
# `values` builds its list anew each time it is read.
TYPES, PLANS, ATTRIBUTES = tuple(ResourceType.values), tuple(ListingPlan.values), tuple(Attribute.values)
# Exact up to here, then "1000+": counting further costs more than the page.
COUNT_MAX = 1000

# Not longer than slugs are remembered (`selectors.reference`).
_questions: ProcessCache[ListQuestion] = ProcessCache(maxsize=1024, ttl_s=lambda: 10)


@dataclass(frozen=True, slots=True)
class ListQuestion:
    """A list's filters, order and page."""

    chosen: selectors.CardFilter
    is_newest: bool
    limit: int
    offset: int
    after: selectors.CardKey | None
    before: selectors.CardKey | None
    fields: tuple[str, ...]
    is_counted: bool

    @classmethod
    def of(cls, request: HttpRequest, *, resource_type: str | None) -> ListQuestion:
        """The question of a request; one that was read a moment ago is not read again.

        :raises DomainError: as `read`.
        """
        asked = (request.META.get("QUERY_STRING", ""), resource_type)
        return _questions.get(asked) or _questions.set(asked, cls.read(Params(request.GET), request, resource_type=resource_type))

    @classmethod
    def read(cls, params: Params, request: HttpRequest, *, resource_type: str | None) -> ListQuestion:
        """The question of a query.

        :param resource_type: the list has only this type and takes no `type`.
        :raises InvalidParameter: a parameter is unknown or unusable. :raises UnknownSlug: a slug means nothing.
        :raises InvalidCursor: the cursor is not ours or of another list.
        """
        types = (resource_type,) if resource_type else _types(params)
        plans = params.choices("plan", PLANS)
        verified, open_now = params.boolean("verified"), params.boolean("open_now")
        has, bbox = params.groups("has", ATTRIBUTES), params.bbox()
        created_from, created_until = params.moment("created_at[gte]"), params.moment("created_at[lte]")
        slugs = {name: params.text(name, limit=500) for name in ("category", "city", "quarter", "region")}
        sort = params.choice("sort", SORTS)
        limit, offset, cursor = params.limit(), params.offset(), params.text("cursor", limit=500)
        fields, counted = fields_of(params), params.choice("include", ("count",))
        if cursor and offset:
            params.error("offset", _("« cursor » et « offset » s’excluent."))
        params.finish()
        chosen = selectors.card_filter(
            **slugs, resource_type=types, plan=plans, verified=verified, open_now=open_now, has=has, bbox=bbox,
            created_from=created_from, created_until=created_until,
        )  # fmt: skip
        after, before = _place(cursor, request)
        return cls(chosen, sort == "newest", limit, offset, after, before, fields, counted is not None)

    def count(self, language: str) -> int | str:
        """How many entries meet the filters, exact up to `COUNT_MAX`."""
        found = selectors.count_cards(self.chosen, language=language, maximum=COUNT_MAX + 1)
        return found if found <= COUNT_MAX else f"{COUNT_MAX}+"


def fields_of(params: Params) -> tuple[str, ...]:
    """The members that `fields` asks, separated by commas."""
    return tuple(part.strip() for part in (params.text("fields", limit=1000) or "").split(",") if part.strip())


def _types(params: Params) -> tuple[str, ...]:
    """`type`, or the source document's `resource_type`; together they must agree."""
    short, long = params.choices("type", TYPES), params.choices("resource_type", TYPES)
    if short and long and short != long:
        params.error("type", _("« type » et « resource_type » sont le même filtre et se contredisent."))
    return short or long


def _place(cursor: str | None, request: HttpRequest) -> tuple[selectors.CardKey | None, selectors.CardKey | None]:
    if cursor is None:
        return None, None
    place = Keyset.decode(cursor, request)
    if not 0 <= place.plan_rank <= 2:
        raise InvalidCursor
    key = selectors.CardKey(place.plan_rank, place.published_at, place.id)
    return (None, key) if place.is_backward else (key, None)
