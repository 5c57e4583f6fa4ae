"""Where records are fetched, one kind a module."""
