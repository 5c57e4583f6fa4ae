"""The peers' views."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from rest_framework import serializers, viewsets

from apps.catalog.models import Category, City, ContactPoint, OpeningInterval, Resource

CONSTANT = b'{"data":"' + b"x" * 20_000 + b'"}'
SMALL_CONSTANT = b'{"data":"' + b"x" * 2_000 + b'"}'


def constant(_request: HttpRequest) -> HttpResponse:
    """20 kB that cost nothing to make."""
    return HttpResponse(CONSTANT, content_type="application/json")


def small_constant(_request: HttpRequest) -> HttpResponse:
    """2 kB that cost nothing to make."""
    return HttpResponse(SMALL_CONSTANT, content_type="application/json")


class _Category(serializers.ModelSerializer[Category]):
    class Meta:
        model = Category
        fields = ("id", "slug", "name_fr", "name_en", "icon")


class _City(serializers.ModelSerializer[City]):
    class Meta:
        model = City
        fields = ("id", "slug", "name_fr", "name_en")


class _Contact(serializers.ModelSerializer[ContactPoint]):
    class Meta:
        model = ContactPoint
        fields = ("kind", "value", "is_whatsapp", "is_primary")


class _Hours(serializers.ModelSerializer[OpeningInterval]):
    class Meta:
        model = OpeningInterval
        fields = ("day_of_week", "open_time", "close_time", "is_closed")


class _Resource(serializers.ModelSerializer[Resource]):
    category = _Category()
    city = _City()
    contacts = _Contact(many=True)
    hours = _Hours(many=True)

    class Meta:
        model = Resource
        exclude = ("content_hash", "number", "deleted_at")


class ResourceViewSet(viewsets.ReadOnlyModelViewSet[Resource]):
    """What a developer writes first, with the joins that a second look adds."""

    serializer_class = _Resource

    def get_queryset(self) -> Any:
        """Published entries in the product's order."""
        rows = Resource.objects.filter(status="active", deleted_at__isnull=True)
        rows = rows.select_related("category", "city").prefetch_related("contacts", "hours")
        return rows.order_by("-plan_rank", "-published_at", "-id")


urlpatterns = [
    path("constant", constant),
    path("small-constant", small_constant),
    path("drf", ResourceViewSet.as_view({"get": "list"})),
    path("drf/<uuid:pk>", ResourceViewSet.as_view({"get": "retrieve"})),
]
