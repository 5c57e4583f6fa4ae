"""Bodies of ingest calls: an object, a list, `{"items": […]}` or NDJSON, plain or gzip, in as much memory as one record needs."""

from __future__ import annotations

import codecs
import contextlib
import hashlib
import json
import mmap
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any

import msgspec
from django.http import HttpRequest
from django.utils.translation import gettext as _

from apps.core.api.parsers import BodyTooLarge, MalformedBody
from apps.ingestion.exceptions import TypeUnread

DECODED_MAX = 200 * 1024 * 1024
# A body may grow so many times when it is unpacked; the first megabyte is not measured, where short repetitive bodies end.
RATIO_MAX, RATIO_FROM = 20, 1024 * 1024
# What is longer waits in a file, not in memory.
IN_MEMORY = 1_000_000
READ_SIZE = 64 * 1024
JSON_TYPES = ("application/json",)
LINE_TYPES = ("application/x-ndjson", "application/ndjson", "application/jsonl")


@dataclass
class Body:
    """Records, one a line, at their beginning. `digest` is of what was received, `size` of what it was unpacked to."""

    lines: IO[bytes]
    count: int
    size: int
    digest: bytes
    is_full: bool = False


@contextlib.contextmanager
def read_body(request: HttpRequest) -> Iterator[Body]:
    """The records of a request.

    :raises MalformedBody: cut short, badly packed, not JSON, or JSON that holds no records.
    :raises BodyTooLarge: more than `DECODED_MAX` bytes, or more than `RATIO_MAX` times what was sent.
    :raises TypeUnread: neither JSON nor NDJSON, or packed in another way than gzip.
    """
    kind = (request.content_type or "").lower()
    if kind not in JSON_TYPES + LINE_TYPES:
        raise TypeUnread
    with contextlib.ExitStack() as stack:
        received: IO[bytes] = stack.enter_context(tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))
        digest = hashlib.sha256(kind.encode())
        size = count = 0
        is_blank = True
        for part in _unpacked(request, digest):
            data = part.removeprefix(codecs.BOM_UTF8) if size == 0 else part
            size += len(part)
            received.write(data)
            if kind in LINE_TYPES:
                *ended, last = data.split(b"\n")
                for line in ended:
                    count += not (is_blank and not line.strip())
                    is_blank = True
                is_blank = is_blank and not last.strip()
        if not size:
            raise MalformedBody(_("Le corps est vide."))
        received.seek(0)
        if kind in LINE_TYPES:
            yield Body(received, count + (not is_blank), size, digest.digest())
            return
        lines: IO[bytes] = stack.enter_context(tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))
        count, is_full = _split(received, lines, is_small=size <= IN_MEMORY)
        lines.seek(0)
        yield Body(lines, count, size, digest.digest(), is_full)


def _unpacked(request: HttpRequest, digest: Any) -> Iterator[bytes]:
    """The body piece by piece, unpacked within bounds."""
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower() or "identity"
    if encoding not in {"identity", "gzip", "x-gzip"}:
        raise TypeUnread
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if length > DECODED_MAX:
        raise _too_large()
    unpacker = zlib.decompressobj(wbits=31) if encoding != "identity" else None
    packed = size = 0
    while part := request.read(READ_SIZE):
        digest.update(part)
        packed += len(part)
        try:
            pieces = _inflate(unpacker, part) if unpacker else [part]
            for piece in pieces:
                size += len(piece)
                if size > DECODED_MAX or (unpacker and size > RATIO_FROM and size > RATIO_MAX * packed):
                    raise _too_large()
                yield piece
        except zlib.error as error:
            raise MalformedBody(_("Le corps n’est pas du gzip valide.")) from error
    if packed < length or (unpacker and packed and not unpacker.eof):
        raise MalformedBody(_("Le corps est incomplet."))


def _inflate(unpacker: Any, part: bytes) -> Iterator[bytes]:
    """Pieces of at most `READ_SIZE`, so that a bomb is seen before it fills the memory. What follows the end is refused."""
    while part:
        yield unpacker.decompress(part, READ_SIZE)
        part = unpacker.unconsumed_tail
    if unpacker.unused_data.strip(b"\0"):
        raise zlib.error("data after the end")


def _too_large() -> BodyTooLarge:
    limit = {"limit": DECODED_MAX // 1024 // 1024, "ratio": RATIO_MAX}
    return BodyTooLarge(_("Le corps dépasse %(limit)s Mo une fois décompressé, ou %(ratio)s fois sa taille compressée.") % limit)


def _split(received: IO[bytes], lines: IO[bytes], *, is_small: bool) -> tuple[int, bool]:
    """Write the records of a JSON text as lines; returns how many, and whether it says that it is a full reading.

    Records are not decoded, only found: one with a bad text is refused alone, later.
    """
    try:
        if is_small:
            return _write_lines(*_found(received.read()), lines)
        # A large text stays in its file: the records are views of it.
        with mmap.mmap(received.fileno(), 0, access=mmap.ACCESS_READ) as text:
            return _write_lines(*_find(text), lines)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, ValueError) as error:
        raise MalformedBody(_("Le corps n’est pas du JSON valide : %(error)s.") % {"error": str(error)[:120]}) from error


def _found(text: bytes) -> tuple[Iterable[Any], bool]:
    """`_find`, also where half a surrogate pair in one text makes the strict reader refuse all: its record is refused alone, later."""
    try:
        return _find(text)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        value = json.loads(text)
        if isinstance(value, dict) and isinstance(value.get("items"), list) and "name" not in value:
            return map(json.dumps, value["items"]), value.get("full") is True
        if not isinstance(value, dict | list):
            raise
        return map(json.dumps, value if isinstance(value, list) else [value]), False


def _find(text: Any) -> tuple[Iterable[Any], bool]:
    """The records of a JSON text, and whether it says that it is a full reading."""
    try:
        return msgspec.json.decode(text, type=list[msgspec.Raw]), False
    except msgspec.ValidationError:
        members = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    if "items" in members and "name" not in members:
        is_full = bytes(members.get("full", b"")) == b"true"
        return msgspec.json.decode(members["items"], type=list[msgspec.Raw]), is_full
    return [text], False


def _write_lines(records: Iterable[Any], is_full: bool, lines: IO[bytes]) -> tuple[int, bool]:
    """How many, and `is_full` again."""
    count = 0
    for record in records:
        data = record.encode() if isinstance(record, str) else bytes(record)
        # Line ends stand between the parts of a JSON value only: inside texts they are written as \n.
        lines.write(data.replace(b"\n", b" ").replace(b"\r", b" ").strip() + b"\n")
        count += 1
    return count, is_full
