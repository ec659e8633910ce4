"""Articles that are found for each other's questions are named, with the questions."""

import numpy as np

from chatbot.insights.duplicates import near_duplicates
from knowledge.field import EntryTexts, Field, Prior, unit

AXES = np.eye(12, dtype=np.float32)
PRIOR = Prior(np.zeros(12, dtype=np.float32), {})


def entry(name: str, *asked: tuple[str, str, list[float]]) -> EntryTexts:
    """Return an entry of questions: (text, language, its direction)."""
    vectors = np.array(
        [sum(w * AXES[i] for i, w in enumerate(along)) for _, _, along in asked], dtype=np.float32
    )
    return EntryTexts(
        questions=tuple(
            (f"q{name}-{n}", text, language) for n, (text, language, _) in enumerate(asked)
        ),
        vectors=unit(vectors),
        answers=(),
        answer_vectors=np.zeros((0, 12), dtype=np.float32),
        answer_words=frozenset(),
    )


FIELD = Field.of(
    {
        "1": entry("1", ("wrong email", "en", [1, 0, 0, 0.1]), ("no receipt", "en", [0, 0, 1])),
        "2": entry("2", ("email is wrong", "en", [1, 0.1]), ("new email", "en", [0.6, 0.8])),
        "3": entry("3", ("opening hours", "en", [0, 0, 0, 1]), ("open", "en", [0, 0, 0, 1, 0.1])),
        "4": entry("4", ("forkert mail", "da", [1, 0, 0, 0.1])),
        "p7": entry("p7", ("wrong email", "en", [1, 0, 0, 0.1])),
    },
    PRIOR,
)


def test_a_question_that_is_nearer_to_another_article_names_the_pair() -> None:
    (pair,) = near_duplicates(FIELD, ["1", "2", "3", "4"])
    assert (pair.first, pair.second) == ("1", "2")
    (collision,) = pair.collisions
    assert (collision.text, collision.other) == ("wrong email", "email is wrong")
    assert collision.language == "en"
    assert collision.similarity > 0.7


def test_languages_are_not_compared_and_only_what_is_asked_for_is() -> None:
    assert near_duplicates(FIELD, ["1", "3", "4"]) == []
    assert near_duplicates(FIELD, []) == []
    assert {(p.first, p.second) for p in near_duplicates(FIELD, FIELD.entries)} >= {("1", "p7")}


def test_what_is_not_alike_enough_is_no_duplicate() -> None:
    assert near_duplicates(FIELD, ["1", "2"], alike=0.999) == []
