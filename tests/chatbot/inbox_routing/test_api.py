"""Giving and passing on over the API: what it refuses, and that nothing has moved then."""

from collections.abc import Callable

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
