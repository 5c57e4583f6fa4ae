"""How a day of a listing is packed into one row: its columns, and the keys of its breakdown.

Keys say what is counted (v: views, c: contacts), by what, and its value: `vs2` views from source 2, `ch17` contacts at 17 h,
`vt31` views from town 31, `vkrentree` views of a campaign, `vo` those of campaigns beyond the first fifty.
"""

from __future__ import annotations

import hashlib

import msgspec

from apps.analytics.constants import MAX_CAMPAIGNS

# Columns of `ListingDay` by type, by channel, set aside, in the order of the numbers of each.
TYPE_COLUMNS = ("views", "impressions", "clicks", "contacts", "directions", "shares", "saves")
CHANNEL_COLUMNS = ("calls", "whatsapps", "sms", "emails", "sites", "copies")
ASIDE_COLUMNS = ("bots", "repeats", "floods")

_decode = msgspec.json.Decoder(dict[str, int]).decode
_encode = msgspec.json.Encoder(order="sorted").encode


def bounded(breakdown: str) -> str:
    """The breakdown with at most fifty campaigns by name.

    Those of the lowest digests stay: which they are depends neither on the order of events nor on how they came in batches, and one
    that went can never be among them again. So counting again gives the same.
    """
    counts = _decode(breakdown)
    names = {key[2:] for key in counts if key[1] == "k"}
    if len(names) <= MAX_CAMPAIGNS:
        return breakdown
    kept = set(sorted(names, key=_digest)[:MAX_CAMPAIGNS])
    result: dict[str, int] = {}
    for key, count in counts.items():
        place = key if key[1] != "k" or key[2:] in kept else f"{key[0]}o"
        result[place] = result.get(place, 0) + count
    return _encode(result).decode()


def _digest(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=8).digest()
