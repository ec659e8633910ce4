"""This server asks Telegram: updates without a webhook."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from channels_adapters.base import SendError
from channels_adapters.telegram.adapter import TelegramAdapter
from chatbot.conversations.models import Channel
from chatbot.envelope import Event, InboundMessage, QuickReply
from tests.channels_adapters.telegram.outbound import outbound
from tests.channels_adapters.telegram.people import Person
from tests.channels_adapters.telegram.server import TelegramServer


class Listener:
    """Listens on a thread of its own, as the core does; `error` is what ended it.

    Recording `fails` that many times.
    """

    def __init__(
        self, telegram: TelegramServer, adapter: TelegramAdapter, *, fails: int = 0
    ) -> None:
        self._telegram = telegram
        self._adapter = adapter
        self.events: list[Event] = []
        self.fails = fails
        self.error: Exception | None = None
        self.stopping = threading.Event()
        self.ended = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def stop(self) -> float:
        """Stop; return after how many seconds it had ended."""
        began = time.monotonic()
        self.stopping.set()
        assert self.ended.wait(10)
        return time.monotonic() - began

    def texts(self) -> list[str]:
        inbound = [one for event in self.events for one in self._adapter.parse(event)]
        return [one.text for one in inbound if isinstance(one, InboundMessage)]

    def _record(self, events: Sequence[Event]) -> None:
        if self.fails:
            self.fails -= 1
            raise OSError
        with self._telegram.changed:
            self.events.extend(events)
            self._telegram.changed.notify_all()

    def _run(self) -> None:
        try:
            self._adapter.listen(self._record, self.stopping)
        except Exception as error:
            self.error = error
        self.ended.set()


@pytest.fixture
def polling(channel: Callable[..., Channel]) -> TelegramAdapter:
    return TelegramAdapter(channel(way="polling", secret_token=""))


@pytest.fixture
def listen(telegram: TelegramServer, polling: TelegramAdapter) -> Iterator[Callable[[], Listener]]:
    running: list[Listener] = []

    def start() -> Listener:
        running.append(Listener(telegram, polling))
        return running[-1]

    yield start
    for one in running:
        one.stop()


def waits(telegram: TelegramServer) -> bool:
    """Whether somebody has begun to ask."""
    return any(call.method == "getUpdates" for call in telegram.calls)


def test_messages_are_asked_for(
    telegram: TelegramServer, polling: TelegramAdapter, listen: Callable[[], Listener]
) -> None:
    ida = telegram.person(language="da")
    telegram.say(ida, "før")
    listener = listen()
    telegram.wait_for(lambda: len(listener.events) == 1)
    telegram.say(ida, "efter")

    telegram.wait_for(lambda: len(listener.events) == 2 and not telegram.pending)
    assert polling.is_listening
    assert listener.texts() == ["før", "efter"]
    assert listener.events[0].order < listener.events[1].order


def test_listening_ends_within_a_second(
    telegram: TelegramServer, listen: Callable[[], Listener]
) -> None:
    listener = listen()
    telegram.wait_for(lambda: waits(telegram))

    assert listener.stop() < 1
    assert listener.error is None


def test_what_was_not_recorded_is_asked_for_again(
    telegram: TelegramServer, polling: TelegramAdapter
) -> None:
    telegram.say(telegram.person(), "hello")
    first = Listener(telegram, polling, fails=1)
    assert first.ended.wait(5)
    second = Listener(telegram, polling)

    telegram.wait_for(lambda: second.events)
    second.stop()
    assert isinstance(first.error, OSError)
    assert second.texts() == ["hello"]


def test_a_webhook_that_stands_in_the_way_is_taken_away(
    telegram: TelegramServer, listen: Callable[[], Listener]
) -> None:
    telegram.set_webhook("http://127.0.0.1:9/elsewhere", "x", None, 40)
    telegram.say(telegram.person(), "hello")

    listener = listen()

    telegram.wait_for(lambda: listener.events)
    assert telegram.hook.url == ""


def test_another_program_that_asks_is_told_of(
    telegram: TelegramServer, listen: Callable[[], Listener]
) -> None:
    listener = listen()
    telegram.wait_for(lambda: waits(telegram))

    telegram.get_updates(None, 100, 0, None)

    assert listener.ended.wait(5)
    assert isinstance(listener.error, SendError)
    assert not listener.error.permanent
    assert "Another program asks Telegram" in str(listener.error)


def test_a_token_that_was_taken_back_is_told_of(
    telegram: TelegramServer, listen: Callable[[], Listener]
) -> None:
    telegram.token = "700000001:AAnew-new-new-new-new-new-new-new-new"

    listener = listen()

    assert listener.ended.wait(5)
    assert isinstance(listener.error, SendError)
    assert listener.error.permanent


@pytest.mark.parametrize("kind", ["500", "reset"])
def test_a_service_that_fails_ends_the_listening_until_it_is_called_again(
    telegram: TelegramServer, listen: Callable[[], Listener], kind: str
) -> None:
    telegram.fail_next(1, kind, "getUpdates")
    telegram.say(telegram.person(), "hello")

    first = listen()
    assert first.ended.wait(5)
    second = listen()

    telegram.wait_for(lambda: second.events)
    assert isinstance(first.error, SendError)
    assert not first.error.permanent


def test_a_pause_that_telegram_asks_for_is_kept(
    telegram: TelegramServer, listen: Callable[[], Listener]
) -> None:
    telegram.fail_next(1, "429", "getUpdates")
    telegram.say(telegram.person(), "hello")
    began = time.monotonic()

    listener = listen()

    telegram.wait_for(lambda: listener.events)
    assert time.monotonic() - began >= 1
    assert listener.error is None


def test_a_pressed_button_stops_spinning(
    telegram: TelegramServer,
    polling: TelegramAdapter,
    ida: Person,
    listen: Callable[[], Listener],
) -> None:
    polling.send(outbound(ida, "Well?", quick_replies=(QuickReply("Yes"),)))
    listener = listen()

    telegram.press(telegram.buttons()[0])

    telegram.wait_for(lambda: telegram.answered)
    assert listener.texts() == ["hi", "Yes"]


def test_an_update_that_nobody_can_read_holds_up_no_other(
    telegram: TelegramServer, listen: Callable[[], Listener]
) -> None:
    telegram.update(message={"of_next_year": True})
    telegram.say(telegram.person(), "hello")

    listener = listen()

    telegram.wait_for(lambda: len(listener.events) == 2 and not telegram.pending)


def test_connecting_takes_the_webhook_away(
    telegram: TelegramServer, polling: TelegramAdapter
) -> None:
    telegram.set_webhook("http://127.0.0.1:9/elsewhere", "x", None, 40)

    connection = polling.connect("http://localhost:8000/hooks/telegram/k")

    assert connection.account == f"@{telegram.bot_username}"
    assert connection.text.endswith("This server asks Telegram for messages.")
    assert telegram.hook.url == ""
