"""Lists, filters and searches, as agents ask for them over HTTP."""

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chatbot.conversations import changes
from chatbot.conversations.models import Contact, ConversationLabel, Label, Message
from chatbot.envelope import MessageDeleted, MessageEdited
from chatbot.inbox.models import Mention, SavedView
from tests.chatbot.inbox_channels import rows
from tests.world import Agent

NewAgent = Callable[[str], Agent]


@pytest.fixture
def mail(clean: None) -> Any:
    """Return the channel of these tests' mails."""
    return rows.channel("email", "Lists")


@pytest.fixture(autouse=True)
def _no_views(clean: None) -> Iterator[None]:
    yield
    SavedView.objects.all().delete()
    Label.objects.filter(name__startswith="lists ").delete()


def matter(mail: Any, text: str, name: str = "Ida Krag", **more: Any) -> Any:
    """Return a conversation with one message by somebody new."""
    address = more.pop("address", f"{uuid.uuid4().hex[:10]}@example.com")
    made = rows.conversation(rows.identity(mail, address, name, email=address), **more)
    rows.said(made, text, external_id=uuid.uuid4().hex)
    return made


def found(agent: Agent, q: str, **more: Any) -> list[int]:
    """Return the conversations that a search finds, in its order."""
    answer = agent.get("conversations", view="all", q=q, **more)
    return [row["id"] for row in answer["results"]]


def test_words_are_found_wherever_they_stand(agent: NewAgent, mail: Any) -> None:
    mette = agent("mette")
    older = matter(mail, "The Teapöt from Skagen leaks", name="Åse Quistgaard")
    newer = matter(
        mail, "Another teapot\nof mine", subject="Zinnoberrot lid", address="q.vist@skagen.example"
    )
    newer_id, older_id = newer.pk, older.pk
    assert found(mette, "teapot ") == [newer_id, older_id], "the newest first, without accents"
    assert found(mette, "TEAP") == [newer_id, older_id], "the last word may be its beginning"
    assert found(mette, "teap ") == [], "but no word before it"
    assert found(mette, '"teapot from skagen"') == [older_id]
    assert found(mette, '"from teapot"') == []
    assert found(mette, "quist") == found(mette, "from:åse") == [older_id]
    assert found(mette, "quistgaard leaks ") == [older_id], "who and what at once"
    assert found(mette, "zinnoberrot") == found(mette, "q.vist@skagen.example") == [newer_id]
    assert found(mette, "from:teapot") == []
    rows.said(older, "for the team: call the potter", author="agent", kind="note")
    assert found(mette, "potter ") == [older_id], "notes are the agents' own"
    answer = mette.get("conversations", view="all", q="teapot")
    assert answer["snippets"][str(newer_id)] == [
        {"text": "Another ", "found": False},
        {"text": "teapot", "found": True},
        {"text": " of mine", "found": False},
    ]
    assert str(older_id) not in mette.get("conversations", view="all", q="from:quist")["snippets"]


def test_the_index_follows_every_change(agent: NewAgent, mail: Any) -> None:
    mette = agent("mette")
    made = matter(mail, "an umbrella", name="Grimhild Vox")
    message = made.messages.get()
    changes.apply_edit(edit=MessageEdited(mail.pk, str(message.external_id), "a parasol"))
    assert (found(mette, "umbrella"), found(mette, "parasol")) == ([], [made.pk])
    Contact.objects.filter(pk=made.contact_id).update(name="Grimhild Wex")
    made.identity.name = ""
    made.identity.save()
    assert (found(mette, "vox "), found(mette, "wex ")) == ([], [made.pk])
    changes.apply_deletion(deletion=MessageDeleted(mail.pk, str(message.external_id)))
    assert (found(mette, "parasol"), found(mette, "wex ")) == ([], [made.pk])
    Message.objects.filter(pk=message.pk).delete()
    assert found(mette, "wex ") == []


@pytest.mark.parametrize(
    "typed",
    ['"', '""', "*", "a*b", "NEAR(", "AND OR NOT", "(", ")", "who:", "label:", "is:", "from:",
     "x:y", "http://x.y/z", "'; DROP TABLE", "\\", "^a", "-a", "a -b", "before:2026-02-31",
     "after:9999-12-31", "before:0001-01-01", "\u0000", "💥", "ß ſ İ", "& | ! <-> :*", "a" * 200,
     "%", "_", "topic:", "{a}:b", "é" * 99],
)  # fmt: skip
def test_nothing_typed_is_an_error(agent: NewAgent, mail: Any, typed: str) -> None:
    mette = agent("mette")
    answer = mette.http.get("/api/v1/inbox/conversations", params={"view": "all", "q": typed})
    assert answer.status_code == 200, answer.text


def test_operators_narrow_in_four_languages(agent: NewAgent, mail: Any) -> None:
    mette = agent("mette")
    label = Label.objects.create(name="lists blue")
    one = matter(mail, "the samovar hisses", topic="returns")
    done = matter(mail, "my samovar is mended", status="resolved")
    ConversationLabel.objects.create(conversation=one, label=label)
    both = [done.pk, one.pk]
    assert found(mette, "samovar ") == both, "a search is for what is resolved too"
    for typed, wanted in {
        "samovar is:open": [one.pk],
        "samovar er:løst": [done.pk],
        "samovar är:öppen": [one.pk],
        "samovar ist:gelöst": [done.pk],
        'samovar label:"lists blue"': [one.pk],
        "label:lists samovar ": [one.pk],
        "samovar label:nosuch": [],
        "samovar topic:returns": [one.pk],
        "samovar emne:nosuch": [],
        "samovar after:2020-01-01": both,
        "samovar efter:1.1.2020 före:2999-01-01": both,
        "samovar before:2020-01-01": [],
    }.items():
        assert found(mette, typed) == wanted, typed
    assert found(mette, "samovar", status="resolved") == [done.pk], "filters and search combine"
    assert one.pk in found(mette, 'label:"lists blue"'), "operators alone"
    assert found(mette, "samovar", only=f"{one.pk},999999999") == [one.pk]


def test_filters_leave_what_is_so(agent: NewAgent, mail: Any) -> None:
    mette = agent("mette")
    me = mette.get("me")["id"]
    now = timezone.now()
    label = Label.objects.create(name="lists green")
    plain = matter(mail, "plain", language="sv")
    mine = matter(mail, "mine", status="assigned", assignee_id=me, waiting_since=now)
    asleep = matter(mail, "asleep", snoozed_until=now + timedelta(hours=1), snoozed_by_id=me)
    done = matter(mail, "done", status="resolved", priority="urgent", topic="returns")
    late = matter(mail, "late", reply_due_at=now - timedelta(minutes=1), status="bot")
    blocked, vip = matter(mail, "blocked"), matter(mail, "vip")
    Contact.objects.filter(pk=blocked.contact_id).update(blocked_at=now)
    Contact.objects.filter(pk=vip.contact_id).update(is_vip=True)
    ConversationLabel.objects.create(conversation=plain, label=label)
    note = rows.said(done, "@Mette look", author="agent", kind="note")
    Mention.objects.create(message=note, user_id=me)
    undelivered = matter(mail, "undelivered")
    rows.failed(undelivered.messages.get(), undelivered.identity, "full")
    merged = matter(mail, "merged", merged_into=plain)
    every = [plain, mine, asleep, done, late, blocked, vip, undelivered, merged]

    def left(view: str = "all", **query: Any) -> set[str]:
        only = ",".join(str(one.pk) for one in every)
        answer = mette.get("conversations", view=view, only=only, **query)
        return {row["preview"]["text"] for row in answer["results"]}

    opened = {"plain", "mine", "asleep", "late", "vip", "undelivered"}
    assert left() == opened, "every open one; of blocked people and those read elsewhere none"
    assert left("queue") == {"plain", "vip", "undelivered"}
    assert left("mine") == {"mine"}
    assert left("snoozed") == {"asleep"} == left(snoozed="true")
    assert left("mentions") == {"@Mette look"} == left(mentions="unseen", status="resolved")
    assert left("failed") == {"undelivered"} == left(failed="true")
    assert left(status="resolved") == {"@Mette look"}
    assert left(status="open,resolved") == {*opened, "@Mette look"}
    assert left(status="bot") == {"late"} == left(overdue="true")
    assert left(assignee="me") == {"mine"} == left(waiting="true")
    assert left(assignee="nobody") == opened - {"mine"}
    assert left(assignee=f"{me},nobody") == opened
    assert left(channels="email") == opened == left(channels=str(mail.pk))
    assert left(channels="telegram") == set()
    assert left(topics="returns", status="resolved") == {"@Mette look"}
    assert left(topics="-") == opened
    assert left(labels=str(label.pk)) == {"plain"} == left(languages="sv")
    assert left(priorities="urgent", status="open,resolved") == {"@Mette look"}
    assert left(vip="true") == {"vip"}
    assert left(blocked="true") == {"blocked"}
    for query in ("status=shut", "vip=maybe", "view=nowhere", "labels=x", "only=-1", "text=a"):
        answer = mette.http.get(f"/api/v1/inbox/conversations?{query}")
        assert answer.status_code == 400, query


def test_pages_hold_each_conversation_once(agent: NewAgent, mail: Any) -> None:
    mette = agent("mette")
    made = [matter(mail, f"quokka {number}") for number in range(60)]
    for one in made[:20]:
        rows.said(one, "the quokka again")
    for query in (
        {"q": "quokka"},
        {"channels": str(mail.pk)},
        {"view": "queue", "channels": str(mail.pk)},
    ):
        address, pages = "conversations", []
        answer = mette.get(address, **{"view": "all", **query})
        while True:
            pages += [row["id"] for row in answer["results"]]
            if not answer["next"]:
                break
            answer = mette.http.get(answer["next"]).json()
        assert sorted(pages) == sorted(one.pk for one in made), query
    assert mette.http.get("/api/v1/inbox/conversations?cursor=bm9uc2Vuc2U").status_code == 404


def test_views_are_saved_and_shared_by_who_may(agent: NewAgent, mail: Any) -> None:
    mette, freja = agent("mette"), agent("freja")  # Mette supervises
    inbox = freja.open()
    kept = freja.post("views", 201, name=" Swedish ", filters={"languages": ["sv"]})
    assert (kept["name"], kept["shared"], kept["may_change"]) == ("Swedish", False, True)
    assert inbox.next("saved_views")
    assert mette.get("views") == {"views": []}, "others' own views are not seen"
    assert mette.http.get(f"/api/v1/inbox/conversations?saved={kept['id']}").status_code == 404
    assert mette.http.delete(f"/api/v1/inbox/views/{kept['id']}").status_code == 404
    swedish = matter(mail, "hej", language="sv")
    matter(mail, "hello", language="en")
    listed = freja.get("conversations", saved=kept["id"], channels=str(mail.pk))["results"]
    assert [row["id"] for row in listed] == [swedish.pk]
    team = mette.post("views", 201, name="VIPs", filters={"vip": True}, shared=True)
    assert freja.get("views")["views"][0] == {**team, "may_change": False}
    freja.post("views", 403, name="Mine for all", filters={}, shared=True)
    for call in (freja.http.delete, lambda url: freja.http.patch(url, json={"name": "Ours"})):
        assert call(f"/api/v1/inbox/views/{team['id']}").status_code == 403
    changed = mette.http.patch(f"/api/v1/inbox/views/{team['id']}", json={"name": "Best"})
    assert changed.json()["name"] == "Best"
    assert mette.http.delete(f"/api/v1/inbox/views/{team['id']}").status_code == 204
    for filters in ({"status": ["shut"]}, {"colour": "red"}, {"labels": "1"}, {"vip": "yes"}):
        freja.post("views", 400, name="Wrong", filters=filters)
    freja.post("views", 400, name="  ", filters={})
    for number in range(49):
        freja.post("views", 201, name=f"{number}", filters={})
    freja.post("views", 409, name="One more", filters={})


def test_counts_come_together_and_are_right_in_the_end(agent: NewAgent, mail: Any) -> None:
    mette = agent("mette")
    inbox = mette.open()
    before = mette.get("me")["counts"]
    made = [matter(mail, f"count {number}") for number in range(12)]
    for one in made:
        mette.post(f"conversations/{one.pk}/take", over=True)
    last = inbox.next("counts", lambda e: e["counts"]["mine"] == before["mine"] + 12)["counts"]
    told = [event for event in inbox.unread if event["type"] == "counts"]
    assert len(told) < 12, "not once an event"
    assert last["all"] == before["all"] + 12
    assert {key: last[key] for key in ("failed", "mentions", "snoozed")} == {
        key: before[key] for key in ("failed", "mentions", "snoozed")
    }
