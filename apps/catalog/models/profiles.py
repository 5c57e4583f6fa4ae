"""What only one type of entry has. The composite key (resource, resource_type) keeps each profile with its type."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.catalog.choices import ApiAuthentication, ApiPricing, ResourceType, ServiceModality, UpdateFrequency
from apps.catalog.models.resources import Resource


def _lines() -> ArrayField[Any, Any]:
    return ArrayField(models.CharField(max_length=255), default=list, blank=True)


class _Profile(models.Model):
    """What profiles share."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.pk)


class BusinessProfile(_Profile):
    """A business: who runs it and what it costs. Lives and ends with its entry, as every profile."""

    resource = models.OneToOneField(Resource, models.CASCADE, primary_key=True, related_name="business_profile")
    resource_type = models.CharField(max_length=20, default=ResourceType.BUSINESS, editable=False)
    legal_form = models.CharField(_("forme juridique"), max_length=60, blank=True)
    founded_year = models.PositiveSmallIntegerField(_("année de création"), null=True, blank=True)
    price_min_xaf = models.PositiveIntegerField(_("prix à partir de (F CFA)"), null=True, blank=True)
    price_max_xaf = models.PositiveIntegerField(_("prix jusqu’à (F CFA)"), null=True, blank=True)
    languages = ArrayField(models.CharField(max_length=30), default=list, blank=True, verbose_name=_("langues parlées"))

    class Meta:
        db_table = "business_profiles"
        verbose_name = _("profil d’entreprise")
        constraints = (
            models.CheckConstraint(condition=Q(resource_type=ResourceType.BUSINESS), name="business_profiles_type"),
            models.CheckConstraint(
                condition=Q(price_min_xaf__isnull=True) | Q(price_max_xaf__isnull=True) | Q(price_min_xaf__lte=F("price_max_xaf")),
                name="business_profiles_prices_ordered",
            ),
        )


class ServiceProfile(_Profile):
    """A service or procedure: who gives it, how long it takes, what it needs and costs."""

    resource = models.OneToOneField(Resource, models.CASCADE, primary_key=True, related_name="service_profile")
    resource_type = models.CharField(max_length=20, default=ResourceType.SERVICE, editable=False)
    provider = models.CharField(_("prestataire"), max_length=200, blank=True)
    modality = models.CharField(_("modalité"), max_length=15, choices=ServiceModality, default=ServiceModality.ON_SITE)
    delay_fr = models.CharField(_("délai en français"), max_length=200, blank=True)
    delay_en = models.CharField(_("délai en anglais"), max_length=200, blank=True)
    fee_min_xaf = models.PositiveIntegerField(_("coût à partir de (F CFA)"), null=True, blank=True)
    fee_max_xaf = models.PositiveIntegerField(_("coût jusqu’à (F CFA)"), null=True, blank=True)
    documents_fr = _lines()
    documents_en = _lines()
    online_url = models.URLField(_("démarche en ligne"), max_length=500, blank=True)

    class Meta:
        db_table = "service_profiles"
        verbose_name = _("profil de service")
        constraints = (
            models.CheckConstraint(condition=Q(resource_type=ResourceType.SERVICE), name="service_profiles_type"),
            models.CheckConstraint(condition=Q(modality__in=ServiceModality.values), name="service_profiles_modality_known"),
            models.CheckConstraint(
                condition=Q(fee_min_xaf__isnull=True) | Q(fee_max_xaf__isnull=True) | Q(fee_min_xaf__lte=F("fee_max_xaf")),
                name="service_profiles_fees_ordered",
            ),
        )


class DatasetProfile(_Profile):
    """A data set: who publishes it, under which licence, how fresh, where to fetch it."""

    resource = models.OneToOneField(Resource, models.CASCADE, primary_key=True, related_name="dataset_profile")
    resource_type = models.CharField(max_length=20, default=ResourceType.DATA, editable=False)
    publisher = models.CharField(_("éditeur"), max_length=200, blank=True)
    licence = models.CharField(_("licence"), max_length=120, blank=True)
    licence_url = models.URLField(_("texte de la licence"), max_length=500, blank=True)
    formats = ArrayField(models.CharField(max_length=30), default=list, blank=True, verbose_name=_("formats"))
    update_frequency = models.CharField(_("mise à jour"), max_length=10, choices=UpdateFrequency, default=UpdateFrequency.IRREGULAR)
    temporal_start = models.SmallIntegerField(_("de l’année"), null=True, blank=True)
    temporal_end = models.SmallIntegerField(_("à l’année"), null=True, blank=True)
    spatial_coverage_fr = models.CharField(_("territoire en français"), max_length=200, blank=True)
    spatial_coverage_en = models.CharField(_("territoire en anglais"), max_length=200, blank=True)
    download_url = models.URLField(_("téléchargement"), max_length=500, blank=True)
    documentation_url = models.URLField(_("documentation"), max_length=500, blank=True)
    size_bytes = models.PositiveBigIntegerField(_("taille (octets)"), null=True, blank=True)

    class Meta:
        db_table = "dataset_profiles"
        verbose_name = _("profil de jeu de données")
        constraints = (
            models.CheckConstraint(condition=Q(resource_type=ResourceType.DATA), name="dataset_profiles_type"),
            models.CheckConstraint(condition=Q(update_frequency__in=UpdateFrequency.values), name="dataset_profiles_frequency_known"),
            models.CheckConstraint(
                condition=Q(temporal_start__isnull=True) | Q(temporal_end__isnull=True) | Q(temporal_start__lte=F("temporal_end")),
                name="dataset_profiles_years_ordered",
            ),
        )


class ApiProfile(_Profile):
    """An API: where it answers, how to log in, what it costs. `endpoints` is a list of {method, path, summary_fr, summary_en}."""

    resource = models.OneToOneField(Resource, models.CASCADE, primary_key=True, related_name="api_profile")
    resource_type = models.CharField(max_length=20, default=ResourceType.API, editable=False)
    provider = models.CharField(_("fournisseur"), max_length=200, blank=True)
    base_url = models.URLField(_("adresse de base"), max_length=500, blank=True)
    documentation_url = models.URLField(_("documentation"), max_length=500, blank=True)
    openapi_url = models.URLField(_("description OpenAPI"), max_length=500, blank=True)
    auth_type = models.CharField(_("authentification"), max_length=10, choices=ApiAuthentication, default=ApiAuthentication.OTHER)
    formats = ArrayField(models.CharField(max_length=30), default=list, blank=True, verbose_name=_("formats"))
    pricing = models.CharField(_("prix"), max_length=12, choices=ApiPricing, default=ApiPricing.ON_REQUEST)
    quota_fr = models.CharField(_("quota en français"), max_length=200, blank=True)
    quota_en = models.CharField(_("quota en anglais"), max_length=200, blank=True)
    endpoints = models.JSONField(_("points d’accès"), default=list, blank=True)
    sample_request = models.TextField(_("exemple d’appel"), blank=True)

    class Meta:
        db_table = "api_profiles"
        verbose_name = _("profil d’API")
        constraints = (
            models.CheckConstraint(condition=Q(resource_type=ResourceType.API), name="api_profiles_type"),
            models.CheckConstraint(condition=Q(auth_type__in=ApiAuthentication.values), name="api_profiles_auth_known"),
            models.CheckConstraint(condition=Q(pricing__in=ApiPricing.values), name="api_profiles_pricing_known"),
        )


PROFILE_MODELS: dict[str, type[BusinessProfile | ServiceProfile | DatasetProfile | ApiProfile]] = {
    ResourceType.BUSINESS: BusinessProfile,
    ResourceType.SERVICE: ServiceProfile,
    ResourceType.DATA: DatasetProfile,
    ResourceType.API: ApiProfile,
}
