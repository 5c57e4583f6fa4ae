"""Profiles of the four types, in the asked language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from apps.catalog.choices import ResourceType
from apps.catalog.models import PROFILE_MODELS, ApiProfile, BusinessProfile, DatasetProfile, Resource, ServiceProfile

_HIDDEN = {"resource", "resource_type"}


class ProfileSerializer(serializers.ModelSerializer[Any]):
    """Members in two languages become one, in the asked language or else the other."""

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Columns as they are, but for the pairs."""
        languages = ("en", "fr") if self.context["language"] == "en" else ("fr", "en")
        shown: dict[str, Any] = {}
        for field in instance._meta.concrete_fields:  # noqa: SLF001  Django's documented access
            base, _sign, language = field.name.rpartition("_")
            if field.name in _HIDDEN or language == languages[1]:
                continue
            value = getattr(instance, field.name)
            if language == languages[0]:
                shown[base] = value or getattr(instance, f"{base}_{languages[1]}")
            else:
                shown[field.name] = value
        if "endpoints" in shown:
            shown["endpoints"] = [_endpoint(endpoint, languages) for endpoint in shown["endpoints"]]
        return shown


def _endpoint(endpoint: Mapping[str, Any], languages: tuple[str, str]) -> dict[str, Any]:
    summary = endpoint.get(f"summary_{languages[0]}") or endpoint.get(f"summary_{languages[1]}", "")
    return {name: value for name, value in endpoint.items() if not name.startswith("summary_")} | {"summary": summary}


class BusinessProfileSerializer(ProfileSerializer):
    """A business."""

    class Meta:
        model = BusinessProfile
        fields = ("legal_form", "founded_year", "price_min_xaf", "price_max_xaf", "languages")


class ServiceProfileSerializer(ProfileSerializer):
    """A service or procedure."""

    delay = serializers.CharField()
    documents = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = ServiceProfile
        fields = ("provider", "modality", "delay", "fee_min_xaf", "fee_max_xaf", "documents", "online_url")


class DatasetProfileSerializer(ProfileSerializer):
    """A data set."""

    spatial_coverage = serializers.CharField()

    class Meta:
        model = DatasetProfile
        fields = (
            "publisher", "licence", "licence_url", "formats", "update_frequency", "temporal_start", "temporal_end",
            "spatial_coverage", "download_url", "documentation_url", "size_bytes",
        )  # fmt: skip


class EndpointSerializer(serializers.Serializer[Any]):
    """One call of an API."""

    method = serializers.CharField()
    path = serializers.CharField()
    summary = serializers.CharField()


class ApiProfileSerializer(ProfileSerializer):
    """An API."""

    quota = serializers.CharField()
    endpoints = EndpointSerializer(many=True)

    class Meta:
        model = ApiProfile
        fields = (
            "provider", "base_url", "documentation_url", "openapi_url", "auth_type", "formats", "pricing", "quota", "endpoints",
            "sample_request",
        )  # fmt: skip


PROFILE_SERIALIZERS: dict[str, type[ProfileSerializer]] = {
    ResourceType.BUSINESS.value: BusinessProfileSerializer,
    ResourceType.SERVICE.value: ServiceProfileSerializer,
    ResourceType.DATA.value: DatasetProfileSerializer,
    ResourceType.API.value: ApiProfileSerializer,
}


@extend_schema_field(
    PolymorphicProxySerializer(component_name="Profile", serializers=list(PROFILE_SERIALIZERS.values()), resource_type_field_name=None)
)
class ProfileField(serializers.Field[Any, Any, Any, Any]):
    """The profile of the entry's type; null when none was written."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, source="*", **options)

    def to_representation(self, value: Resource) -> dict[str, Any] | None:
        """The row of the type's table."""
        profile = PROFILE_MODELS[value.resource_type].objects.filter(pk=value.pk).first()
        return None if profile is None else PROFILE_SERIALIZERS[value.resource_type](context=self.context).to_representation(profile)
