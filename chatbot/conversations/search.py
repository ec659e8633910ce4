"""Looking for words in what was said, and for whom it was said with (see `search_index`)."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from chatbot.conversations.models import Message
from chatbot.conversations.search_index import INDEX

_TOKEN = re.compile(r"[^\W_]+")
_LEAST_PREFIX = 2  # letters: what begins with one letter is half of all words
_STRETCHES = (5_000, 50_000)  # messages
_SNIPPET, _BEFORE = 140, 40  # characters: all of it, and what stands before the first match


@dataclass(frozen=True, slots=True)
class Words:
    """What is looked for in a message, its subject or its customer: all of it.

    phrases: words in a row, one or more. beginning: of the word that is still typed. names: the
    same, but of the customer's name and addresses alone.
    """

    phrases: tuple[tuple[str, ...], ...] = ()
    beginning: str = ""
    names: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.phrases or self.beginning or self.names)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a snippet; `found`: it is what was looked for."""

    text: str
    found: bool


def tokens(text: str) -> list[str]:
    """Return the words of `text` as the index has them: lower case, without accents."""
    return [token for token, _start, _end in _spans(text)]


def hits(
    words: Words, *, before: int, after: int = 0, among: Collection[int] | None = None, most: int
) -> list[tuple[int, int]]:
    """Return at most `most` (message, conversation) that have all of `words`, the newest first.

    Of messages whose numbers are between `after` and `before`; `among`: of these conversations
    alone.
    """
    if connection.vendor == "postgresql":
        condition, query = "i.words @@ to_tsquery('simple', %s)", _tsquery(words)
        if among is None and any(len(phrase) > 1 for phrase in words.phrases):
            return _newest(condition, query, before=before, after=after, most=most)
    else:
        condition, query = f"{INDEX} MATCH %s", _match(words)
    inside, values = "", []
    if among is not None:
        values = list(among)
        marks = ", ".join(["%s"] * len(values)) or "NULL"
        inside = (
            "AND i.rowid IN (SELECT m.id FROM conversations_message m"  # noqa: S608  marks alone
            f" WHERE m.conversation_id IN ({marks}))"
        )
    return _fetched(f"{condition} {inside}", [query, *values], before, after, most)


def _newest(
    condition: str, query: str, *, before: int, after: int, most: int
) -> list[tuple[int, int]]:
    """Return hits of a phrase in PostgreSQL, from the newest on, in stretches that grow.

    How frequent words in a row are it cannot estimate; it would read and sort all that match.
    """
    last = Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    newest = min(before, last + 1)
    for stretch in _STRETCHES:
        found = _fetched(condition, [query], newest, max(after, newest - stretch), most)
        if len(found) == most or newest - stretch <= after:
            return found
    return _fetched(condition, [query], newest, after, most)


def _fetched(
    condition: str, values: Sequence[Any], before: int, after: int, most: int
) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT i.rowid, i.conversation FROM {INDEX} i WHERE {condition}"  # noqa: S608
            " AND i.rowid < %s AND i.rowid > %s ORDER BY i.rowid DESC LIMIT %s",
            [*values, before, after, most],
        )
        return [(int(message), int(conversation)) for message, conversation in cursor.fetchall()]


def number_at(moment: datetime) -> int:
    """Return the number of the first message since `moment`, or more than all have.

    Messages are numbered as they come, so this is found by halving.
    """
    ends = Message.objects.order_by("pk").values_list("pk", flat=True)
    first, last = ends.first(), ends.last()
    if first is None or last is None:
        return 1
    low, high = first, last + 1
    while low < high:
        middle = (low + high) // 2
        found = (
            Message.objects.filter(pk__gte=middle)
            .order_by("pk")
            .values_list("pk", "created_at")
            .first()
        )
        if found is None or found[1] >= moment:
            high = middle
        else:
            low = found[0] + 1
    return low


def snippet(text: str, words: Words) -> list[Piece]:
    """Return `text` around the first match, with what matches marked; [] where none does."""
    text = unicodedata.normalize("NFC", text)
    spans = list(_spans(text))
    marks = _marked(spans, words)
    if not marks:
        return []
    start = max(0, marks[0][0] - _BEFORE)
    if start:  # not in the middle of a word
        start = next((begin for _token, begin, _end in spans if begin >= start), start)
    end = min(len(text), start + _SNIPPET)
    pieces, at = [Piece("…", found=False)] if start else [], start
    for begin, stop in marks:
        if stop > end:
            break
        pieces += [Piece(_line(text[at:begin]), found=False), Piece(text[begin:stop], found=True)]
        at = stop
    pieces.append(Piece(_line(text[at:end]) + ("…" if end < len(text) else ""), found=False))
    return [piece for piece in pieces if piece.text]


def _marked(spans: Sequence[tuple[str, int, int]], words: Words) -> list[tuple[int, int]]:
    """Return where the text matches, in order, none inside another."""
    found = []
    for position, (token, start, _end) in enumerate(spans):
        for phrase in words.phrases:
            stretch = spans[position : position + len(phrase)]
            if tuple(word for word, _s, _e in stretch) == phrase:
                found.append((start, stretch[-1][2]))
        if words.beginning and token.startswith(words.beginning):
            found.append((start, spans[position][2]))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _spans(text: str) -> Iterable[tuple[str, int, int]]:
    for match in _TOKEN.finditer(unicodedata.normalize("NFC", text)):
        plain = unicodedata.normalize("NFD", match.group())
        folded = "".join(letter for letter in plain if not unicodedata.combining(letter))
        if folded:
            yield folded.lower(), match.start(), match.end()


def _line(text: str) -> str:
    """Return a stretch of several lines as one."""
    return re.sub(r"\s+", " ", text)


def _match(words: Words) -> str:
    """Return the query in FTS5's form; words are letters and digits, so nothing is an operator."""
    parts = [f'"{" ".join(phrase)}"' for phrase in words.phrases]
    if words.beginning:
        parts.append(_beginning(words.beginning, '"{}" *', '"{}"'))
    parts += ["who : " + _beginning(name, '"{}" *', '"{}"') for name in words.names]
    return " AND ".join(parts)


def _tsquery(words: Words) -> str:
    """Return the query in PostgreSQL's form."""
    parts = ["(" + " <-> ".join(f"'{word}'" for word in phrase) + ")" for phrase in words.phrases]
    if words.beginning:
        parts.append(_beginning(words.beginning, "'{}':*", "'{}'"))
    parts += [_beginning(name, "'{}':*B", "'{}':B") for name in words.names]
    return " & ".join(parts)


def _beginning(word: str, begins: str, whole: str) -> str:
    return (begins if len(word) >= _LEAST_PREFIX else whole).format(word)
