"""The port through which answering sees knowledge: entries found for a question."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry of knowledge near the question.

    score: 0 to 1 or so, its share of what is near. similarity: the cosine of its nearest
    question, `text` in `language`.
    """

    entry: str
    score: float
    similarity: float
    text: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What retrieval shows: entries, best first, and the evidence for the best, by name."""

    candidates: tuple[Candidate, ...]
    evidence: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an entry says, in one language.

    `threshold` is the probability from which its category wants it given, if it has its own.
    `action` is what the bot does instead of saying it, `offers` what it offers to do under it.
    """

    entry: str
    topic: str
    category: str
    title: str
    text: str
    html: str
    language: str
    updated_at: datetime
    url: str | None = None
    threshold: float | None = None
    action: str = ""
    offers: str = ""


class Knowledge(Protocol):
    """Finds entries, and says what they answer."""

    def find(self, question: str, language: str) -> Found:
        """Return the entries that `question` in `language` may mean, best first."""
        ...

    def answer(self, entry: str, language: str, question: str = "") -> Answer | None:
        """Return the published answer of `entry` in `language`, else in the entry's own.

        A document answers `question` with its best sentences; without it, with its heading's.
        None when the entry is not published (any more).
        """
        ...
