"""Steps `email` and `website`: one address that can be written to, one site that can be opened, or nothing."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from apps.catalog.validation import normalise_website
from apps.ingestion.steps import phones
from apps.ingestion.steps.notes import Notes

EMAIL_MAX, URL_MAX, SOURCE_URL_MAX = 254, 255, 500
_SEPARATOR = re.compile(r"[;,|\s]+|\s+(?:ou|et|or|and)\s+")
# Written so that robots do not read them: `nom (at) site . cm`.
_AT = re.compile(r"\s*[\[({]\s*(?:at|arobase|@)\s*[\])}]\s*|\s+(?:arobase|at)\s+|\s+@\s*|@\s+", re.IGNORECASE)
_DOT = re.compile(r"\s*[\[({]\s*(?:dot|point|\.)\s*[\])}]\s*", re.IGNORECASE)
_PLACEHOLDER_HOSTS = frozenset(
    {"example.com", "example.org", "example.net", "domain.com", "domaine.com", "email.com", "test.com", "votresite.com"}
)
_PLACEHOLDER_EMAILS = frozenset({"info@site.com", "nom@site.com", "abc@gmail.com", "xxx@gmail.com", "test@gmail.com"})
# What only follows visitors from one site to another.
_TRACKING = re.compile(r"^(?:utm_\w+|fbclid|gclid|mc_[ce]id|igshid|msclkid|yclid|_hs\w+)$", re.IGNORECASE)
_HOST = re.compile(r"(?:[\w-]{1,63}\.)+[^\W\d_][\w-]{1,62}")
_WHATSAPP_LINK = re.compile(r"(?:wa\.me/|api\.whatsapp\.com/send/?\?(?:.*&)?phone=)\+?(\d{8,15})", re.IGNORECASE)


def read_email(text: str, notes: Notes) -> str:
    """The first usable address of a text, its domain in lower case; the others and what is wrong leave a warning."""
    if not text:
        return ""
    repaired = _DOT.sub(".", _AT.sub("@", text))
    usable: list[str] = []
    for part in _SEPARATOR.split(repaired):
        candidate = re.sub(r"(?i)^(?:mailto|e-?mail|courriel)\s*:", "", part.strip(" <>()[]\"'.:")).split("?")[0]
        if "@" not in candidate:
            continue
        local, _at, domain = candidate.rpartition("@")
        address = f"{local}@{domain.lower()}"
        if domain.lower() in _PLACEHOLDER_HOSTS or address.lower() in _PLACEHOLDER_EMAILS:
            notes.dropped("email", "email_placeholder", address)
            continue
        try:
            validate_email(address)
        except ValidationError:
            notes.dropped("email", "email_invalid", candidate)
            continue
        if len(address) > EMAIL_MAX:
            notes.dropped("email", "email_invalid", candidate)
        elif address not in usable:
            usable.append(address)
    if not usable and not any(warning.field == "email" for warning in notes.warnings):
        notes.dropped("email", "email_invalid", text)
    for further in usable[1:]:
        notes.dropped("email", "email_further", further)
    found = usable[0] if usable else ""
    notes.changed("email", "email", text, found)
    return found


def read_website(text: str, notes: Notes) -> str:
    """The first address of a text that can be a public web site: with scheme, without tracking parameters."""
    if not text:
        return ""
    for part in re.split(r"[;,|\s]+(?=\S*\.)", text):
        candidate = part.strip(" <>()[]\"'.,;")
        found = _tidy(candidate) if candidate else None
        if found:
            notes.changed("website", "website", text, found)
            return found
    notes.dropped("website", "website_invalid", text)
    notes.changed("website", "website", text, "")
    return ""


def _tidy(candidate: str) -> str | None:
    candidate = re.sub(r"(?i)^(https?)\s*:?/{0,3}(?=\w)(?<=/)", lambda match: f"{match[1].lower()}://", candidate)
    # The catalogue's own check also bounds the length; here a long query may still go.
    address, _question, query = candidate.partition("?")
    website = normalise_website(address)
    if website is None or re.search(r"[\s<>\"\\^`{|}]", query):
        return None
    parts = urlsplit(f"{website}?{query}" if query else website)
    host = (parts.hostname or "").rstrip(".")
    if parts.username or "@" in parts.netloc or host in _PLACEHOLDER_HOSTS or not _HOST.fullmatch(host):
        return None
    try:
        port = f":{parts.port}" if parts.port and parts.port not in {80, 443} else ""
    except ValueError:
        return None
    query = parts.query
    if query:
        kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if not _TRACKING.match(name)]
        query = query if len(kept) == len(parse_qsl(query, keep_blank_values=True)) else urlencode(kept)
    path = "" if parts.path == "/" and not query else parts.path
    # An address that is too long carries a session or a search: the page behind it opens without.
    for shorter in ((path, query), (path, ""), ("", "")):
        tidy = urlunsplit((parts.scheme.lower(), host + port, *shorter, ""))
        if len(tidy) <= URL_MAX:
            return tidy
    return None


def whatsapp_number(url: str, country: str) -> str:
    """The number of a WhatsApp link, as E.164, or nothing."""
    match = _WHATSAPP_LINK.search(url)
    if match is None:
        return ""
    found = phones.find(f"+{match[1]}", country=country) or phones.find(match[1], country=country)
    return found[0].number if found else ""


def read_source_url(text: str) -> str:
    """The page that a record was read from, when it is one that can be opened."""
    return text if re.match(r"(?i)https?://[^\s<>\"]+$", text) and len(text) <= SOURCE_URL_MAX else ""
