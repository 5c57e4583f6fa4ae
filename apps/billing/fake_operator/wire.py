"""Requests and answers as the protocols see them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

# What the gateway in front of MTN answers to what it does not like, whatever the status.
REQUEST_REJECTED = (
    "<html><head><title>Request Rejected</title></head><body>Request Rejected. The gateway did not let this request pass. "
    "Support ID: 4711000815</body></html>"
)


@dataclass(frozen=True)
class Answer:
    """One HTTP answer, complete."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """The protocol ends here, with this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"HTTP {answer.status}")
        self.answer = answer


def json_answer(status: int, data: Any, *, escapes_slashes: bool = False) -> Answer:
    """`data` as JSON; with `\\/` for every slash, as some operators write it."""
    text = json.dumps(data)
    return Answer(status, (text.replace("/", "\\/") if escapes_slashes else text).encode())


def html_answer(status: int, text: str, headers: Mapping[str, str] | None = None) -> Answer:
    """A page."""
    return Answer(status, text.encode(), "text/html; charset=utf-8", headers or {})


@dataclass(frozen=True)
class Request:
    """One HTTP request, complete. `has_length` is whether it said how long its body is."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Message
    body: bytes
    has_length: bool = True

    def header(self, name: str) -> str | None:
        """None: not sent. Empty: sent empty."""
        value = self.headers.get(name)
        return None if value is None else str(value)

    def json_object(self) -> dict[str, Any]:
        """The body; `{}` when it is not a JSON object."""
        try:
            data = json.loads(self.body)
        except ValueError:
            return {}
        return data if isinstance(data, dict) else {}

    def form(self) -> dict[str, str]:
        """Fields of a form-encoded body."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))
