"""Every write of the catalogue, one noun a module."""
