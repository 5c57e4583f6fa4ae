"""The catalogue in the admin. Every change goes through a service."""

from apps.catalog.admin import categories, places, resources

__all__ = ["categories", "places", "resources"]
