"""What the PostgreSQL engine reads, and the words that corrections and completions come from.

None of the engine's tables points at the catalogue by a constraint: rows follow by event, every answer is joined with the cards, and
the nightly check removes what was left behind. So a scratch copy of them in another schema is a whole index of its own.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.db import models
from django.db.models import F, Func

from apps.catalog.models.cards import PointField


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


class SearchBestList(models.Model):
    """A term whose best entries are kept in order (`backends.postgres.bests`): down to this place, which is before the end of all when
    that is `END`. `named` is the number of the same term in names. Made, cut and ended by `refresh_statistics`.
    """

    term = models.IntegerField(primary_key=True)
    named = models.IntegerField()
    rank = models.SmallIntegerField()
    resource_id = models.UUIDField()

    class Meta:
        db_table = "search_best_list"

    def __str__(self) -> str:
        return str(self.term)


class SearchBest(models.Model):
    """A place in such a list, kept with the entry's row. `rank` is its completeness, and more when it has the term in its name."""

    pk = models.CompositePrimaryKey("term", "rank", "resource_id")
    term = models.IntegerField()
    rank = models.SmallIntegerField()
    resource_id = models.UUIDField()

    class Meta:
        db_table = "search_best"

    def __str__(self) -> str:
        return f"{self.term} {self.resource_id}"


class SearchSampleBits(models.Model):
    """Which entries of the sample hold a frequent term: a bit for each place, then one for each place by town.

    Drawn anew by `refresh_statistics`; what is nearly empty is compressed (`sample_bits.stored`).
    `version` is the number of the sample: places of one say nothing of another.
    """

    term = models.IntegerField(primary_key=True)
    version = models.IntegerField()
    bits = models.BinaryField()

    class Meta:
        db_table = "search_sample_bits"

    def __str__(self) -> str:
        return str(self.term)


class SearchSampleColumn(models.Model):
    """What each entry of the sample has of one kind, by place: numbers of four bytes that count in `vals`. Ends with the sample.

    Towns and quarters are in the order of places by town, which "by_town" has for each place.

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
