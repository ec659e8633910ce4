"""The port through which answering sees knowledge: entries found for a question."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Match:
    """One indexed text that is near the question; `similarity` is a cosine."""

    text: str
    language: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry of knowledge with the texts of it that were found, best first."""

    entry: str
    matches: tuple[Match, ...]

    @property
    def similarity(self) -> float:
        """The cosine of the entry's nearest text."""
        return self.matches[0].similarity


@dataclass(frozen=True, slots=True)
class Answer:
    """What an entry says, in one language."""

    entry: str
    topic: str
    category: str
    title: str
    text: str
    html: str
    language: str
    updated_at: datetime
    url: str | None = None


class Knowledge(Protocol):
    """Finds entries, and says what they answer."""

    def find(self, question: str) -> Sequence[Candidate]:
        """Return the entries nearest to `question`, best first, in any language."""
        ...

    def answer(self, entry: str, language: str) -> Answer | None:
        """Return the published answer of `entry` in `language`, else in the entry's own.

        None when the entry is not published (any more).
        """
        ...
