"""A sheet as PDF bytes: A4, our colours, a font that also has the letters of Cameroon's languages.

The same sheet gives the same bytes, whenever and wherever it is drawn.
"""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import segno
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, KeepTogether, PageTemplate, Paragraph, Spacer, Table, TableStyle

from apps.billing.documents.content import Check, Party, Row, Sheet

_FONTS = Path(__file__).parent / "fonts"
TEXT, BOLD = "NotoSans-Regular", "NotoSans-Bold"
INK, SOFT, LINE, BRAND, SUN, TINT = (HexColor(code) for code in ("#0F1F18", "#52625A", "#DAE2DD", "#0B6B4B", "#F2AE0F", "#F0F6F3"))
GHOST = Color(0.04, 0.42, 0.29, alpha=0.09)
MARGIN, FOOT = 18 * mm, 26 * mm
WIDTH = A4[0] - 2 * MARGIN
_COLUMNS = (WIDTH - 108 * mm, 11 * mm, 28 * mm, 17 * mm, 26 * mm, 26 * mm)
_DIAMONDS = (((16, 1.5), BRAND), ((7.9, 9.6), BRAND), ((24.1, 9.6), BRAND), ((16, 17.7), SUN))


def _style(name: str, size: float, *, leading: float | None = None, bold: bool = False, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(
        name, fontName=BOLD if bold else TEXT, fontSize=size, leading=leading or size * 1.4, textColor=more.pop("color", INK), **more
    )


_BODY = _style("body", 9)
_SMALL = _style("small", 8, color=SOFT)
_LABEL = _style("label", 7.5, color=SOFT)
_NAME = _style("name", 10.5, bold=True)
_HEAD = _style("head", 7.5, color=SOFT, leading=9.5)
_HEAD_RIGHT = _style("head-right", 7.5, color=SOFT, leading=9.5, alignment=TA_RIGHT)
_RIGHT = _style("right", 9, alignment=TA_RIGHT)
_STRONG_RIGHT = _style("strong-right", 11, bold=True, alignment=TA_RIGHT)
_STRONG = _style("strong", 11, bold=True)
_TITLE = _style("title", 20, bold=True, color=BRAND, alignment=TA_RIGHT, leading=24)
_NUMBER = _style("number", 11, bold=True, alignment=TA_RIGHT)
_BRAND = _style("brand", 15, bold=True, leading=19)
_CODE = _style("code", 10, bold=True, leading=13)


def draw(sheet: Sheet) -> bytes:
    """The PDF of a sheet."""
    _register_fonts()
    out = io.BytesIO()
    template = BaseDocTemplate(
        out, pagesize=A4, invariant=1, lang=sheet.language, title=f"{sheet.title} {sheet.number}", author=sheet.seller.name,
        subject=sheet.title, creator=sheet.seller.name, displayDocTitle=True, pageCompression=1,
    )  # fmt: skip
    frame = Frame(MARGIN, FOOT, WIDTH, A4[1] - FOOT - 16 * mm, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
    template.addPageTemplates([PageTemplate(frames=[frame], onPage=lambda canvas, _: _draw_band(canvas))])
    template.build(_story(sheet), canvasmaker=_counting_canvas(sheet))
    return out.getvalue()


@cache
def _register_fonts() -> None:
    for name in (TEXT, BOLD):
        pdfmetrics.registerFont(TTFont(name, _FONTS / f"{name}.ttf"))
    pdfmetrics.registerFontFamily(TEXT, normal=TEXT, bold=BOLD, italic=TEXT, boldItalic=BOLD)


def _story(sheet: Sheet) -> list[Flowable]:
    closing: list[Flowable] = [_sums(sheet), Spacer(0, 4 * mm), _text(sheet.in_words, _BODY)]
    return [
        _heading(sheet),
        Spacer(0, 9 * mm),
        _parties(sheet),
        Spacer(0, 6 * mm),
        _facts(sheet),
        Spacer(0, 6 * mm),
        _lines(sheet),
        Spacer(0, 3 * mm),
        KeepTogether(closing),
        Spacer(0, 6 * mm),
        KeepTogether([_below(sheet)]),
    ]


def _text(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(text).replace("\n", "<br/>"), style)


def _bare(*more: Any) -> TableStyle:
    return TableStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 0),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
            *more,
        ]
    )


def _heading(sheet: Sheet) -> Table:
    brand = [[_Mark(11 * mm), _text(sheet.seller.name, _BRAND)]]
    left = Table(brand, colWidths=[14 * mm, WIDTH * 0.52 - 14 * mm], style=_bare(("VALIGN", (0, 0), (-1, -1), "MIDDLE")))
    right = [_text(sheet.title, _TITLE), _text(sheet.number, _NUMBER)]
    return Table([[left, right]], colWidths=[WIDTH * 0.52, WIDTH * 0.48], style=_bare())


def _party(party: Party) -> list[Flowable]:
    return [_text(party.heading, _LABEL), Spacer(0, 1 * mm), _text(party.name, _NAME), *(_text(line, _BODY) for line in party.lines)]


def _parties(sheet: Sheet) -> Table:
    gap = 8 * mm
    half = (WIDTH - gap) / 2
    return Table(
        [[_party(sheet.seller), "", _party(sheet.buyer)]],
        colWidths=[half, gap, half],
        style=_bare(
            ("BACKGROUND", (2, 0), (2, 0), TINT),
            ("TOPPADDING", (0, 0), (-1, -1), 3.5 * mm),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 4 * mm),
            ("LEFTPADDING", (2, 0), (2, 0), 5 * mm),
            ("RIGHTPADDING", (2, 0), (2, 0), 4 * mm),
        ),
    )


def _facts(sheet: Sheet) -> Table:
    count = len(sheet.facts)
    cells = [[_text(label, _LABEL), _text(value, _BODY)] for label, value in sheet.facts]
    return Table(
        [cells],
        colWidths=[WIDTH / count] * count,
        style=_bare(
            ("LINEABOVE", (0, 0), (-1, 0), 0.6, LINE),
            ("LINEBELOW", (0, 0), (-1, 0), 0.6, LINE),
            ("TOPPADDING", (0, 0), (-1, -1), 2.5 * mm),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5 * mm),
        ),
    )


def _lines(sheet: Sheet) -> Table:
    head = [_text(sheet.head[0], _HEAD), *(_text(word, _HEAD_RIGHT) for word in sheet.head[1:])]
    return Table(
        [head, *(_cells(row) for row in sheet.rows)],
        colWidths=_COLUMNS,
        repeatRows=1,
        style=_bare(
            ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
            ("LINEBELOW", (0, 0), (-1, 0), 1, BRAND),
            ("LINEBELOW", (0, 1), (-1, -1), 0.6, LINE),
            ("TOPPADDING", (0, 1), (-1, -1), 2.2 * mm),
            ("BOTTOMPADDING", (0, 0), (-1, 0), 1.6 * mm),
            ("BOTTOMPADDING", (0, 1), (-1, -1), 2.4 * mm),
            ("RIGHTPADDING", (0, 0), (0, -1), 4 * mm),
        ),
    )


def _cells(row: Row) -> list[Any]:
    first = [_text(row.description, _BODY), *([_text(row.detail, _SMALL)] if row.detail else [])]
    return [first, *(_text(word or "–", _RIGHT) for word in (row.quantity, row.unit_net, row.rate, row.net, row.total))]


def _sums(sheet: Sheet) -> Table:
    rows, marks = [], []
    for place, (label, amount, is_strong) in enumerate(sheet.sums):
        rows.append(["", _text(label, _STRONG if is_strong else _BODY), _text(amount, _STRONG_RIGHT if is_strong else _RIGHT)])
        if is_strong:
            marks += [("BACKGROUND", (1, place), (2, place), TINT), ("LINEABOVE", (1, place), (2, place), 1, BRAND)]
    return Table(
        rows,
        colWidths=[WIDTH - 86 * mm, 44 * mm, 42 * mm],
        style=_bare(
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("TOPPADDING", (1, 0), (2, -1), 1.5 * mm),
            ("BOTTOMPADDING", (1, 0), (2, -1), 1.9 * mm),
            ("LEFTPADDING", (1, 0), (1, -1), 3 * mm),
            ("RIGHTPADDING", (2, 0), (2, -1), 3 * mm),
            *marks,
        ),
    )


def _below(sheet: Sheet) -> Table:
    """Notes on the left; on the right how to check the document."""
    notes: list[Flowable] = []
    for label, text in sheet.notes:
        notes += [_text(label, _LABEL), _text(text, _BODY), Spacer(0, 3 * mm)]
    side = 74 * mm if sheet.check else 0
    right = _checked(sheet.check) if sheet.check else ""
    return Table([[notes, right]], colWidths=[WIDTH - side, side], style=_bare(("RIGHTPADDING", (0, 0), (0, 0), 6 * mm)))


def _checked(check: Check) -> Table:
    size = 26 * mm
    # The address may break where a person would break it.
    address = escape(check.url).replace("/recu/", "/recu/<br/>")
    words = [
        _text(check.invitation, _SMALL),
        Spacer(0, 1.5 * mm),
        Paragraph(f'<a href="{escape(check.url)}" color="#0B6B4B">{address}</a>', _SMALL),
    ]
    return Table([[_Code(check.url, size), words]], colWidths=[size + 4 * mm, 44 * mm], style=_bare())


class _Mark(Flowable):
    """Our four diamonds."""

    def __init__(self, size: float) -> None:
        super().__init__()
        self.width = self.height = size

    def draw(self) -> None:
        """Draw on a grid of 32 whose second axis points down."""
        unit = self.width / 32
        for (x, top), colour in _DIAMONDS:
            path = self.canv.beginPath()
            path.moveTo(x * unit, (32 - top) * unit)
            for dx, dy in ((6.4, 6.4), (0, 12.8), (-6.4, 6.4)):
                path.lineTo((x + dx) * unit, (32 - top - dy) * unit)
            path.close()
            self.canv.setFillColor(colour)
            self.canv.drawPath(path, stroke=0, fill=1)


class _Code(Flowable):
    """A QR code as rectangles: sharp at any size."""

    def __init__(self, content: str, size: float) -> None:
        super().__init__()
        self.width = self.height = size
        self.matrix = segno.make(content, error="m", micro=False).matrix

    def draw(self) -> None:
        """Draw runs of dark modules. The page around it is the quiet zone."""
        unit = self.width / len(self.matrix)
        self.canv.setFillColor(INK)
        for row, modules in enumerate(self.matrix):
            column = 0
            while column < len(modules):
                run = 0
                while column + run < len(modules) and modules[column + run]:
                    run += 1
                if run:
                    self.canv.rect(column * unit, self.height - (row + 1) * unit, run * unit, unit, stroke=0, fill=1)
                column += run or 1


def _draw_band(canvas: Canvas) -> None:
    canvas.saveState()
    canvas.setFillColor(BRAND)
    canvas.rect(0, A4[1] - 3 * mm, A4[0], 3 * mm, stroke=0, fill=1)
    canvas.restoreState()


def _counting_canvas(sheet: Sheet) -> type[Canvas]:
    """A canvas that knows how many pages there are when it writes the feet."""

    class Counting(Canvas):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self._kept: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802  the library's name
            self._kept.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._kept, start=1):
                self.__dict__.update(page)
                if sheet.watermark:
                    _draw_ghost(self, sheet.watermark)
                _draw_foot(self, sheet, f"{sheet.page_words} {number}/{len(self._kept)}")
                super().showPage()
            super().save()

    return Counting


def _draw_ghost(canvas: Canvas, words: str) -> None:
    """The watermark, over everything, so that no panel hides a part of it."""
    canvas.saveState()
    canvas.translate(A4[0] / 2, A4[1] / 2)
    canvas.rotate(52)
    canvas.setFillColor(GHOST)
    size = min(46.0, 46.0 * 235 * mm / pdfmetrics.stringWidth(words, BOLD, 46))
    canvas.setFont(BOLD, size)
    canvas.drawCentredString(0, -size / 3, words)
    canvas.restoreState()


def _draw_foot(canvas: Canvas, sheet: Sheet, page: str) -> None:
    canvas.saveState()
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.6)
    canvas.line(MARGIN, FOOT - 6 * mm, A4[0] - MARGIN, FOOT - 6 * mm)
    canvas.setFillColor(SOFT)
    canvas.setFont(TEXT, 7.5)
    canvas.drawRightString(A4[0] - MARGIN, FOOT - 10.5 * mm, f"{sheet.number} · {page}")
    top = FOOT - 7.8 * mm
    for line in sheet.footer:
        paragraph = _text(line, _LABEL)
        top -= paragraph.wrap(WIDTH - 46 * mm, FOOT)[1]
        paragraph.drawOn(canvas, MARGIN, top)
    canvas.restoreState()
