"""The text that finds an entry."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from apps.catalog.models import Resource


class ResourceSearch(models.Model):
    """The searchable words of one published entry. Written from events; gone when the entry is hidden."""

    resource = models.OneToOneField(Resource, models.CASCADE, primary_key=True, related_name="+")
    vector = SearchVectorField()

    class Meta:
        db_table = "resource_search"
        indexes = (GinIndex(fields=["vector"], name="resource_search_vector"),)

    def __str__(self) -> str:
        return str(self.pk)
