"""Step `text`: decode, repair mojibake and entities, take out markup and characters that nobody sees, bound the length."""

from __future__ import annotations

import html
import re
import unicodedata

import ftfy
import ftfy.badness
import nh3

from apps.ingestion.steps.notes import Notes

NAME_MAX, LINE_MAX, LIST_MAX, DESCRIPTION_MAX = 200, 255, 50, 5000
# Read of an oversized text before it is cut: enough for what markup and white space take away.
_READ_FACTOR = 4

# What people and programs write for nothing.
UNKNOWN_WORDS = frozenset({
    "", "inconnu", "inconnue", "unknown", "n/a", "n.a.", "na", "nc", "n.c.", "none", "null", "nil", "nan",
    "undefined", "-", "--", "—", ".", ":", "?",
    "non renseigné", "non renseignée", "non disponible", "not available", "indisponible", "néant", "aucun", "aucune", "tbd", "xxx",
})  # fmt: skip

# Removed: zero width, marks of direction, soft hyphen, interlinear, half a surrogate. A name could show another one than it is.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
# Zero-width joiners are spelling in Arabic and Indic scripts and in emoji; between Latin letters they only deceive.
_JOINER = re.compile("(?<=[\u0000-\u024f])[\u200c\u200d]|[\u200c\u200d](?=[\u0000-\u024f])")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_TAG = re.compile(r"<\s*/?\s*[a-zA-Z!?][^<>]*(?:>|$)")
# Typewriters have no « »: `<<Espoir>>` is a quotation.
_GUILLEMETS = re.compile(r"<<\s*([^<>]+?)\s*>>")
_ENTITY = re.compile(r"&(?:[a-zA-Z][a-zA-Z0-9]{1,31}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_BLOCK = re.compile(r"(?i)<\s*(?:/\s*(?:p|div|li|tr|td|th|h[1-6]|section|article|ul|ol|table)|br|hr)\b[^<>]*>")
# What UTF-8 read as Windows-1252, Latin-1 or Mac Roman must contain. `is_bad` takes 28 µs a text, this under one.
_MOJIBAKE = re.compile("[\u00c2-\u00f4][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|[√‚][^\\s\\w]")
# Letters and marks that French is written with: composed, visible, and told apart from damage by the pattern above.
_FRENCH = re.compile("[ !-%'-;=?-~À-ÿŒœ’«»–—…]*")
# Some feeds escape the same text again at every export: `&amp;amp;amp;apos;`.
_ROUNDS = 12
_FIX = ftfy.TextFixerConfig(unescape_html=False, uncurl_quotes=False, fix_line_breaks=False, normalization="NFC", explain=False)


_UNKNOWN_MAX = max(map(len, UNKNOWN_WORDS)) + 4


def is_absent(value: object) -> bool:
    """Whether a value says nothing: null, an empty text, list or object, or a word such as `Inconnu`."""
    if isinstance(value, str):
        return value.isspace() if len(value) > _UNKNOWN_MAX else not value or value.strip().casefold() in UNKNOWN_WORDS
    return value is None or value in ([], {})


def decode(data: bytes) -> str:
    """The text of bytes in an undeclared encoding: UTF-8 or UTF-16 by its mark, else UTF-8, else Windows-1252. Never fails."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace").removeprefix("\ufeff")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def is_plain(text: str) -> bool:
    """Whether repair would change nothing: printable ASCII or French without entities, markup, and doubled, leading or trailing spaces."""
    if "  " in text or "&" in text or "<" in text or text[:1] == " " or text[-1:] == " ":
        return False
    if text.isascii():
        return text.isprintable()
    return _FRENCH.fullmatch(text) is not None and _MOJIBAKE.search(text) is None


def unescape(text: str) -> str:
    """Named and numeric entities replaced, also when they were escaped several times over."""
    for _round in range(_ROUNDS):
        if "&" not in text or not _ENTITY.search(text):
            break
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    return text


def repair(text: str) -> str:
    """The text as its author meant it: entities, mojibake, composed accents; without characters that nobody sees. Line ends stay."""
    for _round in range(3):
        before = text
        text = unescape(text)
        if not text.isascii():
            text = _INVISIBLE.sub("", text)
            if _MOJIBAKE.search(text) and ftfy.badness.is_bad(text):
                text = ftfy.fix_text(text, _FIX)
            text = unicodedata.normalize("NFC", _JOINER.sub("", text))
        if "<<" in text:
            text = _GUILLEMETS.sub(r"«\1»", text)
        if text == before:
            break
    return _CONTROL.sub(" ", _INVISIBLE.sub("", text))


def has_markup(text: str) -> bool:
    """Whether there is an HTML tag or the beginning of one."""
    return "<" in text and _TAG.search(text) is not None


def strip_markup(text: str) -> str:
    """The text without tags, comments, scripts and styles; ends of blocks become line ends."""
    for _round in range(_ROUNDS):
        if not has_markup(text):
            return text
        text = unescape(nh3.clean(_BLOCK.sub("\n", text), tags=set()))
    return text.replace("<", " ").replace(">", " ")


def one_line(text: str) -> str:
    """The text with single spaces and no line ends."""
    return " ".join(text.split())


def paragraphs(text: str) -> str:
    """The text with single spaces in a line, no empty line at the ends and at most one between paragraphs."""
    lines = [one_line(line) for line in re.split(r"\r\n|[\n\r\x85\u2028\u2029]", text)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def as_text(value: object) -> str | None:
    """A text, a number or a list of them as one text (`; ` between); None when the value is of another kind."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        # Python refuses to write an integer of more than 4,300 digits, and no text of ours is that long.
        return str(value) if isinstance(value, float) or value.bit_length() < 256 else None
    if isinstance(value, list | tuple):
        parts = [as_text(part) if not isinstance(part, list | tuple) else None for part in value[:LIST_MAX]]
        return None if None in parts else "; ".join(part for part in parts if part)
    return None


def read_line(value: object, field: str, limit: int, notes: Notes) -> str:
    """One clean line of at most `limit` characters; a value of a wrong kind or a text too long leaves a warning."""
    text = as_text(value)
    if text is None:
        if value is not None:
            notes.dropped(field, "wrong_type", type(value).__name__)
        return ""
    if len(text) <= limit and is_plain(text):
        return "" if is_absent(text) else text
    cleaned = one_line(strip_markup(repair(text[: limit * _READ_FACTOR])))
    if len(cleaned) > limit:
        notes.dropped(field, "too_long", cleaned[:80])
        cleaned = cleaned[:limit].rstrip()
    if "\ufffd" in cleaned:
        notes.dropped(field, "damaged_text", cleaned[:80])
    if is_absent(cleaned):
        return ""
    notes.changed("text", field, text, cleaned)
    return cleaned


def read_paragraphs(value: object, field: str, limit: int, notes: Notes) -> str:
    """A clean text that may have paragraphs; too long, it ends at its last whole word with `…`."""
    text = as_text(value)
    if text is None:
        if value is not None:
            notes.dropped(field, "wrong_type", type(value).__name__)
        return ""
    if len(text) <= limit and is_plain(text):
        return "" if is_absent(text) else text
    cleaned = paragraphs(strip_markup(repair(text[: limit * _READ_FACTOR])))
    if len(cleaned) > limit:
        notes.dropped(field, "too_long", f"{len(cleaned)} > {limit}")
        cleaned = cleaned[: limit - 1].rsplit(maxsplit=1)[0].rstrip(" ,;:") + "…"
    if is_absent(cleaned):
        return ""
    notes.changed("text", field, text, cleaned)
    return cleaned
