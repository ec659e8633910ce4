"""What the bot collected, as the agent reads it; and what the agent corrects."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.utils import timezone, translation

from chatbot.inbox.summary import first_sentence, summarise
from tests.world import Agent, Server, Socket, Visitor

BROKEN = "The bowl arrived in two pieces and the box was crushed"


def complain(visitor: Visitor) -> Any:
    """Make a complaint up to the handoff; return what the bot said last."""
    visitor.open()
    visitor.ask("I want to make a complaint")
    visitor.ask(BROKEN)
    visitor.ask("10482")
    return visitor.ask("skip")


@pytest.fixture
def nobody_waits(server: Server) -> Iterator[None]:
    """Leave nobody of this test behind for those that follow."""
    from chatbot.conversations.models import Conversation, Status
    from chatbot.routing.services import resolve

    before = set(Conversation.objects.values_list("pk", flat=True))
    yield
    for conversation in Conversation.objects.exclude(pk__in=before):
        if conversation.status in (Status.QUEUED, Status.ASSIGNED):
            resolve(conversation=conversation)


@pytest.fixture
def complaint(
    visitor: Callable[..., Visitor], agent: Callable[..., Agent], nobody_waits: None
) -> tuple[Agent, int]:
    """Return an agent, and the id of a complaint that waits."""
    mette = agent("mette")
    before = {row["id"] for row in mette.get("conversations", view="all")["results"]}
    complain(visitor("en"))
    rows = mette.get("conversations", view="all")["results"]
    return mette, next(row["id"] for row in rows if row["id"] not in before)


def labels(conversation: int) -> list[tuple[str, str, str, str]]:
    from chatbot.conversations.models import Classification

    rows = Classification.objects.filter(conversation_id=conversation).order_by("pk")
    return list(rows.values_list("topic_before", "topic", "priority_before", "priority"))


# --- The line ---------------------------------------------------------------------------------
def test_a_technical_issue_in_one_line() -> None:
    form = [
        ("system", "Windows"),
        ("browser", "Firefox 144"),
        ("error", "Checkout page is blank. I tried it with two cards."),
        ("tried", "another browser"),
        ("since", "Monday"),
        ("often", "Every time"),
    ]
    line = "Checkout page is blank · Firefox 144 on Windows · since Monday · every time"
    assert summarise("technical_issue", form) == line
    form[4] = ("since", "Since Monday")
    assert summarise("technical_issue", form) == line


def test_a_complaint_in_one_line() -> None:
    form = [("pictures", "2"), ("what", BROKEN), ("order", "10482"), ("case", "K-10007")]
    assert summarise("complaint", form) == f"{BROKEN} · order 10482 · case K-10007 · 2 pictures"
    assert summarise("complaint", [("pictures", "1")]) == "Complaint · 1 picture"


def test_other_actions_tell_all_they_have_in_the_readers_language() -> None:
    form = [("order", "10482"), ("email", "anna@example.com"), ("placed", "2026-11-12")]
    line = summarise("order_status", form)
    assert line.startswith("Order status · order 10482 · anna@example.com · ")
    assert "12 November" in line
    with translation.override("da"):
        assert "12. november" in summarise("order_status", form)


@pytest.mark.parametrize(
    "form", [[], [("order", "")], [("order", "  ")]], ids=["none", "empty", "blank"]
)
def test_nothing_collected_is_no_line(form: list[tuple[str, str]]) -> None:
    assert summarise("complaint", form) == ""


def test_a_line_stays_one_line_however_long_the_value() -> None:
    assert first_sentence("Hi. The bowl is broken. And more.") == "Hi. The bowl is broken"
    long = first_sentence("word " * 100)
    assert len(long) <= 100
    assert long.endswith("word…")
    assert len(first_sentence("x" * 5_000)) == 100
    assert "\n" not in summarise("stock", [("product", "a\n\nb " * 200), ("order", "1\n2")])
    assert len(summarise("complaint", [("pictures", "9" * 5_000)])) < 200


# --- The form ---------------------------------------------------------------------------------
def test_a_complaint_reaches_the_agent_with_its_form_in_their_language(
    complaint: tuple[Agent, int],
) -> None:
    mette, pk = complaint
    english = mette.get(f"conversations/{pk}")["handoff"]
    assert english["action"] == "complaint"
    assert english["action_name"] == "Complaint"
    values = {field["name"]: field["value"] for field in english["form"]}
    assert values["what"] == BROKEN
    assert values["order"] == "10482"
    assert english["summary"] == f"{BROKEN} · order 10482 · case {values['case']}"
    assert {field["label"] for field in english["form"]} >= {"What happened", "Order", "Case"}
    assert english["proofs"] == []

    mette.http.headers["Accept-Language"] = "da"
    danish = mette.get(f"conversations/{pk}")["handoff"]
    with translation.override("da"):
        from chatbot.actions import labels

        expected = [labels.slot_label(field["name"]) for field in english["form"]]
        assert danish["action_name"] == labels.action_name("complaint")
        assert danish["summary"] == summarise("complaint", list(values.items()))
    assert [field["label"] for field in danish["form"]] == expected
    assert expected != [field["label"] for field in english["form"]]
    assert [f["value"] for f in danish["form"]] == [f["value"] for f in english["form"]]


def test_the_agent_reads_who_proved_to_be_whom(complaint: tuple[Agent, int]) -> None:
    from chatbot.actions.models import Proof
    from chatbot.conversations.models import Conversation

    mette, pk = complaint
    conversation = Conversation.objects.get(pk=pk)
    now = timezone.now()
    for kind, order, until in [
        ("code", "", now + timedelta(hours=1)),
        ("code", "", now + timedelta(hours=2)),  # told once
        ("order", "10482", now + timedelta(hours=1)),
        ("order", "99999", now - timedelta(hours=1)),  # over before the handoff
    ]:
        Proof.objects.create(
            conversation=conversation, kind=kind, email="anna@example.com", order=order, until=until
        )
    identity = conversation.identity
    identity.verified_email = "anna@shop.example"
    identity.verified_until = now + timedelta(hours=1)
    identity.save()
    assert mette.get(f"conversations/{pk}")["handoff"]["proofs"] == [
        "Signed in on your site as anna@shop.example",
        "Proved by code: anna@example.com",
        "Gave number and address of order 10482",
    ]


def test_a_handoff_without_a_form_is_as_it_was(
    visitor: Callable[..., Visitor], agent: Callable[..., Agent], nobody_waits: None
) -> None:
    anna = visitor()
    anna.open()
    anna.ask("I want to talk to a person")
    mette = agent("mette")
    pk = mette.get("conversations", view="all")["results"][0]["id"]
    handoff = mette.get(f"conversations/{pk}")["handoff"]
    told = (handoff["action"], handoff["action_name"], handoff["summary"], handoff["form"])
    assert told == ("", "", "", [])
    assert handoff["proofs"] == []


def test_a_form_kept_before_there_were_forms_is_read(complaint: tuple[Agent, int]) -> None:
    from chatbot.conversations.models import Conversation

    mette, pk = complaint
    conversation = Conversation.objects.get(pk=pk)
    for name in ("form", "action", "detail"):
        del conversation.handoff[name]
    conversation.save(update_fields=["handoff"])
    assert mette.get(f"conversations/{pk}")["handoff"]["form"] == []


# --- Who goes first ---------------------------------------------------------------------------
def test_rows_say_priority_and_vip(complaint: tuple[Agent, int]) -> None:
    from chatbot.conversations.models import Contact, Conversation

    mette, pk = complaint
    Contact.objects.filter(conversations=pk).update(is_vip=True)
    Conversation.objects.filter(pk=pk).update(priority="urgent")
    row = next(r for r in mette.get("conversations", view="all")["results"] if r["id"] == pk)
    detail = mette.get(f"conversations/{pk}")
    for one in (row, detail):
        assert one["priority"] == "urgent"
        assert one["contact"]["vip"] is True


# --- Corrections ------------------------------------------------------------------------------
def test_a_correction_is_kept_with_what_was_said_before(complaint: tuple[Agent, int]) -> None:
    from chatbot.conversations.models import Classification, Conversation

    mette, pk = complaint
    before = mette.get(f"conversations/{pk}")
    slug = before["topic"]["slug"] if before["topic"] else ""
    topics = {topic["slug"]: topic["name"] for topic in mette.get("topics")["topics"]}
    wanted = next(each for each in topics if each != slug)
    path = f"conversations/{pk}/classify"

    row = mette.post(path, topic=wanted, priority="urgent")
    assert row["topic"] == {"slug": wanted, "name": topics[wanted]}
    assert row["priority"] == "urgent"
    assert labels(pk) == [(slug, wanted, before["priority"], "urgent")]
    assert Classification.objects.get(conversation_id=pk).user.username == "mette"  # type: ignore[union-attr]  # it has one

    mette.post(path, topic=wanted, priority="urgent")  # says nothing new
    mette.post(path)
    assert len(labels(pk)) == 1
    mette.post(path, priority="normal")  # the topic stays
    assert labels(pk)[1:] == [(wanted, wanted, "urgent", "normal")]
    assert mette.post(path, topic="")["topic"] is None
    conversation = Conversation.objects.get(pk=pk)
    assert (conversation.topic, conversation.priority) == ("", "normal")


@pytest.mark.parametrize(
    "body",
    [
        {"topic": "no-such-topic"},
        {"topic": 1},
        {"topic": "x" * 61},
        {"priority": "low"},
        {"priority": ""},
        {"priority": None, "reason": "error"},
    ],
)
def test_a_wrong_correction_changes_nothing(
    complaint: tuple[Agent, int], body: dict[str, Any]
) -> None:
    mette, pk = complaint
    assert mette.post(f"conversations/{pk}/classify", 400, **body)["error"]["code"] == "invalid"
    assert labels(pk) == []


def test_nobody_but_agents_may_classify(
    server: Server, visitor: Callable[..., Visitor], complaint: tuple[Agent, int]
) -> None:
    mette, pk = complaint
    for client in (
        httpx.Client(base_url=server.url),
        visitor().http,
        Agent(server, "admin").http,  # a user without an agent profile
    ):
        for method, path in (("POST", f"conversations/{pk}/classify"), ("GET", "topics")):
            body = {"priority": "urgent"} if method == "POST" else None
            answer = client.request(method, f"/api/v1/inbox/{path}", json=body)
            assert answer.status_code == 403, answer.text
    del mette.http.headers["X-CSRFToken"]
    mette.post(f"conversations/{pk}/classify", 403, priority="urgent")
    assert labels(pk) == []


def test_a_correction_is_seen_at_once_in_a_colleagues_inbox_in_their_language(
    server: Server, agent: Callable[..., Agent], complaint: tuple[Agent, int]
) -> None:
    mette, pk = complaint
    freja = agent("freja")
    cookies = "; ".join(f"{name}={value}" for name, value in freja.http.cookies.items())
    inbox = Socket(
        f"{server.ws}/ws/inbox/?language=da",
        origin=server.url,
        additional_headers={"Cookie": cookies},
    )
    inbox.next("ready")
    try:
        topics = mette.get("topics")["topics"]
        freja.http.headers["Accept-Language"] = "da"
        danish = {topic["slug"]: topic["name"] for topic in freja.get("topics")["topics"]}
        wanted = next(t["slug"] for t in topics if danish[t["slug"]] != t["name"])
        mette.post(f"conversations/{pk}/classify", topic=wanted, priority="high")
        row = inbox.next("row", lambda e: e["row"]["id"] == pk and e["row"]["priority"] == "high")[
            "row"
        ]
        assert row["topic"] == {"slug": wanted, "name": danish[wanted]}
    finally:
        inbox.close()
