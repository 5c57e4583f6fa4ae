"""Names and lifetimes of what is cached: section 5.1 of the source document, in one place."""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
from collections.abc import Mapping
from urllib.parse import urlencode

BUSINESS_TTL_S = 3600
CATEGORIES_TTL_S = 86400
SEARCH_TTL_S = 1800
USER_TTL_S = 1800
RATE_LIMIT_TTL_S = 3600
PHONE_TEXTS_TTL_S = 86400

CATEGORIES = "categories:all"
# Stamp of all API keys: moved when one changes.
API_KEYS = "api-keys"


# Stamps of the search: moved when an entry anywhere is indexed, and when words get another meaning.
SEARCH, SEARCH_WORDS = "search", "search-words"


def search_city(number: int) -> str:
    """Stamp of a town's part of the search: moved when an entry that lies or lay there is indexed."""
    return f"search:city:{number}"


def business(resource_id: object) -> str:
    """Page fragments of an entry."""
    return f"business:{resource_id}"


def business_slug(slug: str) -> str:
    """The same by address."""
    return f"business:slug:{slug}"


def business_list(filters: Mapping[str, str]) -> str:
    """Page fragments of a list; the same filters in any order give the same name."""
    return f"businesses:list:{_canonical(filters)}"


def search(query: Mapping[str, str]) -> str:
    """Answers of a search."""
    return f"search:{_canonical(query)}"


def user(user_id: object) -> str:
    """What is asked of a user at each request."""
    return f"user:{user_id}"


def api_usage(user_id: object) -> str:
    """A user's calls of the month."""
    return f"api:usage:{user_id}"


def phone_texts(phone: str, day: dt.date) -> str:
    """Texts that a number was asked to get on a day; it is hashed: a number is personal data."""
    return f"phone:texts:{day}:{hashlib.blake2b(phone.encode(), digest_size=12).hexdigest()}"


def rate_limit_key(key_id: object) -> str:
    """Allowance of an API key."""
    return f"rate_limit:api:{key_id}"


def rate_limit_ip(ip: str) -> str:
    """Allowance of an address, which is hashed: an IP address is personal data."""
    packed = ipaddress.ip_address(ip).packed
    return f"rate_limit:ip:{hashlib.blake2b(packed, digest_size=12).hexdigest()}"


def site_turn(host: str) -> str:
    """Held by who asked a site for a page last, until the next one may be asked for."""
    return f"site:turn:{host}"


def site_rest(host: str) -> str:
    """Held while a site wants to be left alone."""
    return f"site:rest:{host}"


def _canonical(values: Mapping[str, str]) -> str:
    """Sorted, short and without characters that a cache refuses."""
    text = urlencode(sorted(values.items()))
    return text if len(text) <= 120 else hashlib.blake2b(text.encode(), digest_size=20).hexdigest()
