"""Who may see and do what in the inbox."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.world import Agent, Server, Socket, Visitor

CALLS = [
    ("GET", "me"),
    ("PATCH", "me"),
    ("GET", "agents"),
    ("GET", "conversations"),
    ("GET", "conversations/{id}"),
    ("GET", "conversations/{id}/messages"),
    ("POST", "conversations/{id}/reply"),
    ("POST", "conversations/{id}/note"),
    ("POST", "conversations/{id}/take"),
    ("POST", "conversations/{id}/resolve"),
    ("POST", "conversations/{id}/hand-back"),
    ("POST", "conversations/{id}/classify"),
    ("GET", "topics"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_nobody_but_agents_may_call(
    server: Server, visitor: Callable[..., Visitor], method: str, path: str
) -> None:
    from chatbot.conversations.models import Conversation

    url = f"/api/v1/inbox/{path.format(id=Conversation.objects.earliest('pk').pk)}"
    body = {"client_id": "a", "text": "x"} if "reply" in path or "note" in path else {}
    for client in (
        httpx.Client(base_url=server.url),
        visitor().http,
        Agent(server, "admin").http,  # a user without an agent profile
    ):
        answer = client.request(method, url, json=body if method != "GET" else None)
        assert answer.status_code == 403, answer.text
        assert answer.json()["error"]["code"] in ("not_authenticated", "permission_denied")


def test_a_call_without_the_csrf_token_is_refused(agent: Callable[..., Agent]) -> None:
    mette = agent("mette")
    del mette.http.headers["X-CSRFToken"]
    assert mette.http.patch("/api/v1/inbox/me", json={"presence": "away"}).status_code == 403


def test_the_inbox_socket_opens_only_for_agents_on_our_own_pages(
    server: Server, agent: Callable[..., Agent]
) -> None:
    assert Socket(f"{server.ws}/ws/inbox/", origin=server.url).closed_with() == 4403
    mette = agent("mette")
    cookie = {"Cookie": f"sessionid={mette.http.cookies['sessionid']}"}
    with pytest.raises(InvalidStatus) as refused:
        Socket(f"{server.ws}/ws/inbox/", origin="https://evil.example", additional_headers=cookie)
    assert refused.value.response.status_code == 403


def test_pages_ask_for_a_login(server: Server) -> None:
    answer = httpx.get(f"{server.url}/inbox/")
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("/inbox/login/")
    assert Agent(server, "admin").http.get("/inbox/").status_code == 403


def test_bad_input_to_the_inbox_socket_gets_a_typed_error(agent: Callable[..., Agent]) -> None:
    inbox = agent("mette").open()
    for sent, code in [
        ("{", "invalid_json"),
        ({"type": "shutdown"}, "unknown_event"),
        ({"type": "presence", "presence": "invisible"}, "invalid_event"),
        ({"type": "view", "conversation": "1"}, None),
        ({"type": "view", "conversation": 10**30}, "invalid_event"),
    ]:
        inbox.send(sent)
        if code:
            assert inbox.next("error")["code"] == code
    inbox.send("x" * 70_000)
    assert inbox.closed_with() == 1009


def test_a_reply_is_sent_once_and_only_by_who_has_the_conversation(
    visitor: Callable[..., Visitor], agent: Callable[..., Agent]
) -> None:
    anna = visitor()
    tab = anna.open()
    anna.ask("I want to talk to a person")
    mette, freja = agent("mette"), agent("freja")
    row = mette.get("conversations", view="queue")["results"][0]
    path = f"conversations/{row['id']}"
    mette.post(f"{path}/reply", 409, client_id="r1", text="too early")
    mette.post(f"{path}/take")
    first = mette.post(f"{path}/reply", 201, client_id="r1", text="hello")
    again = mette.post(f"{path}/reply", 200, client_id="r1", text="hello")
    assert again["duplicate"] is True
    assert again["message"]["id"] == first["message"]["id"]
    freja.post(f"{path}/reply", 409, client_id="r2", text="me too")
    assert tab.message("agent")["text"] == "hello"
    assert tab.message("system", "notice")["text"] == "Mette joined the conversation"
    tab.quiet("message")


def test_presence_and_capacity_decide_who_gets_a_conversation(
    visitor: Callable[..., Visitor], agent: Callable[..., Agent]
) -> None:
    mette, freja = agent("mette"), agent("freja")
    mette.open()
    freja.open()
    try:
        assert (
            freja.http.patch("/api/v1/inbox/me", json={"presence": "away"}).json()["presence"]
            == "away"
        )
        capacity = mette.get("me")["open"]
        mette.http.patch("/api/v1/inbox/me", json={"capacity": capacity})
        anna = visitor()
        tab = anna.open()
        anna.ask("I want to talk to a person")
        waiting = tab.next("conversation", lambda e: e["conversation"]["status"] == "queued")
        assert waiting["conversation"]["position"] == 1
        mette.http.patch("/api/v1/inbox/me", json={"capacity": capacity + 1})
        given = tab.next("conversation", lambda e: e["conversation"]["status"] == "assigned")
        assert given["conversation"]["agent"]["name"] == "Mette"
    finally:
        mette.http.patch("/api/v1/inbox/me", json={"capacity": 5})
        freja.http.patch("/api/v1/inbox/me", json={"presence": "online"})


def test_a_socket_of_someone_who_logged_out_is_closed(agent: Callable[..., Agent]) -> None:
    mette = agent("mette")
    inbox = mette.open()
    inbox.send({"type": "ping"})
    inbox.next("pong")
    answer = mette.http.post("/inbox/logout/", headers={"Referer": mette.server.url})
    assert answer.status_code == 302
    inbox.send({"type": "ping"})
    assert inbox.closed_with() == 4401


def test_who_closes_while_being_told_something_is_gone_at_once(server: Server) -> None:
    """Such a send raises in the server; nobody is to count as here until they are silent."""
    import asyncio

    from asgiref.sync import sync_to_async
    from django.contrib.auth.models import User

    from chatbot.inbox.consumer import InboxConsumer
    from chatbot.routing.models import AgentConnection

    here = AgentConnection.objects.filter(agent__user__username="mette")
    assert not here.exists()
    was_here = []

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "websocket.send":
            was_here.append(await sync_to_async(here.exists)())
            raise RuntimeError("Attempt to send on a closed protocol")

    async def receive() -> dict[str, Any]:
        if was_here:
            await asyncio.Event().wait()
        return {"type": "websocket.connect"}

    scope = {"type": "websocket", "query_string": b"", "user": User.objects.get(username="mette")}
    one = InboxConsumer.as_asgi()(scope, receive, send)
    with ThreadPoolExecutor(1) as beside:  # this thread has the browser's loop
        beside.submit(asyncio.run, one).result(timeout=20)
    assert was_here == [True]
    assert not here.exists()
