"""The draft of an answer: what is looked up, what is kept, and how sure it is."""

from datetime import UTC, datetime

import pytest

from chatbot.answering.confidence import ConfidenceModel, Logistic
from chatbot.answering.dialogue import Dialogue, Option
from chatbot.answering.drafting import Draft, draft_answer
from chatbot.answering.retrieval import Answer, Candidate, Found
from chatbot.answering.understanding import Kind, Understanding

# As sure as the margin says.
MODEL = ConfidenceModel(
    covered=Logistic(bias=25.0, weights={}, means={}, scales={}),
    right=Logistic(
        bias=0.0, weights={"margin": 1.0}, means={"margin": 0.0}, scales={"margin": 1.0}
    ),
)
TITLES = {
    "time": "How long does delivery take?",
    "cost": "What does delivery cost?",
    "return": "How do I return something?",
    "pay": "How can I pay?",
}
OPTIONS = tuple(Option(entry, TITLES[entry]) for entry in ("time", "cost"))


def found(*scores: tuple[str, float], margin: float = 2.0) -> Found:
    """Return what retrieval shows: entries with their scores."""
    return Found(
        tuple(Candidate(entry, score, 0.9, f"about {entry}", "en") for entry, score in scores),
        {"margin": margin} if scores else {},
    )


class Shelf:
    """Knowledge that finds what it was told to find."""

    def __init__(self) -> None:
        self.finds: dict[str, Found] = {}
        self.asked: list[tuple[str, str]] = []
        self.hidden: set[str] = set()

    def find(self, question: str, language: str) -> Found:
        self.asked.append((question, language))
        return self.finds.get(question, Found((), {}))

    def answer(self, entry: str, language: str, question: str = "") -> Answer | None:
        if entry in self.hidden:
            return None
        return Answer(
            entry=entry,
            topic="shop",
            category="Shop",
            title=TITLES[entry],
            text=f"All about {entry}: {question or 'nothing special'}.",
            html=f"<p>All about {entry}.</p>",
            language=language,
            updated_at=datetime(2026, 11, 1, tzinfo=UTC),
        )


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def draft(
    shelf: Shelf, text: str, dialogue: Dialogue | None = None, kind: Kind = Kind.QUESTION
) -> Draft:
    """Return the draft for a message in English."""
    return draft_answer(Understanding(kind, "en", text), shelf, MODEL, dialogue)


def test_a_question_is_looked_up_once_and_weighed(shelf: Shelf) -> None:
    shelf.finds["delivery time?"] = found(("time", 0.8), ("cost", 0.1))
    made = draft(shelf, "delivery time?")
    assert shelf.asked == [("delivery time?", "en")]
    assert made.kind is Kind.QUESTION
    assert made.answer is not None
    assert made.answer.entry == "time"
    assert "delivery time?" in made.answer.text  # a document answers with its best sentences
    assert made.confidence == pytest.approx(MODEL.probability({"margin": 2.0}))
    assert made.covered == pytest.approx(1.0)
    assert made.evidence == {"margin": 2.0}
    assert made.question == "delivery time?"
    assert made.rivals == made.parts == ()
    assert not made.is_chosen
    assert not made.is_repeat
    assert not made.is_upset


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.QUESTION])
def test_what_is_no_question_is_not_looked_up(shelf: Shelf, kind: Kind) -> None:
    assert draft(shelf, "hi", Dialogue(options=OPTIONS), kind=kind) == Draft(kind, "en")
    assert shelf.asked == []


def test_where_nothing_is_found_there_is_no_answer(shelf: Shelf) -> None:
    made = draft(shelf, "who won the football?")
    assert made.answer is None
    assert made.confidence == made.covered == 0.0
    assert made.rivals == ()


def test_an_entry_that_was_unpublished_since_is_no_answer(shelf: Shelf) -> None:
    shelf.finds["delivery time?"] = found(("time", 0.8), ("cost", 0.7), margin=5.0)
    shelf.hidden.add("time")
    made = draft(shelf, "delivery time?")
    assert made.answer is None
    assert made.confidence == 0.0


def test_entries_nearly_as_near_are_rivals(shelf: Shelf) -> None:
    shelf.finds["delivery?"] = found(("time", 0.5), ("cost", 0.21), ("pay", 0.19))
    assert draft(shelf, "delivery?").rivals == ("cost",)
    shelf.finds["delivery?"] = found(("time", 0.5), ("cost", 0.5), ("pay", 0.4), ("return", 0.4))
    assert draft(shelf, "delivery?").rivals == ("cost", "pay")


# --- After what was said before -----------------------------------------------------------------
BEFORE = Dialogue().answered("What does delivery cost?")


def test_a_follow_up_is_looked_up_with_the_question_before_it(shelf: Shelf) -> None:
    whole = "What does delivery cost? and to Norway?"
    shelf.finds["and to Norway?"] = found(("time", 0.3), margin=-1.0)
    shelf.finds[whole] = found(("cost", 0.7), margin=2.0)
    made = draft(shelf, "and to Norway?", BEFORE)
    assert [question for question, _ in shelf.asked] == ["and to Norway?", whole]
    assert made.answer is not None
    assert made.answer.entry == "cost"
    assert made.question == whole
    assert made.confidence == pytest.approx(MODEL.probability({"margin": 2.0}))


@pytest.mark.parametrize("margin", [1.0, 0.9])
def test_a_follow_up_that_is_surer_alone_stands_alone(shelf: Shelf, margin: float) -> None:
    shelf.finds["and how can I pay?"] = found(("pay", 0.8), margin=1.0)
    shelf.finds["What does delivery cost? and how can I pay?"] = found(("cost", 0.5), margin=margin)
    made = draft(shelf, "and how can I pay?", BEFORE)
    assert made.answer is not None
    assert made.answer.entry == "pay"
    assert made.question == "and how can I pay?"


def test_a_question_that_stands_alone_is_not_mixed_with_the_one_before(shelf: Shelf) -> None:
    draft(shelf, "How do I return something?", BEFORE)
    draft(shelf, "and to Norway?", Dialogue())
    assert [question for question, _ in shelf.asked] == [
        "How do I return something?",
        "and to Norway?",
    ]


def test_a_choice_is_answered_without_looking_anything_up(shelf: Shelf) -> None:
    asked_back = Dialogue().clarified("delivery", OPTIONS)
    for text in ("What does delivery cost?", "what does delivry cost", "2", "the second one"):
        made = draft(shelf, text, asked_back)
        assert made.is_chosen
        assert made.answer is not None
        assert made.answer.entry == "cost"
        assert made.question == TITLES["cost"]
    assert shelf.asked == []


def test_a_choice_that_was_unpublished_since_is_looked_up_as_a_question(shelf: Shelf) -> None:
    shelf.hidden.add("cost")
    shelf.finds["What does delivery cost?"] = found(("time", 0.4))
    made = draft(shelf, "What does delivery cost?", Dialogue().clarified("delivery", OPTIONS))
    assert not made.is_chosen
    assert made.answer is not None
    assert made.answer.entry == "time"


def test_none_of_the_choices_is_an_answer_too(shelf: Shelf) -> None:
    made = draft(shelf, "none of these", Dialogue().clarified("delivery", OPTIONS))
    assert made.kind is Kind.NONE_CHOSEN
    assert made.answer is None
    assert shelf.asked == []


def test_another_question_instead_of_a_choice_is_answered(shelf: Shelf) -> None:
    shelf.finds["How can I pay?"] = found(("pay", 0.9))
    made = draft(shelf, "How can I pay?", Dialogue().clarified("delivery", OPTIONS))
    assert made.answer is not None
    assert made.answer.entry == "pay"
    assert not made.is_chosen


def test_that_the_last_answer_was_none_is_no_question(shelf: Shelf) -> None:
    made = draft(shelf, "that's not what I asked", BEFORE)
    assert made.kind is Kind.NOT_IT
    assert made.answer is None
    assert shelf.asked == []


# --- Several questions, and moods ---------------------------------------------------------------
BOTH = "How long is delivery? And what does it cost?"


def test_several_questions_are_answered_each(shelf: Shelf) -> None:
    shelf.finds[BOTH] = found(("time", 0.4), ("cost", 0.38), margin=-1.0)
    shelf.finds["How long is delivery?"] = found(("time", 0.8), margin=3.0)
    shelf.finds["And what does it cost?"] = found(("cost", 0.7), margin=1.0)
    made = draft(shelf, BOTH)
    assert [part.answer.entry for part in made.parts if part.answer] == ["time", "cost"]
    assert [part.confidence for part in made.parts] == [
        pytest.approx(MODEL.probability({"margin": margin})) for margin in (3.0, 1.0)
    ]
    assert [part.question for part in made.parts] == [
        "How long is delivery?",
        "And what does it cost?",
    ]
    assert made.confidence == pytest.approx(MODEL.probability({"margin": -1.0}))


def test_one_matter_in_several_questions_is_one_question(shelf: Shelf) -> None:
    shelf.finds[BOTH] = found(("cost", 0.6))
    shelf.finds["How long is delivery?"] = found(("cost", 0.5))
    shelf.finds["And what does it cost?"] = found(("cost", 0.7))
    assert draft(shelf, BOTH).parts == ()
    shelf.finds["How long is delivery?"] = found()  # of the other nothing is known
    assert draft(shelf, BOTH).parts == ()


def test_a_question_asked_again_and_anger_are_noticed(shelf: Shelf) -> None:
    again = draft(shelf, "what does delivery COST", BEFORE)
    assert again.is_repeat
    assert not again.is_upset
    angry = draft(shelf, "this is ridiculous, where is my parcel?", BEFORE)
    assert angry.is_upset
    assert not angry.is_repeat
