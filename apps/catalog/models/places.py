"""Reference data: where things are. Loaded by `load_reference`; ends only when a release drops it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.catalog.constants import RESERVED_SLUGS
from apps.core.ids import NextValue, uuid7


def _alias_field() -> ArrayField[list[str], list[str]]:
    return ArrayField(models.CharField(max_length=120), default=list, blank=True, verbose_name=_("autres noms"))


class BilingualName(models.Model):
    """A name in French and English."""

    name_fr = models.CharField(_("nom en français"), max_length=120)
    name_en = models.CharField(_("nom en anglais"), max_length=120)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the language of the request."""
        return self.name_in(get_language() or "fr")

    def name_in(self, language: str) -> str:
        """The name in `fr` or `en`."""
        return self.name_en if language.startswith("en") else self.name_fr


class Country(BilingualName):
    """A country, by ISO 3166-1 alpha-2 code."""

    code = models.CharField(_("code"), max_length=2, primary_key=True)

    class Meta:
        db_table = "countries"
        verbose_name = _("pays")
        verbose_name_plural = _("pays")
        constraints = (models.CheckConstraint(condition=Q(code__regex=r"^[A-Z]{2}$"), name="countries_code_iso"),)


class Region(BilingualName):
    """One of the ten regions."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    country = models.ForeignKey(Country, models.PROTECT, related_name="regions", verbose_name=_("pays"))
    slug = models.SlugField(_("adresse"), max_length=100, unique=True)
    code = models.CharField(_("code ISO 3166-2"), max_length=6, unique=True)
    aliases = _alias_field()
    latitude = models.DecimalField(_("latitude"), max_digits=10, decimal_places=8)
    longitude = models.DecimalField(_("longitude"), max_digits=11, decimal_places=8)

    class Meta:
        db_table = "regions"
        ordering = ("slug",)
        verbose_name = _("région")
        verbose_name_plural = _("régions")


class Department(BilingualName):
    """A department of a region."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    region = models.ForeignKey(Region, models.PROTECT, related_name="departments", verbose_name=_("région"))
    slug = models.SlugField(_("adresse"), max_length=100, unique=True)
    aliases = _alias_field()

    class Meta:
        db_table = "departments"
        ordering = ("slug",)
        verbose_name = _("département")
        verbose_name_plural = _("départements")


class City(BilingualName):
    """A town. `number` is its short key in cards and never leaves the server."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.SmallIntegerField(unique=True, editable=False, db_default=NextValue("cities_number_seq"))
    region = models.ForeignKey(Region, models.PROTECT, related_name="cities", verbose_name=_("région"))
    department = models.ForeignKey(Department, models.PROTECT, related_name="cities", null=True, blank=True, verbose_name=_("département"))
    slug = models.SlugField(_("adresse"), max_length=100, unique=True)
    aliases = _alias_field()
    latitude = models.DecimalField(_("latitude"), max_digits=10, decimal_places=8)
    longitude = models.DecimalField(_("longitude"), max_digits=11, decimal_places=8)
    population = models.PositiveIntegerField(_("population"), null=True, blank=True)

    class Meta:
        db_table = "cities"
        ordering = ("slug",)
        verbose_name = _("ville")
        verbose_name_plural = _("villes")
        constraints = (models.CheckConstraint(condition=~Q(slug__in=RESERVED_SLUGS), name="cities_slug_not_reserved"),)


class Quarter(models.Model):
    """A part of a town, as people name it. Without a free position it has none."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="quarters", verbose_name=_("ville"))
    slug = models.SlugField(_("adresse"), max_length=100)
    name = models.CharField(_("nom"), max_length=120)
    aliases = _alias_field()
    latitude = models.DecimalField(_("latitude"), max_digits=10, decimal_places=8, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=11, decimal_places=8, null=True, blank=True)

    class Meta:
        db_table = "quarters"
        ordering = ("city", "slug")
        verbose_name = _("quartier")
        verbose_name_plural = _("quartiers")
        constraints = (
            models.UniqueConstraint(fields=("city", "slug"), name="quarters_slug_unique_in_city"),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True) | Q(latitude__isnull=False, longitude__isnull=False),
                name="quarters_position_whole",
            ),
        )

    def __str__(self) -> str:
        return self.name
