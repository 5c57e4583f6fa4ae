"""Tables that people open in a spreadsheet."""

from __future__ import annotations

# The mark that makes spreadsheets read UTF-8.
BOM = "\ufeff"
# What a spreadsheet would take for a formula at the start of a cell (https://owasp.org/www-community/attacks/CSV_Injection).
FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def harmless(text: str) -> str:
    """A cell that no spreadsheet reads as a formula."""
    return f"'{text}" if text.startswith(FORMULA_MARKS) else text
