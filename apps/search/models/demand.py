"""What is searched for: counts, and words that several people searched; nothing of anybody."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class SearchDemand(models.Model):
    """How often was searched on one day in one language, over pages or the API: words are not here. Kept `demand.KEPT_DAYS` days.

    `empty` of the searches found nothing; `clicks` are openings of a result.
    """

    class Channel(models.TextChoices):
        """Where was searched."""

        PAGE = "page", _("pages")
        API = "api", _("API")

    day = models.DateField(_("jour"))
    language = models.CharField(_("langue"), max_length=2)
    channel = models.CharField(_("par"), max_length=4, choices=Channel)
    searches = models.PositiveIntegerField(_("recherches"), default=0)
    empty = models.PositiveIntegerField(_("sans résultat"), default=0)
    clicks = models.PositiveIntegerField(_("ouvertures"), default=0)

    class Meta:
        db_table = "search_demand"
        constraints = (
            models.UniqueConstraint(F("day"), F("language"), F("channel"), name="search_demand_once"),
            models.CheckConstraint(condition=Q(language__in=("fr", "en")), name="search_demand_language_known"),
            models.CheckConstraint(condition=Q(channel__in=("page", "api")), name="search_demand_channel_known"),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.language} {self.channel}"


class SearchClicks(models.Model):
    """How often the result at one place of the list was opened on one day. Kept as long as `SearchDemand`."""

    day = models.DateField(_("jour"))
    language = models.CharField(_("langue"), max_length=2)
    position = models.PositiveSmallIntegerField(_("rang"))
    clicks = models.PositiveIntegerField(_("ouvertures"), default=0)

    class Meta:
        db_table = "search_clicks"
        constraints = (
            models.UniqueConstraint(F("day"), F("language"), F("position"), name="search_clicks_once"),
            models.CheckConstraint(condition=Q(language__in=("fr", "en")), name="search_clicks_language_known"),
            models.CheckConstraint(condition=Q(position__gte=1, position__lte=100), name="search_clicks_position_bounded"),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.language} {self.position}"


class SharedQuery(models.Model):
    """Folded words that several people searched on one day (`demand.SHARED_FROM`); rarer ones are never written down.

    Ends when that has not happened for `demand.KEPT_DAYS` days.
    """

    id = models.BigAutoField(primary_key=True)
    language = models.CharField(_("langue"), max_length=2)
    text = models.CharField(_("mots"), max_length=60)
    shared_on = models.DateField(_("partagée le"))

    class Meta:
        db_table = "search_shared_query"
        verbose_name = _("recherche partagée")
        verbose_name_plural = _("recherches partagées")
        constraints = (
            models.UniqueConstraint(F("text"), F("language"), name="search_shared_query_once"),
            models.CheckConstraint(condition=Q(language__in=("fr", "en")), name="search_shared_query_language_known"),
            models.CheckConstraint(condition=~Q(text=""), name="search_shared_query_has_words"),
        )

    def __str__(self) -> str:
        return self.text


class SharedQueryDay(models.Model):
    """One day of a shared query: people who asked, those of them who got nothing, openings and the sum of the places opened."""

    query = models.ForeignKey(SharedQuery, models.CASCADE, related_name="days")
    day = models.DateField(_("jour"))
    searches = models.PositiveIntegerField(_("recherches"), default=0)
    empty = models.PositiveIntegerField(_("sans résultat"), default=0)
    clicks = models.PositiveIntegerField(_("ouvertures"), default=0)
    positions = models.PositiveIntegerField(_("somme des rangs"), default=0)

    class Meta:
        db_table = "search_shared_query_day"
        constraints = (models.UniqueConstraint(F("query"), F("day"), name="search_shared_query_day_once"),)
        indexes = (models.Index(F("day"), name="search_shared_query_by_day"),)

    def __str__(self) -> str:
        return f"{self.day} {self.query_id}"


class ListingQueryDay(models.Model):
    """One day of a shared query and an entry that it showed on its first page: how often, at which places (their sum), and openings.

    `resource_number` is the entry's short key. Kept `demand.KEPT_DAYS` days, and as long as the words are.
    """

    pk = models.CompositePrimaryKey("resource_number", "query_id", "day")
    resource_number = models.BigIntegerField(_("fiche"))
    query = models.ForeignKey(SharedQuery, models.CASCADE, related_name="+", verbose_name=_("recherche partagée"))
    day = models.DateField(_("jour"))
    shown = models.PositiveIntegerField(_("affichages"), default=0)
    positions = models.PositiveIntegerField(_("somme des rangs"), default=0)
    clicks = models.PositiveIntegerField(_("ouvertures"), default=0)

    class Meta:
        db_table = "search_listing_query_day"
        indexes = (models.Index(F("day"), name="search_listing_query_by_day"),)

    def __str__(self) -> str:
        return f"{self.day} {self.resource_number} {self.query_id}"


class PlaceDemand(models.Model):
    """Searches of one day that named a town or a category (slugs, "" for none), and those that found nothing: words are not here.

    Kept `demand.KEPT_DAYS` days.
    """

    day = models.DateField(_("jour"))
    city = models.CharField(_("ville"), max_length=100, blank=True)
    category = models.CharField(_("catégorie"), max_length=100, blank=True)
    searches = models.PositiveIntegerField(_("recherches"), default=0)
    empty = models.PositiveIntegerField(_("sans résultat"), default=0)

    class Meta:
        db_table = "search_place_demand"
        constraints = (
            models.UniqueConstraint(F("day"), F("city"), F("category"), name="search_place_demand_once"),
            models.CheckConstraint(condition=~Q(city="", category=""), name="search_place_demand_names_one"),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.city} {self.category}"


class UnansweredDay(models.Model):
    """One day of a shared query that found nothing in a place (slugs of town and quarter, "" for none): people who asked.

    Shown only when enough of them asked (`demand.SHARED_FROM`). Kept `demand.KEPT_DAYS` days, and as long as the words are.
    """

    query = models.ForeignKey(SharedQuery, models.CASCADE, related_name="+", verbose_name=_("recherche partagée"))
    day = models.DateField(_("jour"))
    city = models.CharField(_("ville"), max_length=100)
    quarter = models.CharField(_("quartier"), max_length=100, blank=True)
    searches = models.PositiveIntegerField(_("recherches"), default=0)

    class Meta:
        db_table = "search_unanswered_day"
        constraints = (models.UniqueConstraint(F("query"), F("day"), F("city"), F("quarter"), name="search_unanswered_once"),)
        indexes = (models.Index(F("city"), F("day"), name="search_unanswered_by_city"),)

    def __str__(self) -> str:
        return f"{self.day} {self.city} {self.query_id}"
