"""Whole ways through the site with programs that others wrote."""
