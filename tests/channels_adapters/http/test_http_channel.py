"""The fifth channel, against a system on loopback: from its post to our post and back."""

import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.channels_adapters.http.system import OtherSystem, file, message
from tests.world import Server, wait_for

pytestmark = pytest.mark.usefixtures("clean")


@pytest.fixture
def system() -> Iterator[OtherSystem]:
    running = OtherSystem()
    yield running
    running.stop()


@pytest.fixture
def hook(server: Server, system: OtherSystem) -> Iterator[str]:
    from chatbot.conversations.models import Channel

    channel = Channel.objects.create(
        kind="http",
        name="Other system",
        key=f"http-{uuid.uuid4().hex[:8]}",
        config={"url": system.url},
        secrets={"secret": system.secret},
    )
    yield f"{server.url}/hooks/http/{channel.key}"
    Channel.objects.filter(pk=channel.pk).update(is_active=False)


def test_a_question_is_answered_with_its_source(hook: str, system: OtherSystem) -> None:
    assert system.post(hook, message("How long does delivery take?")).status_code == 200
    [answer] = system.wait(1)
    assert answer["author"]["kind"] == "bot"
    assert "working days" in answer["text"]
    assert answer["recipient"] == "c-1"
    assert answer["citations"][0]["title"]


def test_the_same_message_again_changes_nothing(hook: str, system: OtherSystem) -> None:
    said = message("How long does delivery take?")
    for _ in range(3):
        assert system.post(hook, said).status_code == 200
    system.wait(1)
    system.post(hook, message("Can I pay with MobilePay?"))
    assert len(system.wait(2)) == 2


@pytest.mark.parametrize(
    ("status", "more"),
    [(401, {"secret": "whsec_" + "A" * 40}), (401, {"at": time.time() - 3_600})],
    ids=["wrong secret", "an hour old"],
)
def test_what_is_not_signed_right_is_refused(
    hook: str, system: OtherSystem, status: int, more: dict[str, Any]
) -> None:
    assert system.post(hook, message("Hello"), **more).status_code == status


def test_what_is_no_message_is_refused_in_words(hook: str, system: OtherSystem) -> None:
    refused = system.post(hook, {"type": "message", "id": "1", "text": "no sender"})
    assert refused.status_code == 400
    assert "sender" in refused.text


def test_two_threads_of_one_customer_are_two_conversations(hook: str, system: OtherSystem) -> None:
    for thread in ("order 1", "order 2"):
        system.post(hook, message("How long does delivery take?", thread=thread))
    told = system.wait(2)
    assert {one["thread"] for one in told} == {"order 1", "order 2"}
    assert len({one["conversation"] for one in told}) == 2


def test_files_and_places_come_with_the_message(hook: str, system: OtherSystem) -> None:
    from chatbot.conversations.models import Attachment

    said = message(
        "I want to talk to a person",
        files=[file("log.txt", b"Error 0x80070057")],
        place={"latitude": 56.15, "longitude": 10.2, "name": "Aarhus"},
    )
    system.post(hook, said)
    wait_for(lambda: Attachment.objects.filter(message__external_id=said["id"]).count() == 2)
    log, place = Attachment.objects.filter(message__external_id=said["id"]).order_by("pk")
    assert (log.name, log.content_type, log.size) == ("log.txt", "text/plain", 16)
    assert (place.name, place.latitude, place.longitude) == ("Aarhus", 56.15, 10.2)
    system.wait(1)


def test_an_edit_that_comes_before_its_message_is_kept(hook: str, system: OtherSystem) -> None:
    from chatbot.conversations.models import Message

    said = message("How long does delivvery take")
    edit = {"type": "edit", "event": "e1", "id": said["id"], "text": "How long is delivery?"}
    system.post(hook, edit)
    system.post(hook, said)
    wait_for(lambda: Message.objects.filter(text="How long is delivery?").exists())
    assert len(system.wait(1)) == 1


def test_a_message_that_is_taken_back_leaves_nothing_of_its_words(
    hook: str, system: OtherSystem
) -> None:
    from chatbot.conversations.models import Message

    said = message("My card number is 4111 1111 1111 1111")
    system.post(hook, said)
    system.wait(1)
    system.post(hook, {"type": "delete", "event": "d1", "id": said["id"]})
    wait_for(lambda: Message.objects.get(external_id=said["id"]).deleted_at)
    row = Message.objects.get(external_id=said["id"])
    assert (row.text, row.conversation.preview_text) == ("", "")


def test_a_passing_failure_is_tried_again_and_nothing_is_doubled(
    hook: str, system: OtherSystem
) -> None:
    failures = iter([500, "reset", "lost", 429])
    system.fail = lambda: next(failures, None)
    system.post(hook, message("How long does delivery take?"))
    system.wait(1)
    wait_for(lambda: system.attempts >= 5, seconds=60)
    assert len(system.messages) == 1


def test_what_will_never_work_is_given_up_and_can_be_sent_again(
    hook: str, system: OtherSystem
) -> None:
    from chatbot.conversations import deliveries
    from chatbot.conversations.models import Delivery

    system.fail = lambda: 410
    said = message("How long does delivery take?")
    system.post(hook, said)
    ours = Delivery.objects.filter(identity__channel__key=hook.rpartition("/")[2])
    wait_for(lambda: ours.filter(state="failed").exists())
    assert "410" in ours.get().last_error
    system.fail = lambda: None
    assert deliveries.resend(delivery=ours.get())
    system.wait(1)


def test_a_receipt_says_that_it_was_read(hook: str, system: OtherSystem) -> None:
    from chatbot.conversations.models import Delivery

    system.post(hook, message("How long does delivery take?"))
    system.wait(1)
    ours = Delivery.objects.filter(identity__channel__key=hook.rpartition("/")[2])
    wait_for(lambda: ours.filter(state="sent").exists())
    [key] = system.messages
    receipt = {"type": "receipt", "event": "r1", "id": f"their-{key}", "state": "read"}
    system.post(hook, receipt)
    wait_for(lambda: ours.get().state == "read")
