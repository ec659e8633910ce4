"""What every channel has to do, the website's included: one suite, the same words everywhere."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.channels_adapters.worlds import KINDS, World, wait_reply, world_of
from tests.mail import MailServer, code_in
from tests.world import Agent, Server, wait_for

pytestmark = pytest.mark.usefixtures("clean")
LARS = "lars.friis@post.example"


@pytest.fixture(autouse=True)
def _a_new_day() -> None:
    """Codes that other channels' tests asked for do not count."""
    from chatbot.actions.models import Attempt

    Attempt.objects.all().delete()


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, server: Server) -> Iterator[World]:
    with world_of(request.param, server) as made:
        yield made


def test_a_question_is_answered(world: World) -> None:
    world.say("How long does delivery take?")
    assert "working days" in wait_reply(world, 1)


def test_a_repeated_delivery_changes_nothing(world: World) -> None:
    world.say("How long does delivery take?")
    wait_reply(world, 1)
    world.repeat()
    world.say("Can I pay with MobilePay?")
    assert "MobilePay" in wait_reply(world, 2)
    assert len(world.replies()) == 2


def test_a_passing_failure_is_tried_again_until_it_arrives(world: World) -> None:
    world.fail(2)
    world.say("How long does delivery take?")
    assert "working days" in wait_reply(world, 1)
    world.say("Can I pay with MobilePay?")
    assert "MobilePay" in wait_reply(world, 2)


def test_an_order_is_told_to_who_proves_that_it_is_theirs(world: World, mails: MailServer) -> None:
    before = mails.count()
    for number, text in enumerate(("Where is my order?", "I don't have the number", LARS), 1):
        world.say(text)
        told = wait_reply(world, number)
        assert "10494" not in told  # an address that anybody may say proves nothing
    world.say(code_in(mails.wait(after=before)))
    assert "Which order" in wait_reply(world, 4)
    world.say("1")
    assert re.search(r"Order 104\d\d", wait_reply(world, 5))


def test_a_person_comes_and_their_reply_arrives(
    world: World, agent: Callable[[str], Agent]
) -> None:
    mette = agent("mette")
    mette.open()
    world.say("I want to talk to a person")
    conversation = mette.given()
    assert conversation["channel"]["kind"] == world.kind
    number = len(world.replies()) if world.replies() else 0
    wait_reply(world, max(number, 1))
    mette.reply(conversation["id"], "Hello, Mette here. How can I help?")
    wait_for(lambda: any("Mette here" in one for one in world.replies()), seconds=30)
    world.say("Thanks, that was all")
    wait_for(lambda: _last_said(mette, conversation["id"]) == "Thanks, that was all")


def _last_said(agent: Agent, conversation: int) -> Any:
    messages = agent.get(f"conversations/{conversation}/messages")["messages"]
    return [one for one in messages if one["author"]["kind"] == "contact"][-1]["text"]
