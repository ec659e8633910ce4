"""Part 13: how soon an agent's reply is in the visitor's chat, with a whole team at work.

Fifty agents have their inboxes open, a thousand conversations are with them, and a customer of each
has the chat open. Agents reply at a steady rate, each to another conversation every time; what
counts is the time from the moment in which the reply was due to be sent until the visitor's socket
has it. The baseline is the same with one agent and one visitor on the same server.
"""

import asyncio
import json
import os
import secrets
import sys
import time
import uuid
from pathlib import Path
from typing import Any

from tests.bench.measure import percentile, raise_open_files, run_child
from tests.bench.report import Figure, Report
from tests.world import KEY, copy_shop, environment, running

_TARGET_MS = 100.0
_RATE = 2.5  # replies a second: fifty people, each one every twenty seconds
_PATIENCE = 20.0  # seconds; what comes later is missing
_AT_ONCE = 20  # sockets that are opened together


def measure(report: Report, shop: Path, folder: Path, *, quick: bool) -> None:
    """Report the way of a reply, alone and in the crowd."""
    agents, conversations = (10, 100) if quick else (50, 1_000)
    data = copy_shop(shop, folder / "desk")
    crowd = {"mode": "fill", "data": str(data), "agents": agents, "conversations": conversations}
    known = run_child("desk", crowd, seconds=300)
    with running(data, SVAR_SESSION_RATE="100000/min") as server:
        spec = {"mode": "talk", "url": server.url, "ws": server.ws, "replies": 100, "rate": 4.0}
        alone = run_child("desk", _kept(spec | _some(known, 1, 1), folder), seconds=120)
        spec |= {"replies": 200 if quick else 400, "rate": _RATE}
        crowded = run_child("desk", _kept(spec | known, folder), seconds=600)
    report.figures.append(
        Figure(
            "desk",
            f"an agent's reply in the chat, {conversations} conversations, {agents} agents, p95",
            "ms",
            [percentile(crowded["ms"], 0.95)],
            baseline_name="the same with one conversation and one agent, p95",
            baseline=[percentile(alone["ms"], 0.95)],
            target=_TARGET_MS,
        )
    )
    report.notes.append(
        f"Replies, {spec['rate']:.0f} a second: p50 {percentile(crowded['ms'], 0.5):.0f} ms in the "
        f"crowd, {percentile(alone['ms'], 0.5):.0f} ms alone; missing "
        f"{crowded['missing'] + alone['missing']}."
    )


def _kept(spec: dict[str, Any], folder: Path) -> dict[str, str]:
    """Keep a spec in a file: a thousand conversations are too long for a command."""
    path = folder / "desk.json"
    path.write_text(json.dumps(spec))
    return {"file": str(path)}


def _some(known: dict[str, Any], agents: int, conversations: int) -> dict[str, Any]:
    first = known["agents"][:agents]
    mine = [one for one in known["conversations"] if one["agent"] < agents]
    return {"agents": first, "conversations": mine[:conversations]}


# --- Before the server starts -----------------------------------------------------------------
def fill(data: str, agents: int, conversations: int) -> dict[str, Any]:
    """Have agents who are logged in, and conversations that they have; return who they are."""
    os.environ.update(environment(Path(data)))
    import django

    django.setup()
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore
    from django.utils import timezone

    from channels_adapters.website.tokens import issue, new_visitor
    from chatbot.conversations.models import (
        Channel,
        Contact,
        ContactIdentity,
        Conversation,
        Message,
        Status,
    )
    from chatbot.routing.models import AgentProfile

    channel = Channel.objects.get(key=KEY)
    sessions, users = [], []
    for number in range(agents):
        user = User.objects.create_user(f"desk-{number}")
        AgentProfile.objects.create(user=user, name=f"Agent {number}", capacity=100)
        session = SessionStore()
        session["_auth_user_id"] = str(user.pk)
        session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
        session["_auth_user_hash"] = user.get_session_auth_hash()
        session.create()
        sessions.append(session.session_key)
        users.append(user)
    made = []
    now = timezone.now()
    for number in range(conversations):
        visitor = new_visitor(channel.pk)
        contact = Contact.objects.create(name=f"Kunde {number}")
        identity = ContactIdentity.objects.create(
            contact=contact, channel=channel, external_id=visitor.id
        )
        conversation = Conversation.objects.create(
            channel=channel,
            contact=contact,
            identity=identity,
            status=Status.ASSIGNED,
            assignee=users[number % agents],
            handed_off_at=now,
            topic="delivery",
            preview_text="Where is my parcel?",
        )
        Message.objects.create(
            conversation=conversation, channel=channel, author="contact", text="Where is my parcel?"
        )
        made.append({"id": conversation.pk, "agent": number % agents, "token": issue(visitor)[0]})
    return {"agents": sessions, "conversations": made}


# --- At work ----------------------------------------------------------------------------------
async def talk(
    *,
    url: str,
    ws: str,
    agents: list[str],
    conversations: list[dict[str, Any]],
    replies: int,
    rate: float,
) -> dict[str, Any]:
    """Reply `replies` times at `rate` a second; return the milliseconds until each was there."""
    import httpx

    arrived: dict[str, asyncio.Future[float]] = {}
    sockets = await _inboxes(url, ws, agents) + await _chats(ws, conversations, arrived)
    csrf = secrets.token_hex(16)
    ms: list[float] = []
    missing = 0

    async def reply(client: Any, number: int, due: float) -> None:
        nonlocal missing
        conversation = conversations[number * 7 % len(conversations)]
        text = f"Your parcel comes today ({uuid.uuid4().hex})."
        arrived[text] = asyncio.get_running_loop().create_future()
        cookies = f"sessionid={agents[conversation['agent']]}; csrftoken={csrf}"
        answer = await client.post(
            f"/api/v1/inbox/conversations/{conversation['id']}/reply",
            json={"client_id": uuid.uuid4().hex, "text": text},
            headers={"Cookie": cookies, "X-CSRFToken": csrf, "Origin": url},
        )
        if answer.status_code != 201:
            raise RuntimeError(answer.text[:300])
        try:
            async with asyncio.timeout(_PATIENCE):
                ms.append((await arrived[text] - due) * 1_000)
        except TimeoutError:
            missing += 1

    limits = httpx.Limits(max_connections=20, max_keepalive_connections=20)
    async with (
        httpx.AsyncClient(base_url=url, trust_env=False, limits=limits, timeout=60) as client,
        asyncio.TaskGroup() as group,
    ):
        for number in range(5):  # what is imported and connected once
            await reply(client, number, time.perf_counter())
        ms.clear()
        began = time.perf_counter() + 0.1
        for number in range(replies):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(reply(client, number, due))
    for task, socket in sockets:
        task.cancel()
        await socket.close()
    return {"ms": ms, "missing": missing}


async def _inboxes(url: str, ws: str, agents: list[str]) -> list[Any]:
    from websockets.asyncio.client import connect

    async def one(session: str) -> Any:
        socket = await connect(
            f"{ws}/ws/inbox/",
            origin=url,  # type: ignore[arg-type]  # a str that websockets names Origin
            additional_headers={"Cookie": f"sessionid={session}"},
            compression=None,
            ping_interval=None,
            proxy=None,
            max_queue=None,
        )
        assert '"type":"ready"' in str(await socket.recv())

        async def read() -> None:
            async for _text in socket:
                pass

        return asyncio.create_task(read()), socket

    return await _in_batches([lambda one_of=session: one(one_of) for session in agents])


async def _chats(
    ws: str, conversations: list[dict[str, Any]], arrived: dict[str, asyncio.Future[float]]
) -> list[Any]:
    from websockets.asyncio.client import connect

    async def one(token: str) -> Any:
        socket = await connect(
            f"{ws}/ws/chat/",
            subprotocols=["chat.v1", token],  # type: ignore[list-item]  # likewise
            compression=None,
            ping_interval=None,
            proxy=None,
            max_queue=None,
            open_timeout=60,
        )
        assert '"type":"ready"' in str(await socket.recv())

        async def read() -> None:
            async for raw in socket:
                now = time.perf_counter()
                event = json.loads(raw)
                text = event.get("message", {}).get("text") if event["type"] == "message" else None
                if text in arrived and not arrived[text].done():
                    arrived[text].set_result(now)

        return asyncio.create_task(read()), socket

    return await _in_batches([lambda c=one_of: one(c["token"]) for one_of in conversations])


async def _in_batches(jobs: list[Any]) -> list[Any]:
    done: list[Any] = []
    for start in range(0, len(jobs), _AT_ONCE):
        done += await asyncio.gather(*(job() for job in jobs[start : start + _AT_ONCE]))
    return done


if __name__ == "__main__":
    raise_open_files()
    given = json.loads(sys.argv[1])
    if "file" in given:
        given = json.loads(Path(given["file"]).read_text())
    found = fill(**given) if given.pop("mode") == "fill" else asyncio.run(talk(**given))
    sys.stdout.write(f"{json.dumps(found)}\n")
