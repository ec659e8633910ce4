"""A visitor leaves the website before the answer: it goes on by email, and comes back."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.channels_adapters.worlds import EmailWorld, wait_reply, world_of
from tests.world import KEY, Agent, Server, Visitor, wait_for

pytestmark = pytest.mark.usefixtures("clean")


@pytest.fixture
def mailbox(server: Server) -> Iterator[EmailWorld]:
    """The website's mailbox, and its customer's mail program."""
    from chatbot.conversations.models import Channel

    with world_of("email", server) as world:
        assert isinstance(world, EmailWorld)
        own = Channel.objects.get(kind="email", account=world.address)
        Channel.objects.filter(key=KEY).update(mailbox=own)
        yield world
        Channel.objects.filter(key=KEY).update(mailbox=None)


@pytest.fixture
def look(settings: Any) -> Callable[[], None]:
    """Look for visitors who have left, as if ten minutes were a moment."""
    from chatbot import followups

    settings.FOLLOWUP_AFTER = 0
    return followups.send_due.call


@pytest.fixture
def talk(
    visitor: Callable[..., Visitor], agent: Callable[[str], Agent], mailbox: EmailWorld
) -> tuple[Visitor, Agent, int]:
    """A visitor with an address who is in conversation with Mette, and has just left."""
    mette = agent("mette")
    mette.open()
    one = visitor("en")
    one.ask("I want to talk to a person")
    one.http.post("/api/v1/widget/contact", json={"email": mailbox.own, "name": "Karen"})
    last = one.messages()[-1]["id"]
    one.sockets[0].send({"type": "seen", "message_id": last})
    conversation = mette.given()["id"]
    wait_for(lambda: _seen(conversation) == last)
    one.sockets[0].close()
    return one, mette, conversation


def _seen(conversation: int) -> int:
    from chatbot.conversations.models import Conversation

    return Conversation.objects.get(pk=conversation).seen_id


def test_what_was_not_seen_goes_out_in_one_mail_with_a_way_back(
    talk: tuple[Visitor, Agent, int], mailbox: EmailWorld, look: Callable[[], None], server: Server
) -> None:
    _visitor, mette, conversation = talk
    mette.reply(conversation, "Your chair leaves us tomorrow.")
    mette.reply(conversation, "It comes with two screws more.")
    told = _mailed(mailbox, look)
    assert "Your chair leaves us tomorrow." in told
    assert "two screws" in told
    link = re.search(r"http://\S+/back/\S+", told)
    assert link is not None
    page = httpx.get(link[0])
    assert page.status_code == 200
    session = re.search(r'data-session="([^"]+)"', page.text)
    assert session is not None
    same = Visitor(server, token=session[1])
    assert same.messages()[-1]["text"] == "It comes with two screws more."
    look()  # nothing new, so nothing is sent
    assert len(mailbox.replies()) == 1


def test_a_reply_to_that_mail_goes_on_in_the_same_conversation(
    talk: tuple[Visitor, Agent, int], mailbox: EmailWorld, look: Callable[[], None]
) -> None:
    visitor, mette, conversation = talk
    mette.reply(conversation, "Which colour did you order?")
    _mailed(mailbox, look)
    mailbox.say("The green one.")
    wait_for(lambda: _last(mette, conversation)["text"] == "The green one.")
    assert _last(mette, conversation)["channel"]["kind"] == "email"
    mette.reply(conversation, "Then it is here.")
    assert "Then it is here." in wait_reply(mailbox, 2)  # at once: this is where they write now
    assert [one["text"] for one in visitor.messages()][-2:] == [
        "The green one.",
        "Then it is here.",
    ]


def test_more_goes_out_at_most_every_quarter_of_an_hour(
    talk: tuple[Visitor, Agent, int], mailbox: EmailWorld, look: Callable[[], None]
) -> None:
    _visitor, mette, conversation = talk
    mette.reply(conversation, "One moment.")
    _mailed(mailbox, look)
    mette.reply(conversation, "It is on its way.")
    look()
    assert len(mailbox.replies()) == 1


def test_who_is_still_there_gets_no_mail(
    talk: tuple[Visitor, Agent, int],
    mailbox: EmailWorld,
    look: Callable[[], None],
    settings: Any,
) -> None:
    from chatbot.conversations.models import Delivery

    visitor, mette, conversation = talk
    settings.FOLLOWUP_AFTER = 600
    visitor.open()
    mette.reply(conversation, "One moment.")
    look()
    assert not Delivery.objects.filter(
        message__conversation=conversation, identity__channel__kind="email"
    ).exists()


def test_a_link_that_was_changed_opens_nothing(server: Server) -> None:
    answer = httpx.get(f"{server.url}/back/MTIz:abc:def/")
    assert answer.status_code == 410
    assert "no longer good" in answer.text
    assert "data-session" not in answer.text


def test_who_was_logged_in_has_to_log_in_again(
    talk: tuple[Visitor, Agent, int], server: Server
) -> None:
    from django.core import signing

    from chatbot import digests
    from chatbot.conversations.models import ContactIdentity, Conversation

    conversation = Conversation.objects.get(pk=talk[2])
    ContactIdentity.objects.filter(pk=conversation.identity_id).update(verified_id="c-7")
    token = signing.dumps(conversation.pk, salt=digests.SALT)
    page = httpx.get(f"{server.url}/back/{token}/")
    assert "data-session" not in page.text
    assert "Log in again" in page.text


def _mailed(mailbox: EmailWorld, look: Callable[[], None]) -> str:
    """Look until the first mail has come; the server notes a moment later that they left."""

    def came() -> list[str]:
        look()
        return mailbox.replies()

    first: str = wait_for(came, seconds=30)[0]
    return first


def _last(agent: Agent, conversation: int) -> dict[str, object]:
    messages = agent.get(f"conversations/{conversation}/messages")["messages"]
    found: dict[str, object] = [one for one in messages if one["author"]["kind"] == "contact"][-1]
    return found
