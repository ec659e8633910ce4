"""Documents to chunks: pieces small enough to embed and to cite, cut where the document is."""

import functools
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from knowledge.sources.documents import Document, Pair, Section
from knowledge.sources.quoting import sentences

if TYPE_CHECKING:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

SIZE = 700  # characters: some 170 tokens, of the 512 that the embedding model reads
_PREFIX = 200  # characters of headings before them, of the innermost
BETWEEN = " › "  # headings
_MARK = "\x1f"  # after each sentence while a section is split; never in a document's clean text
_PAGE = {"da": "side", "nb": "side", "sv": "sida", "de": "Seite"}


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of a document.

    `text` is as in the document and `embedded` what stands for it in the index: the headings, a
    line break, the text. `label` names the place for a citation ("Delivery › Norway", "page 3");
    `question` is that of a pair, else empty. `position` counts from 0. `digest` is the SHA-256 of
    `embedded` in hexadecimal, by which a chunk is known again; it differs within a document.
    """

    text: str
    path: tuple[str, ...]
    label: str
    anchor: str | None
    page: int | None
    position: int
    language: str
    question: str
    embedded: str
    digest: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of a document's chunks, in the order of the document, or of the old digests.

    `kept` need no embedding, but may have moved: to another position, page or anchor.
    """

    added: tuple[Chunk, ...]
    removed: tuple[str, ...]
    kept: tuple[Chunk, ...]


def chunks(document: Document) -> list[Chunk]:
    """Return the document's passages in order, none over SIZE characters but answers of pairs.

    Sections are never mixed; within one, LangChain's splitter cuts between paragraphs, else lines,
    sentences, words. A passage that stands twice under the same headings comes once.
    """
    made: dict[str, Chunk] = {}
    for chunk in _all(document):
        made.setdefault(chunk.digest, chunk)
    return [replace(chunk, position=position) for position, chunk in enumerate(made.values())]


def compare(old: Iterable[str], new: Sequence[Chunk]) -> Changes:
    """Return what to embed, to remove and to leave, from the stored digests and the new chunks."""
    before = dict.fromkeys(old)
    now = {chunk.digest for chunk in new}
    return Changes(
        added=tuple(chunk for chunk in new if chunk.digest not in before),
        removed=tuple(digest for digest in before if digest not in now),
        kept=tuple(chunk for chunk in new if chunk.digest in before),
    )


def _all(document: Document) -> Iterator[Chunk]:
    for section in document.sections:
        for text in _split(section.text, document.language):
            yield _of_section(document, section, text)
    for pair in document.pairs:
        yield _of_pair(document, pair)


def _of_section(document: Document, section: Section, text: str) -> Chunk:
    label = BETWEEN.join(section.path)
    if section.page is not None:
        page = f"{_PAGE.get(document.language, 'page')} {section.page}"
        label = f"{label}, {page}" if label else page
    about = section.path
    if document.title not in about:
        about = (document.title, *about)
    embedded = f"{BETWEEN.join(about)[-_PREFIX:]}\n{text}"
    return Chunk(
        text=text,
        path=section.path,
        label=label or document.title,
        anchor=section.anchor,
        page=section.page,
        position=0,
        language=document.language,
        question="",
        embedded=embedded,
        digest=_digest(embedded),
    )


def _of_pair(document: Document, pair: Pair) -> Chunk:
    embedded = f"{pair.question}\n{pair.answer}"
    return Chunk(
        text=pair.answer,
        path=tuple(filter(None, (pair.category, pair.question))),
        label=pair.question,
        anchor=None,
        page=None,
        position=0,
        language=pair.language or document.language,
        question=pair.question,
        embedded=embedded,
        digest=_digest(embedded),
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@functools.cache
def _splitter() -> "RecursiveCharacterTextSplitter":
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    return RecursiveCharacterTextSplitter(
        separators=["\n\n", "\n", _MARK, " ", ""],
        chunk_size=SIZE,
        chunk_overlap=0,  # a sentence in two passages would be quoted twice
        keep_separator="end",
        length_function=lambda text: len(text) - text.count(_MARK),
    )


def _split(text: str, language: str) -> list[str]:
    if len(text) <= SIZE:
        return [text]
    marked, at = [], 0
    for sentence in sentences(text, language):
        marked.append(text[at : sentence.end] + _MARK)
        at = sentence.end
    marked.append(text[at:])
    pieces = _splitter().split_text("".join(marked))
    return [piece for raw in pieces if (piece := raw.replace(_MARK, "").strip())]
