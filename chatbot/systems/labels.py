"""The return label: one page of A6, to be printed and put on the parcel."""

import functools
import unicodedata
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import cast

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import pgettext
from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.pagesizes import A6
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from chatbot.systems.models import Return

# Bitstream Vera comes with reportlab and is embedded: PDF's own fonts are not on every printer.
_PLAIN, _BOLD = "Vera", "VeraBd"
_MARGIN = 8 * mm
_WIDTH = A6[0] - 2 * _MARGIN


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on a label. `sender` is the customer's name; empty fields are left out."""

    number: str
    order: str
    sender: str
    carrier: str
    parcel: str
    created_on: date
    language: str


def label_of(announced: Return) -> Label:
    """Return what stands on the label of a return."""
    return Label(
        number=announced.number,
        order=announced.order_number,
        sender=announced.name,
        carrier=announced.carrier,
        parcel=announced.tracking,
        created_on=timezone.localdate(announced.created_at),
        language=announced.language,
    )


def draw_label(label: Label) -> bytes:
    """Return `label` as PDF, in its language. The same label gives the same bytes."""
    _fonts()
    drawn = BytesIO()
    canvas = Canvas(drawn, pagesize=A6, invariant=1)
    with translation.override(label.language or settings.LANGUAGE_CODE):
        canvas.setTitle(f"{pgettext('label', 'Return')} {label.number}")
        canvas.setAuthor(_printable(settings.RETURN_ADDRESS.splitlines()[0]))
        _draw(canvas, label)
    canvas.save()
    return drawn.getvalue()


def _draw(canvas: Canvas, label: Label) -> None:
    top = A6[1] - _MARGIN
    _text(canvas, pgettext("label", "Return"), top - 7 * mm, size=20, font=_BOLD)
    _text(canvas, label.carrier, top - 7 * mm, size=13, font=_BOLD, right=True)
    _rule(canvas, top - 12 * mm)

    _caption(canvas, pgettext("label", "To"), top - 17 * mm)
    at = top - 23 * mm
    for line in settings.RETURN_ADDRESS.splitlines()[:5]:
        _text(canvas, line, at, size=12, font=_BOLD)
        at -= 5.4 * mm
    _rule(canvas, top - 50 * mm)

    _caption(canvas, pgettext("label", "From"), top - 55 * mm)
    _text(canvas, label.sender or "–", top - 60 * mm, size=10)
    _caption(canvas, pgettext("label", "Order"), top - 66 * mm)
    _text(canvas, label.order, top - 71 * mm, size=10)
    _caption(canvas, pgettext("label", "Date"), top - 66 * mm, x=_MARGIN + _WIDTH / 2)
    day = date_format(label.created_on, "DATE_FORMAT")
    _text(canvas, day, top - 71 * mm, size=10, x=_MARGIN + _WIDTH / 2)
    if label.parcel:
        _caption(canvas, pgettext("label", "Parcel number"), top - 77 * mm)
        _text(canvas, label.parcel, top - 82 * mm, size=10)
    _rule(canvas, top - 86 * mm)

    barcode = return_barcode(label.number)
    barcode.drawOn(canvas, (A6[0] - barcode.width) / 2, top - 116 * mm)
    _text(canvas, label.number, top - 123 * mm, size=14, font=_BOLD, centred=True)
    told = pgettext("label", "Put this label on the parcel so that the bars stay flat.")
    _text(canvas, told, top - 130 * mm, size=7, centred=True)


def return_barcode(number: str) -> Code128:
    """Return `number` as bars, as wide as the label and with the quiet zones that scanners need."""
    modules = Code128(number, barWidth=1).width  # its quiet zones included
    return Code128(number, barWidth=min(_WIDTH / modules, 0.5 * mm), barHeight=24 * mm)


def _text(
    canvas: Canvas,
    text: str,
    y: float,
    *,
    size: float,
    font: str = _PLAIN,
    x: float = _MARGIN,
    right: bool = False,
    centred: bool = False,
) -> None:
    """Write a line of `text`, smaller where it would not fit."""
    text = _printable(text)
    room = A6[0] - _MARGIN - x
    size = min(size, size * room / max(pdfmetrics.stringWidth(text, font, size), 1))
    canvas.setFont(font, size)
    if right:
        canvas.drawRightString(A6[0] - _MARGIN, y, text)
    elif centred:
        canvas.drawCentredString(A6[0] / 2, y, text)
    else:
        canvas.drawString(x, y, text)


def _caption(canvas: Canvas, text: str, y: float, *, x: float = _MARGIN) -> None:
    canvas.setFillGray(0.35)
    _text(canvas, text, y, size=7, x=x)
    canvas.setFillGray(0)


def _rule(canvas: Canvas, y: float) -> None:
    canvas.setLineWidth(0.4)
    canvas.line(_MARGIN, y, A6[0] - _MARGIN, y)


@functools.cache
def _fonts() -> None:
    for name in (_PLAIN, _BOLD):
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))


def _printable(text: str) -> str:
    """Return `text` with letters that the font has: others lose their accents, or become "?"."""
    known = cast(TTFont, pdfmetrics.getFont(_PLAIN)).face.charToGlyph
    return "".join(
        each
        if ord(each) in known
        else "".join(part for part in unicodedata.normalize("NFKD", each) if ord(part) in known)
        or "?"
        for each in text
    )
