"""A channel's error while its listener is at it: said, and over once something comes in again."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from chatbot.conversations import received
from chatbot.conversations.models import Channel, ChannelHealth, ReceivedEvent
from tests.channels_adapters.telegram.server import TelegramServer
from tests.world import Server, wait_for

pytestmark = pytest.mark.usefixtures("clean")


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    with TelegramServer() as running:
        yield running


@pytest.fixture
def polled(server: Server, telegram: TelegramServer) -> Iterator[Channel]:
    """A channel whose service is asked; it is still switched off."""
    channel = Channel.objects.create(
        kind="telegram",
        name="Lund & Lyng on Telegram",
        key=f"telegram-{uuid.uuid4().hex[:8]}",
        account=f"@{telegram.bot_username}",
        is_active=False,
        config={"way": "polling", "base_url": telegram.url},
        secrets={"token": telegram.token},
    )
    yield channel
    Channel.objects.filter(pk=channel.pk).update(is_active=False)


def switch_on(channel: Channel) -> None:
    Channel.objects.filter(pk=channel.pk).update(is_active=True)


def error_of(channel: Channel) -> Any:
    return ChannelHealth.objects.get(channel=channel).last_error


def come(channel: Channel, telegram: TelegramServer) -> None:
    """Let something come to which nobody replies, and wait until it was read."""
    telegram.update(message={"of_next_year": True})
    events = ReceivedEvent.objects.filter(channel=channel)
    wait_for(lambda: events.exclude(state="waiting").exists(), seconds=15)


def test_an_error_is_over_once_something_comes_in_again(
    polled: Channel, telegram: TelegramServer
) -> None:
    telegram.fail_next(1, "500", "getUpdates")
    switch_on(polled)
    wait_for(lambda: ChannelHealth.objects.filter(channel=polled).exists(), seconds=15)
    wait_for(lambda: error_of(polled), seconds=15)
    come(polled, telegram)
    wait_for(lambda: error_of(polled) == "")
    assert telegram.sent == []


def test_an_error_of_the_listener_before_is_over_too(
    polled: Channel, telegram: TelegramServer
) -> None:
    received.note_health(channel_id=polled.pk, error="The password is wrong.")
    switch_on(polled)
    come(polled, telegram)
    wait_for(lambda: error_of(polled) == "")


def test_an_error_of_sending_stays(polled: Channel, telegram: TelegramServer) -> None:
    switch_on(polled)
    wait_for(lambda: telegram.polls, seconds=15)
    received.note_health(channel_id=polled.pk, error="Messages cannot be sent.")
    come(polled, telegram)
    assert error_of(polled) == "Messages cannot be sent."
