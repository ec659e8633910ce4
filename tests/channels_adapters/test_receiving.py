"""What was received is read, whatever is wrong with one of them, with us, or with who sent it."""

import asyncio
import json
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.utils import timezone

from channels_adapters import hooks, intake
from channels_adapters.http import payloads, signing
from chatbot.conversations import received
from chatbot.conversations.attachments import content_of
from chatbot.conversations.models import Channel, Message, ReceivedEvent
from tests.channels_adapters.http.system import file, message
from tests.channels_adapters.test_attachments import files_of_all

pytestmark = pytest.mark.usefixtures("clean")


@pytest.fixture
def channel() -> Iterator[Channel]:
    """A channel of which nothing is left to the server that runs beside the test."""
    made = Channel.objects.create(
        kind="http",
        name="Other system",
        key=f"http-{uuid.uuid4().hex[:8]}",
        secrets={"secret": signing.new_secret()},
    )
    yield made
    ReceivedEvent.objects.filter(channel=made).delete()
    Channel.objects.filter(pk=made.pk).update(is_active=False)


# --- Recording ----------------------------------------------------------------------------------
async def call(channel: Channel, said: dict[str, Any]) -> int:
    """Call the channel's address; return the status."""
    body = json.dumps(said).encode()
    key = signing.key_of(channel.secrets["secret"])
    headers = signing.sign(uuid.uuid4().hex, body, key, now=time.time())
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(part: dict[str, Any]) -> None:
        sent.append(part)

    scope = {
        "method": "POST",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "query_string": b"",
        "url_route": {"kwargs": {"kind": "http", "key": channel.key}},
    }
    await hooks.hooks(scope, receive, send)
    return int(sent[0]["status"])


def test_a_caller_who_hangs_up_is_recorded_and_holds_up_no_other(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    hung_up = threading.Event()
    record = intake.record_by_account

    def after_the_call_ended(*args: Any) -> None:
        hung_up.wait(10)
        record(*args)

    monkeypatch.setattr(hooks, "record_by_account", after_the_call_ended)
    said = [message(text, "c-1") for text in ("first", "second", "third")]

    async def calls() -> list[int]:
        first, second, third = (asyncio.create_task(call(channel, one)) for one in said)
        while hooks._recorder._waiting.qsize() < 2:  # behind the one that is being recorded
            await asyncio.sleep(0.01)
        second.cancel()
        await asyncio.wait([second])
        hung_up.set()
        return [await asyncio.wait_for(one, timeout=10) for one in (first, third)]

    with ThreadPoolExecutor(1) as thread:  # the main one may have a loop, of the browsers' tests
        assert thread.submit(asyncio.run, calls()).result() == [200, 200]
    assert ReceivedEvent.objects.filter(channel=channel).count() == 3


# --- Reading ------------------------------------------------------------------------------------
def come(channel: Channel, *said: dict[str, Any]) -> list[ReceivedEvent]:
    """Record what comes; return its rows."""
    before = list(ReceivedEvent.objects.filter(channel=channel).values_list("pk", flat=True))
    events = [event for one in said for event in payloads.events_of(json.dumps(one).encode())]
    received.record_events(channel_id=channel.pk, events=events)
    return list(ReceivedEvent.objects.filter(channel=channel).exclude(pk__in=before).order_by("pk"))


def read_again(event: ReceivedEvent, **fields: Any) -> None:
    """Have an event read at once; `fields` are what its row has by then."""
    ReceivedEvent.objects.filter(pk=event.pk).update(next_at=timezone.now(), **fields)
    intake.read_events.call(event.channel_id)
    event.refresh_from_db()


def shown(event: ReceivedEvent) -> Message:
    """Return the message by which a person was told of an event."""
    rows = Message.objects.select_related("conversation")
    return rows.get(channel=event.channel_id, external_id=f"unreadable:{event.pk}")


def test_an_event_whose_file_is_gone_holds_up_no_other_and_a_person_is_told(
    channel: Channel,
) -> None:
    large = message("Here is my log", files=[file("log.txt", b"x" * 60_000)])
    small = message("How long does delivery take?")
    lost, _other = come(channel, large, small)
    lost.file.storage.delete(lost.file.name or "")
    read_again(lost)
    assert Message.objects.filter(channel=channel, external_id=small["id"]).exists()
    assert (lost.state, lost.attempts, lost.error) == ("waiting", 1, "FileNotFoundError")
    assert lost.next_at > timezone.now()
    read_again(lost, attempts=5)
    assert lost.state == "unreadable"
    told = shown(lost)
    assert told.conversation.status in ("queued", "assigned")
    [known] = told.attachments.all()
    assert lost.event_id.encode() in (content_of(known) or b"")
    assert "cannot be opened" in told.text, "that it is attached whole is not true"
    assert told.conversation.handoff["detail"] == "unopened"


def test_a_large_event_whose_file_comes_back_is_read(channel: Channel) -> None:
    said = message("Here is my log", files=[file("log.txt", b"x" * 60_000)])
    [event] = come(channel, said)
    name = event.file.name or ""
    with event.file.open("rb") as stored:
        content = stored.read()
    event.file.storage.delete(name)
    read_again(event)
    with event.file.storage.open(name, "wb") as stored:
        stored.write(content)
    read_again(event)
    assert event.state == "read"
    assert Message.objects.filter(channel=channel, external_id=said["id"]).exists()


def test_what_can_neither_be_read_nor_shown_waits_and_holds_up_no_other(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    shows: list[str] = []

    def nobody(**_brief: Any) -> None:
        shows.append("tried")
        raise RuntimeError

    monkeypatch.setattr(intake, "bring_person", nobody)
    said = message("How long does delivery take?")
    poison, _other = come(channel, message("Hello"), said)
    before = files_of_all()
    read_again(poison, payload=b"\0 no message")
    assert Message.objects.filter(channel=channel, external_id=said["id"]).exists()
    assert (poison.state, poison.attempts, poison.error) == ("waiting", 1, "RuntimeError")
    assert files_of_all() == before
    intake.read_events.call(channel.pk)  # not before its time
    assert len(shows) == 1
    read_again(poison, attempts=30_000)
    assert poison.state == "waiting"
    assert (poison.next_at - timezone.now()).total_seconds() <= 3_600
    monkeypatch.undo()
    read_again(poison)
    assert poison.state == "unreadable"
    [whole] = shown(poison).attachments.all()
    assert content_of(whole) == b"\0 no message"
