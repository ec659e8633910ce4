"""Whoever was helped by a person is asked how it was, and can say so, on every channel."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.channels_adapters.worlds import (
    KINDS,
    EmailWorld,
    SlackWorld,
    TelegramWorld,
    World,
    world_of,
)
from tests.ratings.helping import (
    LIKELY,
    QUESTION,
    asked,
    channel_of,
    conversations_beside,
    helped,
    rated,
    rating_of,
    recommendation_of,
)
from tests.world import Agent, Server, wait_for

pytestmark = pytest.mark.usefixtures("clean", "site")
BUTTONS = {"email": "Good"}  # a numbered list there


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, server: Server) -> Iterator[World]:
    with world_of(request.param, server) as made:
        yield made


def test_one_is_asked_once_and_answers_by_a_button_or_its_number(
    world: World, mette: Agent
) -> None:
    conversation = helped(world, mette)
    question = asked(world)
    assert ("/rate/" in question) == (world.kind in ("email", "http"))
    assert rating_of(conversation).score is None
    world.choose(BUTTONS.get(world.kind, "4 · Good"))
    rating = rated(conversation, 4)
    assert rating.user.username == "mette"
    assert rating.answered_at is not None
    assert rating.comment == ""
    if world.kind != "website":  # where the question itself says thanks
        thanks = asked(world, "We noted 4 of 5")
        link = world.telegram.sent[-1].links[0] if isinstance(world, TelegramWorld) else thanks
        assert "/rate/" in link
    world.repeat()
    assert conversations_beside(conversation) == ["resolved"]
    mette.post(f"conversations/{conversation}/take", over=True)
    mette.post(f"conversations/{conversation}/resolve")
    world.say("How long does delivery take?")
    if world.kind != "email":  # where an answer in a thread that a person had belongs to people
        wait_for(lambda: any("working days" in one for one in world.replies()), seconds=30)
    assert len([one for one in world.replies() if QUESTION in one]) == 1
    assert len([one for one in world.replies() if "We noted" in one]) <= 1
    assert rating_of(conversation).score == 4


def test_a_number_and_a_word_are_a_rating_with_its_comment(world: World, mette: Agent) -> None:
    conversation = helped(world, mette)
    asked(world)
    world.say("5 tak, super hjælp")
    rating = rated(conversation, 5)
    assert rating.comment == "tak, super hjælp"
    assert conversations_beside(conversation) == ["resolved"]
    transcript = mette.get(f"conversations/{conversation}/messages")["messages"]
    assert transcript[-1 if world.kind == "website" else -2]["text"] == "5 tak, super hjælp"
    shown = mette.get(f"conversations/{conversation}")["rating"]
    assert (shown["score"], shown["word"]) == (5, "Excellent")
    assert shown["comment"] == "tak, super hjælp"


def test_a_question_that_is_no_rating_is_answered(world: World, mette: Agent) -> None:
    conversation = helped(world, mette)
    asked(world)
    world.say("How long does delivery take?")
    if world.kind == "email":  # an answer in a thread that a person had belongs to people
        wait_for(lambda: conversations_beside(conversation)[0] != "resolved", seconds=30)
    else:
        wait_for(lambda: any("working days" in one for one in world.replies()), seconds=30)
    assert rating_of(conversation).score is None


def test_a_score_with_a_question_is_kept_and_the_question_goes_on(
    world: World, mette: Agent
) -> None:
    conversation = helped(world, mette)
    asked(world)
    world.say("3\nHow long does delivery take?")
    assert rated(conversation, 3).comment == "How long does delivery take?"
    wait_for(lambda: "resolved" not in conversations_beside(conversation)[-1:], seconds=30)


def test_a_number_that_is_none_of_them_is_asked_again(world: World, mette: Agent) -> None:
    conversation = helped(world, mette)
    asked(world)
    world.say("9")
    asked(world, "a number from 1 to 5", count=2 if world.kind == "email" else 1)
    assert rating_of(conversation).score is None
    assert conversations_beside(conversation) == ["resolved"]
    world.say("2")
    rated(conversation, 2)
    world.say("3")  # they think again
    rated(conversation, 3)


def test_whether_they_would_recommend_us_is_asked_after_it_and_not_again_for_long(
    world: World, mette: Agent
) -> None:
    conversation = helped(world, mette)
    channel_of(conversation).update(nps_days=90)
    asked(world)
    world.say("5")
    rated(conversation, 5)
    question = asked(world, LIKELY)
    assert ("We noted 5 of 5" in question) == (world.kind != "website")  # in one message
    world.say("9")
    wait_for(lambda: recommendation_of(conversation).score == 9, seconds=30)
    assert rating_of(conversation).score == 5
    assert conversations_beside(conversation) == ["resolved"]
    second = helped(world, mette, "Yes, we are open on Sunday.")
    assert second != conversation or world.kind == "email"
    if second == conversation:
        return  # in its own thread, which was asked about before
    asked(world, count=2)
    world.say("4")
    rated(second, 4)
    assert recommendation_of(second) is None
    channel_of(conversation).update(nps_days=0)


def test_a_channel_that_does_not_ask_does_not_ask(world: World, mette: Agent) -> None:
    world.say("Hello")
    wait_for(world.replies, seconds=30)
    from chatbot.conversations.models import Conversation

    newest = Conversation.objects.order_by("-pk")[0]
    channel_of(newest.pk).update(asks_rating=False, nps_days=0)
    conversation = helped(world, mette)
    assert rating_of(conversation) is None
    channel_of(conversation).update(nps_days=30)
    mette.post(f"conversations/{conversation}/take", over=True)
    mette.post(f"conversations/{conversation}/resolve")
    asked(world, LIKELY)  # instead
    assert not any(QUESTION in one for one in world.replies())


# --- What is special somewhere ------------------------------------------------------------------
@pytest.mark.parametrize("world", ["telegram"], indirect=True)
def test_an_older_button_counts_though_they_have_begun_something_new(
    world: TelegramWorld, mette: Agent
) -> None:
    conversation = helped(world, mette)
    asked(world)
    world.say("How long does delivery take?")
    wait_for(lambda: any("working days" in one for one in world.replies()), seconds=30)
    posted = next(one for one in world.telegram.sent if QUESTION in one.text)
    world.telegram.press(next(one for one in posted.buttons if one.text == "2 · Poor"))
    rated(conversation, 2)
    assert conversations_beside(conversation) == ["resolved", "bot"]
    assert asked(world, "We noted 2 of 5")


@pytest.mark.parametrize("world", ["telegram"], indirect=True)
def test_a_button_that_somebody_else_presses_rates_nothing(
    world: TelegramWorld, mette: Agent
) -> None:
    conversation = helped(world, mette)
    asked(world)
    stranger = world.telegram.person("Stranger")
    button = next(one for one in world.telegram.buttons() if one.text == "1 · Very poor")
    world.telegram.press(button, user=stranger)
    world.choose("5 · Excellent")
    rated(conversation, 5)
    assert conversations_beside(conversation) == ["resolved"]


@pytest.mark.parametrize("world", ["email"], indirect=True)
def test_a_mail_of_somebody_else_rates_nothing(world: EmailWorld, mette: Agent) -> None:
    conversation = helped(world, mette)
    asked(world)
    own, world.own = world.own, "somebody-else@mail.example"
    from chatbot.conversations.models import Message

    def came() -> bool:
        return Message.objects.filter(external_id__isnull=False, text__startswith="1").exists()

    before = world.mails.to
    world.mails.to = lambda _address, **how: before(own, **how)  # type: ignore[method-assign]
    world.say("1")
    wait_for(came, seconds=30)
    assert rating_of(conversation).score is None


@pytest.mark.parametrize("world", ["email"], indirect=True)
def test_the_mail_has_a_numbered_list_and_one_link(world: EmailWorld, mette: Agent) -> None:
    helped(world, mette)
    question = asked(world)
    for line in ("1. Very poor", "2. Poor", "3. Fair", "4. Good", "5. Excellent"):
        assert line in question.splitlines()
    assert len(re.findall(r"http\S+/rate/\S+/", question)) == 1


@pytest.mark.parametrize("world", ["slack"], indirect=True)
def test_where_others_read_along_no_address_is_shown(world: SlackWorld, mette: Agent) -> None:
    human = "I want to talk to a person about my chair"
    world.slack.mention(world.user, human)
    conversation = int(mette.given(human)["id"])
    mette.post(f"conversations/{conversation}/resolve")
    asked(world)
    posted = next(one for one in reversed(world.slack.posted) if QUESTION in one.text)
    world.slack.press(posted, "1 · Very poor", user="U0OLE")  # a colleague of theirs
    wait_for(lambda: _last(mette, conversation)["text"] == "1 · Very poor", seconds=30)
    assert rating_of(conversation).score is None
    assert conversations_beside(conversation) == ["resolved"]
    world.slack.press(posted, "4 · Good", user=world.user)
    rated(conversation, 4)
    assert "/rate/" not in asked(world, "We noted 4 of 5")
    assert not any("/rate/" in str(one) for one in world.slack.posted)


def _last(mette: Agent, conversation: int) -> Any:
    return mette.get(f"conversations/{conversation}/messages")["messages"][-1]
