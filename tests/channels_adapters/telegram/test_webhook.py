"""Telegram calls this server: connecting, and what comes after."""

from collections.abc import Callable, Iterator

import pytest

from channels_adapters.base import (
    AcceptsHooks,
    Connects,
    Fetches,
    Listens,
    RefusedHook,
    SendError,
    ShowsTyping,
)
from channels_adapters.telegram.adapter import TelegramAdapter
from chatbot.conversations.models import Channel
from chatbot.envelope import InboundMessage, QuickReply
from tests.channels_adapters.telegram.conftest import SECRET, hook
from tests.channels_adapters.telegram.hooks import HookServer
from tests.channels_adapters.telegram.outbound import outbound
from tests.channels_adapters.telegram.people import Person
from tests.channels_adapters.telegram.server import TelegramServer


@pytest.fixture
def hooks(adapter: TelegramAdapter) -> Iterator[HookServer]:
    with HookServer() as server:
        server.adapter = adapter
        yield server


def test_the_adapter_has_what_the_core_looks_for(adapter: TelegramAdapter) -> None:
    for protocol in (AcceptsHooks, Listens, Fetches, ShowsTyping, Connects):
        assert isinstance(adapter, protocol)
    assert not adapter.is_listening


def test_settings_that_are_half_filled_break_nothing_until_they_are_used() -> None:
    adapter = TelegramAdapter(Channel(kind="telegram", config={"way": None}))

    assert not adapter.is_listening
    with pytest.raises(SendError):
        adapter.connect("https://svar.example/hooks/telegram/k")


def test_connecting_makes_a_secret_with_which_telegram_calls(
    telegram: TelegramServer, channel: Callable[..., Channel], hooks: HookServer
) -> None:
    row = channel(secret_token="", account="")

    connection = TelegramAdapter(row).connect(hooks.url)
    row.account = connection.account
    row.secrets = {**row.secrets, **connection.secrets}
    hooks.adapter = TelegramAdapter(row)
    telegram.say(telegram.person(), "hello")

    telegram.wait_for(lambda: hooks.events)
    assert connection.account == f"@{telegram.bot_username}"
    assert connection.text == f"Connected as @{telegram.bot_username}. Telegram calls this server."
    assert len(connection.secrets["secret_token"]) >= 32
    assert hooks.refused == []


def test_connecting_again_keeps_the_secret_and_what_waits(
    telegram: TelegramServer, adapter: TelegramAdapter, hooks: HookServer
) -> None:
    telegram.say(telegram.person(), "while nobody listened")

    connection = adapter.connect(hooks.url)

    telegram.wait_for(lambda: hooks.events)
    assert connection.secrets == {"secret_token": SECRET}


def test_an_update_that_was_not_taken_comes_again_in_its_order(
    telegram: TelegramServer, adapter: TelegramAdapter, hooks: HookServer
) -> None:
    ida = telegram.person()
    hooks.down = 2
    adapter.connect(hooks.url)
    for text in ("one", "two"):
        telegram.say(ida, text)

    telegram.wait_for(lambda: len(hooks.events) == 2)
    events = list(hooks.events.values())
    parsed = [message for event in events for message in adapter.parse(event)]
    assert [one.text for one in parsed if isinstance(one, InboundMessage)] == ["one", "two"]
    assert events[0].order < events[1].order


def test_connecting_tells_why_telegram_could_not_call(
    telegram: TelegramServer, adapter: TelegramAdapter, hooks: HookServer
) -> None:
    adapter.connect(hooks.url)
    hooks.down = 1
    telegram.say(telegram.person(), "hello")
    telegram.wait_for(lambda: telegram.hook.last_error and not telegram.pending)

    text = adapter.connect(hooks.url).text

    assert "The last time that it could not, on 20" in text
    assert text.endswith("Wrong response from the webhook: 503 Service Unavailable")


def test_a_pressed_button_stops_spinning(
    telegram: TelegramServer, adapter: TelegramAdapter, hooks: HookServer, ida: Person
) -> None:
    adapter.connect(hooks.url)
    adapter.send(outbound(ida, "Well?", quick_replies=(QuickReply("Yes"),)))

    query = telegram.press(telegram.buttons()[0])

    telegram.wait_for(lambda: telegram.answered)
    assert telegram.answered == [query]


def test_the_public_bot_api_calls_https_on_four_ports_only(
    channel: Callable[..., Channel],
) -> None:
    public = TelegramAdapter(channel(base_url="https://api.telegram.org"))

    for address, words in [
        ("http://svar.example/hooks/telegram/k", "https addresses only"),
        ("https://svar.example:8000/hooks/telegram/k", "443, 80, 88 and 8443"),
    ]:
        with pytest.raises(SendError, match=words) as raised:
            public.connect(address)
        assert raised.value.permanent


def test_what_telegram_says_of_an_address_is_told(channel: Callable[..., Channel]) -> None:
    with TelegramServer(is_local=False) as strict:
        adapter = TelegramAdapter(channel(base_url=strict.url, token=strict.token))

        with pytest.raises(SendError, match="an https url must be provided") as raised:
            adapter.connect("http://svar.example/hooks/telegram/k")

    assert raised.value.permanent


def test_connecting_with_a_wrong_token_says_so(channel: Callable[..., Channel]) -> None:
    wrong = TelegramAdapter(channel(token="700000001:AAwrong-wrong-wrong-wrong-wrong-wrong"))

    with pytest.raises(SendError, match="Copy it from @BotFather") as raised:
        wrong.connect("https://svar.example/hooks/telegram/k")

    assert raised.value.permanent


@pytest.mark.parametrize("given", [None, "", "wrong", "hemmelig-æøå"])
def test_who_does_not_know_the_secret_is_refused(
    adapter: TelegramAdapter, given: str | None
) -> None:
    headers = {} if given is None else {"x-telegram-bot-api-secret-token": given}

    with pytest.raises(RefusedHook) as raised:
        adapter.accept(hook(b'{"update_id": 1}', headers=headers))

    assert raised.value.status == 401


def test_without_a_secret_everybody_is_refused(channel: Callable[..., Channel]) -> None:
    open_to_all = TelegramAdapter(channel(secret_token=""))

    with pytest.raises(RefusedHook) as raised:
        open_to_all.accept(
            hook(b'{"update_id": 1}', headers={"x-telegram-bot-api-secret-token": ""})
        )

    assert raised.value.status == 401


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'{"update_id": "x"}', b'{"update_id": null}', b"\xff"]
)
def test_what_is_no_update_is_refused(adapter: TelegramAdapter, body: bytes) -> None:
    with pytest.raises(RefusedHook) as raised:
        adapter.accept(hook(body))

    assert raised.value.status == 400


def test_only_posts_are_updates(adapter: TelegramAdapter) -> None:
    with pytest.raises(RefusedHook) as raised:
        adapter.accept(hook(b'{"update_id": 1}', method="GET"))

    assert raised.value.status == 400


def test_the_start_of_the_server_does_not_load_the_library() -> None:
    import subprocess
    import sys

    code = (
        "import django, sys; django.setup();"
        "import channels_adapters.telegram.adapter;"
        "sys.exit('telegram' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
