"""Labelled sets put through the whole of retrieval: evidence for every message."""

import time
from collections import Counter
from collections.abc import Sequence

import numpy as np

from chatbot.answering.fitting import Example, Examples
from chatbot.answering.labelled import LabelledMessage, LabelledSet
from chatbot.answering.understanding import detect_language, without_greeting
from knowledge.field import Ranking
from knowledge.trial import Trial, TrialEntry

# Parts of a knowledge base make near misses: messages whose entry is gone. Share kept, and seed.
_THINNED = ((0.5, 10), (0.5, 11), (0.75, 20), (0.75, 21))
_THINNED_SHARE = 0.15  # of a site's weight
_LOOKED_AT = 300  # texts, for the language of most
_ALL_IN_SCOPE_WEIGHT = 0.5  # no real traffic is: such a set was collected


def open_trial(data: LabelledSet) -> Trial:
    """Return a throw-away index of the set's entries."""
    usual = _usual_language([asked.text for entry in data.entries for asked in entry.questions])
    return Trial(
        {
            entry.id: TrialEntry(
                [
                    *((asked.text, asked.language or usual) for asked in entry.questions),
                    (entry.title, entry.language or usual),
                ],
                [(entry.answer, entry.language or usual)],
            )
            for entry in data.entries
        }
    )


def rank_all(data: LabelledSet) -> tuple[list[Ranking], float]:
    """Return what retrieval finds for each message of `data`, over its own entries.

    And in how many seconds, embedding and search, the index having been built.
    """
    usual = _usual_language([message.text for message in data.messages])
    with open_trial(data) as trial:
        trial.find("warm up")
        began = time.perf_counter()
        found = [
            trial.find(without_greeting(message.text), message.language or usual)
            for message in data.messages
        ]
        return found, time.perf_counter() - began


def _usual_language(texts: Sequence[str]) -> str:
    found = Counter(detect_language(text) for text in texts[:_LOOKED_AT])
    return found.most_common(1)[0][0] if found else ""


def examples_of(data: LabelledSet) -> list[Example]:
    """Return the evidence for each message of `data`, and whether the best entry is right."""
    return [
        Example(
            evidence=ranking.evidence,
            in_scope=message.expected is not None,
            right=message.expected is not None and ranking.entries[0].entry == message.expected,
        )
        for message, ranking in zip(data.messages, rank_all(data)[0], strict=True)
        if ranking.entries
    ]


def site_of(data: LabelledSet) -> list[Examples]:
    """Return the examples of a whole set, and of parts of its knowledge base."""
    whole = examples_of(data)
    weight = 1.0 if any(not row.in_scope for row in whole) else _ALL_IN_SCOPE_WEIGHT
    parts = [examples_of(thinned(data, share, seed)) for share, seed in _THINNED]
    return [
        Examples(whole, weight * (1 - _THINNED_SHARE)),
        *(Examples(part, weight * _THINNED_SHARE / len(parts)) for part in parts),
    ]


def thinned(data: LabelledSet, share: float, seed: int) -> LabelledSet:
    """Return `data` with a random `share` of its entries; the others' messages are out of scope."""
    order = np.random.default_rng(seed).permutation(len(data.entries))
    kept = sorted(order[: max(3, int(share * len(order)))].tolist())
    entries = tuple(data.entries[number] for number in kept)
    ids = {entry.id for entry in entries}
    messages = tuple(
        LabelledMessage(
            message.text,
            message.expected if message.expected in ids else None,
            message.language,
        )
        for message in data.messages
    )
    return LabelledSet(f"{data.name}-thinned", entries, messages, {})
