"""Prices, paying, and what was paid."""
