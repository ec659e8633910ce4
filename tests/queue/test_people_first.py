"""People first: they answer at once; when they cannot, the customer chooses, on every channel."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from tests.channels_adapters.worlds import World, wait_reply, world_of
from tests.queue.conftest import fill
from tests.world import Agent, Server, Visitor

ALWAYS: dict[str, Any] = {"opening_hours": {}, "holidays": "", "closed_days": []}
DELIVERY = "How long does delivery take?"


@pytest.fixture
def mette(agent: Callable[[str], Agent], visitor: Callable[..., Visitor]) -> Iterator[Agent]:
    """Mette at her desk, alone, with somebody to help."""
    mette = agent("mette")
    before = mette.get("me")["capacity"]
    mette.open()
    if not mette.get("me")["open"]:  # a place that is taken becomes free, one less than one never
        fill(mette, 1)
        visitor("en").ask("I want to talk to a person")
    yield mette
    mette.http.patch("/api/v1/inbox/me", json={"capacity": before})


def silent(tab: Any, seconds: float = 0.6) -> None:
    """Check that the bot says nothing; lines about the conversation may come."""
    with suppress(AssertionError, TimeoutError):
        said = tab.message("bot", seconds=seconds)
        pytest.fail(f"the bot said: {said['text']}")


def buttons(message: Any) -> list[str]:
    return [one["text"] for one in message["quick_replies"]]


def test_a_person_gets_it_before_the_bot_says_anything(
    visitor: Callable[..., Visitor], channel: Callable[..., Any], mette: Agent
) -> None:
    channel(people_first=50, **ALWAYS)
    fill(mette, 1)
    anna = visitor("en")
    tab = anna.open()
    told = anna.ask(DELIVERY)
    assert told["text"].startswith("Thank you for writing. Mette has your question")
    assert not told["citations"]
    assert not buttons(told)
    assert tab.message("system", "notice")["text"] == "Mette joined the conversation"
    detail = mette.get(f"conversations/{mette.given(DELIVERY)['id']}")
    assert detail["reason"] == "people_first"
    # What the bot would have said stands by.
    assert detail["handoff"]["draft"]["title"] == DELIVERY
    assert detail["handoff"]["draft"]["confidence"] > 0.8
    silent(tab)


def test_more_at_once_than_the_channel_says_go_to_the_bot(
    visitor: Callable[..., Visitor], channel: Callable[..., Any], mette: Agent
) -> None:
    from chatbot.conversations.selectors import open_with_people

    now_open = open_with_people(channel_id=channel().pk)
    channel(people_first=now_open + 1, **ALWAYS)
    fill(mette, 5)
    first, second = visitor("en"), visitor("en")
    first.open()
    second.open()
    assert "Mette has your question" in first.ask(DELIVERY)["text"]
    assert second.ask(DELIVERY)["citations"]
    assert second.ask("Can I pay with MobilePay?")["citations"]


@pytest.mark.parametrize(
    "said",
    [
        ("en", DELIVERY, "keep your place", "Talk to me now", "working days"),
        ("da", "Hvor lang er leveringstiden?", "behold", "Tal med mig nu", "hverdage"),
        ("sv", "Hur lång är leveranstiden?", "behåll", "Prata med mig nu", "vardagar"),
        ("de", "Wie lange dauert die Lieferung?", "behalten", "Jetzt mit mir sprechen", "Werktage"),
    ],
)
def test_when_all_are_busy_the_customer_may_talk_to_the_bot(
    visitor: Callable[..., Visitor],
    channel: Callable[..., Any],
    mette: Agent,
    said: tuple[str, ...],
) -> None:
    language, question, offer, bot, answer = said
    channel(people_first=50, **ALWAYS)
    fill(mette)
    anna = visitor(language)
    tab = anna.open()
    told = anna.ask(question)
    status = tab.next("conversation", lambda e: e["conversation"]["status"] == "queued")
    assert status["conversation"]["position"] == 1
    assert status["conversation"]["wait_minutes"] >= 1
    assert offer in told["text"].lower()
    assert buttons(told)[0] == bot
    assert len(buttons(told)) == 2
    answered = anna.ask(bot)
    assert answer in answered["text"]
    assert answered["citations"]
    assert tab.next("conversation", lambda e: e["conversation"]["status"] == "bot")
    # A person is still to be had.
    assert not anna.ask("I want to talk to a person")["citations"]
    assert tab.next("conversation", lambda e: e["conversation"]["status"] == "queued")


def test_who_keeps_their_place_is_told_so_and_gets_the_person(
    visitor: Callable[..., Visitor], channel: Callable[..., Any], mette: Agent
) -> None:
    channel(people_first=50, **ALWAYS)
    fill(mette)
    anna = visitor("en")
    tab = anna.open()
    anna.ask(DELIVERY)
    kept = anna.ask("Keep my place")
    assert kept["text"].startswith("Your place is kept: you are next, in about")
    assert not buttons(kept)
    anna.say("It is for a parcel to Norway")
    silent(tab)
    fill(mette, 1)
    given = tab.next("conversation", lambda e: e["conversation"]["status"] == "assigned")
    assert given["conversation"]["agent"]["name"] == "Mette"
    anna.say("Talk to me now")  # too late: the person has it
    silent(tab)


def test_all_that_was_asked_meanwhile_is_answered_in_order(
    visitor: Callable[..., Visitor], channel: Callable[..., Any], mette: Agent
) -> None:
    channel(people_first=50, **ALWAYS)
    fill(mette)
    anna = visitor("en")
    tab = anna.open()
    anna.ask(DELIVERY)
    anna.say("Can I pay with MobilePay?")
    assert "place is kept" in anna.ask("keep my place")["text"]
    anna.say("talk to me now")
    assert "working days" in tab.message("bot")["text"]
    assert "MobilePay" in tab.message("bot")["text"]
    silent(tab)


def test_who_waits_less_than_the_channel_says_is_offered_nothing(
    visitor: Callable[..., Visitor], channel: Callable[..., Any], mette: Agent
) -> None:
    channel(people_first=50, offer_bot_seconds=1_000_000_000, **ALWAYS)
    fill(mette)
    told = visitor("en").ask(DELIVERY)
    assert "You are next" in told["text"]
    assert not buttons(told)


def test_with_nobody_at_the_desk_the_bot_offers_itself(
    visitor: Callable[..., Visitor], channel: Callable[..., Any]
) -> None:
    channel(people_first=50, **ALWAYS)
    anna = visitor("en")
    tab = anna.open()
    told = anna.ask(DELIVERY)
    assert "Nobody is at the desk right now" in told["text"]
    assert "Leave your email" in told["text"]
    status = tab.next("conversation", lambda e: e["conversation"]["status"] == "queued")
    assert status["conversation"]["asks_email"] is True
    assert "We answer here as soon as" in anna.ask("Keep my place")["text"]
    assert anna.ask("Talk to me now")["citations"]


def test_while_it_is_closed_the_bot_answers_first(
    visitor: Callable[..., Visitor], channel: Callable[..., Any]
) -> None:
    channel(people_first=50, opening_hours={"9": [["09:00", "10:00"]]})
    assert visitor("en").ask(DELIVERY)["citations"]


def test_who_asks_for_a_person_is_not_offered_the_bot(
    visitor: Callable[..., Visitor], channel: Callable[..., Any], mette: Agent
) -> None:
    channel(people_first=50, **ALWAYS)
    fill(mette)
    told = visitor("en").ask("I want to talk to a person")
    assert "You are next" in told["text"]
    assert not buttons(told)


def test_places_move_up_live_and_the_urgent_come_first(
    visitor: Callable[..., Visitor], channel: Callable[..., Any], mette: Agent
) -> None:
    channel(people_first=50, **ALWAYS)
    fill(mette)

    def place_of(tab: Any, position: int) -> Any:
        return tab.next(
            "conversation",
            lambda e: e["conversation"]["position"] == position,
        )

    first, second, urgent = visitor("en"), visitor("en"), visitor("en")
    one, two, three = first.open(), second.open(), urgent.open()
    first.ask(DELIVERY)
    place_of(one, 1)
    assert "number 2 in line" in second.ask("Do you sell gift cards?")["text"]
    place_of(two, 2)
    told = urgent.ask("It is urgent: how long does delivery take?")
    assert "You are next" in told["text"]
    place_of(three, 1)
    place_of(one, 2)
    place_of(two, 3)
    assert urgent.ask("Talk to me now")["citations"]
    place_of(one, 1)
    place_of(two, 2)
    fill(mette, 1)
    one.next("conversation", lambda e: e["conversation"]["status"] == "assigned")
    place_of(two, 1)


# --- Where there are buttons, and where there are numbers --------------------------------------
@pytest.fixture(params=["telegram", "slack", "email", "http"])
def world(request: pytest.FixtureRequest, server: Server, clean: None) -> Iterator[World]:
    from chatbot.conversations.models import Channel

    with world_of(request.param, server) as made:
        Channel.objects.filter(kind=request.param, is_active=True).update(people_first=50)
        yield made
        Channel.objects.filter(kind=request.param).update(people_first=0)


def test_every_channel_lets_them_choose(world: World, mette: Agent) -> None:
    fill(mette)
    world.say(DELIVERY)
    assert "keep your place" in wait_reply(world, 1)
    world.choose("Keep my place")
    assert "Your place is kept" in wait_reply(world, 2)
    world.repeat()
    _press_talk(world)
    assert "working days" in wait_reply(world, 3)
    assert len(world.replies()) == 3  # and no word of places that change


def _press_talk(world: World) -> None:
    if world.kind == "email":  # the mail that has the list is not the last one any more
        world.say("Talk to me now")
    else:
        world.choose("Talk to me now")


def test_not_choosing_keeps_the_place(world: World, mette: Agent) -> None:
    fill(mette)
    world.say(DELIVERY)
    wait_reply(world, 1)
    world.say("It is for Norway by the way")
    fill(mette, 1)
    row = mette.given("It is for Norway by the way")
    mette.reply(row["id"], "Mette here, about a week.")
    assert "Mette here" in wait_reply(world, 2)
