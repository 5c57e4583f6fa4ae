"""What the PostgreSQL engine reads, the words that corrections and completions come from, what is searched for, and synonyms.

None of the engine's tables points at the catalogue by a constraint: rows follow by event, every answer is joined with the cards, and
the nightly check removes what was left behind. So a scratch copy of them in another schema is a whole index of its own.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import MD5, Length
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.catalog.models.cards import PointField
from apps.core.ids import uuid7
from apps.search.choices import PublicationKind
from apps.search.constants import GROUP_MAX, GROUP_MIN, PHRASE_LENGTH_MAX


class ResourceSearch(models.Model):
    """One published entry as it is searched: narrow, because broad questions walk over many rows. Gone when it is hidden.

    `terms` are sorted numbers (`backends.postgres.terms`): words anywhere, words of the name, beginnings of the name's words,
    whole names, and what filters ask for.
    """

    resource_id = models.UUIDField(primary_key=True)
    published_at = models.DateTimeField()
    geo = PointField(null=True)
    quarter = models.UUIDField(null=True)
    version = models.PositiveIntegerField()
    schedule = models.IntegerField(null=True)
    category = models.SmallIntegerField()
    city = models.SmallIntegerField(null=True)
    plan_rank = models.SmallIntegerField()
    quality = models.SmallIntegerField()
    resource_type = models.CharField(max_length=8)
    verified = models.BooleanField()
    attributes = ArrayField(models.CharField(max_length=30))
    terms = ArrayField(models.IntegerField())

    class Meta:
        db_table = "resource_search"
        indexes = (
            # What waits to be sorted in is read by every question; writers empty it after each batch, so it stays short. A batch of a
            # thousand entries fits in: sorted in at once it costs half of what it costs bit by bit.
            GinIndex(fields=["terms"], name="search_terms", opclasses=["gin__int_ops"], gin_pending_list_limit=4096),
            GistIndex(fields=["geo"], name="search_geo"),
            # Not of the column itself: see `backends.postgres.nearest`.
            GistIndex(F("category"), Func(template="point(geo[0], geo[1])", output_field=PointField()), name="search_category_geo"),
            # Each order has the index that a broad question is walked along.
            models.Index(F("quality").desc(), F("resource_id").desc(), name="search_quality_order"),
            models.Index(F("plan_rank").desc(), F("published_at").desc(), F("resource_id").desc(), name="search_plan_order"),
            models.Index(F("published_at").desc(), F("resource_id").desc(), name="search_newest_order"),
            models.Index(F("plan_rank").desc(), F("quality").desc(), F("resource_id").desc(), name="search_suggestion_order"),
        )

    def __str__(self) -> str:
        return str(self.pk)


class ResourceSearchDocument(models.Model):
    """What is read of the few entries of a page: folded names, and the counts of words that the ranking weighs (`packing.Packed`)."""

    resource_id = models.UUIDField(primary_key=True)
    names = ArrayField(models.TextField())
    packed = models.BinaryField()

    class Meta:
        db_table = "resource_search_document"

    def __str__(self) -> str:
        return str(self.pk)


class SearchSchedule(models.Model):
    """Opening hours that some entry has, with a short key: what is open now is decided once for all that share them. Never ends."""

    id = models.AutoField(primary_key=True)
    hours = models.BinaryField(unique=True)

    class Meta:
        db_table = "search_schedule"

    def __str__(self) -> str:
        return str(self.pk)


class SearchTerm(models.Model):
    """How many entries hold a frequent term; term 0 is the number of entries. Counted anew by `refresh_statistics`."""

    term = models.IntegerField(primary_key=True)
    df = models.IntegerField()

    class Meta:
        db_table = "search_term"

    def __str__(self) -> str:
        return f"{self.term} {self.df}"


class SearchSampleTerm(models.Model):
    """Which entries of the sample hold a frequent term: their places, four bytes each. Drawn anew by `refresh_statistics`.

    `version` is the number of the sample: places of one say nothing of another.
    """

    term = models.IntegerField(primary_key=True)
    version = models.IntegerField()
    places = models.BinaryField()

    class Meta:
        db_table = "search_sample_term"

    def __str__(self) -> str:
        return str(self.term)


class SearchSampleColumn(models.Model):
    """What each entry of the sample has of one kind, by place: numbers of four bytes that count in `vals`. Ends with the sample.

    `documents` is how many entries there were, of which the sample is a part.
    """

    name = models.CharField(max_length=20, primary_key=True)
    version = models.IntegerField()
    documents = models.IntegerField()
    vals = models.JSONField(null=True)
    numbers = models.BinaryField()

    class Meta:
        db_table = "search_sample_column"

    def __str__(self) -> str:
        return self.name


class SearchWord(models.Model):
    """A word of the catalogue: its folded form, how people write it, and how many entries hold it. Ends when none does.

    `deletions` are numbers of the forms that one letter left out of its beginning gives (`apps.search.spelling`): two words
    that share one are about one typing error apart.
    """

    form = models.CharField(max_length=40, primary_key=True)
    shown = models.CharField(max_length=80)
    term = models.IntegerField()
    df = models.IntegerField(default=1)
    deletions = ArrayField(models.IntegerField())

    class Meta:
        db_table = "search_word"
        indexes = (
            GinIndex(fields=["deletions"], name="search_word_deletions", opclasses=["gin__int_ops"]),
            GinIndex(fields=["form"], name="search_word_trigrams", opclasses=["gin_trgm_ops"]),
            models.Index(F("df").desc(), F("form"), name="search_word_frequency"),
        )

    def __str__(self) -> str:
        return self.form


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


class SynonymGroup(models.Model):
    """Words and phrases that mean the same to the people who search. Searches use `published`, staff edits `words`.

    Ends only before it was ever published: later it is withdrawn, and its history stays.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.SlugField(_("clé"), max_length=60, unique=True)
    words = ArrayField(models.CharField(max_length=PHRASE_LENGTH_MAX), verbose_name=_("mots et expressions"))
    published = ArrayField(models.CharField(max_length=PHRASE_LENGTH_MAX), null=True, editable=False, verbose_name=_("en service"))
    updated_at = models.DateTimeField(_("modifié le"))
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("modifié par")
    )

    class Meta:
        db_table = "search_synonym_group"
        ordering = ("key",)
        verbose_name = _("groupe de synonymes")
        verbose_name_plural = _("groupes de synonymes")
        constraints = (
            models.CheckConstraint(condition=Q(key__regex=r"^[a-z0-9]+(-[a-z0-9]+)*$"), name="search_synonym_key_clean"),
            models.CheckConstraint(
                condition=Q(words__len__gte=GROUP_MIN, words__len__lte=GROUP_MAX) & ~Q(words__contains=[""]),
                name="search_synonym_words_several",
            ),
            models.CheckConstraint(
                condition=Q(published=None)
                | (Q(published__len__gte=GROUP_MIN, published__len__lte=GROUP_MAX) & ~Q(published__contains=[""])),
                name="search_synonym_published_several",
            ),
        )

    def __str__(self) -> str:
        return ", ".join(self.words)

    @property
    def is_pending(self) -> bool:
        """Whether publishing it would change what searches find."""
        return self.words != self.published


class SynonymPublication(models.Model):
    """One change of the published synonyms: its number is the version of the set. Append-only, never ends."""

    id = models.BigAutoField(_("numéro"), primary_key=True)
    kind = models.CharField(_("nature"), max_length=10, choices=PublicationKind)
    at = models.DateTimeField(_("le"))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, verbose_name=_("par"))
    undoes = models.OneToOneField("self", models.PROTECT, related_name="undone_by", null=True, verbose_name=_("annule"))

    class Meta:
        db_table = "search_synonym_publication"
        ordering = ("-id",)
        verbose_name = _("publication de synonymes")
        verbose_name_plural = _("publications de synonymes")
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=PublicationKind.values), name="search_synonym_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=PublicationKind.UNDONE, undoes__isnull=False) | (~Q(kind=PublicationKind.UNDONE) & Q(undoes=None)),
                name="search_synonym_undoes_one",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class SynonymChange(models.Model):
    """What a publication changed of one group: the words that were in service before, and after; none is null. Append-only."""

    publication = models.ForeignKey(SynonymPublication, models.CASCADE, related_name="changes", verbose_name=_("publication"))
    group = models.ForeignKey(SynonymGroup, models.PROTECT, related_name="changes", verbose_name=_("groupe"))
    before = ArrayField(models.CharField(max_length=PHRASE_LENGTH_MAX), null=True, verbose_name=_("avant"))
    after = ArrayField(models.CharField(max_length=PHRASE_LENGTH_MAX), null=True, verbose_name=_("après"))

    class Meta:
        db_table = "search_synonym_change"
        ordering = ("group__key",)
        verbose_name = _("changement")
        verbose_name_plural = _("changements")
        constraints = (models.UniqueConstraint(fields=("publication", "group"), name="search_synonym_change_once"),)

    def __str__(self) -> str:
        return str(self.group)


class SavedSearch(models.Model):
    """A search that somebody keeps under a name. Removed ones can be taken back for a day (`saved.UNDO`), then they are deleted.

    `query` is the query string of the results' page in its one form, without the page number. Ends with the account at the latest.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("utilisateur"))
    name = models.CharField(_("nom"), max_length=80)
    query = models.TextField(_("recherche"))
    created_at = models.DateTimeField(_("enregistrée le"))
    removed_at = models.DateTimeField(_("retirée le"), null=True, blank=True)

    class Meta:
        db_table = "search_saved"
        verbose_name = _("recherche enregistrée")
        verbose_name_plural = _("recherches enregistrées")
        constraints = (
            # By a hash: an index entry may have 2.7 kB.
            models.UniqueConstraint(F("user"), MD5("query"), name="search_saved_once"),
            models.CheckConstraint(condition=~Q(name=""), name="search_saved_has_name"),
            models.CheckConstraint(condition=LessThanOrEqual(Length("query"), 10_000) & ~Q(query=""), name="search_saved_query_bounded"),
        )

    def __str__(self) -> str:
        return self.name
