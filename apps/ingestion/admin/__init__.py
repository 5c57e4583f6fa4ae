"""Desk of the staff."""
