"""Operators that move money, each behind the same port."""
