"""The read model of lists and details."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.db import models
from django.db.models import F, Q

from apps.catalog.choices import ResourceType
from apps.catalog.models.resources import Resource


class PointField(models.Field):  # type: ignore[type-arg]  # not generic at run time
    """PostgreSQL's own `point` (longitude, latitude), read and written as its text form."""

    def db_type(self, connection: object) -> str:  # noqa: ARG002  Django's signature
        """Column type."""
        return "point"


class ResourceCard(models.Model):
    """The finished JSON of one active entry in one language. Written with every edit, gone when the entry is hidden.

    A list item is `body` + open status + `}`; a detail is `body` + `extra` + open status + `}`: both are
    UTF-8 bytes without the closing brace, `extra` starting with a comma. `hours` is the compact schedule of
    `apps.catalog.opening.Schedule.pack`, null when hours are unknown; `attributes` also holds `WHATSAPP`.
    """

    pk = models.CompositePrimaryKey("resource_id", "language")
    # Made of the entry, which is locked meanwhile: there is nothing left to check.
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    language = models.CharField(max_length=2)
    plan_rank = models.SmallIntegerField()
    published_at = models.DateTimeField()
    created_at = models.DateTimeField()
    resource_type = models.CharField(max_length=8, choices=ResourceType)
    category_number = models.SmallIntegerField()
    city_number = models.SmallIntegerField(null=True)
    quarter_id = models.UUIDField(null=True)
    verified = models.BooleanField()
    attributes = ArrayField(models.CharField(max_length=30), default=list)
    geo = PointField(null=True)
    hours = models.BinaryField(null=True)
    version = models.PositiveIntegerField()
    body = models.BinaryField()
    extra = models.BinaryField()

    class Meta:
        db_table = "resource_card"
        constraints = (models.CheckConstraint(condition=Q(language__in=("fr", "en")), name="resource_card_language_known"),)
        # Each filter shape has its order index (performance, section 1); a category with children is walked
        # as one probe per category.
        indexes = (
            models.Index("language", F("plan_rank").desc(), F("published_at").desc(), F("resource_id").desc(), name="card_order"),
            models.Index(
                "language", "category_number", F("plan_rank").desc(), F("published_at").desc(), F("resource_id").desc(),
                name="card_category_order",
            ),
            models.Index(
                "language", "city_number", F("plan_rank").desc(), F("published_at").desc(), F("resource_id").desc(),
                name="card_city_order",
            ),
            models.Index(
                "language", "city_number", "category_number", F("plan_rank").desc(), F("published_at").desc(),
                F("resource_id").desc(), name="card_city_category_order",
            ),
            models.Index(
                "language", "resource_type", F("plan_rank").desc(), F("published_at").desc(), F("resource_id").desc(),
                name="card_type_order",
            ),
            models.Index(
                "language", F("plan_rank").desc(), F("published_at").desc(), F("resource_id").desc(),
                condition=Q(hours__isnull=False), name="card_hours_order",
            ),
            models.Index(
                "language", "quarter_id", F("plan_rank").desc(), F("published_at").desc(), F("resource_id").desc(),
                name="card_quarter_order", condition=Q(quarter_id__isnull=False),
            ),
            models.Index(
                "language", F("plan_rank").desc(), F("published_at").desc(), F("resource_id").desc(),
                name="card_verified_order", condition=Q(verified=True),
            ),
            models.Index("language", "created_at", name="card_created"),
            GistIndex(fields=["geo"], name="card_geo"),
            GinIndex(fields=["attributes"], name="card_attributes", condition=~Q(attributes=[])),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.resource_id} {self.language}"
