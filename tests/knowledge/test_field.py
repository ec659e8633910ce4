"""Which entry a question means, and what speaks for it: small made-up vectors, no embedding."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from chatbot.answering.confidence import load_model
from chatbot.answering.fitting import COVERED, RIGHT
from chatbot.text import normalise
from knowledge.field import QUESTIONS, Array, EntryTexts, Field, Prior, Ranking
from knowledge.fields import Fields

DIMENSIONS = 48
NOTHING = Prior(np.zeros(DIMENSIONS, dtype=np.float32), {})


def unit(vector: np.ndarray) -> Array:
    """Return the vector at unit length."""
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


class Space:
    """Draws vectors: at random, or near one that is there."""

    def __init__(self, seed: int = 0) -> None:
        self.luck = np.random.default_rng(seed)

    def anywhere(self) -> Array:
        """Return a random direction."""
        return unit(self.luck.normal(size=DIMENSIONS))

    def near(self, vector: Array, cosine: float) -> Array:
        """Return a vector at exactly this cosine to `vector`."""
        aside = self.luck.normal(size=DIMENSIONS)
        aside = unit(aside - (aside @ vector) * vector)
        return unit(cosine * vector + np.sqrt(1 - cosine**2) * aside)


@dataclass(frozen=True)
class Said:
    """A text and its vector."""

    text: str
    vector: Array
    language: str = "en"


def entry(name: str, questions: Sequence[Said] = (), answers: Sequence[Said] = ()) -> EntryTexts:
    """Return an entry with these texts; their ids are q or a, its name, and a number."""

    def stacked(texts: Sequence[Said]) -> Array:
        found = [text.vector for text in texts]
        return np.stack(found) if found else np.zeros((0, DIMENSIONS), dtype=np.float32)

    return EntryTexts(
        questions=tuple((f"q{name}{i}", q.text, q.language) for i, q in enumerate(questions)),
        vectors=stacked(questions),
        answers=tuple((f"a{name}{i}", a.language) for i, a in enumerate(answers)),
        answer_vectors=stacked(answers),
        answer_words=frozenset(w for a in answers for w in normalise(a.text).split()),
    )


def rank(
    texts: Mapping[str, EntryTexts], text: str, vector: Array, prior: Prior = NOTHING
) -> Ranking:
    """Ask the field of `texts`, looking at every text there is, nearest first."""
    return rank_in(Field.of(texts, prior), texts, text, vector)


def rank_in(field: Field, texts: Mapping[str, EntryTexts], text: str, vector: Array) -> Ranking:
    """Ask a field that is made already."""

    def nearest(ids: list[str], vectors: list[Array]) -> list[str]:
        if not ids:
            return []
        return [ids[row] for row in np.argsort(-(np.vstack(vectors) @ vector))]

    return field.rank(
        text,
        vector,
        nearest(
            [id for one in texts.values() for id, _, _ in one.questions],
            [one.vectors for one in texts.values() if one.questions],
        ),
        nearest(
            [id for one in texts.values() for id, _ in one.answers],
            [one.answer_vectors for one in texts.values() if one.answers],
        ),
    )


def score_of(ranking: Ranking, name: str) -> float:
    """Return the score of the entry `name`."""
    return next(found.score for found in ranking.entries if found.entry == name)


def shop(space: Space, entries: int = 8, variants: int = 3) -> dict[str, EntryTexts]:
    """Return a knowledge base whose entries lie apart, each with a few variants close together."""
    made = {}
    for number in range(entries):
        about = space.anywhere()
        made[f"e{number}"] = entry(
            f"e{number}-",
            [Said(f"words{number} asked{i}", space.near(about, 0.8)) for i in range(variants)],
            [Said(f"answer {number}", space.near(about, 0.5))],
        )
    return made


# --- Who wins -----------------------------------------------------------------------------------
@pytest.mark.parametrize("seed", range(8))
def test_an_entry_whose_variants_agree_beats_one_that_has_more_of_them(seed: int) -> None:
    space = Space(seed)
    asked = space.anywhere()
    agreeing = [Said(f"agree {i}", space.near(asked, 0.7)) for i in range(3)]
    # As near by its best, and four times as many; but the others are about something else.
    scattered = [Said("scatter", space.near(asked, 0.7))]
    scattered += [Said(f"scatter {i}", space.near(asked, 0.25)) for i in range(11)]
    texts = shop(space) | {"many": entry("m", scattered), "few": entry("f", agreeing)}
    found = rank(texts, "something", asked)
    assert found.entries[0].entry == "few"
    assert found.evidence["margin"] > 0
    assert score_of(found, "few") > 1.5 * score_of(found, "many")


@pytest.mark.parametrize("seed", range(5))
def test_saying_the_same_again_hardly_counts(seed: int) -> None:
    space = Space(seed)
    asked = space.anywhere()
    once = Said("where is my parcel", space.near(asked, 0.6))
    rival = entry("r", [Said(f"rival {i}", space.near(asked, 0.6)) for i in range(2)])
    texts = shop(space) | {"rival": rival}
    before = rank(texts | {"same": entry("s", [once])}, "parcel", asked)
    after = rank(texts | {"same": entry("s", [once] * 15)}, "parcel", asked)
    assert score_of(after, "same") < 1.25 * score_of(before, "same")
    assert before.entries[0].entry == after.entries[0].entry == "rival"


@pytest.mark.parametrize("seed", range(5))
def test_the_entry_that_is_asked_for_is_found_among_many(seed: int) -> None:
    space = Space(seed)
    texts = shop(space, entries=40)
    for name in ("e0", "e17", "e39"):
        asked = space.near(texts[name].vectors[0], 0.85)
        found = rank(texts, "whatever", asked)
        assert found.entries[0].entry == name
        assert found.entries[0].similarity == pytest.approx(
            float((texts[name].vectors @ asked).max()), abs=1e-5
        )
        assert found.entries[0].language == "en"


def test_each_entry_is_ranked_once_and_best_first() -> None:
    space = Space()
    found = rank(shop(space), "whatever", space.anywhere())
    scores = [one.score for one in found.entries]
    assert scores == sorted(scores, reverse=True)
    assert len({one.entry for one in found.entries}) == len(found.entries) == 8


def test_the_nearest_text_of_an_entry_is_named() -> None:
    space = Space()
    asked = space.anywhere()
    variants = [
        Said("far", space.near(asked, 0.2)),
        Said("naermest", space.near(asked, 0.9), "da"),
        Said("mellem", space.near(asked, 0.5), "da"),
    ]
    best = rank(shop(space) | {"x": entry("x", variants)}, "?", asked).entries[0]
    assert (best.entry, best.text, best.language) == ("x", "naermest", "da")
    assert best.similarity == pytest.approx(0.9, abs=1e-5)


def test_the_common_part_of_all_texts_says_nothing() -> None:
    """E5's cosines crowd between .75 and .95: all texts share a direction."""
    space = Space()
    common = space.anywhere()

    def crowded(vector: Array) -> Array:
        return unit(0.9 * common + 0.45 * vector)

    texts = {}
    abouts = [space.anywhere() for _ in range(20)]
    for number, about in enumerate(abouts):
        variants = [Said(f"{number} {i}", crowded(space.near(about, 0.8))) for i in range(3)]
        texts[f"e{number}"] = entry(f"e{number}-", variants)
    prior = Prior(crowded(common), {})
    meant = rank(texts, "?", crowded(space.near(abouts[7], 0.85)), prior)
    unrelated = rank(texts, "?", crowded(space.anywhere()), prior)
    assert meant.entries[0].entry == "e7"
    assert unrelated.entries[0].similarity > 0.75
    assert meant.evidence["typical"] > unrelated.evidence["typical"] + 0.3
    assert meant.evidence["margin"] > unrelated.evidence["margin"] + 0.2


# --- Answers, and what is not there -------------------------------------------------------------
def test_an_entry_that_has_only_an_answer_is_found() -> None:
    space = Space()
    asked = space.anywhere()
    said = Said("Rugs are washed at thirty degrees.", space.near(asked, 0.75), "da")
    found = rank(shop(space) | {"rugs": entry("r", answers=[said])}, "washing rugs", asked)
    assert found.entries[0].entry == "rugs"
    assert found.entries[0].text == ""
    assert found.entries[0].language == "da"
    assert all(map(np.isfinite, found.evidence.values()))


def test_a_knowledge_base_of_answers_alone_is_searched_too() -> None:
    space = Space()
    asked = space.anywhere()
    texts = {
        "far": entry("f", answers=[Said("About lamps.", space.near(asked, 0.1))]),
        "near": entry("n", answers=[Said("About rugs.", space.near(asked, 0.8))]),
    }
    found = rank(texts, "rugs", asked)
    assert [one.entry for one in found.entries] == ["near", "far"]
    assert all(map(np.isfinite, found.evidence.values()))
    assert found.evidence["unknown"] == 0.0


def test_texts_that_the_field_does_not_have_are_left_out() -> None:
    space = Space()
    texts, asked = shop(space), space.anywhere()
    field = Field.of(texts, NOTHING)
    known = field.rank("?", asked, ["qe0-0", "qe3-1"], ["ae3-0"])
    with_gone = field.rank("?", asked, ["gone", "qe0-0", "?", "qe3-1"], ["agone", "ae3-0"])
    assert with_gone == known
    assert {one.entry for one in known.entries} == {"e0", "e3"}


def test_where_there_is_nothing_near_nothing_is_ranked() -> None:
    space = Space()
    asked = space.anywhere()
    nothing = Ranking((), {})
    assert Field.of(shop(space), NOTHING).rank("?", asked, [], []) == nothing
    assert Field.of(shop(space), NOTHING).rank("?", asked, ["gone"], ["gone"]) == nothing
    empty = Field.of({}, NOTHING)
    assert empty.rank("?", asked, ["qe0-0"], ["ae0-0"]) == nothing
    assert Field.of({"blank": entry("b")}, NOTHING).rank("?", asked, ["qb0"], []) == nothing


# --- Words --------------------------------------------------------------------------------------
def words_of(asked: str) -> Mapping[str, float]:
    """Return the evidence where only the words of the question differ."""
    space = Space()
    vector = space.anywhere()
    parcel = [Said("where is my parcel", space.near(vector, 0.8))]
    says = [Said("We deliver with GLS within three days.", space.near(vector, 0.4))]
    texts = shop(space) | {"parcel": entry("p", parcel, says)}
    found = rank(texts, asked, vector)
    assert found.entries[0].entry == "parcel"
    return found.evidence


def test_words_are_alike_in_spite_of_typos_case_and_order() -> None:
    same, shouted = words_of("where is my parcel"), words_of("My PARCEL: where is?!")
    typo, other = words_of("wher is my parcle"), words_of("can i pay with a card")
    assert same["alike"] == pytest.approx(1.0)
    assert shouted["alike"] == pytest.approx(1.0)
    assert 0.5 < typo["alike"] < 1.0
    assert other["alike"] < 0.2
    assert same["margin_alike"] > typo["margin_alike"] > other["margin_alike"]


def test_words_that_nobody_wrote_are_unknown() -> None:
    assert words_of("where is my parcel")["unknown"] == 0.0
    assert words_of("deliver within three days")["unknown"] == 0.0  # the answer has them
    some, all_of_it = words_of("where is my submarine"), words_of("submarine football weather")
    assert 0.1 < some["unknown"] < 0.9
    assert all_of_it["unknown"] == pytest.approx(1.0)


@pytest.mark.parametrize("text", ["", "???", "👍", "a", "  \n", "x" * 4_000])
def test_any_text_can_be_asked(text: str) -> None:
    evidence = words_of(text)
    assert 0.0 <= evidence["unknown"] <= 1.0 + 1e-9
    assert 0.0 <= evidence["alike"] <= 1.0 + 1e-9


# --- Evidence -----------------------------------------------------------------------------------
def test_the_evidence_is_what_the_confidence_is_fitted_on() -> None:
    space = Space()
    texts = shop(space)
    found = rank(texts, "words1 asked0", space.near(texts["e1"].vectors[0], 0.95))
    assert set(found.evidence) == {*COVERED, *RIGHT}
    assert all(type(value) is float for value in found.evidence.values())
    model = load_model(settings.CONFIDENCE_MODEL)
    unrelated = rank(texts, "football", space.anywhere())
    assert model.probability(unrelated.evidence) < 0.3 < model.probability(found.evidence)


@given(seed=st.integers(0, 10_000), entries=st.integers(1, 30), variants=st.integers(1, 6))
@hypothesis_settings(deadline=None, max_examples=40)
def test_the_evidence_is_made_of_numbers_within_reason(
    seed: int, entries: int, variants: int
) -> None:
    space = Space(seed)
    found = rank(shop(space, entries, variants), "words0 parcel", space.anywhere())
    evidence = found.evidence
    assert all(map(np.isfinite, evidence.values()))
    assert -1.001 <= evidence["typical"] <= 1.001
    assert -0.001 <= evidence["alike"] <= 1.001
    assert -0.001 <= evidence["unknown"] <= 1.001
    assert len(found.entries) == 1 or evidence["margin"] >= 0
    assert 2.5 <= evidence["entries"] <= 5.5


def test_the_same_question_is_weighed_the_same_every_time() -> None:
    space = Space()
    texts, asked = shop(space), space.anywhere()
    field = Field.of(texts, NOTHING)
    first = rank_in(field, texts, "words3 asked1", asked)
    assert rank_in(field, texts, "words3 asked1", asked) == first
    assert rank(texts, "words3 asked1", asked) == first


# --- Languages ----------------------------------------------------------------------------------
SPACE = Space(99)
TOWARDS = {name: 0.4 * SPACE.anywhere() for name in ("en", "da", "sv")}
SPOKEN = Prior(np.zeros(DIMENSIONS, dtype=np.float32), TOWARDS)


def in_language(vector: Array, language: str) -> Array:
    """Return the vector of the same question, asked in `language`."""
    return unit(vector + TOWARDS[language])


def shop_in(*languages: str, entries: int = 12) -> dict[str, EntryTexts]:
    """Return a knowledge base that has each of its texts in these languages."""
    space = Space(3)
    made = {}
    for number in range(entries):
        about = space.anywhere()
        variants = [
            Said(f"{number} {i}", in_language(space.near(about, 0.8), language), language)
            for i in range(3)
            for language in languages
        ]
        made[f"e{number}"] = entry(f"e{number}-", variants)
    return made


def test_a_question_in_a_language_without_entries_is_moved_to_where_they_are() -> None:
    field = Field.of(shop_in("en"), SPOKEN)
    about = SPACE.anywhere()
    danish, english = in_language(about, "da"), in_language(about, "en")
    moved = field.moved(danish, "da")
    assert np.linalg.norm(moved) == pytest.approx(1.0, abs=1e-5)
    assert moved @ english > 0.98 > danish @ english + 0.05


@pytest.mark.parametrize("language", ["en", "fi", ""])
def test_a_question_that_is_at_home_or_unknown_stays_where_it_is(language: str) -> None:
    asked = SPACE.anywhere()
    assert np.array_equal(Field.of(shop_in("en"), SPOKEN).moved(asked, language), asked)
    assert np.array_equal(Field.of(shop_in("en"), NOTHING).moved(asked, "da"), asked)
    assert np.array_equal(Field.of({}, SPOKEN).moved(asked, "da"), asked)


def test_a_language_is_spoken_when_a_good_part_of_the_entries_has_it() -> None:
    english = shop_in("en")
    asked = SPACE.anywhere()
    few, many = dict(english), dict(english)
    danish = shop_in("da")
    few["e0"] = danish["e0"]
    many |= {f"e{number}": danish[f"e{number}"] for number in range(5)}
    assert Field.of(few, SPOKEN).spoken == {"en"}
    assert Field.of(many, SPOKEN).spoken == {"en", "da"}
    assert not np.array_equal(Field.of(few, SPOKEN).moved(asked, "da"), asked)
    assert np.array_equal(Field.of(many, SPOKEN).moved(asked, "da"), asked)


def test_a_question_is_moved_towards_the_middle_of_several_languages() -> None:
    field = Field.of(shop_in("en", "sv"), SPOKEN)
    danish = in_language(SPACE.anywhere(), "da")
    way = TOWARDS["da"] - (TOWARDS["en"] + TOWARDS["sv"]) / 2
    assert np.allclose(field.moved(danish, "da"), unit(danish - way), atol=1e-6)


def test_more_texts_are_looked_at_where_more_languages_are_spoken() -> None:
    assert Fields.of({}, SPOKEN).wanted == QUESTIONS
    assert Fields.of(shop_in("en"), SPOKEN).wanted == QUESTIONS
    assert Fields.of(shop_in("en", "da"), SPOKEN).wanted == 2 * QUESTIONS


def test_a_question_is_weighed_against_the_texts_in_its_own_language() -> None:
    texts = shop_in("en", "da")
    space = Space(4)
    texts["english"] = entry("x", [Said("only english", space.anywhere())])
    fields = Fields.of(texts, SPOKEN)
    asked = texts["e2"].vectors[1]  # its first variant, in Danish
    near = [id for one in texts.values() for id, _, _ in one.questions]
    in_danish = fields.rank("?", asked, "da", near, [])
    assert in_danish.entries[0].entry == "e2"
    languages = {one.entry: one.language for one in in_danish.entries}
    assert languages.pop("english") == "en"  # it has no other
    assert set(languages.values()) == {"da"}
    assert fields.rank("?", asked, "fi", near, []) == fields.every.rank("?", asked, near, [])


def test_moving_finds_what_the_language_hid() -> None:
    texts = shop_in("en")
    field = Field.of(texts, SPOKEN)
    right = {True: 0, False: 0}
    for number in range(12):
        about = Space(3)
        english = texts[f"e{number}"].vectors[0]
        danish = in_language(unit(english * 1.2 - TOWARDS["en"] + 0.4 * about.anywhere()), "da")
        for moves in right:
            vector = field.moved(danish, "da") if moves else danish
            found = rank_in(field, texts, "?", vector)
            right[moves] += (
                found.entries[0].entry == f"e{number}" and found.evidence["typical"] > 0.3
            )
    assert right[True] == 12
    assert right[True] >= right[False]
