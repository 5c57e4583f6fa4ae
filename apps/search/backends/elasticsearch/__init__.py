"""The engine for a cluster. Loaded only where one is configured: the client takes 16 MB of each process."""

from apps.search.backends.elasticsearch.backend import ElasticsearchBackend

__all__ = ["ElasticsearchBackend"]
