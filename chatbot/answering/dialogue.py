"""What was said before, and what a message means in its light.

Pure: a few facts about the conversation in, a reading of the message out. The phrases are in
`dialogue.json`, by language.
"""

import functools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

from chatbot.text import normalise

_REMEMBERED = 3  # questions, for noticing that one is asked again
_SAME = 92.0  # rapidfuzz's token_sort_ratio from which two questions are the same
_ALIKE = 90.0
_LONGEST_FOLLOW_UP = 8  # words
_SHORTEST_PART = 3  # words; "Really?" is no question of its own
_SHOUTING = 0.8  # share of capitals from which a text shouts
_MOST_PARTS = 4


@dataclass(frozen=True, slots=True)
class Option:
    """One of the choices that a customer was given."""

    entry: str
    title: str


class Rejected(Enum):
    """The customer wants none of the choices."""

    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Dialogue:
    """What the bot remembers of a conversation.

    question: the last question that it answered or asked back about.
    message: the id of the customer's message that was answered, until they said how it was.
    asked: the last few questions, normalised.
    options: the choices that its last message gave, if it did.
    failures: how many of its last messages in a row did not help.
    """

    question: str = ""
    message: int = 0
    asked: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    failures: int = 0

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Dialogue":
        """Return the dialogue that `stored` holds, as `to_json` made it."""
        return cls(
            question=str(stored.get("question", "")),
            message=int(stored.get("message", 0)),
            asked=tuple(map(str, stored.get("asked", ()))),
            options=tuple(
                Option(str(option["entry"]), str(option["title"]))
                for option in stored.get("options", ())
            ),
            failures=int(stored.get("failures", 0)),
        )

    def to_json(self) -> dict[str, Any]:
        """Return what JSON can hold, without what is empty."""
        return {name: value for name, value in asdict(self).items() if value}

    def answered(self, question: str, message: int = 0) -> "Dialogue":
        """Return what is remembered after `question`, asked in `message`, was answered."""
        return Dialogue(question=question, message=message, asked=self._with(question))

    def clarified(self, question: str, options: Sequence[Option]) -> "Dialogue":
        """Return what is remembered after the customer was asked which of `options` is meant."""
        return Dialogue(
            question=question,
            asked=self._with(question),
            options=tuple(options),
            failures=self.failures + 1,
        )

    def failed(self) -> "Dialogue":
        """Return what is remembered after an answer turned out not to be one."""
        return Dialogue(question=self.question, asked=self.asked, failures=self.failures + 1)

    def _with(self, question: str) -> tuple[str, ...]:
        return (*self.asked, normalise(question))[-_REMEMBERED:]


@functools.cache
def _phrases() -> Mapping[str, Any]:
    raw: Mapping[str, Any] = json.loads(
        (Path(__file__).parent / "dialogue.json").read_text("utf-8")
    )
    return raw


@functools.cache
def _listed(kind: str) -> frozenset[str]:
    return frozenset(
        normalise(phrase) for phrases in _phrases()[kind].values() for phrase in phrases
    )


def choice_of(text: str, options: Sequence[Option]) -> Option | Rejected | None:
    """Return which of `options` the customer chose, `REJECTED` for none, or None for neither.

    By its title, as a button sends it, or by number, as people answer on other channels.
    """
    words = normalise(text)
    if not options or not words:
        return None
    titles = [normalise(option.title) for option in options]
    found = process.extractOne(words, titles, scorer=fuzz.ratio, score_cutoff=_ALIKE)
    if found is not None:
        return options[found[2]]
    for option, ordinals in zip(options, _phrases()["ordinals"], strict=False):
        if words in ordinals:
            return option
    if len(options) == 1 and words in _listed("yes"):
        return options[0]
    return Rejected.REJECTED if words in _listed("none") else None


def is_not_it(text: str) -> bool:
    """Return whether `text` says that the last answer was none."""
    words = normalise(text)
    if not words or len(words) > 60:
        return False
    if words in _listed("not_it"):
        return True
    likely = [phrase for phrase in _listed("not_it") if len(phrase) >= 8]
    return process.extractOne(words, likely, scorer=fuzz.ratio, score_cutoff=_ALIKE) is not None


def is_helped(text: str) -> bool:
    """Return whether `text` says that the last answer was one."""
    return normalise(text) in _listed("helped")


def is_follow_up(text: str) -> bool:
    """Return whether `text` needs the question before it: "and to Norway?"."""
    words = normalise(text).split()
    if not 1 <= len(words) <= _LONGEST_FOLLOW_UP:
        return False
    return any(
        " ".join(words[:length]) in _listed("follow_up")
        for length in range(1, min(5, len(words)) + 1)
    )


def is_repeat(question: str, dialogue: Dialogue) -> bool:
    """Return whether the customer asks what was just answered, in the same words."""
    words = normalise(question)
    return len(words) >= 8 and any(
        fuzz.token_sort_ratio(words, asked) >= _SAME for asked in dialogue.asked
    )


@functools.cache
def _said(kind: str) -> re.Pattern[str]:
    phrases = [phrase for listed in _phrases()[kind].values() for phrase in listed]
    return re.compile(rf"\b(?:{'|'.join(phrases)})\b")


def is_urgent(text: str) -> bool:
    """Return whether the customer says that it cannot wait."""
    return _said("urgent").search(normalise(text)) is not None


def is_upset(text: str) -> bool:
    """Return whether the customer is angry: by words, or by shouting."""
    if _said("upset").search(normalise(text)):
        return True
    letters = [character for character in text if character.isalpha()]
    capitals = sum(character.isupper() for character in letters)
    return len(letters) >= 20 and capitals >= _SHOUTING * len(letters) and "!" in text


def parts_of(question: str) -> tuple[str, ...]:
    """Return the several questions in one message, or the message itself where it is one.

    Only question marks and lines separate: a sentence before a question explains it, and goes
    along with it.
    """
    pieces = re.findall(r"[^?\n]+\?*", question)
    parts: list[str] = []
    carried = ""
    for piece in pieces:
        text = f"{carried} {piece.strip()}".strip()
        if "?" not in piece or len(normalise(piece).split()) < _SHORTEST_PART:
            carried = text
            continue
        parts.append(text)
        carried = ""
    if carried and parts:
        parts[-1] = f"{parts[-1]} {carried}"
    return tuple(parts) if 2 <= len(parts) <= _MOST_PARTS else (question,)
