"""Which products a customer's words may mean: typos, plurals, any of our languages, numbers.

Pure, and generous: the caller weighs how near the candidates are.
"""

import math
import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

from rapidfuzz import fuzz, process

from chatbot.text import normalise

Key = TypeVar("Key", bound=Hashable)

MOST = 20
_LONGEST = 200  # letters of what was typed that are read
_NEAR = 74.0  # per cent of letters in common: "hdee" is 75 to "hede"
_SHARE = 0.4  # of the best candidate's score that others need
_TIMES = re.compile(r"(?<=\d)\s*[x×*]\s*(?=\d)", re.IGNORECASE)
_LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "ü": "ue"})


def words_of(text: str) -> list[str]:
    """Return the words of `text` as they are compared; "130x190" is two."""
    return normalise(_TIMES.sub(" ", text)).translate(_LETTERS).split()


def nearest(typed: str, texts: Mapping[Key, Iterable[str]]) -> list[Key]:
    """Return the keys of what `typed` may mean, nearest first, at most `MOST`.

    `texts` are the names and numbers of each, in all languages.
    """
    found_at: dict[str, set[Key]] = defaultdict(set)
    for key, its_texts in texts.items():
        for text in its_texts:
            words = words_of(text)
            for word in (*words, "".join(words)):  # whole too: a number is typed in any form
                found_at[word].add(key)
    typed_words = words_of(typed[:_LONGEST])
    scores: dict[Key, float] = defaultdict(float)
    for word in {*typed_words, "".join(typed_words)}:
        best_of: dict[Key, float] = defaultdict(float)
        for known, nearness in _like(word, list(found_at)):
            # What many have in common says little of which one is meant.
            weight = nearness * math.log(1 + len(texts) / len(found_at[known]))
            for key in found_at[known]:
                best_of[key] = max(best_of[key], weight)
        for key, weight in best_of.items():
            scores[key] += weight
    best = max(scores.values(), default=0.0)
    near = [key for key, score in scores.items() if score >= _SHARE * best]
    return sorted(near, key=lambda key: -scores[key])[:MOST]


def _like(word: str, known: list[str]) -> list[tuple[str, float]]:
    """Return the known words that `word` may be, each with its nearness from 0 to 1."""
    if word.isdecimal() or len(word) < 3:
        return [(word, 1.0)] if word in known else []
    near = {
        each: score / 100
        for each, score, _place in process.extract(
            word, known, scorer=fuzz.ratio, score_cutoff=_NEAR, limit=None
        )
    }
    for each in known:
        shorter, longer = sorted((word, each), key=len)
        if len(shorter) >= 4 and shorter in longer:  # "Decke" in "Wolldecke", "lampe" in "lamper"
            near[each] = max(near.get(each, 0.0), 0.8)
    return list(near.items())
