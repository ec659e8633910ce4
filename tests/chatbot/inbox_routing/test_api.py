"""Giving, passing on and whom routing suggests over the API, and what it tells open inboxes."""

from collections.abc import Callable
from decimal import Decimal

from tests.chatbot.inbox_routing.conftest import assignments, ids
from tests.world import Agent

Asked = Callable[..., int]
People = Callable[[str], Agent]


def test_what_is_not_yours_cannot_be_passed_on(asked: Asked, agent: People) -> None:
    mette, jonas = agent("mette"), agent("jonas")
    mette.open()
    made = asked()
    error = jonas.post(f"conversations/{made}/pass-on", 409, cause="busy")["error"]
    assert (error["code"], error["detail"]) == ("conflict", "You do not have this conversation.")
    assert mette.get(f"conversations/{made}")["assignee"]["name"] == "Mette"


def test_nothing_goes_to_somebody_who_is_not_there(asked: Asked, agent: People) -> None:
    mette = agent("mette")
    mette.open()
    made = asked()
    for call, body in (("pass-on", {"cause": "busy", "to": 987654}), ("give", {"agent": 987654})):
        error = mette.post(f"conversations/{made}/{call}", 400, **body)["error"]
        assert (error["code"], error["detail"]) == ("invalid", "There is no such agent.")
    mette.post(f"conversations/{made}/pass-on", 400, cause="busy", to=ids(mette)["Mette"])
    mette.post(f"conversations/{made}/pass-on", 400, cause="bored")
    mette.post(f"conversations/{made}/pass-on", 400, cause="busy", why="x" * 301)
    [only] = assignments(made)
    assert (only.agent.name, only.ended) == ("Mette", "")


def test_a_passed_on_conversation_says_at_once_who_has_it(asked: Asked, agent: People) -> None:
    mette, jonas = agent("mette"), agent("jonas")
    mette.open()
    made = asked()
    jonas.open()
    row = mette.post(f"conversations/{made}/pass-on", cause="busy")
    assert row["assignee"]["name"] == "Jonas"
    jonas.http.patch("/api/v1/inbox/me", json={"presence": "away"})
    mette.http.patch("/api/v1/inbox/me", json={"presence": "away"})
    try:
        row = jonas.post(f"conversations/{made}/pass-on", cause="leaving")
        assert (row["status"], row["assignee"]) == ("queued", None)
    finally:
        for one in (mette, jonas):
            one.http.patch("/api/v1/inbox/me", json={"presence": "online"})


def test_what_was_suggested_and_given_is_kept_as_such(
    asked: Asked, agent: People, routing: Callable[[str], None]
) -> None:
    routing("suggest")
    jonas, anke = agent("jonas"), agent("anke")
    jonas.open()
    made = asked()
    assignment = anke.get(f"conversations/{made}")["assignment"]
    assert assignment["suggested"] == {"id": ids(anke)["Jonas"], "name": "Jonas"}
    row = anke.post(f"conversations/{made}/give", agent=assignment["suggested"]["id"])
    assert (row["status"], row["assignee"]["name"]) == ("assigned", "Jonas")
    assert assignments(made)[-1].way == "accepted"


def test_while_it_observes_the_learned_ranking_adds_up_too(
    asked: Asked, agent: People, routing: Callable[[str], None]
) -> None:
    routing("observe")
    jonas, freja = agent("jonas"), agent("freja")
    jonas.open()
    freja.open()
    made = asked()
    shown = freja.get(f"conversations/{made}")["assignment"]
    assert shown["strategy"] == "Skill, language and free places alone"
    assert shown["learned_strategy"] == "Routine: even load"
    first = shown["learned"][0]
    assert [one["name"] for one in shown["learned"] if one["chosen"]] == [first["name"]]
    assert first["name"] == assignments(made)[-1].suggested.name
    could = [one for one in shown["learned"] if not one["rejected"]]
    assert {one["name"] for one in could} == {"Jonas", "Freja"}
    scores = [Decimal(one["score"]) for one in could]
    assert scores == sorted(scores, reverse=True)
    for one in could:
        assert len(one["factors"]) > 3
        assert sum(Decimal(factor["points"]) for factor in one["factors"]) == Decimal(one["score"])
    # The real ranking weighs less, so that the two are not the same numbers shown twice.
    assert len(shown["candidates"][0]["factors"]) < len(first["factors"])


def test_open_inboxes_hear_when_another_is_suggested(
    asked: Asked, agent: People, routing: Callable[[str], None]
) -> None:
    routing("suggest")
    anke, jonas, mette = agent("anke"), agent("jonas"), agent("mette")
    anke.http.patch("/api/v1/inbox/me", json={"presence": "away"})
    try:
        inbox = anke.open()

        def suggested(to: str | None) -> None:
            inbox.next("suggested", lambda event: event["conversation"] == made)
            assignment = anke.get(f"conversations/{made}")["assignment"]
            assert (assignment["suggested"] or {}).get("name") == to, assignment["sentence"]

        made = asked()
        assert anke.get(f"conversations/{made}")["assignment"]["suggested"] is None
        jonas.open()
        suggested("Jonas")
        mette.open()
        jonas.http.patch("/api/v1/inbox/me", json={"presence": "away"})
        suggested("Mette")
        mette.http.patch("/api/v1/inbox/me", json={"presence": "away"})
        suggested(None)  # and nobody goes on being suggested who is not here
        inbox.quiet("suggested")
    finally:
        for one in (anke, jonas, mette):
            one.http.patch("/api/v1/inbox/me", json={"presence": "online"})
