"""Deeds to many conversations at once, labels, and what can be taken back."""

from pathlib import Path
from typing import Any

import pytest

from chatbot.conversations.models import Conversation
from chatbot.routing.models import Assignment, Closing, Outcome
from tests.chatbot.inbox_deeds.conftest import assigned, do, fresh, user, waiting
from tests.world import Agent, copy_shop, running, wait_for


def undo(agent: Agent, done: Any) -> Any:
    return agent.post(f"deeds/{done['id']}/undo")


@pytest.mark.usefixtures("no_labels")
def test_labels_are_made_by_typing_put_on_many_and_taken_off(mette: Agent, jonas: Agent) -> None:
    one, other = waiting(), assigned("mette", "Bo")
    refund = jonas.post("labels", name="  Refund ")
    assert refund == jonas.post("labels", name="refund")
    jonas.post("labels", 400, name=" \t")
    seen = mette.open()
    done = do(jonas, "label", one, other, add=[refund["id"]])  # others' may be labelled too
    assert [row["labels"] for row in done["rows"]] == [[refund], [refund]]
    came = seen.next("row", lambda e: e["row"]["id"] == one.pk and e["row"]["labels"])
    assert came["row"]["labels"] == [refund]
    rows = mette.get("conversations", view="all")["results"]
    assert {row["id"] for row in rows if row["labels"]} >= {one.pk, other.pk}
    do(mette, "label", other, remove=[refund["id"]])
    undone = undo(jonas, done)
    assert [row["id"] for row in undone["rows"]] == [one.pk]
    assert undone["left"][0]["detail"] == "Somebody has changed it since."
    many = [jonas.post("labels", name=f"L{n}")["id"] for n in range(21)]
    assert do(jonas, "label", one, add=many[:20])["failed"] == []
    full = do(jonas, "label", one, add=many[20:])
    assert full["failed"][0]["detail"] == "A conversation can have 20 labels at most."


def test_each_is_done_or_said_why_not_and_only_what_one_may(mette: Agent, jonas: Agent) -> None:
    own, hers, queued = assigned("jonas"), assigned("mette", "Bo"), waiting("Cleo")
    done = do(jonas, "resolve", own, hers, queued)
    assert {row["id"] for row in done["rows"]} == {own.pk, queued.pk}
    (failure,) = done["failed"]
    assert failure == {"id": hers.pk, "name": "Bo", "detail": "Mette has this conversation."}
    assert do(jonas, "resolve", own)["id"] is None  # nothing to undo where nothing changed
    # To others only supervisors give; back to the queue everybody does with what is theirs.
    jonas_id, mette_id = user("jonas").pk, user("mette").pk
    mine = assigned("jonas", "Dan")
    jonas.post("deeds", 403, deed="give", ids=[mine.pk], values={"agent": mette_id})
    do(jonas, "queue", mine)
    assert (fresh(mine).status, fresh(mine).assignee_id) == ("queued", None)
    do(jonas, "give", mine, agent=jonas_id)
    assert fresh(mine).assignee_id == jonas_id
    given = do(mette, "give", mine, hers, agent=jonas_id)
    assert len(given["rows"]) == 2
    assert fresh(hers).assignee_id == jonas_id
    back = undo(mette, given)
    assert fresh(hers).assignee_id == mette_id
    assert back["told"] == 1
    (open_row,) = Assignment.objects.filter(conversation=hers, ended_at=None)
    assert open_row.agent is not None
    assert open_row.agent.name == "Mette"
    do(jonas, "hand_back", mine)
    assert fresh(mine).status == "bot"
    urgent = do(jonas, "priority", own, hers, priority="urgent")
    assert {row["priority"] for row in urgent["rows"]} == {"urgent"}
    undo(jonas, urgent)
    assert fresh(hers).priority == "normal"
    jonas.post(f"deeds/{urgent['id']}/undo", 409)
    mette.post(f"deeds/{done['id']}/undo", 404)  # another's
    for wrong in ({"deed": "sing"}, {"ids": []}, {"ids": [0]}, {"ids": list(range(1, 502))}):
        jonas.post("deeds", 400, **{"deed": "resolve", "ids": [own.pk], **wrong})
    assert jonas.post("deeds", deed="resolve", ids=[2**40])["failed"][0]["name"] == ""


def test_a_resolution_undone_in_time_is_never_heard_of(shop: Path, tmp_path: Path) -> None:
    """Over a server that holds back what customers are told, as it does by default."""
    from tests.world import Visitor

    with running(copy_shop(shop, tmp_path), SVAR_CLOSING_SECONDS="2") as server:
        jonas = Agent(server, "jonas")
        jonas.open()
        anna = Visitor(server)
        socket = anna.open()
        anna.ask("I want to talk to a person")
        made = jonas.given()["id"]
        socket.message("system", "notice")  # Jonas has joined
        done = jonas.post("deeds", deed="resolve", ids=[made])
        undone = undo(jonas, done)
        assert (undone["told"], undone["rows"][0]["assignee"]["name"]) == (0, "Jonas")
        assert jonas.get("conversations", view="mine")["results"][0]["id"] == made
        socket.quiet("message", 3.5)  # neither that it is over nor how it was
        jonas.post("deeds", deed="resolve", ids=[made])
        assert socket.message("system", "notice")["text"]
        assert socket.message("bot")["asks"]["kind"] == "rating"
        for one in (jonas, anna):
            one.close()


def test_undoing_brings_back_the_assignment_and_what_nobody_changed_since(
    mette: Agent, visitor: Any
) -> None:
    anna = visitor()
    mette.open()
    anna.open()
    anna.ask("I want to talk to a person")
    one = Conversation.objects.latest("pk")
    wait_for(lambda: fresh(one).status == "assigned")
    two = assigned("mette", "Bo")
    before = Assignment.objects.get(conversation=one, ended_at=None).pk
    done = do(mette, "resolve", one, two)
    assert Outcome.objects.filter(conversation=one).exists()
    anna.say("One more thing")  # which begins a new conversation
    wait_for(lambda: Conversation.objects.filter(contact_id=one.contact_id).count() == 2)
    undone = undo(mette, done)
    assert [row["id"] for row in undone["rows"]] == [two.pk]
    assert undone["left"][0]["detail"] == "This customer has a newer conversation open."
    assert undone["told"] == 1  # this server holds nothing back
    newer = Conversation.objects.latest("pk")
    wait_for(lambda: fresh(newer).status != "bot")
    do(mette, "resolve", newer)
    assert Assignment.objects.get(pk=before).ended == "resolved"
    again = do(mette, "resolve", two)
    undo(mette, again)
    assert Assignment.objects.get(conversation=two, ended_at=None).agent.name == "Mette"
    assert not Outcome.objects.filter(conversation=two).exists()


def test_five_hundred_are_done_and_undone_in_one_request_each(mette: Agent) -> None:
    made = [waiting(f"Customer {n}") for n in range(500)]
    mette.open()
    mette.http.timeout = 60
    done = do(mette, "resolve", *made)
    assert len(done["rows"]) == 500
    assert done["failed"] == []
    assert mette.get("deeds")["deeds"][0] == {
        "id": done["id"],
        "deed": "resolve",
        "count": 500,
        "until": done["until"],
    }
    assert len(undo(mette, done)["rows"]) == 500
    Conversation.objects.filter(pk__in=[one.pk for one in made]).update(status="resolved")
    assert not Closing.objects.exists()
