"""What goes wrong with Telegram, and what is said of it."""

import logging
from collections.abc import Callable

import pytest

from channels_adapters.base import SendError
from channels_adapters.telegram import bot
from channels_adapters.telegram.adapter import TelegramAdapter
from chatbot.conversations.models import Channel
from chatbot.envelope import OutboundFile
from tests.channels_adapters.telegram.outbound import outbound
from tests.channels_adapters.telegram.people import Person
from tests.channels_adapters.telegram.server import TelegramServer

OTHER_TOKEN = "700000001:AAwrong-wrong-wrong-wrong-wrong-wrong"


def refused(adapter: TelegramAdapter, recipient: Person, text: str = "hi") -> SendError:
    with pytest.raises(SendError) as raised:
        adapter.send(outbound(recipient, text, key=""))
    return raised.value


def test_who_blocked_the_bot_is_not_tried_again(
    telegram: TelegramServer, adapter: TelegramAdapter, ida: Person
) -> None:
    telegram.block(ida)

    error = refused(adapter, ida)

    assert error.permanent
    assert str(error) == "The customer has blocked the bot."


def test_an_account_that_is_gone_is_not_tried_again(
    telegram: TelegramServer, adapter: TelegramAdapter, ida: Person
) -> None:
    telegram.deactivated.add(ida.id)

    error = refused(adapter, ida)

    assert error.permanent
    assert str(error) == "The customer's Telegram account no longer exists."


def test_who_never_wrote_is_no_chat(telegram: TelegramServer, adapter: TelegramAdapter) -> None:
    error = refused(adapter, telegram.person())

    assert error.permanent
    assert "has not written to this bot" in str(error)


def test_a_message_that_is_too_long_is_refused_for_good(
    adapter: TelegramAdapter, ida: Person
) -> None:
    error = refused(adapter, ida, "x" * 4097)

    assert error.permanent
    assert str(error) == "Telegram refused it: Message is too long"


@pytest.mark.parametrize("kind", ["500", "502", "reset"])
def test_a_service_that_fails_is_tried_again(
    telegram: TelegramServer, adapter: TelegramAdapter, ida: Person, kind: str
) -> None:
    telegram.fail_next(1, kind)

    error = refused(adapter, ida)
    adapter.send(outbound(ida, "hi"))

    assert not error.permanent
    assert str(error) == "Telegram cannot be reached at the moment."
    assert [one.text for one in telegram.sent] == ["hi"]


def test_a_service_that_does_not_answer_is_tried_again(
    telegram: TelegramServer, adapter: TelegramAdapter, ida: Person
) -> None:
    telegram.fail_next(1, "timeout")

    with pytest.raises(SendError) as raised:
        bot.Remote(telegram.token, telegram.url).call(lambda one: one.get_me(), seconds=0.2)

    assert not raised.value.permanent
    assert str(raised.value) == "Telegram did not answer in time."


def test_flood_control_says_how_long_to_wait(
    telegram: TelegramServer, adapter: TelegramAdapter, ida: Person
) -> None:
    telegram.flood_seconds = 3
    adapter.send(outbound(ida, "one"))

    error = refused(adapter, ida)

    assert not error.permanent
    assert error.retry_after == 3


@pytest.mark.parametrize("token", [OTHER_TOKEN, "no token at all"])
def test_a_wrong_token_is_said_to_be_wrong(
    ida: Person, channel: Callable[..., Channel], token: str
) -> None:
    error = refused(TelegramAdapter(channel(token=token)), ida)

    assert error.permanent
    assert "Telegram does not know the bot's token." in str(error)


def test_a_recipient_that_is_no_number_is_refused(adapter: TelegramAdapter, ida: Person) -> None:
    with pytest.raises(SendError) as raised:
        adapter.send(outbound(ida, "hi", recipient_id="@ida"))

    assert raised.value.permanent


def test_a_file_that_telegram_would_not_take_is_not_even_read(
    channel: Callable[..., Channel], ida: Person
) -> None:
    def read() -> bytes:
        raise AssertionError

    public = TelegramAdapter(channel(base_url="https://api.telegram.org"))
    huge = OutboundFile("film.mp4", "video/mp4", 51 * 1024 * 1024, read)

    with pytest.raises(SendError) as raised:
        public.send(outbound(ida, "", files=(huge,)))

    assert raised.value.permanent
    assert str(raised.value) == "Telegram takes files of at most 50 MB."


def test_files_that_are_too_large_or_gone_are_said_to_be(
    telegram: TelegramServer, adapter: TelegramAdapter
) -> None:
    large = telegram.keep(b"x", "film.mp4", size=21 * 1024 * 1024)
    lost = telegram.keep(b"x", "note.txt")
    telegram.forget_contents()
    said = {}

    for name, reference in [("large", large["file_id"]), ("lost", lost["file_id"]), ("no", "no")]:
        with pytest.raises(SendError) as raised:
            adapter.fetch(reference)
        assert raised.value.permanent
        said[name] = str(raised.value)

    assert "larger than the 20 MB" in said["large"]
    assert said["lost"] == said["no"] == "Telegram does not have this file any more."


def test_a_path_of_the_bot_api_server_is_not_opened_here(
    telegram: TelegramServer, adapter: TelegramAdapter
) -> None:
    file = telegram.keep(b"x", "a.txt")
    telegram.files[file["file_id"]]["file_path"] = __file__

    with pytest.raises(SendError, match="--local"):
        adapter.fetch(file["file_id"])


def test_a_download_that_breaks_off_is_tried_again(
    telegram: TelegramServer, adapter: TelegramAdapter
) -> None:
    file = telegram.keep(b"x", "a.txt")
    telegram.fail_next(1, "reset", "getFile")

    with pytest.raises(SendError) as raised:
        adapter.fetch(file["file_id"])

    assert not raised.value.permanent


def test_neither_token_nor_text_is_in_logs_or_errors(
    telegram: TelegramServer,
    adapter: TelegramAdapter,
    ida: Person,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.DEBUG)

    adapter.send(outbound(ida, "my secret words"))
    telegram.fail_next(1, "502")
    first = refused(adapter, ida, "my secret words")
    telegram.fail_next(1, "reset")
    second = refused(adapter, ida, "my secret words")

    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert "/bot…/sendMessage" in logged
    secret = telegram.token.partition(":")[2]
    for text in (logged, repr(first), repr(second), repr(adapter._remote)):
        assert secret not in text
        assert "secret words" not in text
    assert first.__cause__ is first.__context__ is None
