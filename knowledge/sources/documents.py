"""What a document is once it is read: sections in order, or pairs of question and answer."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

from knowledge.sources.failures import Told

HTML = "text/html"
MARKDOWN = "text/markdown"
PDF = "application/pdf"
TEXT = "text/plain"
CSV = "text/csv"

_ALIASES = {
    "application/xhtml+xml": HTML,
    "text/x-markdown": MARKDOWN,
    "application/x-pdf": PDF,
    "application/csv": CSV,
    "text/comma-separated-values": CSV,
    "text/tab-separated-values": CSV,
}
_SUFFIXES = {
    ".html": HTML,
    ".htm": HTML,
    ".xhtml": HTML,
    ".md": MARKDOWN,
    ".markdown": MARKDOWN,
    ".pdf": PDF,
    ".txt": TEXT,
    ".text": TEXT,
    ".csv": CSV,
    ".tsv": CSV,
}
# What servers and browsers say when they do not know, and what Windows says of CSV files.
_VAGUE = {"", "application/octet-stream", "binary/octet-stream", "application/vnd.ms-excel"}

CHARACTERS = 5_000_000  # of text in one document: two thousand full pages
SECTIONS = 10_000


class Unreadable(Told, ValueError):
    """The document cannot be used."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a document under its headings, outermost first; `text` is plain.

    Blocks in `text` are parted by an empty line, list items and rows by a line break.
    """

    path: tuple[str, ...]
    text: str
    page: int | None = None  # of a PDF, from 1
    anchor: str | None = None  # the fragment of the page's address that shows it


@dataclass(frozen=True, slots=True)
class Pair:
    """A question with its answer; `row` is the row of the table that holds it, from 1."""

    question: str
    answer: str
    language: str
    category: str
    row: int


@dataclass(frozen=True, slots=True)
class Document:
    """A document as read; `language` is what it says of itself, such as `da`, else empty."""

    title: str
    language: str
    sections: tuple[Section, ...] = ()
    pairs: tuple[Pair, ...] = ()


def media_type_of(declared: str, name: str) -> str | None:
    """Return which of the five readable media types this is, or None.

    `declared` is a Content-Type, parameters allowed; `name` a file's name or an address's path,
    which decides where the declaration is vague, and tells Markdown and CSV from plain text.
    """
    base = declared.partition(";")[0].strip().lower()
    known = _ALIASES.get(base, base)
    by_name = _SUFFIXES.get(PurePosixPath(name).suffix.lower())
    if base in _VAGUE:
        return by_name
    if known == TEXT:
        return by_name if by_name in (MARKDOWN, CSV) else TEXT
    return known if known in (HTML, MARKDOWN, PDF, CSV) else None


def language_of(tag: str | None) -> str:
    """Return the primary language of a tag (BCP 47) such as `da-DK`, else an empty string."""
    primary = re.split(r"[-_]", (tag or "").strip().lower(), maxsplit=1)[0]
    if primary == "no":
        return "nb"
    return primary if re.fullmatch(r"[a-z]{2,3}", primary) else ""


def clean(text: str) -> str:
    """Return `text` without what readers cannot see.

    Zero-width and bidirectional controls, variation selectors and the tag characters can carry
    text to a language model, or turn it about on the way to a person (Unicode UTS #39; "Trojan
    Source", Boucher and Anderson 2021). Line ends become `\\n`, other controls go, and the rest
    is composed (NFC), with the ligatures that PDFs use taken apart.
    """
    text = _LINE_ENDS.sub("\n", text)
    text = _INVISIBLE.sub("", text)
    text = _SPACES.sub(" ", text)
    text = _LIGATURES.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return unicodedata.normalize("NFC", text)


def squeeze(text: str) -> str:
    """Return `text` on one line, with single spaces."""
    return " ".join(text.split())


_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_LIGATURES = re.compile("[\ufb00-\ufb06]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # controls, but tab and line ends
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff"  # halves of characters, which no encoder takes
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_WRAPPED = 45  # a shorter line was ended by its writer, not by the margin
_ITEM = re.compile(r"\s*(?:[-*•·–‣▪]\s|\(?\d{1,3}[.)]\s|[a-z]\)\s)")


def unwrap(text: str) -> str:
    """Return `text` with the lines of each paragraph joined where the margin broke them.

    A line is taken to be broken by the margin if it is long, does not end like a question, an
    exclamation or an introduction, and no list item follows. A word that is hyphenated across
    the break is made whole.
    """
    paragraphs = re.split(r"\n[ \t]*\n\s*", text.strip("\n"))
    return "\n\n".join(filter(None, (_unwrap_paragraph(paragraph) for paragraph in paragraphs)))


def _unwrap_paragraph(paragraph: str) -> str:
    done: list[str] = []
    last = ""
    for line in (squeeze(raw) for raw in paragraph.split("\n")):
        if not line:
            continue
        # A long line that ends a sentence goes on too: the splitter finds the sentences.
        broken = len(last) >= _WRAPPED and last[-1] not in "!?:;" and not _ITEM.match(line)
        if broken:
            if re.search(r"[^\W\d]-$", last) and line[0].islower():
                done[-1] = done[-1][:-1] + line
            else:
                done[-1] += " " + line
        else:
            done.append(line)
        last = line
    return "\n".join(done)
