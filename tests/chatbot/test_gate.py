"""What is done with a draft."""

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chatbot.answering.drafting import Draft
from chatbot.answering.gate import Courtesy, Decision, HandOff, Policy, Reply, decide
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
        (1.0, Reply(ANSWER, 1.0)),
        (0.8001, Reply(ANSWER, 0.8001)),
        (0.80, Reply(ANSWER, 0.80)),
        (math.nextafter(0.80, 0), ABOUT_RETURNS),
        (0.7999, ABOUT_RETURNS),
        (0.35, ABOUT_RETURNS),
        (math.nextafter(0.35, 0), ABOUT_ANYTHING),
        (0.0, ABOUT_ANYTHING),
    ],
)
def test_a_question_is_answered_from_the_threshold_on(
    confidence: float, decision: Decision
) -> None:
    assert decide(replace(QUESTION, confidence=confidence), Policy()) == decision


def test_a_site_may_set_its_own_limits() -> None:
    draft = replace(QUESTION, confidence=0.6)
    assert decide(draft, Policy(threshold=0.6)) == Reply(ANSWER, 0.6)
    assert decide(draft, Policy(threshold=0.61, topic_floor=0.6)) == ABOUT_RETURNS
    assert decide(draft, Policy(threshold=0.9, topic_floor=0.61)) == ABOUT_ANYTHING
    assert decide(replace(QUESTION, confidence=0.99), Policy(threshold=1.01)) == ABOUT_RETURNS


def test_a_confidence_that_is_no_number_never_answers() -> None:
    """A broken model must not speak to customers."""
    assert isinstance(decide(replace(QUESTION, confidence=math.nan), Policy()), HandOff)
