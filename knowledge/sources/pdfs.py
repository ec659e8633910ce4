"""PDF to sections, one a page: text as it is drawn, without what repeats on every page."""

import io
import re
import time
from collections import Counter
from collections.abc import Sequence

from django.utils.translation import gettext_noop as _
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from knowledge.sources.documents import (
    CHARACTERS,
    Document,
    Section,
    Unreadable,
    clean,
    language_of,
    squeeze,
    unwrap,
)

PAGES = 1_000
SECONDS = 60.0  # for all pages; drawings of millions of strokes take minutes
_EDGE = 2  # lines at the top and at the foot of a page that may repeat
_FEWEST = 3  # pages, before a repetition says anything
_A_TEXT = 20  # characters on average: fewer are stamps on scanned pages


def read_pdf(content: bytes, *, name: str) -> Document:
    """Return the PDF's title, language and a section for each page that has text.

    Raises Unreadable for a PDF that is damaged, locked, scanned or too long.
    """
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable(_("The PDF is locked with a password."))
        count = len(reader.pages)
        if count > PAGES:
            raise Unreadable(
                _("The PDF has %(count)s pages; at most %(most)s can be read."),
                count=f"{count:,}",
                most=f"{PAGES:,}",
            )
        pages = _texts(reader)
        title = squeeze(clean(str((reader.metadata and reader.metadata.title) or "")))[:200]
        language = _language(reader)
    except Unreadable:
        raise
    except (PyPdfError, RecursionError, MemoryError) as error:
        raise Unreadable(_("The PDF is damaged and cannot be read.")) from error
    except Exception as error:
        # What foreign files make of a parser is not foreseen: KeyError, TypeError, zlib's own.
        raise Unreadable(_("The PDF is not built as PDFs are and cannot be read.")) from error
    if sum(len(page) for page in pages) < _A_TEXT * max(1, len(pages)):
        raise Unreadable(
            _("The PDF has no text, only pictures of it: scan it with text recognition (OCR).")
        )
    texts = [unwrap(page) for page in _without_edges(pages)]
    sections = tuple(
        Section(path=(), text=text, page=number, anchor=f"page={number}")
        for number, text in enumerate(texts, start=1)
        if text
    )
    return Document(title=title or name, language=language, sections=sections)


def _texts(reader: PdfReader) -> list[str]:
    ends = time.monotonic() + SECONDS
    pages, characters = [], 0
    for page in reader.pages:
        if time.monotonic() > ends:
            raise Unreadable(
                _("The PDF takes longer than %(seconds)s seconds to read."), seconds=f"{SECONDS:g}"
            )
        text = clean(page.extract_text())
        characters += len(text)
        if characters > CHARACTERS:
            raise Unreadable(
                _("The PDF has more than %(most)s characters of text."), most=f"{CHARACTERS:,}"
            )
        pages.append(text)
    return pages


def _language(reader: PdfReader) -> str:
    declared = reader.root_object.get("/Lang")
    return language_of(declared) if isinstance(declared, str) else ""


def _without_edges(pages: Sequence[str]) -> list[str]:
    """Return the pages without the lines that most of them begin or end with, page numbers too."""
    split = [page.split("\n") for page in pages]
    seen: Counter[str] = Counter()
    for lines in split:
        seen.update({_shape(lines[i]) for i in _edges(lines)})
    often = {s for s, n in seen.items() if s and n >= _FEWEST and n > len(pages) / 2}
    kept = []
    for lines in split:
        dropped = {i for i in _edges(lines) if _shape(lines[i]) in often}
        kept.append("\n".join(line for i, line in enumerate(lines) if i not in dropped))
    return kept


def _edges(lines: Sequence[str]) -> list[int]:
    filled = [i for i, line in enumerate(lines) if line.strip()]
    return sorted({*filled[:_EDGE], *filled[-_EDGE:]})


def _shape(line: str) -> str:
    return re.sub(r"\d+", "0", squeeze(line).lower())
