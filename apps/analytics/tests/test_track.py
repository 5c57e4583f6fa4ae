"""Telling events over HTTP, all the way to the table."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.analytics.choices import Channel, EventType, SourceClass, Verdict
from apps.analytics.models import EventBatch
from apps.analytics.tests.telling import told, written
from apps.catalog.models import Resource
from apps.catalog.tests.factories import make_resource

pytestmark = pytest.mark.django_db


@pytest.fixture
def listing() -> Resource:
    return make_resource(slug="chez-wouri")


def test_it_works(client: Client, listing: Resource) -> None:
    view = {"type": "view", "resource": "chez-wouri", "referrer": "https://www.google.cm/"}
    call = {"event_type": "contact", "channel": "whatsapp", "business_id": str(listing.pk)}
    assert told(client, view) == {"accepted": 1, "set_aside": 0, "rejected": []}
    assert told(client, {"events": [call]}) == {"accepted": 1, "set_aside": 0, "rejected": []}
    first, second = written()
    assert (first.resource_number, first.event_type, first.channel) == (listing.number, EventType.VIEW, Channel.NONE)
    assert (first.source, first.verdict, second.source) == (SourceClass.SEARCH_ENGINE, Verdict.COUNTED, SourceClass.DIRECT)
    assert (second.event_type, second.channel) == (EventType.CONTACT, Channel.WHATSAPP)
    assert first.visitor is not None
    assert first.visitor == second.visitor
    assert sum(EventBatch.objects.values_list("events", flat=True)) == 2
    assert written() == [first, second]
