"""A conversation with the bot: choices, follow-ups, several questions, and when it gives up."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.world import Agent, Visitor


def buttons(reply: dict[str, Any]) -> list[str]:
    return [button["text"] for button in reply["quick_replies"]]


def titles(reply: dict[str, Any]) -> list[str]:
    return [citation["title"] for citation in reply["citations"]]


@pytest.fixture
def anna(visitor: Callable[..., Visitor]) -> Visitor:
    one = visitor("en")
    one.open()
    return one


@pytest.fixture(autouse=True)
def _nobody_waits() -> Iterator[None]:
    """Leave no queue behind for the tests that follow."""
    yield
    from chatbot.conversations.models import Conversation, Status
    from chatbot.routing.services import resolve

    for conversation in Conversation.objects.filter(status__in=[Status.QUEUED, Status.ASSIGNED]):
        resolve(conversation=conversation)


def status(visitor: Visitor) -> str:
    found: str = visitor.http.get("/api/v1/widget/messages").json()["conversation"]["status"]
    return found


def test_between_close_answers_the_customer_is_asked_once(anna: Visitor) -> None:
    asked = anna.ask("gift")
    assert asked["text"] == "Did you mean one of these?"
    assert not asked["citations"]
    *choices, none = buttons(asked)
    assert 2 <= len(choices) <= 3
    assert none == "None of these"
    answer = anna.ask(choices[1])
    assert titles(answer) == [choices[1]]
    assert status(anna) == "bot"


def test_a_choice_can_be_made_by_number_as_on_channels_without_buttons(anna: Visitor) -> None:
    choices = buttons(anna.ask("gift"))
    assert titles(anna.ask("the second one")) == [choices[1]]


def test_turning_all_choices_down_brings_a_person_who_knows_why(
    anna: Visitor, agent: Callable[..., Agent]
) -> None:
    freja = agent("freja")
    freja.open()
    assert buttons(anna.ask("gift"))
    handoff = anna.ask("None of these")
    assert "colleague" in handoff["text"]
    row = freja.get("conversations", view="mine")["results"][0]
    detail = freja.get(f"conversations/{row['id']}")
    assert detail["reason"] == "pending_clarification"
    assert detail["reason_text"] == "Nothing that the bot offered was meant"


def test_an_unclear_question_after_the_choices_brings_a_person(anna: Visitor) -> None:
    assert buttons(anna.ask("gift"))
    anna.ask("well it is complicated, my cousin has it")
    assert status(anna) in {"queued", "assigned"}


def test_a_follow_up_is_understood_by_the_question_before_it(
    visitor: Callable[..., Visitor],
) -> None:
    karen = visitor("da")
    karen.open()
    assert titles(karen.ask("Hvad koster levering?"))
    reply = karen.ask("og til Norge?")
    assert reply["citations"], reply["text"]
    assert status(karen) == "bot"


def test_several_questions_are_answered_each_with_its_source(anna: Visitor) -> None:
    reply = anna.ask("How long does delivery take? And can I pay with Klarna?")
    assert len(titles(reply)) == 2
    assert [citation["number"] for citation in reply["citations"]] == [1, 2]
    assert all(title in reply["text"] for title in titles(reply))


def test_one_unanswerable_question_of_several_brings_a_person(anna: Visitor) -> None:
    anna.ask("How long does delivery take? And do you sponsor football clubs?")
    assert status(anna) in {"queued", "assigned"}


def test_an_answer_that_was_none_is_made_up_for_once(anna: Visitor) -> None:
    reply = anna.ask("How do gift cards work?")
    assert buttons(reply) == ["That helped", "That's not it"]
    again = anna.ask("That's not it")
    assert buttons(again) == ["Talk to a person"]
    assert status(anna) == "bot"
    anna.ask("that's not what i asked")
    assert status(anna) in {"queued", "assigned"}


def test_an_answer_that_helped_ends_well(anna: Visitor) -> None:
    anna.ask("How long does delivery take?")
    thanks = anna.ask("That helped")
    assert thanks["text"].startswith("You're welcome")
    assert status(anna) == "bot"


def test_asking_the_same_again_brings_a_person(anna: Visitor) -> None:
    assert titles(anna.ask("How long does delivery take?"))
    anna.ask("how long does delivery take??")
    assert status(anna) in {"queued", "assigned"}


def test_an_angry_customer_gets_a_person_even_where_the_answer_is_known(
    anna: Visitor, agent: Callable[..., Agent]
) -> None:
    freja = agent("freja")
    freja.open()
    anna.ask("this is ridiculous, when do I get my money back??")
    row = freja.get("conversations", view="mine")["results"][0]
    detail = freja.get(f"conversations/{row['id']}")
    assert detail["reason_text"] == "The customer is upset"
    assert detail["handoff"]["draft"]["title"]


def test_a_person_who_says_what_the_bot_would_have_said_proves_it_right(
    anna: Visitor, agent: Callable[..., Agent]
) -> None:
    from chatbot.conversations.models import Verdict

    freja = agent("freja")
    freja.open()
    anna.ask("this is ridiculous, when do I get my money back??")
    row = freja.get("conversations", view="mine")["results"][0]
    draft = freja.get(f"conversations/{row['id']}")["handoff"]["draft"]["text"]
    freja.reply(row["id"], "Hi Anna, sorry about that!")
    assert not Verdict.objects.filter(message__conversation=row["id"]).exists()
    freja.reply(row["id"], f"Hi again. {draft}")
    verdict = Verdict.objects.get(message__conversation=row["id"])
    assert verdict.right
    assert verdict.source == "reply"
    assert verdict.message.text == "this is ridiculous, when do I get my money back??"
