"""The engine that is always there: PostgreSQL. Each technique is a module; each says why it is as it is."""

from apps.search.backends.postgres.backend import PostgresBackend

__all__ = ["PostgresBackend"]
