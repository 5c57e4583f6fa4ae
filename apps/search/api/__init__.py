"""The API of search."""
