"""Pages, one kind a module."""
