"""Search in the admin: what people look for, and synonyms."""

from apps.search.admin import demand, synonyms

__all__ = ["demand", "synonyms"]
