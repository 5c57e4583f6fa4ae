"""Calls of providers' HTTP interfaces: bounded in time and size, following nothing; what goes wrong is a `PortFailed`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from apps.notifications.exceptions import PortFailed

CONNECT_S, READ_S = 5.0, 10.0
ANSWER_MAX = 64 * 1024


@dataclass(frozen=True)
class Reply:
    """A status and the JSON object of the answer; empty when the body was none."""

    status: int
    data: dict[str, Any]


def post(
    url: str, *, headers: Mapping[str, str], json: Mapping[str, Any] | None = None, form: Mapping[str, str] | None = None
) -> Reply:  # fmt: skip
    """Post JSON or a form. :raises PortFailed: no whole answer came; nobody knows whether it was taken."""
    timeout = httpx.Timeout(READ_S, connect=CONNECT_S)
    try:
        with (
            httpx.Client(timeout=timeout, follow_redirects=False, trust_env=False) as client,
            client.stream("POST", url, headers=dict(headers), json=json, data=form) as answer,
        ):
            body = b""
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > ANSWER_MAX:
                    raise PortFailed("answer too large")
            return Reply(answer.status_code, _object(answer, body))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise PortFailed(f"{type(error).__name__}: {error}"[:300]) from error


def _object(answer: httpx.Response, body: bytes) -> dict[str, Any]:
    try:
        data = httpx.Response(answer.status_code, content=body).json()
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
