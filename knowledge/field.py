"""The field of entries around a question: which entry is meant, and what speaks for it.

Pure: arrays in, numbers out. The nearest texts come from Chroma; here they are weighed against
each other. An entry's score is its share of a kernel ridge regression over them (Hastie et al.
2009, The Elements of Statistical Learning, 5.8.1): every nearby text votes for its entry, and
texts that say the same share their vote.

    alpha = (K + diag(ridge))^-1 k,  K_ij = exp(BETA (cos(z_i, z_j) - 1)),  k_i likewise
    score(entry) = sum of alpha_i over the entry's texts

Vectors are centred first, on the mean of the entries: E5's cosines crowd between .75 and .95
because all texts share a large common part. Texts of one language share a part of their own, so
a question in a language that the entries are not in is moved to where they are (Libovicky et
al. 2020, On the Language Neutrality of Pre-trained Multilingual Representations).
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from chatbot.text import normalise

Array: TypeAlias = npt.NDArray[np.float32]

QUESTIONS, ANSWERS = 100, 20  # nearest texts of either kind that are weighed
_BETA = 2.0
_RIDGE, _ANSWER_RIDGE = 0.1, 0.5
_BALANCE = 0.5  # an entry with many questions must not win by their number
_PRIOR = 5.0  # how many entries the prior of the centre counts for
_OWN_PRIOR = 0.66  # how alike one entry's questions are where nothing is known
_OWN_COUNT, _OWN_PRIOR_COUNT = 2.0, 20.0
_SPOKEN = 3  # a language that one in so many entries has is one of the knowledge base
_ENTRIES = (2.5, 5.5)  # logarithms between which the number of entries tells something


@dataclass(frozen=True, slots=True)
class Prior:
    """Mean vectors of questions in general, by language, of the same embedding model.

    `mean` is that of all languages; both come before a knowledge base has enough of its own.
    """

    mean: Array
    by_language: Mapping[str, Array]

    def shift(self, language: str, spoken: frozenset[str]) -> Array | None:
        """Return the way from the `spoken` languages to `language`; None where there is none."""
        known = [self.by_language[name] for name in sorted(spoken) if name in self.by_language]
        if language in spoken or language not in self.by_language or not known:
            return None
        return np.asarray(self.by_language[language] - np.mean(known, axis=0), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class EntryTexts:
    """One entry's texts and their vectors of unit length.

    questions: (id, text, language) of each question; vectors: (questions, dimensions).
    answers: (id, language) of each answer; answer_vectors: (answers, dimensions).
    answer_words: the words that occur in the answers.
    """

    questions: tuple[tuple[str, str, str], ...]
    vectors: Array
    answers: tuple[tuple[str, str], ...]
    answer_vectors: Array
    answer_words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ranked:
    """An entry near the question.

    score: its share in the regression, about 0 to 1. similarity: the cosine of its nearest
    question (of the furthest that was looked at, if none is near). language: of its nearest text.
    """

    entry: str
    score: float
    similarity: float
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """The entries near a question, best first, and the evidence for the best by name."""

    entries: tuple[Ranked, ...]
    evidence: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Bag:
    """A text's trigrams: their counts, and how often each word of it is known."""

    words: tuple[str, ...]
    trigrams: Mapping[str, int]


def _bag(text: str) -> _Bag:
    words = tuple(normalise(text).split())
    return _Bag(words, Counter(f"_{w}_"[i : i + 3] for w in words for i in range(len(w))))


def unit(vectors: Array) -> Array:
    """Return `vectors` of length 1; what has no direction stays as it is."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-9), dtype=np.float32)


@dataclass(frozen=True)
class Field:
    """All entries of an index, ready to be weighed. Made by `Field.of`; never changed."""

    entries: tuple[str, ...]
    prior: Prior
    spoken: frozenset[str]  # the languages that a good part of the entries are in
    centre: Array
    answer_centre: Array
    rows: Mapping[str, int]  # of question texts, by id
    owner: npt.NDArray[np.int64]
    vectors: Array
    questions: Sequence[tuple[str, str]]  # text, language
    answer_rows: Mapping[str, int]
    answer_owner: npt.NDArray[np.int64]
    answer_vectors: Array
    answer_languages: Sequence[str]
    counts: npt.NDArray[np.float64]
    totals: Array
    own: npt.NDArray[np.float64]
    known_words: Mapping[str, int]
    answer_words: frozenset[str]
    known_trigrams: Mapping[str, int]
    _bags: dict[int, tuple[Mapping[str, float], float]] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Mapping[str, EntryTexts], general: Prior) -> "Field":
        """Return the field of the entries `texts`, by entry."""
        names, prior = tuple(texts), general.mean
        vectors = _stacked([texts[name].vectors for name in names], len(prior))
        answer_vectors = _stacked([texts[name].answer_vectors for name in names], len(prior))
        owner = _owners([len(texts[name].questions) for name in names])
        answer_owner = _owners([len(texts[name].answers) for name in names])
        counts = np.bincount(owner, minlength=len(names)).astype(float)
        totals = np.zeros((len(names), len(prior)), dtype=np.float32)
        np.add.at(totals, owner, vectors)
        asked = counts > 0
        means = totals[asked] / counts[asked, None]
        centre = (means.sum(axis=0) + _PRIOR * prior) / (len(means) + _PRIOR)
        answer_centre = (answer_vectors.sum(axis=0) + _PRIOR * prior) / (
            len(answer_vectors) + _PRIOR
        )
        questions = [(text, lang) for name in names for _, text, lang in texts[name].questions]
        words: Counter[str] = Counter()
        trigrams: Counter[str] = Counter()
        for text, _ in questions:
            bag = _bag(text)
            words.update(set(bag.words))
            trigrams.update(bag.trigrams.keys())
        return cls(
            entries=names,
            prior=general,
            spoken=_spoken(texts.values()),
            centre=np.asarray(centre, dtype=np.float32),
            answer_centre=np.asarray(answer_centre, dtype=np.float32),
            rows=_rows(id for name in names for id, _, _ in texts[name].questions),
            owner=owner,
            vectors=vectors,
            questions=questions,
            answer_rows=_rows(id for name in names for id, _ in texts[name].answers),
            answer_owner=answer_owner,
            answer_vectors=answer_vectors,
            answer_languages=[lang for name in names for _, lang in texts[name].answers],
            counts=counts,
            totals=totals,
            own=_own(unit(vectors - centre), owner, counts),
            known_words=words,
            answer_words=frozenset().union(*(texts[name].answer_words for name in names)),
            known_trigrams=trigrams,
        )

    def moved(self, vector: Array, language: str) -> Array:
        """Return the vector of a question in `language` as if it were in the entries' own."""
        shift = self.prior.shift(language, self.spoken)
        return vector if shift is None else unit(vector - shift)

    def rank(
        self, text: str, vector: Array, near: Sequence[str], near_answers: Sequence[str]
    ) -> Ranking:
        """Weigh the entries for the question `text` of unit vector `vector`, as `moved` gave it.

        `near` and `near_answers` are ids of the nearest question and answer texts, nearest
        first. Ids that the field does not have are left out.
        """
        rows = [row for id in near if (row := self.rows.get(id)) is not None]
        top = np.array(rows[:QUESTIONS], dtype=int)
        at = [row for id in near_answers if (row := self.answer_rows.get(id)) is not None]
        if not len(top) and not at:
            return Ranking((), {})
        return self._weigh(text, vector, top, np.array(at, dtype=int))

    def _weigh(
        self,
        text: str,
        vector: Array,
        top: npt.NDArray[np.int64],
        at: npt.NDArray[np.int64],
    ) -> Ranking:
        asked = unit(vector - self.centre)
        z = unit(self.vectors[top] - self.centre)
        cosines = z @ asked
        owner, ridge = self.owner[top], self._ridge(top)
        if len(at):
            z = np.vstack([z, unit(self.answer_vectors[at] - self.answer_centre)])
            owner = np.concatenate([owner, self.answer_owner[at]])
            ridge = np.concatenate([ridge, np.full(len(at), _ANSWER_RIDGE)])
        candidates, inverse = np.unique(owner, return_inverse=True)
        kernel = np.exp(_BETA * (z @ z.T - 1.0)).astype(float)
        towards = np.exp(_BETA * (z @ asked - 1.0)).astype(float)
        alpha = np.linalg.solve(kernel + np.diag(ridge), towards)
        scores: npt.NDArray[np.float64] = np.bincount(inverse, weights=alpha).astype(float)
        order = np.argsort(-scores)
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        places = place[inverse]
        asked_places = places[: len(top)]
        near = self.vectors[top] @ vector
        alike, unknown = self._words(text, top, asked_places, len(order))
        closest = np.full(len(order), -np.inf)
        np.maximum.at(closest, asked_places, cosines)
        first = candidates[order]
        counts = self.counts[first][:, None]
        # An entry without questions is nowhere: neither near nor far.
        means = np.where(counts > 0, self.totals[first] / np.maximum(counts, 1.0), self.centre)
        means = means.astype(np.float32)
        typical = unit(means - self.centre) @ asked
        # An entry that only an answer brought here is as near as its questions are on average.
        closest = np.where(np.isinf(closest), typical, closest)
        low, high = _ENTRIES
        nearest = self._texts_of(
            zip(top.tolist(), asked_places.tolist(), near.tolist(), strict=True),
            zip(at.tolist(), places[len(top) :].tolist(), strict=True),
        )
        return Ranking(
            entries=tuple(
                Ranked(self.entries[entry], score, *nearest[place])
                for place, (entry, score) in enumerate(
                    zip(first.tolist(), scores[order].tolist(), strict=True)
                )
            ),
            evidence={
                "typical": float(typical[0]),
                "unknown": unknown,
                "alike": float(alike[0]),
                "near_own": float(closest[0] - self.own[first[0]]),
                "margin": _margin(scores[order]),
                "margin_typical": _margin(typical),
                "margin_alike": _margin(alike),
                "entries": min(max(math.log(len(self.entries)), low), high),
            },
        )

    def _ridge(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        counts = self.counts[self.owner[rows]]
        ridge: npt.NDArray[np.float64] = (
            _RIDGE * (counts / (self.counts.sum() / len(self.counts))) ** _BALANCE
        )
        return ridge

    def _words(
        self,
        text: str,
        top: npt.NDArray[np.int64],
        places: npt.NDArray[np.int64],
        candidates: int,
    ) -> tuple[npt.NDArray[np.float64], float]:
        """Return how alike each candidate's words are, 0 to 1, and how much of `text` is unknown.

        Alike: the cosine of character trigrams weighted by inverse document frequency, which
        forgives typos. Unknown: the share, by the same weights, of words that no entry uses.
        """
        bag = _bag(text)
        weights = {gram: self._idf(self.known_trigrams.get(gram, 0)) for gram in bag.trigrams}
        length = math.sqrt(sum((weights[g] * n) ** 2 for g, n in bag.trigrams.items())) or 1.0
        asked = [(gram, n) for gram, n in bag.trigrams.items() if gram in self.known_trigrams]
        alike = np.zeros(candidates)
        for row, place in zip(top.tolist(), places.tolist(), strict=True):
            known, norm = self._weighted(row)
            dot = sum([known[gram] * n for gram, n in asked if gram in known])
            alike[place] = max(alike[place], dot / (length * norm))
        words = {word: self._idf(self.known_words.get(word, 0)) for word in set(bag.words)}
        unknown = sum(
            weight
            for word, weight in words.items()
            if word not in self.known_words and word not in self.answer_words
        )
        return alike, unknown / (sum(max(weight, 0.0) for weight in words.values()) or 1.0)

    def _weighted(self, row: int) -> tuple[Mapping[str, float], float]:
        """Return a question's trigrams with squared weights, and their length; kept once made."""
        made = self._bags.get(row)
        if made is None:
            counts = _bag(self.questions[row][0]).trigrams
            weights = {gram: self._idf(self.known_trigrams.get(gram, 0)) for gram in counts}
            length = math.sqrt(sum((weights[g] * n) ** 2 for g, n in counts.items())) or 1.0
            made = ({g: weights[g] ** 2 * n for g, n in counts.items()}, length)
            self._bags[row] = made
        return made

    def _idf(self, occurrences: int) -> float:
        return math.log((len(self.questions) + 1) / (occurrences + 0.5))

    def _texts_of(
        self,
        asked: Iterable[tuple[int, int, float]],
        said: Iterable[tuple[int, int]],
    ) -> dict[int, tuple[float, str, str]]:
        """Return each candidate's similarity, nearest text and its language, by place.

        asked: (row, place, similarity) of the questions, nearest first; said: (row, place) of
        the answers. An entry that only an answer brought here is as far as what was furthest.
        """
        nearest: dict[int, tuple[float, str, str]] = {}
        furthest = 0.0
        for row, place, similarity in asked:
            furthest = similarity
            if place not in nearest:
                nearest[place] = (similarity, *self.questions[row])
        for row, place in said:
            nearest.setdefault(place, (furthest, "", self.answer_languages[row]))
        return nearest


def _spoken(texts: Iterable[EntryTexts]) -> frozenset[str]:
    """Return the languages that at least a third of the entries have."""
    entries = list(texts)
    counts = Counter(
        language
        for entry in entries
        for language in {*(q[2] for q in entry.questions), *(a[1] for a in entry.answers)}
    )
    return frozenset(
        language for language, count in counts.items() if count * _SPOKEN >= len(entries)
    )


def _stacked(parts: Sequence[Array], dimensions: int) -> Array:
    full = [part for part in parts if len(part)]
    return np.vstack(full) if full else np.zeros((0, dimensions), dtype=np.float32)


def _owners(counts: Sequence[int]) -> npt.NDArray[np.int64]:
    return np.repeat(np.arange(len(counts)), counts)


def _rows(ids: Iterable[str]) -> dict[str, int]:
    return {id: row for row, id in enumerate(ids)}


def _own(
    centred: Array, owner: npt.NDArray[np.int64], counts: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return how near each entry's questions are to each other: its own yardstick.

    The mean cosine of each question's nearest sibling, shrunk towards that of all entries.
    """
    best, number = np.zeros(len(counts)), np.zeros(len(counts))
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(int)
    for entry in np.flatnonzero(counts > 1).tolist():
        at = centred[starts[entry] : starts[entry + 1]]
        alike = at @ at.T
        np.fill_diagonal(alike, -1.0)
        best[entry], number[entry] = alike.max(axis=1).sum(), len(at)
    whole = (best.sum() + _OWN_PRIOR_COUNT * _OWN_PRIOR) / (number.sum() + _OWN_PRIOR_COUNT)
    own: npt.NDArray[np.float64] = (best + _OWN_COUNT * whole) / (number + _OWN_COUNT)
    return own


def _margin(values: npt.NDArray[np.float64] | Array) -> float:
    return float(values[0] - values[1:].max()) if len(values) > 1 else float(values[0])
