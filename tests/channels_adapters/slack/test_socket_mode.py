"""Socket Mode: events over a connection of ours, confirmed when they are recorded."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from channels_adapters.base import SendError
from channels_adapters.slack.adapter import SlackAdapter
from chatbot.conversations.models import Channel
from chatbot.envelope import Event
from tests.channels_adapters.slack.receiving import Recorded
from tests.channels_adapters.slack.server import SlackServer


class Listening:
    """An adapter that listens on a thread, as the core has it. `ended`: what it raised."""

    def __init__(self, channel: Channel, record: Callable[[Sequence[Event]], None]) -> None:
        self.adapter = SlackAdapter(channel)
        self.stopping = threading.Event()
        self.ended: Exception | None = None
        self._record = record
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        try:
            self.adapter.listen(self._record, self.stopping)
        except Exception as error:
            self.ended = error

    def wait_ended(self, seconds: float = 5.0) -> Exception | None:
        self._thread.join(seconds)
        assert not self._thread.is_alive()
        return self.ended

    def stop(self) -> None:
        self.stopping.set()
        self.wait_ended()


@pytest.fixture
def socket_channel(channel: Channel) -> Channel:
    channel.config["way"] = "socket"
    return channel


@pytest.fixture
def recorded(socket_channel: Channel) -> Recorded:
    return Recorded(socket_channel)


@pytest.fixture
def listening(
    slack: SlackServer, socket_channel: Channel, recorded: Recorded
) -> Iterator[Listening]:
    running = Listening(socket_channel, recorded)
    slack.socket_mode.wait_connected()
    yield running
    running.stop()


def test_an_event_is_recorded_and_confirmed(
    slack: SlackServer, listening: Listening, recorded: Recorded
) -> None:
    assert listening.adapter.is_listening
    said = slack.say("U0IDA", "hello")
    assert said.statuses == (200,)
    [message] = recorded.messages()
    assert (message.text, message.sender_id) == ("hello", "T0TEST:U0IDA")
    [event] = recorded.events.values()
    assert (event.event_id, event.account) == (said.event_ids[0], "T0TEST")


def test_events_keep_their_order(
    slack: SlackServer, listening: Listening, recorded: Recorded
) -> None:
    for number in range(50):
        slack.say("U0IDA", str(number))
    assert [message.text for message in recorded.messages()] == [str(n) for n in range(50)]
    assert len(recorded.events) == 50


def test_a_long_message_comes_whole(
    slack: SlackServer, listening: Listening, recorded: Recorded
) -> None:
    slack.say("U0IDA", "å" * 2_000_000)
    assert len(recorded.messages()[0].text) == 2_000_000


def test_a_button_is_pressed(slack: SlackServer, listening: Listening, recorded: Recorded) -> None:
    slack.connect_events("")
    listening.adapter.post_notice("help", "A customer waits.", "https://svar.example/", "Open")
    assert slack.press(slack.posted[0], "Open").statuses == (200,)


def test_what_is_not_ours_is_confirmed_too(
    slack: SlackServer, listening: Listening, recorded: Recorded
) -> None:
    assert slack.deliver({"command": "/svar"}, kind="slash_commands") == (200,)
    assert slack.deliver(slack.callback({"type": "reaction_added"})) == (200,)
    assert slack.deliver({"type": "event_callback"}) == (200,)
    assert recorded.calls == 0


def test_what_could_not_be_recorded_comes_again(
    slack: SlackServer, socket_channel: Channel, recorded: Recorded
) -> None:
    def full(_events: Sequence[Event]) -> None:
        raise OSError("the disk is full")

    failing = Listening(socket_channel, full)
    slack.socket_mode.wait_connected()
    sent = threading.Thread(target=slack.say, args=("U0IDA", "hello"))
    sent.start()
    assert isinstance(failing.wait_ended(), OSError)
    assert slack.socket_mode.acknowledged == []
    again = Listening(socket_channel, recorded)
    recorded.wait(1)
    sent.join(5)
    assert [message.text for message in recorded.messages()] == ["hello"]
    again.stop()


def test_it_ends_within_a_second(slack: SlackServer, listening: Listening) -> None:
    began = time.monotonic()
    listening.stop()
    assert time.monotonic() - began < 1.0
    assert listening.ended is None
    slack.socket_mode.wait_connected(0)


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
def test_it_moves_to_a_new_connection_when_asked(
    slack: SlackServer, listening: Listening, recorded: Recorded, reason: str
) -> None:
    slack.say("U0IDA", "before")
    first = slack.socket_mode.connections[0]
    slack.socket_mode.disconnect(reason)
    slack.socket_mode.wait_moved(first)
    slack.say("U0IDA", "after")
    assert [message.text for message in recorded.messages()] == ["before", "after"]
    assert listening.ended is None


def test_a_lost_connection_is_an_error_at_once(slack: SlackServer, listening: Listening) -> None:
    slack.socket_mode.drop()
    began = time.monotonic()
    failed = listening.wait_ended()
    assert time.monotonic() - began < 1.0
    assert isinstance(failed, SendError)
    assert not failed.permanent


def test_socket_mode_that_is_turned_off_is_told(slack: SlackServer, listening: Listening) -> None:
    slack.socket_mode.disconnect("link_disabled")
    failed = listening.wait_ended()
    assert isinstance(failed, SendError)
    assert failed.permanent
    assert "Turn it on" in str(failed)


def test_a_wrong_token_is_told(slack: SlackServer, socket_channel: Channel) -> None:
    socket_channel.secrets["app_token"] = "xapp-wrong"
    failed = Listening(socket_channel, Recorded(socket_channel)).wait_ended()
    assert isinstance(failed, SendError)
    assert failed.permanent
    assert "xapp-wrong" not in str(failed)


def test_slack_that_cannot_be_reached_is_worth_a_retry(
    slack: SlackServer, socket_channel: Channel
) -> None:
    slack.fail_next(1, "503", "apps.connections.open")
    failed = Listening(socket_channel, Recorded(socket_channel)).wait_ended()
    assert isinstance(failed, SendError)
    assert not failed.permanent


def test_a_workspace_installed_by_another_channel_has_no_connection_of_its_own(
    socket_channel: Channel,
) -> None:
    socket_channel.config["installed_by"] = "other"
    assert not SlackAdapter(socket_channel).is_listening
