"""kill -9 in the middle of 200 conversations loses nothing and doubles nothing."""

import asyncio
import json
import sqlite3
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.world import KEY, Server, copy_shop, wait_for

CONVERSATIONS = 200
QUESTIONS = [
    "How long does delivery take?",
    "do you sponsor football clubs in lower leagues?",
    "hej, kan man betale i rater hos jer",
    "Wie kann ich mein Paket verfolgen?",
    "I want to talk to a person",
]


async def talk(server: Server, number: int, acknowledged: dict[str, str], enough: asyncio.Event):
    """Send three messages; remember those that the server acknowledged. Ends with the server."""
    try:
        async with httpx.AsyncClient() as client:
            session = await client.post(
                f"{server.url}/api/v1/widget/session", json={"key": KEY}, timeout=60
            )
        async with connect(
            f"{server.ws}/ws/chat/",
            subprotocols=["chat.v1", session.json()["token"]],
            compression=None,
            max_queue=None,
        ) as tab:
            for turn in range(3):
                client_id = uuid.uuid4().hex
                text = f"{QUESTIONS[(number + turn) % len(QUESTIONS)]}"
                await tab.send(
                    json.dumps({"type": "message.send", "client_id": client_id, "text": text})
                )
                async for raw in tab:
                    event = json.loads(raw)
                    if event["type"] == "ack" and event["client_id"] == client_id:
                        acknowledged[client_id] = text
                        break
                if len(acknowledged) >= CONVERSATIONS * 3 // 2:
                    enough.set()
    except (ConnectionClosed, InvalidHandshake, OSError, httpx.TransportError):
        return  # the server was killed


async def crowd(server: Server, acknowledged: dict[str, str]) -> None:
    """200 visitors at once, until half of what they want to say is acknowledged; then kill -9."""
    enough = asyncio.Event()
    talks = [
        asyncio.create_task(talk(server, number, acknowledged, enough))
        for number in range(CONVERSATIONS)
    ]
    await asyncio.wait_for(enough.wait(), timeout=90)
    server.kill()
    await asyncio.wait_for(asyncio.gather(*talks), timeout=60)


def test_every_acknowledged_message_is_there_once_and_ends_answered_or_in_the_queue(
    shop: Path, tmp_path: Path
) -> None:
    data = copy_shop(shop, tmp_path / "shop")
    server = Server(data).start()
    acknowledged: dict[str, str] = {}
    # On a thread: a browser of other tests may have a loop of its own running on this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, crowd(server, acknowledged)).result()
    assert len(acknowledged) >= CONVERSATIONS

    def rows(query: str, *values: object) -> list[tuple[object, ...]]:
        with sqlite3.connect(data / "svar.sqlite3", timeout=20) as database:
            return database.execute(query, values).fetchall()

    server.start()
    try:
        wait_for(
            lambda: (
                rows("SELECT count(*) FROM conversations_message WHERE state='pending'") == [(0,)]
                and rows("SELECT count(*) FROM conversations_delivery WHERE state='queued'")
                == [(0,)]
            ),
            seconds=90,
        )
    finally:
        server.stop()

    found = rows(
        "SELECT substr(external_id, instr(external_id, ':') + 1), text, conversation_id, id"
        " FROM conversations_message WHERE author = 'contact' AND external_id IS NOT NULL"
    )
    times: dict[object, int] = {}
    for client_id, *_ in found:
        times[client_id] = times.get(client_id, 0) + 1
    for client_id in acknowledged:
        assert times.get(client_id) == 1

    # Each message has its one reply, or its conversation is a person's, or waits for one.
    for conversation, status in rows(
        "SELECT id, status FROM conversations_conversation WHERE id IN"
        " (SELECT conversation_id FROM conversations_message WHERE external_id IS NOT NULL)"
    ):
        said = rows(
            "SELECT author FROM conversations_message WHERE conversation_id = ? AND kind = 'text'"
            " ORDER BY id",
            conversation,
        )
        asked = sum(author == "contact" for (author,) in said)
        answered = sum(author == "bot" for (author,) in said)
        if status == "bot":
            assert answered == asked
        else:
            assert status in ("queued", "assigned")
            assert 1 <= answered <= asked
    assert rows("PRAGMA integrity_check") == [("ok",)]
