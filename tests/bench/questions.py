"""Questions as customers of the demo shop ask them, no two alike.

A question that was asked before costs the server no embedding, so each is one of the articles'
question variants with a name or an order number behind it. The list is the same in every run.
"""

import functools
import random
from dataclasses import dataclass

import yaml

from tests.world import ROOT

_ARTICLES = ROOT / "chatbot" / "demo" / "articles"
_NAMES = [
    "Maja",
    "Anna",
    "Emil",
    "Freja",
    "Noah",
    "Ida",
    "Oscar",
    "Alma",
    "Victor",
    "Clara",
    "William",
    "Agnes",
    "Lukas",
    "Ella",
    "Johan",
    "Signe",
    "Karl",
    "Laura",
    "Magnus",
    "Sofie",
    "Anton",
    "Julie",
    "Elias",
    "Astrid",
    "Hugo",
    "Liv",
    "Theo",
    "Mathilde",
    "Axel",
    "Karen",
]
_ENDINGS = {
    "en": (
        " (order {number})",
        ", order no. {number}",
        " - {name} {initial}.",
        " /{name}, {number}",
    ),
    "da": (
        " (ordre {number})",
        ", ordrenr. {number}",
        " - {name} {initial}.",
        " /{name}, {number}",
    ),
    "sv": (" (order {number})", ", ordernr {number}", " - {name} {initial}.", " /{name}, {number}"),
    "de": (
        " (Bestellung {number})",
        ", Bestellnr. {number}",
        " - {name} {initial}.",
        " /{name}, {number}",
    ),
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the language of the page on which it is asked."""

    text: str
    language: str


@functools.cache
def _variants() -> tuple[Question, ...]:
    found = []
    for path in sorted(_ARTICLES.glob("*.yaml")):
        article = yaml.safe_load(path.read_text("utf-8"))
        for language, translation in article["translations"].items():
            found += [Question(text, language) for text in translation["questions"]]
    return tuple(found)


@functools.cache
def _all(count: int) -> tuple[Question, ...]:
    chance = random.Random(20_250_101)
    variants = list(_variants())
    made: dict[str, Question] = {}
    while len(made) < count:
        chance.shuffle(variants)
        for variant in variants:
            ending = chance.choice(_ENDINGS[variant.language]).format(
                number=chance.randrange(100_000, 1_000_000),
                name=chance.choice(_NAMES),
                initial=chance.choice("ABCDEFGHJKLMNOPRSTUVW"),
            )
            text = variant.text + ending
            made.setdefault(text, Question(text, variant.language))
    return tuple(made.values())[:count]


LIMIT = 40_000


def questions(start: int, count: int) -> tuple[Question, ...]:
    """Return `count` questions from the position `start` of the list."""
    if start + count > LIMIT:
        raise ValueError(f"there are {LIMIT} questions")
    return _all(LIMIT)[start : start + count]
