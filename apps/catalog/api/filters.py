"""What the filters of a query ask: the same in lists and in searches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.catalog import selectors
from apps.catalog.choices import OFFER_LABELS, OFFERS_MEANT, ListingPlan, ResourceType
from apps.core.api.params import Params

# `values` builds its list anew each time it is read.
TYPES, PLANS, OFFERS = tuple(ResourceType.values), tuple(ListingPlan.values), (*OFFER_LABELS, *OFFERS_MEANT)
PLACES = ("city", "quarter", "region")


@dataclass(slots=True)
class FilterParams:
    """Filters as they were written; what they mean is looked up by `chosen`, when every parameter has been read."""

    asked: dict[str, Any]

    @classmethod
    def read(cls, params: Params, *, resource_type: str | None = None) -> FilterParams:
        """The filters of a query.

        :param resource_type: everything has this type, and `type` is not read.
        """
        return cls(
            {
                **{name: params.text(name, limit=500) for name in ("category", *PLACES)},
                "resource_type": (resource_type,) if resource_type else _types(params),
                "plan": params.choices("plan", PLANS),
                "verified": params.boolean("verified"),
                "open_now": params.boolean("open_now"),
                "has": tuple(map(_meant, params.groups("has", OFFERS))),
                "bbox": params.bbox(),
            }
        )

    def chosen(self, **more: Any) -> selectors.CardFilter:
        """The filter, with others of `card_filter`.

        :raises UnknownSlug: a slug means nothing.
        """
        return selectors.card_filter(**self.asked, **more)


def _meant(offers: tuple[str, ...]) -> tuple[str, ...]:
    """Alternatives, each as entries hold it."""
    return tuple(dict.fromkeys(held for offer in offers for held in OFFERS_MEANT.get(offer, (offer,))))


def _types(params: Params) -> tuple[str, ...]:
    """`type`, or the source document's `resource_type`; together they must agree."""
    short, long = params.choices("type", TYPES), params.choices("resource_type", TYPES)
    if short and long and short != long:
        params.error("type", _("« type » et « resource_type » sont le même filtre et se contredisent."))
    return short or long
