"""Two conversations as one, over website and email; and people whom nobody answers."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from chatbot.conversations.models import Contact, Conversation, Message
from chatbot.conversations.recording import record_inbound
from chatbot.envelope import InboundFile, InboundMessage
from chatbot.routing.models import Block
from tests.chatbot.inbox_channels import rows
from tests.chatbot.inbox_deeds.conftest import assigned, do, fresh, waiting
from tests.world import Agent, Visitor, wait_for


@pytest.fixture
def mailbox() -> Any:
    return rows.channel("email", "Lund & Lyng", is_active=False)  # nothing is really sent


def mail(mailbox: Any, sender: str, text: str, subject: str = "My lamp", **more: Any) -> Message:
    """Receive a mail, as its adapter would record it."""
    inbound = InboundMessage(
        channel_id=mailbox.pk,
        sender_id=sender,
        external_id=f"<{uuid.uuid4().hex}@example.com>",
        text=text,
        subject=subject,
        sender_email=sender,
        **more,
    )
    return record_inbound(inbound=inbound).message


@pytest.fixture
def both(visitor: Callable[..., Visitor], mailbox: Any, mette: Agent) -> Any:
    """One customer with a conversation on the website and one by email, both with Mette."""
    mette.open()
    anna = visitor()
    anna.open()
    anna.ask("I want to talk to a person")
    chat = Conversation.objects.latest("pk")
    sender = f"anna.{uuid.uuid4().hex[:8]}@example.com"
    letter = mail(mailbox, sender, "I want to talk to a person").conversation
    for one in (chat, letter):
        wait_for(lambda one=one: fresh(one).status == "assigned")
    return anna, chat, letter, sender


def test_contacts_are_merged_before_their_conversations(mette: Agent, both: Any) -> None:
    _anna, chat, letter, _sender = both
    refused = do(mette, "merge", chat, other=letter.pk)
    assert "Make the contacts one first" in refused["failed"][0]["detail"]
    assert do(mette, "merge", chat, other=chat.pk)["failed"]
    assert fresh(letter).status == "assigned"


@pytest.mark.parametrize("kept", ["chat", "letter"])
def test_one_goes_on_for_both_and_is_answered_where_they_write(
    mette: Agent, both: Any, mailbox: Any, kept: str
) -> None:
    anna, chat, letter, sender = both
    mette.post(f"contacts/{chat.contact_id}/merge", other=letter.contact_id)
    goes_on, ends = (chat, letter) if kept == "chat" else (letter, chat)
    history = [one["id"] for one in anna.messages()]
    done = do(mette, "merge", goes_on, other=ends.pk)
    assert done["failed"] == []
    assert (fresh(ends).status, fresh(ends).merged_into_id) == ("resolved", goes_on.pk)
    assert not Message.objects.filter(conversation=ends, text__icontains="how was").exists()
    # What was said in both is read in one transcript, in time's order.
    said = mette.get(f"conversations/{goes_on.pk}/messages")["messages"]
    assert {one["conversation"] for one in said} == {chat.pk, letter.pk}
    assert [one["at"] for one in said] == sorted(one["at"] for one in said)
    assert [one["id"] for one in anna.messages()] == history  # theirs, where it was
    # Whatever they write where, it comes to the one that goes on, and answers go there.
    by_mail = mail(mailbox, sender, "A photo follows", subject="My lamp")
    assert by_mail.conversation_id == goes_on.pk
    goes_to = mette.get(f"conversations/{goes_on.pk}")["goes_to"]["channel"]["kind"]
    assert goes_to == "email"
    anna.say("And in the chat again")
    wait_for(lambda: Message.objects.filter(text="And in the chat again").exists())
    chatted = Message.objects.get(text="And in the chat again")
    assert chatted.conversation_id == goes_on.pk
    mette.reply(goes_on.pk, "I have both now.")
    assert anna.sockets[0].message("agent")["text"] == "I have both now."
    texts = [one["text"] for one in anna.messages()]
    assert texts[-2:] == ["And in the chat again", "I have both now."]
    told = anna.http.get("/api/v1/widget/messages").json()["conversation"]
    assert told["status"] == "assigned"
    # And they can be two again: what was said since stays where it was said.
    undone = mette.post(f"deeds/{done['id']}/undo")
    if kept == "chat":
        assert undone["left"] == []
        assert fresh(ends).status == "assigned"
    assert fresh(ends).merged_into_id is None
    assert mail(mailbox, sender, "Thanks").conversation_id == letter.pk


def test_linked_conversations_have_a_way_to_each_other(mette: Agent) -> None:
    one, other = waiting(), waiting("Bo")
    mette.post(f"conversations/{one.pk}/link", other=other.pk)
    mette.post(f"conversations/{other.pk}/link", other=one.pk)  # said twice, it is one link
    linked = mette.get(f"conversations/{other.pk}")["linked"]
    assert [(row["id"], row["name"]) for row in linked] == [(one.pk, "Ida Krag")]
    mette.post(f"conversations/{one.pk}/link", 400, other=one.pk)
    mette.post(f"conversations/{one.pk}/link", 400, other=2**40)
    mette.post(f"conversations/{one.pk}/link", other=other.pk, linked=False)
    assert mette.get(f"conversations/{other.pk}")["linked"] == []


def test_who_is_blocked_is_kept_answered_by_nobody_and_not_told(
    jonas: Agent, visitor: Callable[..., Visitor], mailbox: Any
) -> None:
    jonas.open()
    troll = visitor()
    socket = troll.open()
    troll.ask("I want to talk to a person")
    made = Conversation.objects.latest("pk")
    wait_for(lambda: fresh(made).status == "assigned")
    socket.message("system", "notice")  # Jonas has joined
    before = len(troll.messages())
    done = do(jonas, "block", made, reason="Insults everybody")
    assert fresh(made).status == "resolved"
    detail = jonas.get(f"conversations/{made.pk}")
    assert detail["contact"]["blocked"]
    assert detail["block"]["reason"] == "Insults everybody"
    assert detail["block"]["by"] == "Jonas"
    assert len(troll.messages()) == before, "neither a line nor a question"
    for text in ("You fools", "I want to talk to a person"):
        troll.say(text)
        wait_for(lambda text=text: made.messages.filter(text=text, state="handled").exists())
    socket.quiet("message", 1.0)
    assert fresh(made).status == "resolved"
    assert Conversation.objects.filter(contact_id=made.contact_id).count() == 1
    assert jonas.get(f"conversations/{made.pk}/messages")["messages"][-1]["why"] == "blocked"
    # Nobody gets away by becoming one with somebody else.
    other = waiting("Bo")
    merge = jonas.post(f"contacts/{other.contact_id}/merge", other=made.contact_id)
    assert Contact.objects.get(pk=other.contact_id).blocked_at is not None
    jonas.post(f"merges/{merge['id']}/undo")
    Contact.objects.filter(pk=other.contact_id).update(blocked_at=None)
    # Undone: their conversation is open again, and they are answered.
    made = fresh(made)
    jonas.post(f"conversations/{made.pk}/unblock")
    assert not jonas.get(f"conversations/{made.pk}")["contact"]["blocked"]
    assert Block.objects.filter(user__username="jonas").latest("pk").reason == "Insults everybody"
    troll.say("I want to talk to a person")
    wait_for(
        lambda: Conversation.objects.filter(contact_id=made.contact_id, status="assigned").exists()
    )
    assert done["id"]


def test_blocking_can_be_undone_with_all_that_it_resolved(jonas: Agent, mailbox: Any) -> None:
    made = assigned("jonas")
    mails = rows.conversation(made.identity, thread="x", status="queued")
    done = do(jonas, "block", made)
    assert {fresh(made).status, fresh(mails).status} == {"resolved"}
    undone = jonas.post(f"deeds/{done['id']}/undo")
    assert (undone["left"], fresh(made).status, fresh(mails).status) == ([], "assigned", "queued")
    blocked = mail(mailbox, "spam@example.com", "Buy now")
    do(jonas, "block", blocked.conversation)
    files = (InboundFile("a.pdf", "application/pdf", content=b"%PDF-1.7"),)
    again = mail(mailbox, "spam@example.com", "Buy more", subject="Other", files=files)
    assert again.conversation.status == "resolved"
    assert again.state == "handled"


def test_who_was_named_in_what_was_merged_is_led_to_where_it_is_read(
    mette: Agent, jonas: Agent
) -> None:
    from chatbot.inbox.models import Mention

    Mention.objects.all().delete()
    kept = assigned("mette", "Anna Lund")
    who = rows.identity(rows.channel("email", "Lund & Lyng"), uuid.uuid4().hex, "Anna")
    who.contact = kept.contact
    who.save()
    other = rows.conversation(who)
    me = jonas.get("me")
    text = f"@{me['name']} look"
    mette.post(
        f"conversations/{other.pk}/note",
        201,
        client_id=uuid.uuid4().hex,
        text=text,
        mentions=[me["id"]],
    )
    assert do(mette, "merge", kept, other=other.pk)["failed"] == []
    assert jonas.get("me")["counts"]["mentions"] == 1
    assert [row["id"] for row in jonas.get("conversations", view="mentions")["results"]] == [
        kept.pk
    ]
    socket = jonas.open()
    socket.send({"type": "view", "conversation": kept.pk})
    assert socket.next("mentions")["unseen"] == 0
    assert jonas.get("me")["counts"]["mentions"] == 0
