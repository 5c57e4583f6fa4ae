"""The first call of the API, ready to paste."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.http import HttpRequest

from apps.accounts.choices import Scope

PLACEHOLDER = "VOTRE_CLE"
_CURL = """\
curl "{url}" \\
  -H "X-API-Key: {key}"
"""
_PYTHON = """\
import json
from urllib.request import Request, urlopen

request = Request("{url}", headers={{"X-API-Key": "{key}"}})
with urlopen(request) as answer:
    print(json.load(answer))
"""
_JAVASCRIPT = """\
const answer = await fetch("{url}", {{
  headers: {{ "X-API-Key": "{key}" }},
}});
console.log(await answer.json());
"""
_LANGUAGES = (("curl", "cURL", _CURL), ("python", "Python", _PYTHON), ("javascript", "JavaScript", _JAVASCRIPT))


@dataclass(frozen=True)
class Sample:
    """One call in one language."""

    name: str
    title: str
    code: str


def first_call(request: HttpRequest, *, key: str = PLACEHOLDER, scopes: Collection[str] | None = None) -> list[Sample]:
    """A call that answers 200 to a key with these scopes: some entries, or its limits when it may not read entries."""
    may_read = scopes is None or Scope.RESOURCES_READ in scopes
    url = request.build_absolute_uri("/api/v1/api-resources?limit=3" if may_read else "/api/v1/me/limits")
    return [Sample(name, title, code.format(url=url, key=key).rstrip()) for name, title, code in _LANGUAGES]
