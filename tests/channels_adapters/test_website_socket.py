"""The visitor's socket: what comes in wrong, who may come in, and that nothing is lost."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core import signing

from tests.world import Agent, Server, Socket, Visitor, wait_for


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("{not json", "invalid_json"),
        ("[]", "invalid_json"),
        ('"text"', "invalid_json"),
        ("[" * 5000, "invalid_json"),
        (b"\x00\xff", "invalid_json"),
        ({"type": "message.delete"}, "unknown_event"),
        ({"type": ["message.send"]}, "unknown_event"),
        ({"text": "hello"}, "unknown_event"),
        ({"type": "message.send", "client_id": "a"}, "invalid_event"),
        ({"type": "message.send", "client_id": "a", "text": 5}, "invalid_event"),
        ({"type": "message.send", "client_id": "a b", "text": "x"}, "invalid_event"),
        ({"type": "message.send", "client_id": "a", "text": "x", "admin": True}, "invalid_event"),
        ({"type": "sync", "after": -1}, "invalid_event"),
        ({"type": "sync", "after": 10**30}, "invalid_event"),
        ({"type": "seen", "message_id": "all"}, "invalid_event"),
        ({"type": "contact.update", "email": "not an address"}, "invalid_event"),
        ({"type": "message.send", "client_id": "a", "text": ""}, "empty"),
        ({"type": "message.send", "client_id": "a", "text": " \n\t "}, "empty"),
        ({"type": "message.send", "client_id": "a", "text": "x" * 4001}, "too_long"),
        ({"type": "message.send", "client_id": "a", "text": "a\x00b"}, "control_characters"),
        ({"type": "message.send", "client_id": "a", "text": "a\x1b[2Jb"}, "control_characters"),
        ('{"type":"message.send","client_id":"a","text":"\\ud800"}', "control_characters"),
    ],
)
def test_bad_input_gets_a_typed_error_and_the_connection_stays(
    visitor: Callable[..., Visitor], sent: Any, code: str
) -> None:
    anna = visitor()
    tab = anna.open()
    tab.send(sent)
    error = tab.next("error")
    assert error["code"] == code
    assert error["detail"]
    tab.send({"type": "ping"})
    assert tab.next("pong")
    assert anna.messages() == []


def test_the_longest_message_allowed_is_recorded(visitor: Callable[..., Visitor]) -> None:
    anna = visitor()
    tab = anna.open()
    anna.say("é" * 4000)
    assert tab.next("ack")["message"]["text"] == "é" * 4000


@pytest.mark.parametrize("size", [70_000, 3_000_000])
def test_a_frame_that_is_too_big_closes_with_a_code(
    visitor: Callable[..., Visitor], size: int
) -> None:
    tab = visitor().open()
    tab.send(json.dumps({"type": "message.send", "client_id": "a", "text": "x" * size}))
    assert tab.closed_with() == 1009


def forged(token: str) -> str:
    payload, stamp, _ = token.split(".")
    return f"{payload}.{stamp}.{'A' * 43}"


def expired(token: str) -> str:
    payload = token.split(".", maxsplit=1)[0]
    value = f"{payload}.1rQw5k"  # 2024
    signer = signing.TimestampSigner(sep=".", salt="visitor")
    return f"{value}.{signer.signature(value)}"


@pytest.mark.parametrize("spoil", [forged, expired, lambda token: "nonsense", lambda token: ""])
def test_a_forged_or_expired_token_closes_with_a_code(
    server: Server, visitor: Callable[..., Visitor], spoil: Callable[[str], str]
) -> None:
    token = spoil(visitor().token)
    offered = ["chat.v1", token] if token else ["chat.v1"]
    assert Socket(f"{server.ws}/ws/chat/", subprotocols=offered).closed_with() == 4401


def test_a_foreign_origin_closes_with_a_code_and_a_listed_one_comes_in(
    visitor: Callable[..., Visitor],
) -> None:
    from chatbot.conversations.models import Channel

    anna = visitor()
    assert anna.open(origin="https://evil.example").closed_with() == 4403
    Channel.objects.update(allowed_origins="https://shop.example\nhttps://www.shop.example/")
    try:
        assert anna.open(origin="https://www.shop.example").next("ready")
        assert anna.open(origin="https://shop.example.evil.example").closed_with() == 4403
    finally:
        Channel.objects.update(allowed_origins="")
    assert anna.open(origin=anna.server.url).next("ready")


def test_more_than_twenty_messages_in_ten_seconds_get_a_polite_limit(
    visitor: Callable[..., Visitor],
) -> None:
    anna = visitor()
    tab = anna.open()
    for _ in range(21):
        anna.say("hi")
    error = tab.next("error")
    assert error["code"] == "rate_limited"
    assert 0 < error["retry_after"] <= 11
    assert error["client_id"]
    assert "wait" in error["detail"]
    tab.send({"type": "ping"})
    tab.next("pong")
    assert sum(m["author"]["kind"] == "contact" for m in anna.messages()) == 20
    # Another visitor is not held up by it.
    other = visitor()
    other.open()
    assert other.ask("hi")


def test_the_same_client_id_is_recorded_and_answered_once(
    visitor: Callable[..., Visitor],
) -> None:
    anna = visitor()
    tab = anna.open()
    again = anna.say("How long does delivery take?")
    first = tab.next("ack")["message"]
    tab.message("bot")
    for _ in range(3):
        anna.say("How long does delivery take?", client_id=again)
        assert tab.next("ack")["message"]["id"] == first["id"]
    answer = anna.http.post(
        "/api/v1/widget/messages",
        json={"client_id": again, "text": "How long does delivery take?"},
    )
    assert answer.status_code == 200
    assert answer.json()["duplicate"] is True
    tab.quiet("message")
    assert len(anna.messages()) == 2


def test_two_visitors_may_use_the_same_client_id(visitor: Callable[..., Visitor]) -> None:
    anna, bo = visitor(), visitor()
    anna.open()
    bo.open()
    anna.ask("hi", client_id="same")
    bo.ask("thanks", client_id="same")
    assert anna.messages()[0]["text"] == "hi"
    assert bo.messages()[0]["text"] == "thanks"


def test_two_tabs_stay_in_step_and_a_reconnect_fetches_what_was_missed(
    visitor: Callable[..., Visitor],
) -> None:
    anna = visitor()
    first, second = anna.open(), anna.open()
    anna.say("hi", socket=first)
    assert first.next("ack")
    assert second.message("contact")["text"] == "hi"
    reply = second.message("bot")
    assert first.message("bot")["id"] == reply["id"]
    first.quiet("message")  # no second copy of one's own words

    second.close()
    anna.say("thanks", socket=first)
    first.message("bot")
    third = anna.open()
    third.send({"type": "sync", "after": reply["id"]})
    history = third.next("history")
    assert [m["author"]["kind"] for m in history["messages"]] == ["contact", "bot"]
    assert history["has_more"] is False


def test_a_long_absence_is_fetched_in_pages(visitor: Callable[..., Visitor]) -> None:
    anna = visitor()
    tab = anna.open()
    anna.ask("hi")
    from chatbot.conversations.models import Conversation, Message

    conversation = Conversation.objects.latest("pk")
    Message.objects.bulk_create(
        Message(
            conversation=conversation, channel=conversation.channel, author="bot", text=f"line {n}"
        )
        for n in range(120)
    )
    known = anna.messages(limit=1)[0]["id"] - 120
    got: list[str] = []
    while True:
        tab.send({"type": "sync", "after": known})
        page = tab.next("history")
        got += [m["text"] for m in page["messages"]]
        known = page["messages"][-1]["id"]
        if not page["has_more"]:
            break
    assert got == [f"line {n}" for n in range(120)]


def test_messages_in_a_row_are_answered_in_order(visitor: Callable[..., Visitor]) -> None:
    anna = visitor()
    tab = anna.open()
    asked = ["How long does delivery take?", "How do gift cards work?", "hi", "thanks"]
    for text in asked:
        anna.say(text)
    for _ in asked:
        tab.message("bot")
    bot = [m for m in anna.messages() if m["author"]["kind"] == "bot"]
    assert [m["citations"][0]["title"] for m in bot[:2]] == asked[:2]
    assert "help" in bot[2]["text"]
    assert "welcome" in bot[3]["text"]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "**bold** [click](javascript:alert(1))",
        "&lt;b&gt; & \"quotes\" 'single' {{7*7}} {% debug %} ${7*7}",
    ],
)
def test_text_stays_text(visitor: Callable[..., Visitor], text: str) -> None:
    anna = visitor()
    tab = anna.open()
    anna.say(text)
    message = tab.next("ack")["message"]
    assert message["text"] == text
    assert message["html"] is None


def test_a_visitor_never_reads_or_writes_anothers_conversation(
    visitor: Callable[..., Visitor], agent: Callable[..., Agent]
) -> None:
    anna, eve = visitor(), visitor()
    anna.open()
    anna.ask("I want to talk to a person")
    secret = anna.messages()
    tab = eve.open()
    assert eve.messages() == []
    assert eve.messages(after=0, before=secret[-1]["id"] + 1) == []
    for after in (0, 1, secret[0]["id"] - 1):
        tab.send({"type": "sync", "after": after})
        history = tab.next("history")
        assert history["messages"] == []
        assert history["conversation"] is None
    # Neither another's ids nor extra fields reach another's rows.
    answer = eve.http.post(
        "/api/v1/widget/messages", json={"client_id": "x", "text": "hi", "conversation": 1}
    )
    assert answer.status_code == 400
    eve.http.post("/api/v1/widget/seen", json={"message_id": secret[-1]["id"]})
    from chatbot.conversations.models import Conversation

    assert Conversation.objects.get(messages=secret[0]["id"]).seen_id == 0
    eve.ask("hi")
    assert [m["text"] for m in anna.messages()] == [m["text"] for m in secret]
    # What is said to Anna does not come to Eve's socket.
    mette = agent("mette")
    mette.open()
    row = mette.given()
    mette.reply(row["id"], "only for Anna")
    anna.sockets[0].message("agent")
    tab.quiet("message")


def test_a_token_of_another_salt_or_site_opens_nothing(
    server: Server, visitor: Callable[..., Visitor]
) -> None:
    from chatbot.conversations.models import Channel

    signer = signing.TimestampSigner(sep=".", salt="session")
    token = signer.sign_object({"v": "x", "c": 1})
    assert Socket(f"{server.ws}/ws/chat/", subprotocols=["chat.v1", token]).closed_with() == 4401
    anna = visitor()
    Channel.objects.update(is_active=False)
    try:
        assert anna.open().closed_with() == 4401
        assert anna.http.get("/api/v1/widget/messages").status_code in (401, 403)
    finally:
        Channel.objects.update(is_active=True)


def test_an_email_left_is_kept_and_shown_to_agents(
    visitor: Callable[..., Visitor], agent: Callable[..., Agent]
) -> None:
    anna = visitor()
    tab = anna.open()
    anna.ask("I want to talk to a person")
    tab.send({"type": "contact.update", "email": "anna@example.org", "name": "Anna"})
    assert tab.next("contact")["email"] == "anna@example.org"
    status = tab.next("conversation", lambda e: not e["conversation"]["asks_email"])
    assert status["conversation"]["status"] == "queued"
    mette = agent("mette")
    row = mette.get("conversations", view="queue")["results"][0]
    assert row["contact"]["name"] == "Anna"
    assert row["contact"]["email"] == "anna@example.org"


def test_typing_reaches_the_inbox(
    visitor: Callable[..., Visitor], agent: Callable[..., Agent]
) -> None:
    mette = agent("mette")
    inbox = mette.open()
    anna = visitor()
    tab = anna.open()
    anna.ask("I want to talk to a person")
    tab.send({"type": "typing"})
    assert inbox.next("typing")["author"]["kind"] == "contact"


def test_a_message_over_http_is_answered_too(visitor: Callable[..., Visitor]) -> None:
    anna = visitor()
    answer = anna.http.post(
        "/api/v1/widget/messages",
        json={"client_id": uuid.uuid4().hex, "text": "How long does delivery take?"},
    )
    assert answer.status_code == 201
    found = wait_for(lambda: anna.messages(after=answer.json()["message"]["id"]))
    assert found[0]["citations"][0]["title"] == "How long does delivery take?"
