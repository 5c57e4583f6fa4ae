"""How entries look outside, as DRF serializers: the schema is made of them, and cards are checked against them.

They read rows through the ORM, one entry at a time; the endpoints answer from cards instead. The context needs
`language`, `fr` or `en`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.catalog.api.profile_serializers import PROFILE_SERIALIZERS, ProfileField
from apps.catalog.card_json import summary_of
from apps.catalog.choices import Attribute, ContactKind, HolidayPolicy, HoursKind, ListingPlan, OperatingStatus, ResourceType, Status
from apps.catalog.models import ContactPoint, FieldProvenance, OpeningInterval, Resource, ResourceImage, SpecialDay


class Moment(serializers.DateTimeField):
    """A moment in UTC: `2026-11-24T09:30:00Z`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(default_timezone=dt.UTC, **options)


@extend_schema_field({"type": ["string", "null"], "pattern": r"^([01]\d|2[0-3]):[0-5]\d$", "example": "08:00"})
class Hour(serializers.TimeField):
    """`08:00`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%H:%M", allow_null=True, **options)


class PlaceSerializer(serializers.Serializer[Any]):
    """A town, quarter or region."""

    slug = serializers.CharField()
    name = serializers.SerializerMethodField()

    def get_name(self, place: Any) -> str:
        """In the asked language; quarters have one name."""
        name: str = place.name_in(self.context["language"]) if hasattr(place, "name_in") else place.name
        return name


class CategoryNameSerializer(PlaceSerializer):
    """A category as an entry shows it."""

    icon = serializers.CharField(help_text="Name of a Lucide icon.")


class ContactSerializer(serializers.ModelSerializer[ContactPoint]):
    """A way to reach an entry. Phones are E.164."""

    class Meta:
        model = ContactPoint
        fields = ("kind", "value", "is_whatsapp", "is_primary")


class HoursSerializer(serializers.ModelSerializer[OpeningInterval]):
    """One interval of the week; 0 is Sunday; a close at or before the open belongs to the next day."""

    open_time = Hour()
    close_time = Hour()

    class Meta:
        model = OpeningInterval
        fields = ("day_of_week", "open_time", "close_time", "is_closed")


class SpecialDaySerializer(serializers.ModelSerializer[SpecialDay]):
    """What replaces the week on one date."""

    open_time = Hour()
    close_time = Hour()

    class Meta:
        model = SpecialDay
        fields = ("date", "open_time", "close_time", "is_closed", "note")


class ProvenanceSerializer(serializers.ModelSerializer[FieldProvenance]):
    """Where a field's value came from."""

    observed_at = Moment()

    class Meta:
        model = FieldProvenance
        fields = ("field", "source", "observed_at", "confidence")


class ImageSerializer(serializers.Serializer[ResourceImage]):
    """A picture with its sizes."""

    id = serializers.UUIDField()
    url = serializers.CharField(help_text="Address of a middle size.")
    srcset = serializers.CharField(help_text="Every size, for an `img` element; empty for a picture elsewhere.")
    alt_text = serializers.CharField()
    is_primary = serializers.BooleanField()
    order_index = serializers.IntegerField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)

    def to_representation(self, instance: ResourceImage) -> dict[str, Any]:
        """Sizes live in one JSON column."""
        texts = [instance.alt_text, instance.alt_text_en]
        alt = next(filter(None, texts[::-1] if self.context["language"] == "en" else texts), "")
        shown = {"id": str(instance.pk), "alt_text": alt, "is_primary": instance.is_primary, "order_index": instance.order_index}
        if instance.external_url:
            return shown | {"url": instance.external_url, "srcset": "", "width": instance.width, "height": instance.height}
        widths = sorted(instance.renditions, key=int)
        chosen = widths[:2][-1]
        files = {width: f"{settings.MEDIA_URL}{instance.renditions[width]['file']}" for width in widths}
        return shown | {
            "url": files[chosen], "srcset": ", ".join(f"{files[width]} {width}w" for width in widths), "width": int(chosen),
            "height": instance.renditions[chosen]["height"],
        }  # fmt: skip


class PrimaryImageSerializer(serializers.Serializer[Any]):
    """The picture that a list shows."""

    url = serializers.CharField()
    srcset = serializers.CharField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    alt = serializers.CharField()


class OpenStatusSerializer(serializers.Serializer[Any]):
    """Whether an entry is open, computed when the answer is made."""

    state = serializers.ChoiceField(choices=["open", "closed", "unknown"])
    next_change = Moment(allow_null=True, help_text="When the state changes, if it does within 8 days.")
    as_of = Moment(help_text="The minute that was asked.")


class LinksSerializer(serializers.Serializer[Any]):
    """Where else the entry is."""

    html = serializers.CharField(help_text="Page of the site.")


class ResourceListItemSerializer(serializers.Serializer[Resource]):
    """An entry in a list."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.SerializerMethodField()
    resource_type = serializers.ChoiceField(choices=ResourceType.choices)
    category = CategoryNameSerializer(allow_null=True)
    city = PlaceSerializer(allow_null=True)
    quarter = PlaceSerializer(allow_null=True)
    region = PlaceSerializer(source="city.region", allow_null=True, default=None)
    country = serializers.CharField(source="country_id")
    latitude = serializers.FloatField(allow_null=True)
    longitude = serializers.FloatField(allow_null=True)
    address_line1 = serializers.CharField()
    phone = serializers.SerializerMethodField()
    whatsapp = serializers.SerializerMethodField()
    email = serializers.SerializerMethodField()
    website = serializers.SerializerMethodField()
    summary = serializers.SerializerMethodField(help_text="First sentence of the description, at most 160 characters.")
    plan = serializers.ChoiceField(choices=ListingPlan.choices)
    verified = serializers.BooleanField()
    status = serializers.ChoiceField(choices=Status.choices)
    operating_status = serializers.ChoiceField(choices=OperatingStatus.choices)
    attributes = serializers.ListField(child=serializers.ChoiceField(choices=Attribute.choices))
    image = serializers.SerializerMethodField()
    is_demo = serializers.BooleanField()
    is_fictional = serializers.BooleanField()
    version = serializers.IntegerField()
    created_at = Moment()
    updated_at = Moment()
    published_at = Moment(allow_null=True)

    @property
    def language(self) -> str:
        """The asked one."""
        value: str = self.context["language"]
        return value

    def localised(self, resource: Resource, name: str) -> tuple[str, str]:
        """A text and its language: the asked one, else the other."""
        for language in (self.language, "en" if self.language == "fr" else "fr"):
            text: str = getattr(resource, f"{name}_{language}")
            if text:
                return text, language
        return "", self.language

    def get_name(self, resource: Resource) -> str:
        """In the asked language."""
        return resource.name_in(self.language)

    def get_phone(self, resource: Resource) -> str | None:
        """The first phone."""
        return self._contact(resource, ContactKind.PHONE)

    def get_email(self, resource: Resource) -> str | None:
        """The first address."""
        return self._contact(resource, ContactKind.EMAIL)

    def get_website(self, resource: Resource) -> str | None:
        """The first site."""
        return self._contact(resource, ContactKind.WEBSITE)

    def get_whatsapp(self, resource: Resource) -> str | None:
        """The first phone that answers on WhatsApp."""
        return next((contact.value for contact in resource.contacts.all() if contact.is_whatsapp), None)

    def _contact(self, resource: Resource, kind: str) -> str | None:
        contacts = [contact for contact in resource.contacts.all() if contact.kind == kind]
        return min(contacts, key=lambda contact: not contact.is_primary).value if contacts else None

    def get_summary(self, resource: Resource) -> str:
        """Short text for lists."""
        return summary_of(self.localised(resource, "description")[0])

    @extend_schema_field(PrimaryImageSerializer(allow_null=True))
    def get_image(self, resource: Resource) -> dict[str, Any] | None:
        """The primary picture, else the first."""
        images = self.shown_images(resource)
        if not images:
            return None
        best = min(images, key=lambda image: not image["is_primary"])
        return {"url": best["url"], "srcset": best["srcset"], "width": best["width"], "height": best["height"], "alt": best["alt_text"]}

    def shown_images(self, resource: Resource) -> list[dict[str, Any]]:
        """Pictures that can be shown."""
        ready = [image for image in resource.images.all() if image.external_url or image.renditions]
        return [ImageSerializer(context=self.context).to_representation(image) for image in ready]


class ResourceSerializer(ResourceListItemSerializer):
    """An entry with everything that is known of it."""

    user_id = serializers.UUIDField(allow_null=True)
    category_id = serializers.UUIDField(allow_null=True)
    description = serializers.SerializerMethodField()
    description_language = serializers.SerializerMethodField()
    address_line2 = serializers.CharField()
    po_box = serializers.CharField()
    postal_code = serializers.CharField()
    accuracy_m = serializers.IntegerField(allow_null=True)
    landmark = serializers.SerializerMethodField()
    directions = serializers.SerializerMethodField()
    contacts = ContactSerializer(many=True)
    hours_kind = serializers.ChoiceField(choices=HoursKind.choices)
    holiday_policy = serializers.ChoiceField(choices=HolidayPolicy.choices)
    hours = HoursSerializer(many=True)
    special_days = SpecialDaySerializer(many=True)
    images = serializers.SerializerMethodField()
    profile = ProfileField()
    metadata = serializers.DictField()
    meta_title = serializers.CharField()
    meta_description = serializers.CharField()
    provenance = serializers.SerializerMethodField()
    links = serializers.SerializerMethodField()

    def get_description(self, resource: Resource) -> str:
        """In the asked language, else the other."""
        return self.localised(resource, "description")[0]

    def get_description_language(self, resource: Resource) -> str:
        """Language of `description`."""
        return self.localised(resource, "description")[1]

    def get_landmark(self, resource: Resource) -> str:
        """A sentence that says where it is."""
        return self.localised(resource, "landmark")[0]

    def get_directions(self, resource: Resource) -> str:
        """How to get there."""
        return self.localised(resource, "directions")[0]

    @extend_schema_field(ImageSerializer(many=True))
    def get_images(self, resource: Resource) -> list[dict[str, Any]]:
        """Pictures in their order."""
        return self.shown_images(resource)

    @extend_schema_field(ProvenanceSerializer(many=True))
    def get_provenance(self, resource: Resource) -> Any:
        """Sources by field."""
        rows = sorted(resource.provenance.all(), key=lambda row: row.field)
        return ProvenanceSerializer(rows, many=True).data

    @extend_schema_field(LinksSerializer)
    def get_links(self, resource: Resource) -> Mapping[str, str]:
        """Where else it is."""
        return {"html": f"/{self.language}/fiche/{resource.slug}/"}


__all__ = ["PROFILE_SERIALIZERS", "OpenStatusSerializer", "ResourceListItemSerializer", "ResourceSerializer"]
