"""The entries of the catalogue."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from apps.catalog.choices import Attribute, HolidayPolicy, HoursKind, ListingPlan, OperatingStatus, ResourceType, Status
from apps.catalog.constants import RESERVED_SLUGS
from apps.catalog.models.categories import Category
from apps.catalog.models.places import City, Country, Quarter
from apps.catalog.querysets import ResourceQuerySet
from apps.core.ids import NextValue, uuid7


class Resource(models.Model):
    """One entry: a business, a service, a data set or an API.

    Ends softly: `deleted_at` hides it and staff can restore it. `number` is its short key for tables that
    count and never leaves the server. `version` grows by one with every edit and is what `If-Match` compares.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.BigIntegerField(unique=True, editable=False, db_default=NextValue("api_resources_number_seq"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("propriétaire")
    )
    resource_type = models.CharField(_("type"), max_length=20, choices=ResourceType, default=ResourceType.BUSINESS)
    name = models.CharField(_("nom"), max_length=200)
    name_en = models.CharField(_("nom en anglais"), max_length=200, blank=True, help_text=_("Vide : le même qu’en français."))
    slug = models.SlugField(_("adresse"), max_length=200, unique=True)
    description_fr = models.TextField(_("description en français"), blank=True)
    description_en = models.TextField(_("description en anglais"), blank=True)
    # Its index has the name that the architecture document gives it.
    category = models.ForeignKey(
        Category, models.PROTECT, related_name="+", null=True, blank=True, db_index=False, verbose_name=_("catégorie")
    )

    address_line1 = models.CharField(_("adresse, ligne 1"), max_length=255, blank=True)
    address_line2 = models.CharField(_("adresse, ligne 2"), max_length=255, blank=True)
    quarter = models.ForeignKey(Quarter, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("quartier"))
    city = models.ForeignKey(City, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("ville"))
    po_box = models.CharField(_("boîte postale"), max_length=40, blank=True)
    postal_code = models.CharField(_("code postal"), max_length=20, blank=True)
    # Nearly all are of one country: an index would find nothing.
    country = models.ForeignKey(
        Country, models.PROTECT, related_name="+", default="CM", db_column="country", db_index=False, verbose_name=_("pays")
    )
    latitude = models.DecimalField(_("latitude"), max_digits=10, decimal_places=8, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=11, decimal_places=8, null=True, blank=True)
    accuracy_m = models.PositiveIntegerField(_("précision (m)"), null=True, blank=True)
    landmark_fr = models.CharField(_("repère en français"), max_length=255, blank=True)
    landmark_en = models.CharField(_("repère en anglais"), max_length=255, blank=True)
    directions_fr = models.TextField(_("indications en français"), blank=True)
    directions_en = models.TextField(_("indications en anglais"), blank=True)

    hours_kind = models.CharField(_("horaires"), max_length=10, choices=HoursKind, default=HoursKind.UNKNOWN)
    holiday_policy = models.CharField(_("jours fériés"), max_length=10, choices=HolidayPolicy, default=HolidayPolicy.UNKNOWN)
    attributes = ArrayField(models.CharField(max_length=30, choices=Attribute), default=list, blank=True, verbose_name=_("attributs"))
    metadata = models.JSONField(_("métadonnées"), default=dict, blank=True)

    status = models.CharField(_("modération"), max_length=20, choices=Status, default=Status.PENDING)
    operating_status = models.CharField(_("activité"), max_length=20, choices=OperatingStatus, default=OperatingStatus.OPEN)
    plan = models.CharField(_("forfait"), max_length=20, choices=ListingPlan, default=ListingPlan.FREE)
    plan_rank = models.GeneratedField(
        expression=Case(When(plan=ListingPlan.FEATURED, then=Value(2)), When(plan=ListingPlan.PREMIUM, then=Value(1)), default=Value(0)),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )
    verified = models.BooleanField(_("vérifiée"), default=False)
    livemode = models.BooleanField(_("réelle"), default=True, editable=False)
    is_demo = models.BooleanField(_("démonstration"), default=False, editable=False)
    is_fictional = models.BooleanField(_("exemple fictif"), default=False, editable=False)

    meta_title = models.CharField(_("titre pour les moteurs"), max_length=255, blank=True)
    meta_description = models.TextField(_("description pour les moteurs"), blank=True)

    source = models.CharField(_("source"), max_length=60, blank=True, editable=False)
    source_id = models.CharField(_("identifiant dans la source"), max_length=200, blank=True, editable=False)
    content_hash = models.BinaryField(max_length=16, null=True, editable=False)

    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_at = models.DateTimeField(_("créée le"))
    updated_at = models.DateTimeField(_("modifiée le"))
    published_at = models.DateTimeField(_("publiée le"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("supprimée le"), null=True, blank=True)

    history = HistoricalRecords(table_name="api_resources_history", excluded_fields=["content_hash", "number"])
    objects: ClassVar = ResourceQuerySet.as_manager()

    class Meta:
        db_table = "api_resources"
        verbose_name = _("fiche")
        verbose_name_plural = _("fiches")
        constraints = (
            models.CheckConstraint(condition=Q(resource_type__in=ResourceType.values), name="api_resources_type_known"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="api_resources_status_known"),
            models.CheckConstraint(condition=Q(operating_status__in=OperatingStatus.values), name="api_resources_operating_status_known"),
            models.CheckConstraint(condition=Q(plan__in=ListingPlan.values), name="api_resources_plan_known"),
            models.CheckConstraint(condition=Q(hours_kind__in=HoursKind.values), name="api_resources_hours_kind_known"),
            models.CheckConstraint(condition=Q(holiday_policy__in=HolidayPolicy.values), name="api_resources_holiday_policy_known"),
            models.CheckConstraint(condition=~Q(name=""), name="api_resources_name_given"),
            models.CheckConstraint(condition=~Q(slug__in=RESERVED_SLUGS), name="api_resources_slug_not_reserved"),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                # Said to be there: a check passes when it compares with null.
                | (
                    Q(latitude__isnull=False, longitude__isnull=False)
                    & Q(latitude__gte=-90, latitude__lte=90, longitude__gte=-180, longitude__lte=180)
                    & ~Q(latitude=0, longitude=0)
                ),
                name="api_resources_position_possible",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.ACTIVE) | Q(category__isnull=False, published_at__isnull=False),
                name="api_resources_active_is_complete",
            ),
            models.CheckConstraint(condition=Q(attributes__contained_by=list(Attribute.values)), name="api_resources_attributes_known"),
            models.CheckConstraint(condition=Q(quarter__isnull=True) | Q(city__isnull=False), name="api_resources_quarter_in_city"),
            models.CheckConstraint(condition=Q(version__gte=1), name="api_resources_version_positive"),
            # Target of the profiles' composite key, which keeps a profile of the right type.
            models.UniqueConstraint(fields=("id", "resource_type"), name="api_resources_id_type_unique"),
        )
        indexes = (
            models.Index(fields=("category",), name="idx_businesses_category"),
            models.Index(fields=("latitude", "longitude"), name="idx_businesses_location"),
            models.Index(fields=("status", "plan"), name="idx_businesses_status_plan"),
            models.Index(F("created_at").desc(), F("id").desc(), name="idx_businesses_created_at"),
            models.Index(F("created_at").asc(), condition=Q(status=Status.PENDING), name="idx_businesses_queue"),
            # The few that pay are looked through every night.
            models.Index(fields=("id",), condition=~Q(plan=ListingPlan.FREE), name="idx_businesses_paid"),
            # Imports ask of thousands whether each is shown.
            models.Index(fields=("id",), condition=Q(deleted_at__isnull=False) | ~Q(status=Status.ACTIVE), name="idx_businesses_unshown"),
            # Two suppliers may pass on the same record of a third: records are unique, entries are looked up by it.
            models.Index(fields=("source", "source_id"), condition=~Q(source=""), name="idx_businesses_source"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_public(self) -> bool:
        """Whether visitors may see it, that is, whether it has a card."""
        return self.status == Status.ACTIVE and self.deleted_at is None and self.livemode

    def name_in(self, language: str) -> str:
        """The name in `fr` or `en`."""
        return self.name_en or self.name if language.startswith("en") else self.name


class SlugHistory(models.Model):
    """A former address of an entry, which redirects for ever. Ends with the entry or when the slug returns to it."""

    slug = models.SlugField(_("ancienne adresse"), max_length=200, unique=True)
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="former_slugs", verbose_name=_("fiche"))
    created_at = models.DateTimeField(_("remplacée le"))

    class Meta:
        db_table = "slug_history"
        verbose_name = _("ancienne adresse")
        verbose_name_plural = _("anciennes adresses")

    def __str__(self) -> str:
        return self.slug
