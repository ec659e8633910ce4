"""Nobody is stranded: what is declined, passed on, not answered, or left, finds its next person."""

from collections.abc import Callable, Iterator
from datetime import UTC, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from tests.world import Agent, Server, Socket, Visitor, wait_for

People = Callable[..., Agent]
Visitors = Callable[..., Visitor]
ASKS = "I want to talk to a person"


@pytest.fixture(autouse=True)
def _no_outcomes(server: Server) -> Iterator[None]:
    """Forget what a test taught."""
    yield
    from chatbot.routing.models import Expertise, Outcome, Shift

    Outcome.objects.all().delete()
    Expertise.objects.all().delete()
    Shift.objects.filter(ended_at__isnull=False).delete()


def asked(visitor: Visitors, language: str = "en") -> tuple[Visitor, Socket]:
    anna = visitor(language)
    tab = anna.open()
    anna.ask(ASKS)
    return anna, tab


def who_has(tab: Socket, name: str) -> Any:
    """Wait until a person of that name has the visitor's conversation."""
    return tab.next(
        "conversation", lambda e: (e["conversation"]["agent"] or {}).get("name") == name
    )


def assignments(conversation: int) -> list[Any]:
    from chatbot.routing.models import Assignment

    rows = Assignment.objects.filter(conversation_id=conversation).select_related("agent")
    return list(rows.order_by("pk"))


def late(conversation: int) -> None:
    """Let the time to answer be over."""
    from chatbot.routing.models import Assignment

    Assignment.objects.filter(conversation_id=conversation, ended_at=None).update(
        answer_by=timezone.now()
    )


def test_what_is_declined_goes_to_the_next_best_with_its_reason(
    visitor: Visitors, agent: People
) -> None:
    mette = agent("mette")
    mette.open()
    _anna, tab = asked(visitor)
    row = mette.given()
    jonas = agent("jonas")
    jonas.open()
    mette.post(f"conversations/{row['id']}/pass-on", cause="busy", why="three at once")
    assert who_has(tab, "Jonas")
    assert tab.next("message", lambda e: "Jonas joined" in e["message"]["text"])
    first, second = assignments(row["id"])
    assert (first.agent.name, first.ended, first.cause, first.why) == (
        "Mette",
        "declined",
        "busy",
        "three at once",
    )
    assert second.agent.name == "Jonas"
    detail = jonas.get(f"conversations/{row['id']}")
    rejected = {one["name"]: one["rejected"] for one in detail["assignment"]["candidates"]}
    assert rejected["Mette"] == "would not or could not take it"


def test_a_colleague_is_chosen_by_who_passes_on(visitor: Visitors, agent: People) -> None:
    mette, jonas, anke = agent("mette"), agent("jonas"), agent("anke")
    mette.open()
    _anna, tab = asked(visitor)
    row = mette.given()
    jonas.open()
    anke.open()
    mette.reply(row["id"], "Hello, let me see who knows more about that.")
    ids = {one["name"]: one["id"] for one in mette.get("agents")["agents"]}
    mette.post(f"conversations/{row['id']}/pass-on", cause="colleague", to=ids["Anke"])
    assert who_has(tab, "Anke")
    first, second = assignments(row["id"])
    assert first.ended == "passed_on"
    assert second.way == "given"
    assert "gave it to Anke" in anke.get(f"conversations/{row['id']}")["assignment"]["sentence"]


def test_only_who_has_it_can_pass_it_on_and_only_to_a_colleague(
    visitor: Visitors, agent: People
) -> None:
    mette, jonas = agent("mette"), agent("jonas")
    mette.open()
    asked(visitor)
    row = mette.given()
    answer = jonas.post(f"conversations/{row['id']}/pass-on", 409, cause="busy")
    assert answer["error"]["code"] == "conflict"
    mette.post(f"conversations/{row['id']}/pass-on", 400, cause="busy", to=987654)
    mette.post(f"conversations/{row['id']}/pass-on", 400, cause="no such cause")
    me = mette.get("me")["id"]
    mette.post(f"conversations/{row['id']}/pass-on", 400, cause="busy", to=me)
    assert mette.get(f"conversations/{row['id']}")["assignee"]["name"] == "Mette"


def test_what_is_not_answered_in_time_goes_to_the_next_best(
    visitor: Visitors, agent: People
) -> None:
    mette = agent("mette")
    mette.open()
    _anna, tab = asked(visitor)
    row = mette.given()
    jonas = agent("jonas")
    jonas.open()
    due = mette.get(f"conversations/{row['id']}")["assignment"]["answer_by"]
    assert due is not None
    late(row["id"])
    assert who_has(tab, "Jonas")
    assert [one.ended for one in assignments(row["id"])] == ["unanswered", ""]
    # Who has answered keeps it, until the customer writes again and waits.
    jonas.reply(row["id"], "Hello, here I am.")
    assert jonas.get(f"conversations/{row['id']}")["assignment"]["answer_by"] is None
    assert tab.message("agent")["text"] == "Hello, here I am."
    _anna.say("Thank you, and one thing more")
    wait_for(lambda: jonas.get(f"conversations/{row['id']}")["assignment"]["answer_by"])


def test_nobody_else_here_keeps_it_where_it_is(visitor: Visitors, agent: People) -> None:
    mette = agent("mette")
    mette.open()
    asked(visitor)
    row = mette.given()
    late(row["id"])

    def put_off() -> bool:
        [one] = assignments(row["id"])
        return bool(one.answer_by > timezone.now() + timedelta(seconds=30))

    wait_for(put_off)
    assert mette.get(f"conversations/{row['id']}")["assignee"]["name"] == "Mette"


def test_who_is_writing_gets_a_little_longer(visitor: Visitors, agent: People) -> None:
    mette = agent("mette")
    mette.open()
    asked(visitor)
    row = mette.given()
    jonas = agent("jonas")
    jonas.open()
    assert mette.socket is not None
    mette.socket.send({"type": "view", "conversation": row["id"], "typing": True})
    mette.socket.next("viewers")
    late(row["id"])
    wait_for(lambda: assignments(row["id"])[0].answer_by > timezone.now() + timedelta(seconds=10))
    assert mette.get(f"conversations/{row['id']}")["assignee"]["name"] == "Mette"


def test_who_logs_out_gives_back_what_waits_for_them(visitor: Visitors, agent: People) -> None:
    mette = agent("mette")
    mette.open()
    _anna, tab = asked(visitor)
    row = mette.given()
    jonas = agent("jonas")
    jonas.open()
    assert mette.http.post("/inbox/logout/").status_code == 302
    assert who_has(tab, "Jonas")
    assert assignments(row["id"])[0].ended == "left"


def test_who_drops_out_is_missed_after_a_while_and_the_customer_told(
    visitor: Visitors, agent: People
) -> None:
    from chatbot.routing.models import Shift

    mette = agent("mette")
    mette.open()
    _anna, tab = asked(visitor)
    row = mette.given()
    mette.close()
    gone = wait_for(lambda: Shift.objects.filter(agent__name="Mette", ended_at__isnull=False))
    assert assignments(row["id"])[0].ended == ""  # it may be a tunnel
    gone.update(ended_at=timezone.now() - timedelta(seconds=150))
    told = tab.next("message", lambda e: "had to leave" in e["message"]["text"])
    assert told["message"]["author"]["kind"] == "system"
    waiting = tab.next("conversation", lambda e: e["conversation"]["status"] == "queued")
    assert waiting["conversation"]["agent"] is None
    mette = agent("mette")
    mette.open()
    assert who_has(tab, "Mette")
    told = mette.get(f"conversations/{row['id']}")["assignment"]["sentence"]
    assert "know it from before" in told


@pytest.fixture(params=["here", "where it is another day"])
def zone(request: pytest.FixtureRequest, server: Server) -> Iterator[str]:
    """Let Mette be in the site's zone, and in one whose day is not the one in UTC."""
    from chatbot.routing.models import AgentProfile

    mette = AgentProfile.objects.filter(name="Mette")
    usual = mette.get().zone
    is_morning = timezone.now().astimezone(UTC).hour < 12
    elsewhere = "Etc/GMT+12" if is_morning else "Etc/GMT-12"  # POSIX: + is west of Greenwich
    mette.update(zone=usual if request.param == "here" else elsewhere)
    yield mette.get().zone
    mette.update(zone=usual)


def test_who_is_sick_from_now_on_is_stood_in_for(
    visitor: Visitors, agent: People, zone: str
) -> None:
    from chatbot.routing.models import Absence, AgentProfile

    mette = agent("mette")
    mette.open()
    _anna, tab = asked(visitor)
    row = mette.given()
    jonas, freja = agent("jonas"), agent("freja")
    jonas.open()
    freja.open()
    today = timezone.now().astimezone(ZoneInfo(zone)).date()
    absence = Absence(
        agent=AgentProfile.objects.get(name="Mette"),
        kind="sick",
        first=today,
        last=today,
        stand_in=AgentProfile.objects.get(name="Freja"),
    )
    mette.reply(row["id"], "I'll look into it.")
    _anna.say("Thank you")
    wait_for(lambda: assignments(row["id"])[0].answered_at is None)
    absence.save()
    try:
        assert who_has(tab, "Freja")
        detail = freja.get(f"conversations/{row['id']}")
        assert "stand in for who had it" in detail["assignment"]["sentence"]
        rejected = {one["name"]: one["rejected"] for one in detail["assignment"]["candidates"]}
        assert rejected["Mette"] == "off today"
    finally:
        absence.delete()


def test_what_was_resolved_and_passed_on_is_what_routing_learns_from(
    visitor: Visitors, agent: People
) -> None:
    from chatbot.routing.models import Expertise, Outcome
    from chatbot.routing.outcomes import learn

    mette = agent("mette")
    mette.open()
    asked(visitor)
    row = mette.given()
    mette.post(f"conversations/{row['id']}/classify", topic="returns")
    jonas = agent("jonas")
    jonas.open()
    mette.post(f"conversations/{row['id']}/pass-on", cause="not_mine")
    wait_for(lambda: jonas.get(f"conversations/{row['id']}")["assignee"])
    jonas.reply(row["id"], "This is how it works.")
    jonas.post(f"conversations/{row['id']}/resolve")
    passed, solved = Outcome.objects.filter(conversation_id=row["id"]).order_by("pk")
    assert (passed.agent.name, passed.solved, passed.passed_on) == ("Mette", False, True)
    assert (solved.agent.name, solved.solved, solved.topic) == ("Jonas", True, "returns")
    assert 0 <= solved.minutes < 5
    learn.call()
    known = {one.agent.name: one for one in Expertise.objects.filter(topic="returns")}
    assert known["Jonas"].solves > known["Anke"].solves > known["Mette"].solves
    assert len(known) == 4  # also of whom nothing is known: what the team does
