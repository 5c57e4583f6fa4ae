"""What the query of a list asks."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from apps.catalog import selectors
from apps.catalog.api.filters import FilterParams
from apps.core.api.pagination import InvalidCursor, Keyset
from apps.core.api.params import Params
from apps.core.process_cache import ProcessCache

SORTS = ("default", "newest")
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
        filters = FilterParams.read(params, resource_type=resource_type)
        created_from, created_until = params.moment("created_at[gte]"), params.moment("created_at[lte]")
        sort = params.choice("sort", SORTS)
        limit, offset, cursor = params.limit(), params.offset(), params.text("cursor", limit=500)
        fields, counted = params.words("fields"), params.choice("include", ("count",))
        if cursor and offset:
            params.error("offset", _("« cursor » et « offset » s’excluent."))
        params.finish()
        chosen = filters.chosen(created_from=created_from, created_until=created_until)
        after, before = _place(cursor, request)
        return cls(chosen, sort == "newest", limit, offset, after, before, fields, counted is not None)

    def count(self, language: str) -> int | str:
        """How many entries meet the filters, exact up to `COUNT_MAX`."""
        found = selectors.count_cards(self.chosen, language=language, maximum=COUNT_MAX + 1)
        return found if found <= COUNT_MAX else f"{COUNT_MAX}+"


def _place(cursor: str | None, request: HttpRequest) -> tuple[selectors.CardKey | None, selectors.CardKey | None]:
    if cursor is None:
        return None, None
    place = Keyset.decode(cursor, request)
    if not 0 <= place.plan_rank <= 2:
        raise InvalidCursor
    key = selectors.CardKey(place.plan_rank, place.published_at, place.id)
    return (None, key) if place.is_backward else (key, None)
