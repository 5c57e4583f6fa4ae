"""Taking records as one would first write it with Django REST framework: an entry and its phone, nothing else.

No record as it was received, no cleaning, no comparing, no provenance, no cards: the least that such an import can be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from rest_framework import serializers

from apps.catalog.choices import ContactKind, Status
from apps.catalog.models import Category, City, ContactPoint, Resource
from apps.core.clock import now


class _Entries(serializers.ListSerializer[Any]):
    """All of a call at once."""

    def create(self, validated_data: Sequence[dict[str, Any]]) -> list[Resource]:
        """Two statements a thousand rows."""
        phones = [data.pop("phone") for data in validated_data]
        entries = Resource.objects.bulk_create([_entry(data) for data in validated_data], batch_size=1000)
        contacts = [_contact(entry, phone) for entry, phone in zip(entries, phones, strict=True) if phone]
        ContactPoint.objects.bulk_create(contacts, batch_size=1000)
        return entries


class EntrySerializer(serializers.ModelSerializer[Resource]):
    """A record of the import schema."""

    category = serializers.SlugRelatedField(slug_field="slug", queryset=Category.objects.all())
    city = serializers.SlugRelatedField(slug_field="slug", queryset=City.objects.all(), allow_null=True)
    lat = serializers.DecimalField(source="latitude", max_digits=9, decimal_places=6, min_value=-90, max_value=90)
    lon = serializers.DecimalField(source="longitude", max_digits=9, decimal_places=6, min_value=-180, max_value=180)
    description = serializers.CharField(source="description_fr", allow_blank=True)
    phone = serializers.CharField(max_length=40, allow_blank=True)

    class Meta:
        model = Resource
        list_serializer_class = _Entries
        fields = ("source", "source_id", "name", "description", "category", "city", "lat", "lon", "phone")

    def create(self, validated_data: dict[str, Any]) -> Resource:
        """One record, one transaction."""
        phone = validated_data.pop("phone")
        with transaction.atomic():
            entry = _entry(validated_data)
            entry.save(force_insert=True)
            if phone:
                _contact(entry, phone).save(force_insert=True)
        return entry


def read_rows(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of `make_places` with what the serializer knows, towns by their slugs and phones as the table wants them."""
    slugs = dict(City.objects.values_list("name_fr", "slug"))
    names = EntrySerializer.Meta.fields
    return [{**{name: row[name] for name in names}, "city": slugs.get(str(row["city"])), "phone": _e164(str(row["phone"]))} for row in rows]


def _e164(text: str) -> str:
    digits = "".join(character for character in text if character.isdigit())
    return f"+237{digits[-9:]}" if len(digits) >= 9 else ""


def take_many(rows: Sequence[Mapping[str, Any]]) -> None:
    """All in one call."""
    serializer = EntrySerializer(data=list(rows), many=True)
    serializer.is_valid(raise_exception=True)
    serializer.save()


def take_each(rows: Sequence[Mapping[str, Any]]) -> None:
    """A call for each."""
    for row in rows:
        serializer = EntrySerializer(data=dict(row))
        serializer.is_valid(raise_exception=True)
        serializer.save()


def _entry(data: Mapping[str, Any]) -> Resource:
    entry = Resource(**data, status=Status.ACTIVE, created_at=now(), updated_at=now(), published_at=now())
    entry.slug = f"{slugify(entry.name)[:180]}-{entry.pk.hex[-8:]}"
    return entry


def _contact(entry: Resource, phone: str) -> ContactPoint:
    return ContactPoint(resource=entry, kind=ContactKind.PHONE, value=phone, is_primary=True)
