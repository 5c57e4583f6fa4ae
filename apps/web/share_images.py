"""The picture that social networks show beside a shared address: 1200 × 630 px, drawn from words, in the colours of covers."""

from __future__ import annotations

import io
import math
from functools import cache
from pathlib import Path
from zlib import crc32

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1200, 630
MARGIN = 80
# Ground and figure of each palette: those of covers in assets/css/motifs.css.
_PALETTES = (
    ("#0F4A37", "#2E8365"),
    ("#8A5A00", "#F1B12C"),
    ("#28306F", "#5560BE"),
    ("#97391F", "#DB7C58"),
    ("#5E1F4C", "#A25489"),
    ("#0E4A5A", "#4597A8"),
    ("#4B3B23", "#B79A66"),
)
_TITLE_SIZES, _TITLE_LINES = (84, 72, 60, 50), 3
# Text beyond this would not fit at the smallest size.
TEXT_MAX = 200


def draw_share_image(*, title: str, line: str, seed: str) -> bytes:
    """A PNG with the title on at most three lines and one line of facts below it; `seed` chooses the palette."""
    ground, figure = _PALETTES[crc32(seed.encode()) % len(_PALETTES)]
    picture = Image.new("RGB", (WIDTH, HEIGHT), ground)
    draw = ImageDraw.Draw(picture)
    _draw_motif(draw, figure)
    font, lines = _fitted(title[:TEXT_MAX])
    top = MARGIN + 20
    for text in lines:
        draw.text((MARGIN, top), text, font=font, fill="#FFFFFF")
        top += round(font.size * 1.12)
    draw.text((MARGIN, top + 22), _cut(line[:TEXT_MAX], _text_font(36), WIDTH - 5 * MARGIN), font=_text_font(36), fill="#FFFFFF")
    _draw_mark(draw)
    out = io.BytesIO()
    # Few colours: a third of the bytes, and no difference that anybody sees.
    picture.quantize(48).save(out, "PNG", optimize=True)
    return out.getvalue()


def _draw_motif(draw: ImageDraw.ImageDraw, figure: str) -> None:
    """Diamonds on the right, smaller towards the text."""
    step = 84
    for column in range(7):
        size = 16 + column * 4
        x = WIDTH - (6 - column) * step - 20
        for row in range(-1, math.ceil(HEIGHT / step) + 1):
            y = row * step + (step // 2 if column % 2 else 0)
            if x < WIDTH - 4 * step and y < HEIGHT - 2 * step:
                continue
            draw.polygon([(x, y - size), (x + size, y), (x, y + size), (x - size, y)], fill=figure)


def _draw_mark(draw: ImageDraw.ImageDraw) -> None:
    """The site's mark and name, at the bottom left."""
    x, y, size = MARGIN + 26, HEIGHT - MARGIN - 12, 14
    for dx, dy, colour in ((0, -17, "#FFFFFF"), (-17, 0, "#FFFFFF"), (17, 0, "#FFFFFF"), (0, 17, "#F2AE0F")):
        draw.polygon([(x + dx, y + dy - size), (x + dx + size, y + dy), (x + dx, y + dy + size), (x + dx - size, y + dy)], fill=colour)
    draw.text((x + 54, y - 24), settings.SITE_NAME, font=_title_font(40), fill="#FFFFFF")


def _fitted(title: str) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """The largest font with which the title takes three lines, and these; at the smallest the rest is cut."""
    width = WIDTH - 5 * MARGIN
    for size in _TITLE_SIZES:
        font = _title_font(size)
        lines = _wrapped(title, font, width)
        if len(lines) <= _TITLE_LINES and all(font.getlength(line) <= width for line in lines):
            return font, lines
    return font, [_cut(line, font, width) for line in [*lines[: _TITLE_LINES - 1], " ".join(lines[_TITLE_LINES - 1 :])]]


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and font.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _cut(text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    """The text, with an ellipsis where it passes the width."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(f"{text}…") > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    # The basic layout: the other one refuses some control characters, and neither font has a script that needs it.
    return ImageFont.truetype(Path(settings.BASE_DIR) / "static" / "fonts" / name, size, layout_engine=ImageFont.Layout.BASIC)


@cache
def _title_font(size: int) -> ImageFont.FreeTypeFont:
    return _font("bricolage-720.woff2", size)


@cache
def _text_font(size: int) -> ImageFont.FreeTypeFont:
    return _font("hanken-400-700.woff2", size)
