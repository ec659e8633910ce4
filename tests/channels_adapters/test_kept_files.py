"""Files that come with messages: one on the disk for each in the database, and none besides."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError

from chatbot import fetching
from chatbot.conversations import attachments, recording
from chatbot.conversations.models import Attachment, Channel, Message
from chatbot.envelope import InboundFile, InboundMessage
from tests.channels_adapters.test_attachments import files_of_all

pytestmark = pytest.mark.usefixtures("clean")
LOG = InboundFile("log.txt", "text/plain", content=b"Error 0x80070057")


@pytest.fixture
def channel() -> Iterator[Channel]:
    made = Channel.objects.create(
        kind="http", name="Other system", key=f"http-{uuid.uuid4().hex[:8]}"
    )
    yield made
    Channel.objects.filter(pk=made.pk).update(is_active=False)


def inbound(channel: Channel, *files: InboundFile) -> InboundMessage:
    return InboundMessage(
        channel_id=channel.pk,
        sender_id="c-1",
        external_id=uuid.uuid4().hex,
        text="My lamp is broken",
        files=files,
        answer=False,
    )


def fail_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let somebody else record the same first, as far as the database says."""
    update = recording.update_conversation
    errors = [IntegrityError()]

    def fails(*args: Any, **changes: Any) -> None:
        if errors:
            raise errors.pop()
        update(*args, **changes)

    monkeypatch.setattr(recording, "update_conversation", fails)


def test_a_message_that_is_recorded_at_the_second_attempt_has_its_files(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    others: list[Attachment] = []

    def another_comes(*_named: Any) -> None:
        # It may take the number that the first attempt gave back.
        others.append(Attachment.objects.create(name="x", content_type="text/plain", size=0))

    fail_once(monkeypatch)
    monkeypatch.setattr(recording, "inbound_message", another_comes)
    recorded = recording.record_inbound(inbound=inbound(channel, LOG))
    others.pop().delete()
    [kept] = recorded.message.attachments.all()
    assert attachments.content_of(kept) == LOG.content


def test_a_repeat_that_was_begun_to_be_recorded_leaves_no_files(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = recording.record_inbound(inbound=inbound(channel)).message
    before = files_of_all()
    fail_once(monkeypatch)
    monkeypatch.setattr(recording, "inbound_message", lambda *_named: known)
    assert not recording.record_inbound(inbound=inbound(channel, LOG)).created
    assert files_of_all() == before


@pytest.mark.parametrize(("attempts", "state"), [(0, "waiting"), (7, "failed")])
def test_a_file_that_came_and_could_not_be_stored_is_not_said_to_be_here(
    channel: Channel, monkeypatch: pytest.MonkeyPatch, attempts: int, state: str
) -> None:
    class Service:
        def __init__(self, _channel: Channel) -> None:
            pass

        def fetch(self, _reference: str) -> bytes:
            return b"fetched"

    def full(*_args: Any, **_more: Any) -> str:
        raise OSError(28, "No space left on device")

    said = inbound(channel, InboundFile("log.txt", "text/plain", reference="f-1"))
    [file] = recording.record_inbound(inbound=said).message.attachments.all()
    Attachment.objects.filter(pk=file.pk).update(attempts=attempts)
    monkeypatch.setattr(fetching, "adapter_class", lambda _kind: Service)
    monkeypatch.setattr(file.file.storage, "save", full)
    fetching.fetch_file.call(file.pk)
    file.refresh_from_db()
    assert (file.state, file.error, file.reference) == (state, "OSError", "f-1")


def test_a_message_of_no_agent_takes_nobodys_files(channel: Channel) -> None:
    message = recording.record_inbound(inbound=inbound(channel)).message
    mine = Attachment.objects.create(name="x", content_type="text/plain", size=0)
    with pytest.raises(attachments.UnknownAttachments):
        attachments.tie_own(message=message, ids=[mine.pk])
    assert Message.objects.get(attachments=None, pk=message.pk)
    mine.delete()
