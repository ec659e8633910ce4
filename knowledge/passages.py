"""Passages of sources as entries of the index, and the words in which they answer.

What stands under one heading, or on one page, is one entry: its passages answer together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import quote as percent_encoded

from knowledge.embeddings import StoredEmbeddings, embedded_question, query_vector
from knowledge.models import Passage
from knowledge.sources.chunking import BETWEEN
from knowledge.sources.quoting import best_sentences, sentences
from knowledge.store import Text

TOGETHER = 6  # passages of one entry, at most
_SAID = 12  # sentences of an entry without a heading that stand for its questions
_QUESTION = 300  # characters
_QUOTED = 3  # sentences
_WORDS = 0.06  # what all words of the question are worth, in cosines: E5's lie close together
_WORD, _STEM = 4, 5  # letters that a word needs to tell something, and to be known again
_FRAGMENT = "!$&'()*+,;=:@/?-._~%"  # what stands for itself in one (RFC 3986, 3.5)
_AT_ONCE = 500  # rows, for databases that limit the parameters of a query


@dataclass(frozen=True, slots=True)
class PassageEntry:
    """An entry of one source: its passages in order as (id, language), and what asks for it."""

    members: tuple[tuple[int, str], ...]
    questions: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the entry's name: that of its first passage."""
        return entry_name(self.members[0][0])

    @property
    def ids(self) -> list[str]:
        """Return the ids of its texts in the index."""
        first = self.members[0][0]
        return [
            *(f"p{pk}" for pk, _ in self.members),
            *(f"pq{first}-{number}" for number in range(len(self.questions))),
        ]


def entry_name(passage_id: int) -> str:
    """Return the name of the entry that begins with a passage; articles' are numbers alone."""
    return f"p{passage_id}"


def passage_id(entry: str) -> int | None:
    """Return the passage with which `entry` begins; None for an article."""
    return int(entry[1:]) if entry.startswith("p") else None


def entries_of(source_id: int) -> list[PassageEntry]:
    """Return the entries of a source, in its order."""
    rows = (
        Passage.objects.filter(source_id=source_id)
        .order_by("position", "id")
        .values("pk", "path", "page", "question", "language", "text")
    )
    found = []
    for _, same in groupby(rows, key=_place):
        section = list(same)
        for start in range(0, len(section), TOGETHER):
            part = section[start : start + TOGETHER]
            members = tuple((row["pk"], row["language"]) for row in part)
            found.append(PassageEntry(members, _asking(part, is_first=not start)))
    return found


def texts_of(entries: Iterable[PassageEntry]) -> dict[str, list[Text]]:
    """Return the texts of entries that are indexed, by entry."""
    entries = list(entries)
    embedded: dict[int, str] = {}
    wanted = [pk for entry in entries for pk, _ in entry.members]
    for start in range(0, len(wanted), _AT_ONCE):
        rows = Passage.objects.filter(pk__in=wanted[start : start + _AT_ONCE])
        embedded.update(rows.values_list("pk", "embedded"))
    return {
        entry.name: _texts(entry, embedded)
        for entry in entries
        if all(pk in embedded for pk, _ in entry.members)  # else it changed just now
    }


def _texts(entry: PassageEntry, embedded: dict[int, str]) -> list[Text]:
    first, language = entry.members[0]
    texts = [
        Text(f"p{pk}", embedded[pk], entry.name, spoken, False) for pk, spoken in entry.members
    ]
    return texts + [
        Text(f"pq{first}-{number}", embedded_question(words), entry.name, language, True)
        for number, words in enumerate(entry.questions)
    ]


def _place(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what passages of one entry share; a pair, or text without a place, is alone."""
    if row["question"] or not (row["path"] or row["page"]):
        return (row["pk"],)
    return (*row["path"], row["page"])


def _asked(row: Mapping[str, Any]) -> str:
    """Return what asks for a passage: its question or its heading, if it has either.

    A single word, such as a country's name, needs the heading above it.
    """
    if row["question"] or not row["path"]:
        return str(row["question"])
    last = str(row["path"][-1])
    return last if " " in last.strip() else " ".join(row["path"][-2:])


def _asking(rows: Sequence[Mapping[str, Any]], *, is_first: bool) -> tuple[str, ...]:
    """Return what asks for an entry: its question or heading, else what its sentences say.

    Without any, as on a PDF's page, nothing could be near enough to answer.
    """
    asked = _asked(rows[0])
    if asked:
        return (asked,) if is_first else ()
    said = [s.text for row in rows for s in sentences(row["text"], row["language"])]
    return tuple(dict.fromkeys(text[:_QUESTION] for text in said[:_SAID]))


def store_sentences(passage_ids: Sequence[int]) -> None:
    """Embed the sentences that an answer may quote, so that answering costs no embedding."""
    rows = Passage.objects.filter(pk__in=passage_ids, question="")
    found = [
        embedded
        for path, text, language in rows.values_list("path", "text", "language")
        if len(every := sentences(text, language)) > 1
        for embedded in _under_heading(path, [sentence.text for sentence in every])
    ]
    StoredEmbeddings(as_query=False).embed_arrays(found)


def _under_heading(path: Sequence[str], said: Sequence[str]) -> list[str]:
    """Return sentences as they are embedded: "It starts at 18:30." says little by itself."""
    return [f"{path[-1]}\n{sentence}" if path else sentence for sentence in said]


def together(first: Passage) -> list[Passage]:
    """Return the passages that answer with `first`, it among them."""
    rows = Passage.objects.filter(
        source_id=first.source_id,
        position__gte=first.position,
        position__lt=first.position + TOGETHER,
    ).order_by("position", "id")
    place = _place(_row(first))
    found = []
    for passage in rows:
        if _place(_row(passage)) != place:
            break
        found.append(passage)
    return found


def _row(passage: Passage) -> dict[str, Any]:
    return {
        "pk": passage.pk,
        "path": passage.path,
        "page": passage.page,
        "question": passage.question,
    }


def quote(passages: Sequence[Passage], question: str) -> str:
    """Return the sentences of `passages` that answer `question` best, word for word."""
    first = passages[0]
    text = "\n\n".join(passage.text for passage in passages)
    question = question or _asked(_row(first))
    # What the heading says already tells its sentences not apart.
    stems = _stems(question) - _stems(first.path[-1] if first.path else "")

    def score(found: Sequence[str]) -> list[float]:
        if len(found) < 2:
            return [0.0] * len(found)
        asked = query_vector(embedded_question(question))
        vectors = StoredEmbeddings(as_query=False).embed_arrays(_under_heading(first.path, found))
        return [
            float(vector @ asked) + _WORDS * len(stems & _stems(sentence)) / max(1, len(stems))
            for vector, sentence in zip(vectors, found, strict=True)
        ]

    said = best_sentences(question, text, score, most=_QUOTED, language=first.language)
    return said.text or first.text


def _stems(text: str) -> frozenset[str]:
    return frozenset(word[:_STEM] for word in embedded_question(text).split() if len(word) >= _WORD)


def title_of(first: Passage) -> str:
    """Return what a citation calls the place: the source and the headings, or the page."""
    source = first.source.name
    if not (first.path or first.page) or first.label == source:
        return source
    return f"{source}{BETWEEN}{first.label.removeprefix(f'{source}{BETWEEN}')}"


def address_of(first: Passage) -> str | None:
    """Return where the place can be read; None for documents that were uploaded."""
    source = first.source
    if source.kind != source.Kind.URL:
        return None
    address = source.url.partition("#")[0]
    return f"{address}#{percent_encoded(first.anchor, safe=_FRAGMENT)}" if first.anchor else address
