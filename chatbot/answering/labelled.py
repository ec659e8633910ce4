"""Labelled messages over a knowledge base: files of the form that `manage.py evaluate` reads.

A JSON object with `entries` (id, title, questions, answer), `messages` (text, and the id of the
entry that is expected, or null where no entry answers) and optionally `peers`: what rival
systems predicted, message by message (predicted, score). Entries and messages may name their
`language`, and a question may be an object with `text` and `language`; those that do not are in
the language that most of them seem to be in.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatbot.answering.evaluation import Scored
from chatbot.text import normalise

POOLED = "pooled"  # what all files together are called
_SKETCH = 100
_SEEN = 0.2  # of a set's sketch; two sets share greetings, not a fifth of what people wrote


class BadFile(ValueError):
    """The file is not of the form that is wanted; the text says where."""


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A way in which an entry is asked for."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class LabelledEntry:
    """One entry of the knowledge base; `language` is that of its title and its answer."""

    id: str
    title: str
    questions: tuple[LabelledQuestion, ...]
    answer: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class LabelledMessage:
    """What somebody wrote, and the entry that answers it, if one does."""

    text: str
    expected: str | None
    language: str = ""


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """A knowledge base and messages over it; `peers` are rivals' answers to the same messages."""

    name: str
    entries: tuple[LabelledEntry, ...]
    messages: tuple[LabelledMessage, ...]
    peers: Mapping[str, tuple[Scored, ...]]

    @property
    def sketch(self) -> tuple[str, ...]:
        """A bottom-k sketch of the messages (Broder 1997): the smallest of their hashes."""
        hashes = {_hash(message.text) for message in self.messages}
        return tuple(sorted(hashes)[:_SKETCH])

    def has_seen(self, sketch: Sequence[str]) -> bool:
        """Return whether these messages are, in good part, those that `sketch` is of."""
        hashes = {_hash(message.text) for message in self.messages}
        return sum(one in hashes for one in sketch) >= _SEEN * max(1, len(sketch))


def _hash(text: str) -> str:
    return hashlib.sha256(normalise(text).encode()).hexdigest()[:12]


def read_set(path: Path) -> LabelledSet:
    """Return the set in the file `path`. Raises BadFile."""
    try:
        raw = json.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadFile(f"{path}: {error}") from error
    if not isinstance(raw, dict):
        raise BadFile(f"{path}: a JSON object is expected")
    try:
        entries = tuple(_entry(entry) for entry in raw["entries"])
        messages = tuple(
            LabelledMessage(
                str(message["text"]),
                None if message["expected"] is None else str(message["expected"]),
                str(message.get("language") or ""),
            )
            for message in raw["messages"]
        )
        peers = {
            str(name): _peer(name, found, messages)
            for name, found in (raw.get("peers") or {}).items()
        }
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise BadFile(f"{path}: {type(error).__name__}: {error}") from error
    _check(path, entries, messages)
    return LabelledSet(path.stem, entries, messages, peers)


def read_sets(paths: Sequence[Path]) -> list[LabelledSet]:
    """Return the sets in several files, which must have different names. Raises BadFile."""
    names = [path.stem for path in paths]
    for name in names:
        if names.count(name) > 1 or name == POOLED:
            raise BadFile(f"{name}: each file needs a name of its own, and not {POOLED!r}")
    return [read_set(path) for path in paths]


def _entry(raw: Mapping[str, Any]) -> LabelledEntry:
    return LabelledEntry(
        id=str(raw["id"]),
        title=str(raw.get("title") or ""),
        questions=tuple(map(_question, raw.get("questions") or ())),
        answer=str(raw.get("answer") or ""),
        language=str(raw.get("language") or ""),
    )


def _question(raw: Any) -> LabelledQuestion:
    if isinstance(raw, str):
        return LabelledQuestion(raw)
    return LabelledQuestion(str(raw["text"]), str(raw.get("language") or ""))


def _peer(
    name: str, found: Sequence[Mapping[str, Any]], messages: Sequence[LabelledMessage]
) -> tuple[Scored, ...]:
    if len(found) != len(messages):
        raise ValueError(f"peer {name} has {len(found)} rows for {len(messages)} messages")
    return tuple(
        Scored(
            message.expected,
            None if one["predicted"] is None else str(one["predicted"]),
            float(one["score"] or 0.0),
        )
        for message, one in zip(messages, found, strict=True)
    )


def _check(
    path: Path, entries: Sequence[LabelledEntry], messages: Sequence[LabelledMessage]
) -> None:
    if not entries or not messages:
        raise BadFile(f"{path}: entries and messages are needed")
    known = {entry.id for entry in entries}
    if len(known) < len(entries):
        raise BadFile(f"{path}: two entries have the same id")
    for number, message in enumerate(messages):
        if message.expected is not None and message.expected not in known:
            raise BadFile(f"{path}: message {number} expects {message.expected!r}, no such entry")
    for entry in entries:
        if not entry.title and not entry.questions and not entry.answer:
            raise BadFile(f"{path}: entry {entry.id!r} has no text")
