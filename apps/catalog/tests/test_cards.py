"""Cards say exactly what the serializer says, and follow every write."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework.renderers import JSONRenderer

from apps.catalog.api.serializers import ResourceListItemSerializer, ResourceSerializer
from apps.catalog.cards import find_stale_cards, write_cards
from apps.catalog.choices import (
    ApiAuthentication,
    Attribute,
    HolidayPolicy,
    HoursKind,
    ListingPlan,
    OperatingStatus,
    ResourceType,
    Status,
)
from apps.catalog.models import FieldProvenance, Resource, ResourceCard
from apps.catalog.opening import Schedule
from apps.catalog.tests.factories import (
    AT,
    make_category,
    make_city,
    make_quarter,
    make_region,
    make_resource,
    make_user,
)

pytestmark = pytest.mark.django_db


def stored(resource: Resource, language: str) -> tuple[bytes, bytes]:
    card = ResourceCard.objects.get(resource=resource, language=language)
    return bytes(card.body), bytes(card.extra)


def as_json(serializer: Any) -> Any:
    return msgspec.json.decode(JSONRenderer().render(serializer.data))


def test_it_works() -> None:
    resource = make_resource(name="Pharmacie du Marché", name_en="Market Pharmacy", plan=ListingPlan.FEATURED, verified=True)
    french, english = ResourceCard.objects.order_by("-language").filter(resource=resource)
    assert (french.language, french.plan_rank, french.published_at, french.verified) == ("fr", 2, AT, True)
    assert msgspec.json.decode(bytes(french.body) + b"}")["name"] == "Pharmacie du Marché"
    assert msgspec.json.decode(bytes(english.body) + bytes(english.extra) + b"}")["name"] == "Market Pharmacy"


def test_a_text_is_in_the_asked_language_or_else_in_the_other() -> None:
    resource = make_resource(description_fr="Ouverte tard le soir. Garde le dimanche.")
    body, extra = stored(resource, "en")
    value = msgspec.json.decode(body + extra + b"}")
    assert value["description"] == "Ouverte tard le soir. Garde le dimanche."
    assert value["description_language"] == "fr"


def test_a_write_replaces_and_removes() -> None:
    resource = make_resource(name="Avant")
    resource.name, resource.version = "Après", 2
    resource.save(update_fields=["name", "version"])
    assert find_stale_cards([resource.pk]) == [resource.pk]
    assert write_cards([resource.pk]) == 1
    assert b"Apr" in stored(resource, "fr")[0]
    assert find_stale_cards([resource.pk]) == []
    for change in ({"status": Status.SUSPENDED}, {"status": Status.ACTIVE, "deleted_at": AT}, {"deleted_at": None, "livemode": False}):
        Resource.objects.filter(pk=resource.pk).update(**change)
        assert write_cards([resource.pk]) == 0
        assert not ResourceCard.objects.filter(resource=resource).exists()
    Resource.objects.filter(pk=resource.pk).update(livemode=True)
    assert write_cards([resource.pk]) == 1


def test_one_and_many_take_the_same_statements() -> None:
    resources = [make_resource(hours={1: [("08:00", "18:00")]}, profile={}) for _ in range(12)]
    with CaptureQueriesContext(
        connection,
    ) as one:
        write_cards([resources[0].pk])
    with CaptureQueriesContext(connection) as many:
        write_cards([resource.pk for resource in resources])
    assert len(many) == len(one) <= 14


def test_unknown_ids_are_harmless() -> None:
    resource = make_resource()
    Resource.objects.filter(pk=resource.pk).delete()
    assert write_cards([resource.pk]) == 0
    assert write_cards([]) == 0


def test_a_place_that_does_not_operate_is_never_open() -> None:
    resource = make_resource(hours_kind=HoursKind.ALWAYS, operating_status=OperatingStatus.TEMPORARILY_CLOSED)
    card = ResourceCard.objects.get(resource=resource, language="fr")
    assert Schedule.unpack(bytes(card.hours or b"")).status(AT).state == "closed"


def test_counts_are_renewed_only_when_an_entry_moves(django_capture_on_commit_callbacks: Any) -> None:
    resource = make_resource()
    with django_capture_on_commit_callbacks() as none:
        Resource.objects.filter(pk=resource.pk).update(name="Autre nom", version=2)
        write_cards([resource.pk])
    assert none == []
    with django_capture_on_commit_callbacks() as renewed:
        Resource.objects.filter(pk=resource.pk).update(category=make_category())
        write_cards([resource.pk])
    assert len(renewed) == 1


_words = st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40).map(str.strip)
_texts = st.one_of(st.just(""), _words, st.lists(_words, max_size=12).map(". ".join))
_moments = st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2100, 1, 1)).map(lambda value: value.replace(tzinfo=dt.UTC))  # noqa: DTZ001
_json = st.dictionaries(
    _words, st.one_of(st.integers(-(10**9), 10**9), _words, st.none(), st.booleans(), st.lists(_words, max_size=2)), max_size=3
)
_clock = st.times().map(lambda value: value.strftime("%H:%M"))
_spans: st.SearchStrategy[list[tuple[str, str]]] = st.one_of(st.just([]), st.lists(st.tuples(_clock, _clock), min_size=1, max_size=1))
_phones = st.integers(600_000_000, 699_999_999).map(lambda number: f"+237{number}")
_contacts = st.lists(
    st.one_of(
        st.builds(lambda value, whatsapp: {"kind": "phone", "value": value, "is_whatsapp": whatsapp}, _phones, st.booleans()),
        st.builds(lambda number: {"kind": "email", "value": f"a{number}@example.cm"}, st.integers(0, 99)),
        st.builds(lambda number: {"kind": "website", "value": f"https://example.cm/{number}"}, st.integers(0, 99)),
    ),
    max_size=4,
    unique_by=lambda contact: contact["value"],
)  # fmt: skip
_renditions = st.dictionaries(
    st.sampled_from(["320", "640", "960", "1600"]),
    st.integers(1, 2000).map(lambda height: {"file": f"r/{height}.webp", "height": height, "bytes": 10}),
    max_size=4,
)
_images = st.lists(
    st.one_of(
        st.builds(lambda sizes, alt: {"file": "originals/a", "renditions": sizes, "alt_text": alt}, _renditions, _words),
        st.builds(lambda alt: {"external_url": "https://example.cm/a.jpg", "alt_text_en": alt, "width": 9, "height": None}, _words),
    ),
    max_size=3,
)  # fmt: skip
_years = st.one_of(st.none(), st.integers(1900, 2100))
_lines = st.lists(_words, max_size=2)
_endpoint = st.builds(lambda fr, en: {"method": "GET", "path": "/a", "summary_fr": fr, "summary_en": en}, _words, _words)
_business = st.fixed_dictionaries({"legal_form": _words, "languages": _lines, "founded_year": _years})
_profiles: dict[str, st.SearchStrategy[dict[str, Any] | None]] = {
    "business": st.one_of(st.none(), _business),
    "service": st.fixed_dictionaries(
        {"delay_fr": _words, "delay_en": _words, "documents_fr": _lines, "fee_min_xaf": st.integers(0, 10**6)}
    ),
    "data": st.fixed_dictionaries(
        {"spatial_coverage_en": _words, "formats": _lines, "temporal_start": _years, "size_bytes": st.integers(0, 10**12)}
    ),
    "api": st.fixed_dictionaries(
        {
            "quota_fr": _words,
            "auth_type": st.sampled_from(ApiAuthentication.values),
            "endpoints": st.lists(_endpoint, max_size=2),
        }
    ),
}


@st.composite
def _resources(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(ResourceType.values))
    texts = (
        "description_fr", "description_en", "address_line1", "address_line2", "po_box", "landmark_fr", "landmark_en", "directions_fr",
        "directions_en", "meta_title", "meta_description",
    )  # fmt: skip
    position = draw(st.one_of(st.none(), st.tuples(st.integers(165, 1309), st.integers(838, 1620))))
    return {
        "resource_type": kind,
        "name": draw(_words.filter(bool)),
        "name_en": draw(_words),
        **{name: draw(_texts)[:40] if "description" not in name else draw(_texts) for name in texts},
        "latitude": position and position[0] / 100,
        "longitude": position and position[1] / 100,
        "accuracy_m": draw(st.one_of(st.none(), st.integers(0, 5000))),
        "plan": draw(st.sampled_from(ListingPlan.values)),
        "operating_status": draw(st.sampled_from(OperatingStatus.values)),
        "verified": draw(st.booleans()),
        "is_demo": draw(st.booleans()),
        "attributes": sorted(draw(st.sets(st.sampled_from(Attribute.values), max_size=3))),
        "metadata": draw(_json),
        "hours_kind": draw(st.sampled_from(HoursKind.values)),
        "holiday_policy": draw(st.sampled_from(HolidayPolicy.values)),
        "version": draw(st.integers(1, 10**6)),
        "created_at": draw(_moments),
        "updated_at": draw(_moments),
        "published_at": draw(_moments),
        "contacts": draw(_contacts),
        "hours": draw(st.dictionaries(st.integers(0, 6).map(lambda day: day // 2 * 2), _spans, max_size=3)),
        "special_days": draw(st.dictionaries(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), _spans, max_size=2)),
        "images": draw(_images),
        "profile": draw(_profiles[kind]),
    }


@settings(max_examples=40)
@given(values=_resources(), is_placed=st.booleans(), is_owned=st.booleans())
def test_any_card_is_what_the_serializer_says(values: dict[str, Any], is_placed: bool, is_owned: bool) -> None:
    if is_placed:
        city = make_city(region=make_region(name_en="Coast"), name_en="Town")
        values |= {"city": city, "quarter": make_quarter(city=city), "category": make_category(parent=make_category())}
    resource = make_resource(**values, user=make_user() if is_owned else None)
    FieldProvenance.objects.create(resource=resource, field="name", source="a", observed_at=AT, confidence=0.25)
    write_cards([resource.pk])
    resource.refresh_from_db()
    for language in ("fr", "en"):
        body, extra = stored(resource, language)
        context = {"language": language}
        assert msgspec.json.decode(body + b"}") == as_json(ResourceListItemSerializer(resource, context=context))
        assert msgspec.json.decode(body + extra + b"}") == as_json(ResourceSerializer(resource, context=context))
