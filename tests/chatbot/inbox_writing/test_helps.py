"""What the bot does for agents: replies drafted, conversations in short, answers as articles."""

import uuid
from collections.abc import Callable
from typing import Any

from tests.chatbot.inbox_writing.test_writing import written
from tests.world import Agent, Server

Desk = Callable[..., Any]
Agents = Callable[[str], Agent]


def test_a_reply_is_drafted_for_questions_only_and_what_came_of_it_is_kept(
    desk: Desk, agent: Agents
) -> None:
    from chatbot.conversations.models import Message, Verdict
    from chatbot.inbox.models import Suggestion

    anna, mette, pk = desk("mette")
    socket = mette.open()
    path = f"conversations/{pk}/suggestion"
    anna.say("Thanks, that is kind of you")
    anna.say("How long do I have to return something?")
    offered = socket.next("suggestion", lambda e: e["suggestion"] is not None)["suggestion"]
    assert offered == mette.get(path)["suggestion"]
    assert offered["sources"]
    assert 0.4 <= offered["confidence"] <= 1
    asked = Message.objects.get(pk=offered["message"])
    assert asked.evidence["entry"], "what verdicts refer to"
    assert Suggestion.objects.filter(message__conversation_id=pk).count() == 1
    assert offered["text"] not in [one["text"] for one in anna.messages()], "for agents only"

    body = written(f"{offered['text']} Kind regards and a lovely day to you all, dear Anna, Mette")
    sent = mette.post(f"conversations/{pk}/reply", 201, **body)["message"]
    made = Suggestion.objects.get(pk=offered["id"])
    assert (made.state, made.reply_id) == ("edited", sent["id"])
    assert made.kept == 1.0
    assert Verdict.objects.get(message=asked).right
    assert mette.get(path) == {"suggestion": None}

    anna.say("What does delivery cost?")
    again = socket.next("suggestion", lambda e: e["suggestion"] is not None)["suggestion"]
    mette.http.post(f"/api/v1/inbox/suggestions/{again['id']}/discard")
    assert mette.get(path) == {"suggestion": None}
    assert Suggestion.objects.get(pk=again["id"]).state == "discarded"
    assert not Verdict.objects.filter(message_id=again["message"]).exists(), "it waits for review"


def test_a_long_conversation_is_told_in_four_lines(desk: Desk) -> None:
    anna, mette, pk = desk("mette")
    path = f"conversations/{pk}/summary"
    assert mette.get(path)["lines"] == []
    for number in range(4):
        anna.say(f"The lamp {number} is broken {uuid.uuid4().hex[:4]}")
        anna.sockets[0].next("ack")
        mette.reply(pk, f"I am looking at lamp {number} for you")
    told = mette.get(path)
    assert told["by"] == "parts"
    assert 2 <= len(told["lines"]) <= 4
    assert told["lines"][0].startswith("Asked: I want to talk to a person")
    assert any("The lamp 3" in line for line in told["lines"])
    assert any("looking at lamp 3" in line for line in told["lines"])
    refused = mette.post(f"conversations/{pk}/translate", 409, text="Hello")
    assert refused["error"]["code"] == "conflict", "no language model is set"


def test_an_answer_becomes_the_draft_of_an_article(
    desk: Desk, agent: Agents, server: Server
) -> None:
    from chatbot.conversations.models import Contact
    from knowledge.models import Article

    anna, mette, pk = desk("mette")
    Contact.objects.filter(conversations__pk=pk).update(name="Anna Holm")
    anna.say("Can the blue bowl go into the oven?")
    anna.sockets[0].next("ack")
    mette.reply(pk, "Hi Anna, yes: up to 200 degrees. Write to anna.holm@example.com for more.")
    mette.post(f"conversations/{pk}/resolve")
    address = f"/admin/insights/article/{pk}/"
    assert agent("jonas").http.post(address).status_code in (302, 403, 404)
    assert not Article.objects.filter(translations__answer__contains="200 degrees").exists()
    answer = agent("admin").http.post(address)
    assert answer.status_code == 302
    made = Article.objects.latest("pk")
    try:
        assert f"/{made.pk}/" in answer.headers["location"]
        assert made.status == Article.Status.DRAFT
        text = made.translations.get().answer
        assert "200 degrees" in text
        assert "Anna" not in text
        assert "example.com" not in text
        asked = [one.text for one in made.questions.all()]
        assert "Can the blue bowl go into the oven?" in asked
    finally:
        made.delete()
