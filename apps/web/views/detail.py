"""The page of one entry, in four templates."""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.catalog import selectors
from apps.catalog.choices import HoursKind, ListingRight
from apps.catalog.selectors.entitlements import entitlements_of
from apps.core.clock import now
from apps.search import services
from apps.search.analysis import QUERY_LENGTH_MAX
from apps.search.askers import asker_of
from apps.web.facts import facts_of, price_words
from apps.web.listings import as_listings
from apps.web.maps import Plan, PlanName, PlanPoint, build_plan, plan_detail
from apps.web.pages import (
    DESCRIPTION_MAX,
    TITLE_MAX,
    Meta,
    breadcrumb_json_ld,
    current_language,
    dump_json_ld,
    frame,
    page_url,
    shorten,
)
from apps.web.structured_data import resource_json_ld
from apps.web.views.errors import gone
from apps.web.ways import ways_of

SHOWN_NEARBY = 4
# A position known to this or better is that of the door.
APPROXIMATE_FROM_M = 100


@require_safe
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """An entry; a former address redirects, a deleted entry answers 410."""
    language = current_language()
    at = now()
    found = selectors.get_card(slug, language=language)
    if isinstance(found, selectors.Moved):
        return HttpResponsePermanentRedirect(reverse("web:detail", args=[found.slug]))
    if isinstance(found, selectors.Removed):
        return gone(request)
    if found is None:
        raise Http404
    if "pos" in request.GET:
        _count_opening(request, opened=found.id, language=language, at=at)
    listing = found.data(at, detail=True)
    listing["url"] = reverse("web:detail", args=[listing["slug"]])
    rights = entitlements_of(found.id, at=at)
    nearby = [] if rights[ListingRight.NO_COMPETITORS] else _nearby(found, listing, language=language, at=at)
    crumbs = _crumbs(listing)
    plan, detail_map = _plan(listing)
    ways = ways_of(listing)
    context = frame(
        request,
        meta=_meta(request, listing, crumbs),
        listing=listing,
        # As long as it is paid for, to the second; the card's plan follows within a minute.
        is_sponsored=bool(rights[ListingRight.FEATURED_LABEL]),
        photos=[{**image, "alt": image["alt_text"]} for image in listing["images"]],
        hours=_hours(listing),
        today=timezone.localtime(at).isoweekday() % 7,
        special_days=[day for day in listing["special_days"] if day["date"] >= timezone.localdate(at).isoformat()][:6],
        sources=sorted({fact["source"] for fact in listing["provenance"]}),
        plan_detail=detail_map,
        facts=facts_of(listing),
        contact=settings.CONTACT_EMAIL,
        api_path=f"/api/v1/api-resources/{listing['slug']}",
        crumbs=crumbs,
        nearby=nearby,
        plan=plan,
        address=_address(listing),
        price=_price(listing),
        is_approximate=listing["latitude"] is not None and (listing["accuracy_m"] or 0) > APPROXIMATE_FROM_M,
        page_address=page_url(request),
        report_subject=quote(_("Correction : %(name)s") % {"name": listing["slug"]}),
        whatsapp_url=ways["whatsapp"],
        website_url=ways["site"],
        directions_url=ways["itineraire"],
        share_url=f"https://wa.me/?text={quote(_share_text(listing, page_url(request)), safe='')}",
        at=at,
        nav="search",
    )
    return render(request, f"web/detail_{listing['resource_type']}.html", context)


def _count_opening(request: HttpRequest, *, opened: uuid.UUID, language: str, at: dt.datetime) -> None:
    """A result of a search was opened: its place stands in the address, the words in the page where the link was."""
    place, words = request.GET["pos"], ""
    # A referrer that is no address at all says nothing.
    with contextlib.suppress(ValueError):
        came_from = urlsplit(request.headers.get("Referer", ""))
        if came_from.netloc == request.get_host() and came_from.path == reverse("web:search"):
            words = parse_qs(came_from.query).get("q", [""])[0]
    if place.isascii() and place.isdigit() and len(place) <= 3:
        services.count_click(
            text=words[:QUERY_LENGTH_MAX], language=language, position=int(place), asker=asker_of(request), at=at, opened=opened
        )


def _nearby(card: selectors.Card, listing: dict[str, Any], *, language: str, at: dt.datetime) -> list[dict[str, Any]]:
    """Others of the same category in the same town, or anywhere when the town has none."""
    others = selectors.similar_cards(card, language=language, limit=SHOWN_NEARBY)
    if not others:
        chosen = selectors.card_filter(category=listing["category"]["slug"])
        others = selectors.list_cards(chosen, language=language, at=at, limit=SHOWN_NEARBY + 1).cards
    return as_listings([other for other in others if other.id != card.id][:SHOWN_NEARBY], at=at)


def _place(listing: dict[str, Any]) -> str:
    return ", ".join(part["name"] for part in (listing["quarter"], listing["city"]) if part)


def _address(listing: dict[str, Any]) -> str:
    """The street, when it is known, with the quarter and town."""
    parts = [listing["address_line1"], listing["address_line2"], _place(listing)]
    return ", ".join(part for part in parts if part) if listing["address_line1"] else ""


def _price(listing: dict[str, Any]) -> str:
    """The range of prices of a business, for the line below its name."""
    profile = listing["profile"] or {}
    return price_words(profile.get("price_min_xaf"), profile.get("price_max_xaf"))


def _crumbs(listing: dict[str, Any]) -> list[dict[str, str]]:
    crumbs = [{"name": _("Accueil"), "url": reverse("web:home")}]
    category, city = listing["category"], listing["city"]
    if city:
        crumbs.append({"name": city["name"], "url": reverse("web:city", args=[city["slug"]])})
        crumbs.append({"name": category["name"], "url": reverse("web:city_category", args=[city["slug"], category["slug"]])})
    else:
        crumbs.append({"name": category["name"], "url": reverse("web:category", args=[category["slug"]])})
    return [*crumbs, {"name": listing["name"], "url": ""}]


def _meta(request: HttpRequest, listing: dict[str, Any], crumbs: list[dict[str, str]]) -> Meta:
    place = _place(listing)
    category = listing["category"]["name"]
    facts = f"{category}, {place}" if place else category
    title = listing["meta_title"] or f"{listing['name']}, {facts}"
    description = listing["meta_description"] or f"{listing['name']} – {facts}. {listing['summary']}"
    schema_type = selectors.category_schema_type(listing["category"]["slug"])
    url = page_url(request)
    return Meta(
        title=shorten(title, TITLE_MAX),
        description=shorten(description, DESCRIPTION_MAX),
        canonical=url,
        robots="noindex" if listing["is_demo"] else None,
        og_type="business.business" if listing["resource_type"] == "business" else "website",
        og_image=request.build_absolute_uri(_share_image_path(listing)),
        json_ld=[
            dump_json_ld(resource_json_ld(listing, url=url, schema_type=schema_type)),
            breadcrumb_json_ld(request, crumbs),
        ],
    )


def _share_image_path(listing: dict[str, Any]) -> str:
    """A picture drawn from its words, at an address that changes with them. A photo's sizes are too small for a large preview."""
    return f"{reverse('web:listing_share_image', args=[listing['slug']])}?v={listing['version']}"


def _hours(listing: dict[str, Any]) -> dict[str, list[list[str]]]:
    """The week by day, as components/hours_table.html takes it; empty when the hours are not known."""
    if listing["hours_kind"] == HoursKind.ALWAYS:
        return {str(day): [["00:00", "00:00"]] for day in range(7)}
    week: dict[str, list[list[str]]] = {}
    for row in listing["hours"]:
        spans = week.setdefault(str(row["day_of_week"]), [])
        if not row["is_closed"]:
            spans.append([row["open_time"][:5], row["close_time"][:5]])
    return week


def _plan(listing: dict[str, Any]) -> tuple[Plan | None, dict[str, object] | None]:
    """The plan of the entry, and what its detailed map needs."""
    if listing["latitude"] is None:
        return None, None
    icon = (listing["category"] or {}).get("icon") or "map-pin"
    point = PlanPoint(lat=listing["latitude"], lng=listing["longitude"], name=listing["name"], icon=icon)
    city = listing["city"]
    positions = selectors.quarter_positions(city["slug"]) if city else []
    names = [PlanName(lat=lat, lng=lng, name=name) for name, lat, lng in positions]
    plan = build_plan([point], names)
    return plan, plan_detail(plan, names)


def _share_text(listing: dict[str, Any], url: str) -> str:
    phone = "" if listing["is_fictional"] else listing["phone"]
    parts = [listing["name"], phone, listing["landmark"] or _place(listing), url]
    return "\n".join(part for part in parts if part)
