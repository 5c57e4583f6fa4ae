"""Reasons of the pipeline, as staff reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def told(reasons: Iterable[Mapping[str, str]]) -> str:
    """One line: `phone: phone_invalid (12) · …`."""
    parts = []
    for reason in reasons:
        field, detail = reason.get("field", ""), reason.get("detail", "")
        parts.append(f"{f'{field} : ' if field else ''}{reason.get('code', '')}{f' ({detail})' if detail else ''}")
    return " · ".join(parts) or "–"
