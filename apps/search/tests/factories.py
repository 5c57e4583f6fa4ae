"""Entries that search knows."""

from __future__ import annotations

from typing import Any

from apps.catalog.models import Resource
from apps.catalog.tests.factories import make_resource
from apps.search.services import index_resources


def make_found(**fields: Any) -> Resource:
    """An entry with its cards that every engine has been told of; fields as `make_resource`."""
    resource = make_resource(**fields)
    index_resources(resource_ids=[resource.pk])
    return resource
