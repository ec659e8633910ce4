"""What an open chat may say and be told: of its own visitor alone, and nothing that is agents'."""

import json
from collections.abc import Callable
from typing import Any, get_args

from chatbot import events
from tests.chatbot.inbox_channels.rows import picture
from tests.chatbot.permissions.table import TOLD_VISITORS, VISITOR_EVENTS
from tests.chatbot.permissions.test_getting import at_rest, changed
from tests.world import Agent, Socket, Visitor, wait_for

OWN_NAME, SECRET = "Anna Andersen", "a word that only Anna may read"


def filled(value: Any, theirs: int) -> Any:
    match value:
        case "{theirs}":
            return theirs
        case list():
            return [filled(one, theirs) for one in value]
    return value


def heard(tab: Socket) -> list[dict[str, Any]]:
    """Return all that a chat was told so far."""
    tab.send({"type": "ping"})
    last = tab.next("pong")
    return [*tab.unread, last]


def test_every_event_of_the_chat_stands_in_the_table() -> None:
    from channels_adapters.website.consumer import _EVENTS

    assert set(_EVENTS) == set(VISITOR_EVENTS), "say in table.py what another visitor's is there"
    assert {name for one in _EVENTS.values() for name in get_args_of(one)} == set(VISITOR_EVENTS)


def get_args_of(model: type[events.Payload]) -> tuple[str, ...]:
    return get_args(model.model_fields["type"].annotation)


def test_no_event_reaches_what_is_another_visitors(
    visitor: Callable[..., Visitor], agent: Callable[..., Agent]
) -> None:
    from chatbot.conversations.models import Attachment, Contact, Conversation, Message

    anna, eve = visitor(), visitor()
    hers = anna.open()
    hers.send({"type": "contact.update", "name": OWN_NAME, "email": "anna@example.org"})
    hers.next("contact")
    anna.ask("I want to talk to a person")
    photo = {"file": ("secret.png", picture(), "image/png")}
    unsent = anna.http.post("/api/v1/widget/attachments", files=photo).json()["id"]
    sent = anna.http.post("/api/v1/widget/attachments", files=photo).json()["id"]
    anna.say(SECRET, attachments=[sent])
    message = hers.next("ack", lambda e: e["message"]["text"] == SECRET)["message"]["id"]
    wait_for(lambda: not Message.objects.filter(pk=message, state="pending").exists())
    conversation = Message.objects.get(pk=message).conversation_id
    mette = agent("mette")
    inbox = mette.open()
    tab = eve.open()
    mine = tab.unread[0]["visitor"]
    before = at_rest()
    heard(hers)
    hers.unread.clear()
    for name, fields in VISITOR_EVENTS.items():
        for theirs in (message, unsent, sent, conversation):
            event = {key: filled(value, theirs) for key, value in fields.items()}
            tab.send({"type": name, **event})
            # And with a field that would name whose it is: there is none.
            for field in ("conversation", "visitor", "contact", "identity_id", "channel", "to"):
                tab.send({"type": name, **event, field: conversation})
    told = heard(tab)
    assert {one["type"] for one in told} <= TOLD_VISITORS
    assert all(SECRET not in str(one) and OWN_NAME not in str(one) for one in told)
    refused = [one for one in told if one["type"] == "error"]
    assert {one["code"] for one in refused} == {"invalid_event"}
    # All that changed is Eve's own: that she is here, and that she calls herself Eve.
    known = {"conversations.Contact", "conversations.ContactIdentity"}
    assert set(changed(before)) <= known
    assert not Conversation.objects.filter(identity__external_id=mine).exists()
    assert Contact.objects.get(conversations=conversation).name == OWN_NAME
    assert Conversation.objects.get(pk=conversation).seen_id < message
    assert Attachment.objects.get(pk=unsent).message_id is None
    # Nor is Anna, or who looks at her conversation, told that she types or has seen anything.
    assert {one["type"] for one in heard(hers)} == {"pong"}
    mette.get("me")
    assert all(event.get("conversation") != conversation for event in inbox.unread)
    for one in (unsent, sent):
        assert eve.http.get(f"/api/v1/widget/attachments/{one}").status_code == 404
        assert eve.http.delete(f"/api/v1/widget/attachments/{one}").status_code == 404
    assert anna.http.get(f"/api/v1/widget/attachments/{unsent}").status_code == 200


def test_a_chat_is_never_told_what_is_for_agents(
    visitor: Callable[..., Visitor], agent: Callable[..., Agent]
) -> None:
    from chatbot.conversations.models import ConversationLabel, Label, Message

    anna, eve = visitor(), visitor()
    hers, other = anna.open(), eve.open()
    eve.ask("I want to talk to a person")
    anna.ask("I want to talk to a person")
    pk = Message.objects.filter(author="contact").latest("pk").conversation_id
    mette, jonas = agent("mette"), agent("jonas")
    mette.post(f"conversations/{pk}/take", over=True)
    inside = mette.open()  # only now: else routing might give it at the same moment
    inside.send({"type": "view", "conversation": pk})
    label = mette.post("labels", name="Difficult-customer")["id"]
    mette.post(f"conversations/{pk}/note", 201, client_id="n", text="She is angry-secret")
    mette.post("deeds", deed="label", ids=[pk], values={"add": [label]})
    mette.post(f"conversations/{pk}/classify", priority="urgent")
    mette.http.put(
        f"/api/v1/inbox/conversations/{pk}/drafts/reply", json={"text": "half-said-secret"}
    )
    jonas.get(f"conversations/{pk}")
    mette.reply(pk, "Hello Anna")
    assert hers.message("agent")["text"] == "Hello Anna"
    mette.post(f"conversations/{pk}/resolve")
    hers.next("conversation", lambda e: e["conversation"]["status"] == "resolved")
    hers.send({"type": "sync", "after": 0})
    hers.next("history")
    told = heard(hers)
    history = anna.http.get("/api/v1/widget/messages").json()
    for name in ("angry-secret", "half-said-secret", "Difficult-customer", "urgent", "jonas"):
        assert name not in json.dumps([told, history]), name
    fields = {"confidence", "evidence", "details", "user_id", "identity", "handoff", "labels"}
    for one in history["messages"]:
        assert set(one) == set(events.MessagePart.model_fields)
        assert not fields & set(one)
    assert set(history["conversation"]) == set(events.ConversationPart.model_fields)
    assert {one["type"] for one in told} <= TOLD_VISITORS
    assert "Hello Anna" not in json.dumps(heard(other))
    ConversationLabel.objects.filter(label=label).delete()
    Label.objects.filter(pk=label).delete()
