"""Every address with every method, and every event of the socket, as everybody there is."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from django.urls import URLPattern, get_resolver

from tests.chatbot.permissions.roles import (
    AGENT,
    DEACTIVATED,
    LOGGED_OUT,
    NOBODY,
    STAFF,
    SUPERUSER,
    SUPERVISOR,
    everybody,
)
from tests.chatbot.permissions.table import (
    ADMIN,
    DEMO,
    DOORS,
    INBOX,
    INBOX_EVENTS,
    LOGOUTS,
    METHODS,
    WIDGET,
)
from tests.world import Agent, Server, Socket, Visitor

NOBODYS = 999_999_999  # the number of nothing
LEFTOVERS = re.compile(r"admin/(\^\(\?P<app_label>|\(\?P<url>)")  # the admin's own catch-alls


def addresses() -> Iterator[str]:
    """Return every address of the project, as its pattern is written."""

    def walk(patterns: Any, before: str) -> Iterator[str]:
        for one in patterns:
            here = before + str(one.pattern)
            if isinstance(one, URLPattern):
                yield here
            else:
                yield from walk(one.url_patterns, here)

    return (one for one in walk(get_resolver().url_patterns, "") if not LEFTOVERS.match(one))


def test_every_address_stands_in_the_table() -> None:
    known = {*DOORS, *ADMIN, *DEMO, *LOGOUTS}
    there = set(addresses())
    assert there - known == set(), "say in table.py who may use these"
    assert known - there == set(), "these are gone"


@pytest.fixture(scope="module")
def who(server: Server) -> Iterator[dict[str, httpx.Client]]:
    with everybody(server) as clients:
        yield clients


@pytest.fixture
def things(server: Server, clean: None) -> Iterator[dict[str, int]]:
    """What the addresses name: something that exists, and that nobody else needs."""
    from django.contrib.auth.models import User

    from chatbot.conversations.models import Conversation
    from chatbot.inbox.models import CannedReply, Macro, SavedView

    anna = Visitor(server)
    # By who she is: what is newest may be another test's, whose bot has taken its time.
    external_id = anna.open().unread[0]["visitor"]
    anna.ask("I want to talk to a person")
    conversation = Conversation.objects.get(identity__external_id=external_id)
    anna.close()
    reply = CannedReply.objects.create(shortcut="matrix", title="x", texts={"en": "x"})
    macro = Macro.objects.create(name="matrix")
    # Of the agent's own: one that is shared is changed by supervisors alone, see test_ranks.py.
    agent = User.objects.get(username="matrix-agent")
    view = SavedView.objects.create(name="matrix", owner=agent)
    yield {
        "conversations": conversation.pk,
        "conversation": conversation.pk,
        "messages": conversation.messages.earliest("pk").pk,
        "contacts": conversation.contact_id,
        "replies": reply.pk,
        "macros": macro.pk,
        "views": view.pk,
        "team": User.objects.get(username="matrix-supervisor").pk,
    }
    CannedReply.objects.filter(pk=reply.pk).delete()
    Macro.objects.filter(pk=macro.pk).delete()
    SavedView.objects.filter(pk=view.pk).delete()


def filled(pattern: str, things: dict[str, int]) -> str:
    """Return an address of the pattern: `conversations/<int:pk>` is the one of `things`.

    What is not among them is not there: the first one may be anything that others have left.
    """

    def value(found: re.Match[str]) -> str:
        before, name = found.group(1), found.group(2)
        return f"{before}/{things.get(name, things.get(before, NOBODYS))}"

    numbers = re.sub(r"(\w+)/<int:(\w+)>", value, pattern)
    return re.sub(r"<(\w+:)?\w*id>|<int:\w+>", "1", re.sub(r"<(str|slug):\w+>", "x", numbers))


def came_in(answer: httpx.Response) -> bool:
    """Return whether somebody was let in; what they asked for may be wrong all the same."""
    to_login = "/login/" in answer.headers.get("location", "")
    return answer.status_code not in (401, 403, 405) and not to_login


def knock(client: httpx.Client, method: str, url: str) -> httpx.Response:
    """Ask, and again where it was too often: that says nothing of who may come in."""
    while True:
        answer = client.request(method, url, headers={"Referer": str(client.base_url)})
        if answer.status_code != 429:
            return answer
        time.sleep(min(60, int(answer.headers.get("Retry-After", "1"))))


# Thousands of requests: by parts, each with time enough on a machine that does other things too.
PARTS = {
    "pages": ("inbox/",),
    "inbox": (INBOX,),
    "widget": (WIDGET,),
    "knowledge": ("admin/insights/",),
    "admin": ("admin/",),
    "rest": ("",),
}


def part_of(pattern: str) -> str:
    return next(name for name, starts in PARTS.items() if pattern.startswith(starts))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", PARTS)
def test_each_comes_in_only_where_they_may(
    server: Server, who: dict[str, httpx.Client], things: dict[str, int], part: str
) -> None:
    wrong = []
    for pattern, methods in DOORS.items():
        if part_of(pattern) != part:
            continue
        hidden = pattern.startswith(("admin/insights", "inbox/team", "api/v1/inbox/team"))
        for method in METHODS:
            may = methods.get(method, frozenset())
            for role, client in who.items():
                url = "/" + (filled(pattern, things) if pattern != "^api/v1/" else "api/v1/nothing")
                try:
                    answer = knock(client, method, url)
                except httpx.HTTPError as error:
                    wrong.append(f"{role}: {method} {pattern} {error!r}")
                    continue
                let_in = came_in(answer)
                if hidden or pattern == "^api/v1/":  # to others there is nothing there
                    let_in = let_in and answer.status_code != 404
                if role in may and "X-CSRFToken" not in client.headers and method != "GET":
                    # Who is not logged in has no token for forms either.
                    let_in = let_in or "CSRF" in answer.text
                if answer.status_code >= 500 or let_in != (role in may):
                    said = answer.text[:200] if answer.status_code >= 500 else ""
                    wrong.append(f"{role}: {method} {pattern} {answer.status_code} {said}")
    assert not wrong, "\n".join([*wrong, "The server said:", server.log.read_text()[-4_000:]])


@pytest.mark.timeout(600)
def test_the_admin_is_for_staff_with_the_right_for_it(
    server: Server, who: dict[str, httpx.Client], things: dict[str, int]
) -> None:
    wrong = []
    for pattern in sorted(ADMIN):
        url = f"/{filled(pattern, things)}"
        for role, client in who.items():
            if role == SUPERUSER and not pattern.endswith(f"{pattern.split('/')[2]}/"):
                continue  # one page of each is enough to see that it is there
            for method in ("GET", "POST") if role in (STAFF, SUPERVISOR, NOBODY) else ("GET",):
                answer = knock(client, method, url)
                if role == SUPERUSER:
                    fine = method == "POST" or answer.status_code in (200, 302)
                elif role == STAFF:
                    # What is not there, and the way to a form, say nothing of what is.
                    away = answer.headers.get("location", "")
                    fine = answer.status_code in (403, 404, 405) or away.endswith(
                        ("/change/", "/admin/")
                    )
                else:
                    fine = not came_in(answer)
                if not fine:
                    wrong.append(f"{role}: {method} {pattern} {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert "Peter" not in who[STAFF].get("/admin/search/", params={"s": "Peter"}).text


def test_the_inbox_socket_is_for_agents_and_only_as_long_as_they_are(
    server: Server, who: dict[str, httpx.Client]
) -> None:
    from django.contrib.auth.models import User

    from chatbot.inbox.consumer import _EVENTS

    assert set(_EVENTS) == set(INBOX_EVENTS), "say in table.py what these are"

    def open_as(client: httpx.Client) -> Socket:
        cookies = "; ".join(f"{one.name}={one.value}" for one in client.cookies.jar)
        headers = {"Cookie": cookies} if cookies else {}
        return Socket(f"{server.ws}/ws/inbox/", origin=server.url, additional_headers=headers)

    for role, client in who.items():
        socket = open_as(client)
        if role in (AGENT, SUPERVISOR):
            socket.next("ready")
            for event in INBOX_EVENTS.values():
                socket.send(event)
            socket.next("pong")
        else:
            assert socket.closed_with() == 4403, role
        socket.close()
    assert DEACTIVATED in who
    assert LOGGED_OUT in who
    # Whatever one who was let in says next: nothing is done for who is no agent any more.
    for event in INBOX_EVENTS.values():
        socket = open_as(who[AGENT])
        socket.next("ready")
        User.objects.filter(username="matrix-agent").update(is_active=False)
        socket.send(event)
        assert socket.closed_with() == 4401
        socket.close()
        User.objects.filter(username="matrix-agent").update(is_active=True)


def test_files_and_notes_stay_with_whom_they_are_for(
    server: Server,
    who: dict[str, httpx.Client],
    visitor: Callable[..., Visitor],
    agent: Callable[..., Agent],
) -> None:
    from tests.chatbot.inbox_channels.rows import picture

    anna, bo, mette = visitor(), visitor(), agent("mette")
    tab = anna.open()
    photo = {"file": ("bowl.png", picture(), "image/png")}
    hers = anna.http.post("/api/v1/widget/attachments", files=photo).json()["id"]
    for client in (bo.http, *who.values()):
        for method in ("GET", "DELETE"):
            for door in ("widget", "inbox"):
                answer = client.request(method, f"/api/v1/{door}/attachments/{hers}")
                assert answer.status_code in (401, 403, 404), (client.headers, answer.status_code)
    unsent = mette.http.post("/api/v1/inbox/attachments", files=photo).json()["id"]
    for client in (anna.http, *who.values()):
        for method in ("GET", "DELETE"):
            answer = client.request(method, f"/api/v1/inbox/attachments/{unsent}")
            assert answer.status_code in (401, 403, 404)
    assert mette.http.get(f"/api/v1/inbox/attachments/{unsent}").status_code == 200
    anna.ask("I want to talk to a person")
    from chatbot.conversations.models import Message

    row = Message.objects.filter(author="contact").latest("pk").conversation_id
    mette.post(f"conversations/{row}/note", 201, client_id="n", text="She is angry")
    mette.post(f"conversations/{row}/take", over=True)
    mette.reply(row, "Hello")
    # What was told before the reply has come before it: there was no note among it.
    assert tab.message("agent")["text"] == "Hello"
    assert all("angry" not in str(event) for event in tab.unread)
    assert all("angry" not in str(message) for message in anna.messages())
