"""CSV as spreadsheets write it, cell by cell: encodings, separators, dates, words for states."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from chatbot.systems.ports import OrderState
from chatbot.text import normalise

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")
_OURS = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})(?: .*)?")
_YES = {"1", "yes", "true", "ja", "y", "j", "x"}
_NO = {"0", "no", "false", "nej", "nein", "n"}
_STATES = {
    OrderState.RECEIVED: "received, new, modtaget, ny, mottagen, eingegangen, neu",
    OrderState.PACKING: "packing, processing, pakkes, under pakning, packas, in bearbeitung, "
    "wird gepackt",
    OrderState.SENT: "sent, shipped, dispatched, afsendt, sendt, skickad, skickat, versandt, "
    "versendet, verschickt",
    OrderState.READY: "ready, ready for pickup, klar, klar til afhentning, hos ombud, "
    "klar att hämta, abholbereit",
    OrderState.DELIVERED: "delivered, leveret, levererad, levererat, geliefert, zugestellt",
    OrderState.CANCELLED: "cancelled, canceled, annulleret, annullerad, avbeställd, storniert",
    OrderState.RETURNED: "returned, returneret, returnerad, retur, zurückgesandt, retourniert",
}
_STATE_OF = {word: state for state, words in _STATES.items() for word in words.split(", ")}

Reader = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A row; `line` is where it begins in the file (1 is the header). Empty cells are None."""

    line: int
    cells: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong in a line of the file, in the reader's language."""

    line: int
    text: str


class Unreadable(Exception):
    """A file that is no CSV of ours; says why in the reader's language."""


# --- Cells: each reads a text that is not empty, or raises ValueError with the reason ------------
def text(cell: str) -> str:
    """Return the cell as it is."""
    return cell


def day(cell: str) -> date:
    """Return a date, written in ISO's order or as in our countries."""
    if iso := _ISO.fullmatch(cell):
        parts = (iso[1], iso[2], iso[3])
    elif ours := _OURS.fullmatch(cell):
        parts = (ours[3], ours[2], ours[1])
    else:
        parts = ("0", "0", "0")
    try:
        return date(*map(int, parts))
    except ValueError:
        told = _("“%(text)s” is not a date like 2026-05-31, 31.05.2026 or 31/05/2026.")
        raise ValueError(told % {"text": cell[:60]}) from None


def count(cell: str) -> int:
    """Return a whole number that is not negative."""
    if re.fullmatch(r"[0-9]{1,9}", cell):
        return int(cell)
    raise ValueError(_("“%(text)s” is not a whole number.") % {"text": cell[:60]})


def yes(cell: str) -> bool:
    """Return a yes or no."""
    if cell.casefold() in _YES | _NO:
        return cell.casefold() in _YES
    raise ValueError(_("“%(text)s” is neither yes nor no.") % {"text": cell[:60]})


def state(cell: str) -> OrderState:
    """Return an order's state, said in any of our languages."""
    found = _STATE_OF.get(normalise(cell))
    if found is None:
        raise ValueError(_("“%(text)s” is not a state of an order.") % {"text": cell[:60]})
    return found


# --- Files --------------------------------------------------------------------------------------
def rows_of(
    content: bytes, columns: Mapping[str, Reader], *, key: str, troubles: list[Trouble]
) -> Iterator[tuple[str, Row | None]]:
    """Yield what each row has in its column `key`, and the row; None for one with troubles.

    Troubles are added to `troubles`. Raises Unreadable.
    """
    decoded = _decoded(content)
    lines = csv.reader(io.StringIO(decoded, newline=""), delimiter=_separator(decoded))
    try:
        header = [_column(name) for name in next(lines, [])]
        _check(header, columns, key)
        begins = lines.line_num + 1
        for raw in lines:
            line, begins = begins, lines.line_num + 1
            cells = [cell.strip() for cell in raw]
            if not any(cells):
                continue
            written = dict(zip(header, cells, strict=False))
            read, wrong = _read(written, columns)
            if not written.get(key):
                wrong.append(_("The column “%(column)s” is empty.") % {"column": key})
            if any(cells[len(header) :]):
                wrong.append(_("There are more cells than columns."))
            troubles += [Trouble(line, told) for told in wrong]
            yield written.get(key, ""), None if wrong else Row(line, read)
    except csv.Error as error:
        raise Unreadable(_("Line %(line)d cannot be read.") % {"line": lines.line_num}) from error


def _read(
    written: Mapping[str, str], columns: Mapping[str, Reader]
) -> tuple[dict[str, Any], list[str]]:
    """Return the cells as their columns read them, and what is wrong with the others."""
    read: dict[str, Any] = dict.fromkeys(columns)
    wrong = []
    for name, reader in columns.items():
        try:
            if cell := written.get(name):
                read[name] = reader(cell)
        except ValueError as error:
            wrong.append(f"{name}: {error}")
    return read, wrong


def _column(name: str) -> str:
    return "_".join(name.strip().lower().split())


def _check(header: list[str], columns: Mapping[str, Reader], key: str) -> None:
    if key not in header:
        raise Unreadable(
            _("The first line must name the columns; “%(column)s” is missing.") % {"column": key}
        )
    named = [name for name in header if name]
    unknown = sorted({name for name in named if name not in columns or named.count(name) > 1})
    if unknown:
        raise Unreadable(
            _("These columns are not known or named twice: %(names)s")
            % {"names": ", ".join(unknown)[:200]}
        )


def _decoded(content: bytes) -> str:
    """Return the text: UTF-8, UTF-16 by its mark, or else what Excel calls CSV on Windows."""
    marked = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        decoded = content.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError:
        decoded = content.decode("cp1252", errors="replace")
    return decoded.replace("\0", "\ufffd")  # which PostgreSQL refuses


def _separator(decoded: str) -> str:
    first = decoded.partition("\n")[0]
    return max(";,\t", key=first.count)
