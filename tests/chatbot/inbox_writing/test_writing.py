"""Drafts, colleagues, mentions, canned replies and macros, by the inbox's API and socket."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.world import Agent, Server

Desk = Callable[..., Any]
Agents = Callable[[str], Agent]


def put(agent: Agent, path: str, status: int = 200, **body: Any) -> Any:
    """Change something; check the status, and return the JSON."""
    answer = agent.http.put(f"/api/v1/inbox/{path}", json=body)
    assert answer.status_code == status, (answer.status_code, answer.text)
    return answer.json()


def written(text: str = "Hello", **more: Any) -> dict[str, Any]:
    """Return the body of something that is sent."""
    return {"client_id": uuid.uuid4().hex, "text": text, **more}


def uid(agent: Agent) -> int:
    """Return an agent's id."""
    return int(agent.get("me")["id"])


def last(agent: Agent, conversation: int) -> int:
    """Return the newest message that an agent's page has."""
    return int(agent.get(f"conversations/{conversation}/messages")["messages"][-1]["id"])


def test_a_draft_follows_its_agent_and_goes_with_the_reply(desk: Desk, agent: Agents) -> None:
    _anna, mette, pk = desk("mette")
    path = f"conversations/{pk}/drafts/reply"
    file = mette.http.post("/api/v1/inbox/attachments", files={"file": ("a.txt", b"abc")}).json()
    first = put(mette, path, text="Dear", version=0, attachments=[file["id"]])["draft"]
    assert (first["text"], first["version"]) == ("Dear", 1)

    elsewhere = agent("mette")  # another browser
    socket = elsewhere.open()
    found = elsewhere.get(f"conversations/{pk}/drafts")
    assert found["reply"]["text"] == "Dear"
    assert found["note"] is None
    assert [one["name"] for one in found["reply"]["attachments"]] == ["a.txt"]
    assert pk in elsewhere.get("drafts")["conversations"]

    put(mette, path, text="Dear Anna", version=1, attachments=[file["id"]])
    came = socket.next("draft", lambda e: e["conversation"] == pk)
    assert came["draft"]["text"] == "Dear Anna"
    stale = put(elsewhere, path, 409, text="Something else", version=1)
    assert stale["error"]["code"] == "draft_changed"
    jonas = agent("jonas")
    assert jonas.get(f"conversations/{pk}/drafts") == {"reply": None, "note": None}

    from datetime import timedelta

    from django.utils import timezone

    from chatbot.conversations import attachments

    attachments.remove_unsent(now=timezone.now() + timedelta(days=3))
    mette.post(f"conversations/{pk}/reply", 201, **written("Dear Anna,", attachments=[file["id"]]))
    gone = socket.next("draft", lambda e: e["draft"] is None)
    assert gone["kind"] == "reply"
    assert mette.get(f"conversations/{pk}/drafts")["reply"] is None
    assert pk not in mette.get("drafts")["conversations"]


def test_nobody_replies_without_having_seen_a_colleague(desk: Desk, agent: Agents) -> None:
    _anna, mette, pk = desk("mette")
    jonas = agent("jonas")
    known = last(mette, pk)
    jonas.post(f"conversations/{pk}/take", over=True)
    jonas.post(f"conversations/{pk}/reply", 201, **written("I have looked", seen=known))
    mette.post(f"conversations/{pk}/take", over=True)
    refused = mette.post(f"conversations/{pk}/reply", 409, **written("Me too", seen=known))
    assert refused["error"]["code"] == "colleague_replied"
    assert "Jonas" in refused["error"]["detail"]

    socket = jonas.open()
    socket.send({"type": "view", "conversation": pk, "typing": True})
    socket.next("viewers", lambda e: any(one["typing"] for one in e["agents"]))
    known = last(mette, pk)
    refused = mette.post(f"conversations/{pk}/reply", 409, **written("Me too", seen=known))
    assert refused["error"]["code"] == "colleague_typing"
    shown = written("I saw that", seen=known, typing=[uid(jonas)])
    mette.post(f"conversations/{pk}/reply", 201, **shown)
    mette.post(f"conversations/{pk}/reply", 201, **written("Still", seen=known, anyway=True))


def test_two_who_take_and_reply_at_once_never_both_do(desk: Desk, agent: Agents) -> None:
    from chatbot.conversations.models import Conversation, Message, Status

    _anna, mette, pk = desk("mette")
    jonas = agent("jonas")
    pair = [mette, jonas]
    for _round in range(5):
        Conversation.objects.filter(pk=pk).update(status=Status.QUEUED, assignee=None)
        known = last(mette, pk)

        def race(one: Agent, known: int = known) -> tuple[int, int]:
            took = one.http.post(f"/api/v1/inbox/conversations/{pk}/take", json={"over": False})
            sent = one.http.post(
                f"/api/v1/inbox/conversations/{pk}/reply", json=written("Hello", seen=known)
            )
            return took.status_code, sent.status_code

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(race, pair))
        assert sorted(took for took, _ in answers) == [200, 409]
        assert sorted(sent for _, sent in answers) == [201, 409]
        told = Message.objects.filter(conversation_id=pk, author="agent", pk__gt=known)
        assert told.count() == 1


def test_who_is_named_in_a_note_is_told_until_they_look(desk: Desk, agent: Agents) -> None:
    _anna, mette, pk = desk("mette")
    jonas = agent("jonas")
    name = jonas.get("me")["name"]
    before = jonas.get("me")["mentions"]
    socket = jonas.open()
    text = f"@{name} can you look at this?"
    body = written(text, mentions=[uid(jonas), uid(mette), 10**12])
    mette.post(f"conversations/{pk}/note", 201, **body)
    told = socket.next("mention")
    assert told["conversation"] == pk
    assert told["unseen"] == before + 1
    assert told["by"] == mette.get("me")["name"]
    assert mette.get("me")["mentions"] == 0, "one does not name oneself"
    mette.post(f"conversations/{pk}/note", 201, **written("Hm", mentions=[uid(jonas)]))
    assert jonas.get("me")["mentions"] == before + 1, "only who stands in the text"
    socket.send({"type": "view", "conversation": pk})
    assert socket.next("mentions")["unseen"] == before
    assert jonas.get("me")["mentions"] == before


def test_a_canned_reply_speaks_the_customers_language(
    desk: Desk, agent: Agents, server: Server
) -> None:
    from chatbot.conversations.models import Contact, Conversation

    _anna, mette, pk = desk("mette")
    shortcut = f"hi-{uuid.uuid4().hex[:6]}"
    texts = {
        "da": 'Hej {{customer.first_name|"du"}}, det er {{agent.name}} fra {{company}}.',
        "en": "Hello {{customer.name}}, about {{order.number}}: {{what.ever}}",
    }
    own = mette.post("replies", 201, shortcut=shortcut, title="Hello", texts=texts)
    again = mette.post("replies", 409, shortcut=shortcut, title="Hello", texts=texts)
    assert again["error"]["code"] == "conflict"
    jonas = agent("jonas")
    assert own["id"] not in [one["id"] for one in jonas.get("replies")["replies"]]
    jonas.post(f"conversations/{pk}/replies/{own['id']}", 404)
    shared = {"shortcut": shortcut, "title": "All", "texts": {"en": "Hi"}, "shared": True}
    refused = jonas.post("replies", 403, **shared)
    assert refused["error"]["code"] == "permission_denied"

    path = f"conversations/{pk}/replies/{own['id']}"
    made = Conversation.objects.get(pk=pk)
    Contact.objects.filter(pk=made.contact_id).update(name="")
    filled = mette.post(path)
    assert filled["empty"] == ["customer.name", "order.number"]
    assert filled["text"] == "Hello {{customer.name}}, about {{order.number}}: {{what.ever}}"
    Conversation.objects.filter(pk=pk).update(
        language="sv", handoff={"form": [["order", "LL-1042"]], "action": "order_status"}
    )
    me = mette.get("me")["name"]
    assert mette.post(path)["text"] == f"Hej du, det er {me} fra {made.channel.name}."
    Contact.objects.filter(pk=made.contact_id).update(name="Anna Holm")
    assert mette.post(path)["text"].startswith("Hej Anna,")
    Conversation.objects.filter(pk=pk).update(language="en")
    assert mette.post(path)["text"] == "Hello Anna Holm, about LL-1042: {{what.ever}}"
    assert mette.get("replies")["replies"][0]["id"] == own["id"], "what is used comes first"
    assert mette.http.delete(f"/api/v1/inbox/replies/{own['id']}").status_code == 204


def test_a_macro_takes_its_steps_and_says_what_failed(desk: Desk, agent: Agents) -> None:
    _anna, mette, pk = desk("mette")
    text = mette.post("replies", 201, shortcut=uuid.uuid4().hex[:8], title="T", texts={"en": "Yes"})
    steps = [
        {"do": "reply", "reply": text["id"]},
        {"do": "note", "text": "Checked"},
        {"do": "priority", "priority": "high"},
        {"do": "topic", "topic": "there-is-none"},
        {"do": "give", "agent": 10**12},
        {"do": "resolve"},
    ]
    macro = mette.post("macros", 201, name="Close it", steps=steps)
    jonas = agent("jonas")
    jonas.post(f"conversations/{pk}/macros/{macro['id']}", 404)
    ran = mette.post(f"conversations/{pk}/macros/{macro['id']}")
    assert ran["done"] == [0, 1, 2, 5]
    assert ran["text"] == "Yes"
    assert [one["step"] for one in ran["failed"]] == [3, 4]
    assert ran["row"]["priority"] == "high"
    assert ran["row"]["status"] == "resolved"
    said = [one["text"] for one in mette.get(f"conversations/{pk}/messages")["messages"]]
    assert "Checked" in said
    assert "Yes" not in said, "nothing is sent by itself"
    put(mette, f"macros/{macro['id']}", name="Note", steps=[{"do": "note", "text": "x"}])
    mette.post("macros", 400, name="Bad", steps=[{"do": "launch"}])
    jonas.post("macros", 403, name="Ours", steps=steps, shared=True)
    assert mette.http.delete(f"/api/v1/inbox/macros/{macro['id']}").status_code == 204
