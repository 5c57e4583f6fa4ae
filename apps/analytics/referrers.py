"""Where a visitor came from, coarsely: a class, and the town that he had chosen on our own pages. The address itself is not kept."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from apps.analytics.choices import SourceClass
from apps.analytics.constants import CAMPAIGN_MAX

# Closed tables, by the registered name of the host or one of its parents. Android apps say who they are as `android-app://name`.
_SEARCH_ENGINES = frozenset({
    "bing.com", "duckduckgo.com", "ecosia.org", "qwant.com", "yandex.com", "yandex.ru", "baidu.com", "startpage.com", "search.brave.com",
    "ask.com", "aol.com", "com.google.android.googlequicksearchbox", "lilo.org", "mojeek.com", "presearch.com", "kagi.com",
    "chatgpt.com", "perplexity.ai",
})  # fmt: skip
_SOCIAL = frozenset({
    "facebook.com", "fb.com", "fb.me", "instagram.com", "twitter.com", "x.com", "t.co", "linkedin.com", "lnkd.in", "tiktok.com",
    "youtube.com", "youtu.be", "pinterest.com", "pin.it", "snapchat.com", "reddit.com", "quora.com", "threads.net", "threads.com",
    "com.facebook.katana", "com.facebook.lite", "com.instagram.android", "com.zhiliaoapp.musically", "com.twitter.android",
    "com.linkedin.android", "com.google.android.youtube",
})  # fmt: skip
_MESSAGING = frozenset({
    "whatsapp.com", "wa.me", "telegram.org", "t.me", "messenger.com", "m.me", "signal.org", "viber.com", "line.me", "wechat.com",
    "skype.com", "discord.com", "slack.com", "teams.microsoft.com", "mail.google.com", "outlook.live.com", "outlook.office.com",
    "mail.yahoo.com", "com.whatsapp", "com.whatsapp.w4b", "org.telegram.messenger", "com.facebook.orca", "com.google.android.gm",
    "com.google.android.apps.messaging",
})  # fmt: skip
# One name in every country; what stands before is a service of theirs.
_GOOGLE = re.compile(r"(?:www\.|images\.|maps\.|news\.)?google\.(?:com?\.)?[a-z]{2,3}")
_YAHOO = re.compile(r"(?:[a-z]{2,3}\.)?(?:search\.)?yahoo\.(?:com|co\.[a-z]{2})")
_OWN_PATH = re.compile(r"/(?:fr|en)/(?P<first>[a-z0-9-]{1,100})/")
_SPACES = re.compile(r"\s+")


# What a redirect tells, which is followed from the listing's own page: nobody knows what was before it (the name is that of Fetch).
NOT_TOLD = "about:client"


class Origin(NamedTuple):
    """A class of source, and the slug of a town or ""."""

    source: SourceClass
    city: str = ""


@lru_cache(maxsize=1000)
def origin_of(referrer: str, *, own_host: str) -> Origin:
    """What the address of the page before says. Unreadable ones say nothing; none means that he came directly.

    :param own_host: ours, with its port as in `Host`.
    """
    if not referrer:
        return Origin(SourceClass.DIRECT)
    try:
        parts = urlsplit(referrer)
        host = (parts.hostname or "").lower().rstrip(".")
    except ValueError:
        return Origin(SourceClass.UNKNOWN)
    if not host or parts.scheme not in {"http", "https", "android-app"}:
        return Origin(SourceClass.UNKNOWN)
    if parts.netloc.lower() == own_host.lower():
        return _own_page(parts.path, parts.query)
    return Origin(_class_of(host))


def _class_of(host: str) -> SourceClass:
    labels = host.split(".")
    names = [".".join(labels[place:]) for place in range(len(labels))]
    # Mail and messages first: mail.google.com is no search engine.
    for name in names:
        for table, source in (
            (_MESSAGING, SourceClass.MESSAGE),
            (_SOCIAL, SourceClass.SOCIAL),
            (_SEARCH_ENGINES, SourceClass.SEARCH_ENGINE),
        ):
            if name in table:
                return source
    if _GOOGLE.fullmatch(host) or _YAHOO.fullmatch(host):
        return SourceClass.SEARCH_ENGINE
    return SourceClass.REFERRAL


def _own_page(path: str, query: str) -> Origin:
    """A page of ours: results of a search, or a list of a town, category or region."""
    found = _OWN_PATH.match(path)
    first = found["first"] if found else ""
    if first != "recherche":
        return Origin(SourceClass.OUR_LIST, first)
    try:
        city = parse_qs(query, max_num_fields=30).get("city", [""])[0]
    except ValueError:
        city = ""
    return Origin(SourceClass.OUR_SEARCH, city)


def clean_campaign(text: str) -> str:
    """A campaign's name as it is kept: one line of at most `CAMPAIGN_MAX` characters without control characters, and no mail address."""
    if not text:
        return ""
    plain = unicodedata.normalize("NFKC", text)
    printable = "".join(letter if letter.isprintable() else " " for letter in plain)
    # A mail address in a campaign would be somebody's.
    if "@" in printable:
        return ""
    return _SPACES.sub(" ", printable).strip()[:CAMPAIGN_MAX].strip()
