"""Opening hours over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.catalog.models import Resource
from apps.catalog.services import reference
from apps.catalog.services.resource_input import read_input
from apps.catalog.services.resources import create_resource
from apps.core.clock import now

pytestmark = pytest.mark.django_db


@pytest.fixture
def resource() -> Resource:
    reference.load_reference()
    owner = User.objects.create_user("owner@example.com", "a long password", name="Owner")
    data = read_input({"name": "Bar", "category": "bars", "city": "douala"}, language="fr", is_new=True)
    return create_resource(owner=owner, data=data, at=now())


def put(resource: Resource, data: object, user: User | None = None) -> Any:
    """Send hours as the owner, or as somebody else."""
    client = Client()
    client.force_login(user or resource.user)  # type: ignore[arg-type]  # the entry has an owner
    path = f"/api/v1/api-resources/{resource.pk}/hours"
    return client.put(path, json.dumps(data), content_type="application/json", headers={"If-Match": "*"})


def row(day: int, opens: str, closes: str) -> dict[str, Any]:
    """An interval."""
    return {"day_of_week": day, "open_time": opens, "close_time": closes}


def test_it_works(resource: Resource) -> None:
    hours = [row(5, "10:00", "14:00"), row(5, "18:00", "02:00"), row(6, "18:00", "04:00"), {"day_of_week": 0, "is_closed": True}]
    days = [{"date": "2026-12-25", "is_closed": True, "note": "Noël"}, {"date": "2026-12-31", "open_time": "18:00", "close_time": "06:00"}]
    answer = put(resource, {"hours": hours, "special_days": days, "holiday_policy": "closed"})
    assert answer.status_code == 200, answer.content
    detail = json.loads(answer.content)
    assert len(detail["hours"]) == 4
    assert detail["special_days"][0] == {"date": "2026-12-25", "open_time": None, "close_time": None, "is_closed": True, "note": "Noël"}
    assert (detail["hours_kind"], detail["holiday_policy"], detail["version"]) == ("weekly", "closed", 2)
    assert detail["open_status"]["state"] in {"open", "closed"}
    assert json.loads(put(resource, {"hours": []}).content)["open_status"]["state"] == "unknown"


def test_a_stranger_changes_nothing(resource: Resource) -> None:
    stranger = User.objects.create_user("stranger@example.com", "a long password", name="Stranger")
    assert put(resource, {"hours": [row(1, "08:00", "12:00")]}, stranger).status_code == 404
    assert not resource.hours.exists()


@pytest.mark.parametrize(
    "hours",
    [
        [row(1, "08:00", "12:00"), row(1, "11:00", "14:00")],
        [row(6, "20:00", "04:00"), row(0, "03:00", "10:00")],
        [row(1, "00:00", "00:00"), row(2, "00:00", "00:00"), row(1, "08:00", "09:00")],
        [row(1, "08:00", "12:00"), {"day_of_week": 1, "is_closed": True}],
        [{"day_of_week": 1, "is_closed": True}, {"day_of_week": 1, "is_closed": True}],
        [row(7, "08:00", "12:00")],
        [row(1, "8h", "12:00")],
        [row(1, "08:00", "24:30")],
        [{"day_of_week": 1, "open_time": "08:00"}],
        [{"day_of_week": 1, "open_time": "08:00", "close_time": "09:00", "is_closed": True}],
        [row(1, "08:00", "12:00") | {"colour": "red"}],
        ["lundi"],
        "lundi",
        [row(1, "08:00", "09:00")] * 51,
    ],
)
def test_hours_that_cannot_be_are_refused(resource: Resource, hours: object) -> None:
    answer = put(resource, {"hours": hours})
    assert answer.status_code == 422, answer.content
    assert json.loads(answer.content)["errors"]
    assert not resource.hours.exists()


def test_two_intervals_of_one_particular_day_may_not_overlap(resource: Resource) -> None:
    days = [{"date": "2026-12-31", "open_time": opens, "close_time": "20:00"} for opens in ("08:00", "18:00")]
    assert put(resource, {"special_days": days}).status_code == 422
    assert put(resource, {"special_days": [{"date": "31/12/2026", "is_closed": True}]}).status_code == 422
