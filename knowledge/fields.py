"""The field of entries by language: what a question is weighed against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from knowledge.field import QUESTIONS, Array, EntryTexts, Field, Prior, Ranking, unit

_MOST_LANGUAGES = 4


@dataclass(frozen=True, slots=True)
class Fields:
    """The same entries, once for each language that they are in.

    A question in a language of the entries is weighed against their texts in that language
    (against all texts of an entry that has none): what four languages say in turn blurs what
    one of them says. Any other question is weighed against all texts.
    """

    every: Field
    own: Mapping[str, Field]

    @classmethod
    def of(cls, texts: Mapping[str, EntryTexts], prior: Prior) -> "Fields":
        """Return the fields of the entries `texts`, by entry."""
        every = Field.of(texts, prior)
        if len(every.spoken) < 2:
            return cls(every, {})
        return cls(
            every,
            {
                language: Field.of(
                    {name: _in_language(found, language, prior) for name, found in texts.items()},
                    prior,
                )
                for language in sorted(every.spoken)
            },
        )

    @property
    def wanted(self) -> int:
        """How many of the nearest questions to look at, to have enough of one language."""
        return QUESTIONS * min(_MOST_LANGUAGES, max(1, len(self.own)))

    def rank(
        self,
        text: str,
        vector: Array,
        language: str,
        near: Sequence[str],
        near_answers: Sequence[str],
    ) -> Ranking:
        """Weigh the entries for the question `text` in `language`; see `Field.rank`."""
        return self.own.get(language, self.every).rank(text, vector, near, near_answers)


def _in_language(texts: EntryTexts, language: str, prior: Prior) -> EntryTexts:
    """Return an entry's texts in `language`; all of them, moved to it, where it has none."""
    asked = [row for row, (_, _, found) in enumerate(texts.questions) if found == language]
    said = [row for row, (_, found) in enumerate(texts.answers) if found == language]
    if not asked and not said:
        vectors = [
            _moved(vector, found, language, prior)
            for vector, (_, _, found) in zip(texts.vectors, texts.questions, strict=True)
        ]
        return replace(texts, vectors=np.stack(vectors) if vectors else texts.vectors)
    return EntryTexts(
        questions=tuple(texts.questions[row] for row in asked),
        vectors=texts.vectors[asked],
        answers=tuple(texts.answers[row] for row in said),
        answer_vectors=texts.answer_vectors[said],
        answer_words=texts.answer_words,
    )


def _moved(vector: Array, spoken: str, language: str, prior: Prior) -> Array:
    shift = prior.shift(language, frozenset({spoken}))
    return vector if shift is None else unit(vector + shift)
