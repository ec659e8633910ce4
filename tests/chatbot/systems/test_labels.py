"""The return label: what is on it, that it can be read, and that it fits."""

from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from reportlab.graphics.barcode import code128
from reportlab.lib.units import mm

from chatbot.systems.labels import Label, draw_label, return_barcode

LABEL = Label(
    number="R-10023",
    order="10482",
    sender="Øyvind Åström-Müßig",
    carrier="PostNord",
    parcel="00000000239",
    created_on=date(2026, 5, 31),
    language="en",
)


def page(label: Label) -> Any:
    (only,) = PdfReader(BytesIO(draw_label(label))).pages
    return only


def test_says_who_sends_what_to_whom() -> None:
    text = page(LABEL).extract_text()
    for told in (
        *("Return", "From", "Øyvind Åström-Müßig", "10482", "PostNord", "00000000239"),
        *("To", "Lund & Lyng", "Jægergårdsgade 42", "8000 Aarhus C", "Denmark", "R-10023"),
    ):
        assert told in text


def test_is_one_page_of_a6() -> None:
    box = page(LABEL).mediabox
    assert (round(box.width / mm), round(box.height / mm)) == (105, 148)


def test_brings_its_own_letters() -> None:
    fonts = page(LABEL)["/Resources"]["/Font"].values()
    used = [font.get_object() for font in fonts]
    embedded = [font for font in used if "/FontFile2" in str(font.get("/FontDescriptor", ""))]
    assert len(embedded) >= 2


@pytest.mark.parametrize("number", ["R-10001", "R-10023", "R-99999", "R-1234567"])
def test_a_scanner_reads_the_number(number: str) -> None:
    bars = sorted(drawn_bars(page(replace(LABEL, number=number))))
    assert scanned(bars) == number
    left, right = bars[0][0], sum(bars[-1])
    module = min(width for _x, width in bars)
    assert left >= 10 * module  # the quiet zones that Code 128 asks for
    assert 105 * mm - right >= 10 * module
    assert module >= 0.25 * mm  # what handheld scanners read
    assert return_barcode(number).barHeight >= 20 * mm


def drawn_bars(shown: Any) -> list[tuple[float, float]]:
    """Return where the bars on the page begin, and how wide they are."""
    boxes = [
        [float(each) for each in operands]
        for operands, operator in shown.get_contents().operations
        if operator == b"re"
    ]
    return [(x, width) for x, _y, width, height in boxes if height > 20 * mm]


def scanned(bars: list[tuple[float, float]]) -> str:
    """Return what bars and the spaces between them say in Code 128, its check verified."""
    module = min(width for _x, width in bars)
    widths = []
    for (x, width), (following, _width) in zip(bars, [*bars[1:], (sum(bars[-1]), 0)], strict=True):
        widths += [round(width / module), round((following - x - width) / module)]
    known = {
        tuple("abcd".index(each.lower()) + 1 for each in pattern): symbol
        for symbol, pattern in code128._patterns.items()
    }
    starts = range(0, len(widths) - 8, 6)
    *symbols, check = [known[tuple(widths[at : at + 6])] for at in starts]
    assert known[tuple(widths[len(starts) * 6 :][:7])] == 106
    assert check == (symbols[0] + sum(at * each for at, each in enumerate(symbols))) % 103
    code, text = {103: "A", 104: "B", 105: "C"}[symbols[0]], ""
    for symbol in symbols[1:]:
        switched = {99: "C", 100: "B", 101: "A"}.get(symbol, code)
        if switched != code:
            code = switched
        else:
            text += f"{symbol:02d}" if code == "C" else chr(symbol + 32)
    return text


@pytest.mark.parametrize(
    "changed",
    [
        {"sender": "", "carrier": "", "parcel": ""},
        {"sender": "Maximiliane Wilhelmine von und zu Hohenlohe-Waldenburg-Schillingsfürst " * 2},
        {"sender": "王小明 Łukasz Žižka 🎁", "language": "xx"},
        {"number": "R-" + "9" * 20, "order": "x" * 60},
        {"language": ""},
    ],
)
def test_draws_whatever_it_is_given(changed: dict[str, str]) -> None:
    assert page(replace(LABEL, **changed)).extract_text()


def test_letters_that_the_font_lacks_lose_their_accents() -> None:
    text = page(replace(LABEL, sender="Žižka 王")).extract_text()
    assert "Žižka ?" in text or "Zizka ?" in text


def test_the_same_label_is_the_same_file() -> None:
    assert draw_label(LABEL) == draw_label(LABEL)


def test_a_long_address_stays_on_its_lines(settings: Any) -> None:
    settings.RETURN_ADDRESS = "\n".join(f"line {number}" for number in range(9))
    text = page(LABEL).extract_text()
    assert "line 4" in text
    assert "line 5" not in text
