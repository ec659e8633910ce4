"""CSV files of any size, a row at a time, as helpdesks and spreadsheets write them."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _

_CHUNK = 1024 * 1024
_MOST_COLUMNS = 500


class Unreadable(Exception):
    """A file that is no export of tickets; says why in the reader's language."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row; `number` is the line of the file where it begins (1 is the header)."""

    number: int
    cells: Sequence[str]


class Table:
    """A CSV file that is read as often as wanted, each time from its beginning.

    UTF-8 with a mark or without, UTF-16 with one, else Windows-1252; divided by semicolons,
    commas or tabs, whichever its first line has most of.
    """

    def __init__(self, file: BinaryIO) -> None:
        """Look at the header. Raises Unreadable."""
        self._file = file
        self._encoding = _encoding(file)
        file.seek(0)
        first = file.read(64 * 1024).decode(self._encoding, errors="replace").lstrip("\r\n")
        self._separator = max(",;\t", key=first.splitlines()[0].count) if first else ","
        header = next(self._lines(), None)
        if header is None or len([name for name in header.cells if name]) < 2:
            raise Unreadable(_("The first line must name the columns of the tickets."))
        if len(header.cells) > _MOST_COLUMNS:
            raise Unreadable(_("The file has more columns than an export of tickets has."))
        self.header = tuple(header.cells)
        self.encoding = self._encoding

    def rows(self) -> Iterator[Line]:
        """Yield the rows after the header that are not empty. Raises Unreadable."""
        lines = self._lines()
        next(lines, None)
        yield from lines

    def _lines(self) -> Iterator[Line]:
        self._file.seek(0)
        text = io.TextIOWrapper(
            self._file, encoding=self._encoding, errors="replace", newline="", write_through=False
        )
        # PostgreSQL refuses NUL, which no text has.
        clean = (line.replace("\0", "\ufffd") for line in text)
        reader = csv.reader(clean, delimiter=self._separator, strict=True)
        begins = 1
        try:
            for raw in reader:
                number, begins = begins, reader.line_num + 1
                cells = [cell.strip() for cell in raw]
                if any(cells):
                    yield Line(number, cells)
        except csv.Error as error:
            raise Unreadable(
                _(
                    "Line %(line)d cannot be read: its quotes do not close, or a cell is longer "
                    "than %(most)d characters. Nothing was taken over."
                )
                % {"line": begins, "most": csv.field_size_limit()}
            ) from error
        finally:
            text.detach()  # the file stays open for the next reading


def _encoding(file: BinaryIO) -> str:
    file.seek(0)
    mark = file.read(2)
    if mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"
