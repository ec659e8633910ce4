"""What a message is: its language, and whether it is a question at all.

Pure: text in, a value out. The phrases are in `phrases.json`, by language.
"""

import functools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from rapidfuzz import fuzz, process

from chatbot.text import normalise

LANGUAGES = ("da", "sv", "de", "en", "nb")
# How much a page's language counts beside the text's own evidence. Identification of a few
# words is little better than a guess between Danish, Swedish and Norwegian.
_HINT_WEIGHT = 8.0
_TELLING_LETTERS = 8  # "ja tak" is Swedish to identification
_SURE_CHARACTERS = 60  # texts from here on speak for themselves
# Bokmål and Danish look alike; where nothing says Norway, a text is four times likelier Danish.
_NORWEGIAN_PRIOR = 0.25
_LONGEST_COURTESY = 60  # characters
_PLEASED = re.compile("[👍🙏👌👏🙌💪❤♥💚💙💛🧡💜🤍🥰😍😊🙂😀😃😄😁😂🤗😉😇🎉✅✔☺]|[:;]-?[)D]")


class Kind(StrEnum):
    """What a message asks of us."""

    QUESTION = "question"
    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    HUMAN = "human"
    NOT_IT = "not_it"  # the last answer was none
    NONE_CHOSEN = "none_chosen"  # of the choices that were given


@dataclass(frozen=True, slots=True)
class Understanding:
    """A message understood: `question` is its text without a leading greeting."""

    kind: Kind
    language: str
    question: str


def understand(text: str, *, hint: str = "", intent: str = "message") -> Understanding:
    """Return what `text` is, given the language that the channel expects (`hint`)."""
    kind, question = what_is_asked(text, intent)
    return Understanding(kind, detect_language(text, hint=hint), question)


@functools.lru_cache(maxsize=512)
def what_is_asked(text: str, intent: str = "message") -> tuple[Kind, str]:
    """Return the kind of `text`, and what of it is the question."""
    if intent == "human" or wants_person(text):
        return Kind.HUMAN, text
    courtesy = _courtesy(text)
    if courtesy is not None:
        return courtesy, text
    return Kind.QUESTION, without_greeting(text)


# --- Language ---------------------------------------------------------------------------------
@functools.cache
def _identifier():  # type: ignore[no-untyped-def]  # py3langid has no types
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    known = set(identifier.labels)
    identifier.set_languages(sorted(known & {*LANGUAGES, "no", "nn"}))
    return identifier


def detect_language(text: str, *, hint: str = "") -> str:
    """Return one of `LANGUAGES` for `text`, leaning to `hint` where the text is short."""
    hint = hint.lower().partition("-")[0]
    hint = "nb" if hint in ("no", "nn") else hint
    letters = sum(character.isalpha() for character in text)
    if letters < (_TELLING_LETTERS if hint in LANGUAGES else 3):
        return hint if hint in LANGUAGES else "en"
    scores = dict.fromkeys(LANGUAGES, 0.0)
    for language, probability in _identifier().rank(text):
        scores["nb" if language in ("no", "nn") else language] += float(probability)
    if hint != "nb":
        scores["nb"] *= _NORWEGIAN_PRIOR
    if hint in scores and letters < _SURE_CHARACTERS:
        scores[hint] = scores[hint] * _HINT_WEIGHT + 0.02
    return max(scores, key=scores.__getitem__)


# --- Small talk and the wish for a person -----------------------------------------------------
@functools.cache
def _phrases() -> Mapping[str, tuple[str, ...]]:
    raw = json.loads((Path(__file__).parent / "phrases.json").read_text("utf-8"))
    return {
        kind: tuple(
            sorted({normalise(phrase) for phrases in by_language.values() for phrase in phrases})
        )
        for kind, by_language in raw.items()
        if kind != "human_patterns"
    }


@functools.cache
def _human_patterns() -> Sequence[re.Pattern[str]]:
    raw = json.loads((Path(__file__).parent / "phrases.json").read_text("utf-8"))
    return [
        re.compile(rf"\b(?:{first})\b.{{0,40}}?\b(?:{second})\b")
        for pairs in raw["human_patterns"].values()
        for first, second in pairs
    ]


def wants_person(text: str) -> bool:
    """Return whether `text` asks for a human being, in any of our languages."""
    words = normalise(text)
    if any(pattern.search(words) for pattern in _human_patterns()):
        return True
    return len(words) <= 80 and _near(words, _phrases()["human"], 88)


def _courtesy(text: str) -> Kind | None:
    """Return which courtesy the message is, if it says nothing beside courtesies."""
    words = normalise(text)
    if not words:  # a thumb up, say; but "???" asks for something, and 😡 does not thank
        return Kind.THANKS if _PLEASED.search(text) else None
    if len(words) > _LONGEST_COURTESY:
        return None
    only_courtesies = all(word in _courtesy_words() for word in words.split())
    for kind in (Kind.GOODBYE, Kind.THANKS, Kind.GREETING):
        phrases = _phrases()[kind]
        if _near(words, phrases, 90):
            return kind
        if only_courtesies and any(f" {phrase} " in f" {words} " for phrase in phrases):
            return kind
    return None


@functools.cache
def _courtesy_words() -> frozenset[str]:
    kinds = (Kind.GREETING, Kind.THANKS, Kind.GOODBYE, "filler")
    return frozenset(
        word for kind in kinds for phrase in _phrases()[kind] for word in phrase.split()
    )


def _near(words: str, phrases: tuple[str, ...], score: float) -> bool:
    # Short words must agree to the letter: "hej" is one typo away from too much.
    if words in phrases:
        return True
    long = _long(phrases)
    return process.extractOne(words, long, scorer=fuzz.ratio, score_cutoff=score) is not None


@functools.cache
def _long(phrases: tuple[str, ...]) -> Sequence[str]:
    return [phrase for phrase in phrases if len(phrase) >= 5]


def without_greeting(text: str) -> str:
    """Return `text` without the greeting it begins with, where something follows."""
    match = _leading_greeting().match(text)
    rest = text[match.end() :].strip() if match else text
    return rest if len(normalise(rest)) >= 3 else text


@functools.cache
def _leading_greeting() -> re.Pattern[str]:
    greetings = sorted(_phrases()[Kind.GREETING], key=len, reverse=True)
    either = "|".join(re.escape(greeting).replace(r"\ ", r"[\s,]+") for greeting in greetings)
    return re.compile(rf"\s*(?:(?:{either})\b[\s,.!:;–-]*)+", re.IGNORECASE)
