"""What is done with a draft."""

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chatbot.answering.dialogue import Dialogue
from chatbot.answering.drafting import Draft
from chatbot.answering.gate import (
    AskAgain,
    Clarify,
    Courtesy,
    Decision,
    HandOff,
    Policy,
    Reply,
    decide,
)
from chatbot.answering.retrieval import Answer
from chatbot.answering.understanding import Kind

ANSWER = Answer(
    entry="return-how",
    topic="returns",
    category="Returns",
    title="How to return something",
    text="Within 30 days.",
    html="<p>Within 30 days.</p>",
    language="en",
    updated_at=datetime(2026, 11, 1, tzinfo=UTC),
)
QUESTION = Draft(Kind.QUESTION, "en", answer=ANSWER)
ABOUT_RETURNS = HandOff("low_confidence", topic="returns")
ABOUT_ANYTHING = HandOff("low_confidence")


def test_somebody_who_asks_for_a_person_gets_one_however_sure_the_bot_is() -> None:
    assert decide(Draft(Kind.HUMAN, "en"), Policy()) == HandOff("customer_request")
    sure = Draft(Kind.HUMAN, "en", answer=ANSWER, confidence=1.0)
    assert decide(sure, Policy(threshold=0.0)) == HandOff("customer_request")


@pytest.mark.parametrize("kind", [Kind.GREETING, Kind.THANKS, Kind.GOODBYE])
def test_courtesies_are_answered_in_kind(kind: Kind) -> None:
    assert decide(Draft(kind, "da"), Policy()) == Courtesy(kind)


def test_a_question_without_any_answer_is_missing_knowledge() -> None:
    assert decide(Draft(Kind.QUESTION, "en"), Policy()) == HandOff("missing_knowledge")
    unpublished = Draft(Kind.QUESTION, "en", answer=None, confidence=0.99)
    assert decide(unpublished, Policy(threshold=0.0)) == HandOff("missing_knowledge")


@pytest.mark.parametrize(
    ("confidence", "decision"),
    [
        (1.0, Reply((ANSWER,), 1.0)),
        (0.8001, Reply((ANSWER,), 0.8001)),
        (0.80, Reply((ANSWER,), 0.80)),
        (math.nextafter(0.80, 0), ABOUT_RETURNS),
        (0.7999, ABOUT_RETURNS),
        (0.5, ABOUT_RETURNS),
        (math.nextafter(0.5, 0), ABOUT_ANYTHING),
        (0.0, ABOUT_ANYTHING),
    ],
)
def test_a_question_is_answered_from_the_threshold_on(
    confidence: float, decision: Decision
) -> None:
    assert decide(replace(QUESTION, confidence=confidence), Policy()) == decision


def test_a_site_may_set_its_own_limits() -> None:
    draft = replace(QUESTION, confidence=0.6)
    assert decide(draft, Policy(threshold=0.6)) == Reply((ANSWER,), 0.6)
    assert decide(draft, Policy(threshold=0.61, topic_floor=0.6)) == ABOUT_RETURNS
    assert decide(draft, Policy(threshold=0.9, topic_floor=0.61)) == ABOUT_ANYTHING
    assert decide(replace(QUESTION, confidence=0.99), Policy(threshold=1.01)) == ABOUT_RETURNS


def test_a_confidence_that_is_no_number_never_answers() -> None:
    """A broken model must not speak to customers."""
    assert isinstance(decide(replace(QUESTION, confidence=math.nan), Policy()), HandOff)


# --- Several entries, several questions, and what was said before -------------------------------
OTHER = replace(ANSWER, entry="return-cost", title="What a return costs")
ASKED = Dialogue().answered("can I send it back")
UNSURE = replace(
    QUESTION, confidence=0.6, covered=0.9, rivals=("return-cost", "return-where", "gift-card")
)


def test_between_close_entries_the_customer_is_asked_once_with_three_choices_at_most() -> None:
    assert decide(UNSURE, Policy()) == Clarify(("return-how", "return-cost", "return-where"))
    asked_once = Dialogue().clarified("can I return", ())
    assert decide(UNSURE, Policy(), asked_once) == HandOff("pending_clarification", "returns")


def test_nobody_is_asked_about_entries_that_are_far_off_or_alone() -> None:
    assert decide(replace(UNSURE, rivals=()), Policy()) == ABOUT_RETURNS
    assert decide(replace(UNSURE, confidence=0.2), Policy()) == ABOUT_ANYTHING
    assert decide(replace(UNSURE, covered=0.5), Policy()) == ABOUT_RETURNS


def test_what_the_customer_chose_is_given() -> None:
    chosen = replace(QUESTION, is_chosen=True)
    assert decide(chosen, Policy(), Dialogue().clarified("return", ())) == Reply((ANSWER,), None)


def test_turning_every_choice_down_brings_a_person() -> None:
    none = Draft(Kind.NONE_CHOSEN, "en")
    assert decide(none, Policy()) == HandOff("pending_clarification", detail="none_chosen")


def test_an_answer_that_was_none_is_forgiven_once() -> None:
    not_it = Draft(Kind.NOT_IT, "en")
    assert decide(not_it, Policy(), ASKED) == AskAgain()
    not_helped = HandOff("pending_clarification", detail="not_helped")
    assert decide(not_it, Policy(), ASKED.failed()) == not_helped
    assert decide(not_it, Policy()) == not_helped  # nothing was answered yet


def test_after_a_failure_an_unsure_answer_brings_a_person() -> None:
    assert decide(UNSURE, Policy(), ASKED.failed()) == HandOff("pending_clarification", "returns")


def test_anger_and_a_question_asked_again_bring_a_person_however_sure_the_bot_is() -> None:
    sure = replace(QUESTION, confidence=0.99)
    upset = replace(sure, is_upset=True)
    assert decide(upset, Policy()) == HandOff("policy_restriction", "returns", "upset")
    again = replace(sure, is_repeat=True)
    assert decide(again, Policy()) == HandOff("pending_clarification", "returns", "asked_again")


def test_several_questions_are_answered_together_or_not_at_all() -> None:
    sure = replace(QUESTION, confidence=0.9)
    other = replace(QUESTION, answer=OTHER, confidence=0.85)
    both = replace(QUESTION, parts=(sure, other))
    assert decide(both, Policy()) == Reply((ANSWER, OTHER), 0.85)
    unsure = replace(QUESTION, parts=(sure, replace(other, confidence=0.5)))
    assert decide(unsure, Policy()) == HandOff("low_confidence", "returns", "one_of_several")
    unknown = replace(QUESTION, parts=(sure, Draft(Kind.QUESTION, "en")))
    assert decide(unknown, Policy()) == HandOff("missing_knowledge", "", "one_of_several")


def test_a_category_may_want_more_certainty_than_its_site() -> None:
    careful = replace(ANSWER, threshold=0.95)
    assert decide(replace(QUESTION, answer=careful, confidence=0.9), Policy()) == ABOUT_RETURNS
    easy = replace(ANSWER, threshold=0.5)
    draft = replace(QUESTION, answer=easy, confidence=0.6)
    assert decide(draft, Policy()) == Reply((easy,), 0.6)
