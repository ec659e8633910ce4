"""What all share is changed by supervisors, and what a colleague has is the colleague's."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.utils import timezone

from chatbot.conversations.models import Conversation, Label
from chatbot.inbox.doing import DEEDS
from chatbot.routing.models import Block
from tests.chatbot.inbox_channels import rows
from tests.chatbot.inbox_deeds.conftest import assigned
from tests.chatbot.permissions.roles import AGENT, SUPERUSER, SUPERVISOR, everybody
from tests.chatbot.permissions.table import DEEDS_ABOVE, DEEDS_OF_ALL, RANKS
from tests.chatbot.permissions.test_getting import at_rest, changed
from tests.world import Server


@pytest.fixture(scope="module")
def who(server: Server) -> Iterator[dict[str, httpx.Client]]:
    with everybody(server) as clients:
        yield clients


@pytest.fixture
def things(server: Server, clean: None) -> Iterator[dict[str, int]]:
    """What the team shares, what a colleague has, and what waits."""
    from django.contrib.auth.models import User

    from chatbot.inbox.models import CannedReply, Macro, SavedView
    from chatbot.routing.models import AgentProfile

    agent = User.objects.get(username="matrix-agent")
    colleague = User.objects.create_user("matrix-colleague")
    AgentProfile.objects.create(user=colleague, name="colleague", presence="away")
    theirs = assigned("matrix-colleague")
    queued = rows.conversation(theirs.identity, thread="another")
    texts = {"title": "x", "texts": {"en": "x"}}
    steps = [{"do": "resolve"}]
    made = {
        "view": SavedView.objects.create(name="rank"),
        "reply": CannedReply.objects.create(shortcut="rank", **texts),
        "own_reply": CannedReply.objects.create(shortcut="rank3", owner=agent, **texts),
        "macro": Macro.objects.create(name="rank", steps=steps),
        "own_macro": Macro.objects.create(name="rank", owner=agent, steps=steps),
    }
    known = {name: row.pk for name, row in made.items()}
    yield {**known, "theirs": theirs.pk, "queued": queued.pk, "colleague": colleague.pk}
    SavedView.objects.filter(name__in=("rank", "x", "y")).delete()
    CannedReply.objects.filter(shortcut__startswith="rank").delete()
    Macro.objects.filter(name__in=("rank", "x", "y")).delete()
    colleague.delete()


def filled(value: Any, things: dict[str, int]) -> Any:
    """Return what is asked for with the numbers of `things` in it."""
    match value:
        case str() if value[:1] == "{" and value[1:-1] in things:
            return things[value[1:-1]]
        case list():
            return [filled(one, things) for one in value]
        case dict():
            return {key: filled(one, things) for key, one in value.items()}
    return value


def ask(client: httpx.Client, name: str, things: dict[str, int]) -> tuple[httpx.Response, int, int]:
    method, path, body, refused, done = RANKS[name]
    url = f"/api/v1/inbox/{path.format(**things)}"
    given = None if method in ("GET", "DELETE") else filled(body, things)
    return client.request(method, url, json=given), refused, done


@pytest.mark.parametrize("name", RANKS)
def test_what_is_above_an_agent_only_a_supervisor_does(
    who: dict[str, httpx.Client], things: dict[str, int], name: str
) -> None:
    before = at_rest()
    answer, refused, done = ask(who[AGENT], name, things)
    assert answer.status_code == refused, answer.text
    # Who keeps the server is no supervisor of people by that.
    assert ask(who[SUPERUSER], name, things)[0].status_code == 403
    assert changed(before) == []
    if "{own_" in RANKS[name][1]:  # to others there is nothing there
        assert ask(who[SUPERVISOR], name, things)[0].status_code == 404
        return
    if name == "wake a colleague's":
        Conversation.objects.filter(pk=things["theirs"]).update(snoozed_until=timezone.now())
    answer, _refused, _done = ask(who[SUPERVISOR], name, things)
    assert answer.status_code == done, answer.text


@pytest.mark.parametrize("deed", sorted(DEEDS))
def test_what_a_colleague_has_only_a_supervisor_moves(
    who: dict[str, httpx.Client], things: dict[str, int], deed: str
) -> None:
    assert {*DEEDS_ABOVE, *DEEDS_OF_ALL} == set(DEEDS), "say in table.py who may do these"
    label = Label.objects.create(name="rank", colour="teal")
    fitting = {
        "label": {"add": [label.pk]},
        "priority": {"priority": "urgent"},
        "topic": {"topic": ""},
        "block": {"reason": "x"},
    }
    later = (timezone.now() + timedelta(days=1)).isoformat()

    def do(client: httpx.Client) -> Any:
        me = client.get("/api/v1/inbox/me").json()["id"]
        values = filled(DEEDS_ABOVE.get(deed) or fitting.get(deed, {}), {**things, "self": me})
        if "until" in values:
            values["until"] = later
        body = {"deed": deed, "ids": [things["theirs"]], "values": values}
        answer = client.post("/api/v1/inbox/deeds", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    try:
        before = at_rest()
        done = do(who[AGENT])
        if deed in DEEDS_ABOVE:
            assert [one["detail"] for one in done["failed"]] == ["colleague has this conversation."]
            assert (done["id"], done["rows"], changed(before)) == (None, [], [])
            # Nor from the other side: what is one's own is not merged with what is theirs.
            if deed == "merge":
                body = {"deed": deed, "ids": [things["queued"]]}
                body["values"] = {"other": things["theirs"]}
                answer = who[AGENT].post("/api/v1/inbox/deeds", json=body).json()
                assert answer["rows"] == []
            done = do(who[SUPERVISOR])
        assert done["failed"] == []
        # What somebody else has done is not undone by others.
        if done["id"] is not None:
            other = who[SUPERVISOR if deed in DEEDS_OF_ALL else AGENT]
            assert other.post(f"/api/v1/inbox/deeds/{done['id']}/undo").status_code == 404
    finally:
        label.delete()
        Block.objects.filter(contact__conversations=things["theirs"]).delete()
