"""A Bot API server, and a channel of its bot that is in no database."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from channels_adapters.base import HookRequest
from channels_adapters.telegram.adapter import TelegramAdapter
from chatbot.conversations.models import Channel
from chatbot.envelope import Inbound
from tests.channels_adapters.telegram.people import Person
from tests.channels_adapters.telegram.server import TelegramServer

SECRET = "a-secret_token-of-the-webhook"


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    with TelegramServer() as server:
        yield server


@pytest.fixture
def channel(telegram: TelegramServer) -> Callable[..., Channel]:
    """Make channels of the server's bot; what is given changes config or secrets."""

    def make(*, account: str = f"@{telegram.bot_username}", **settings: str) -> Channel:
        secrets = {"token": telegram.token, "secret_token": SECRET}
        config = {"way": "webhook", "base_url": telegram.url}
        for name, value in settings.items():
            (secrets if name in secrets else config)[name] = value
        return Channel(
            pk=7, kind="telegram", key="k", account=account, config=config, secrets=secrets
        )

    return make


@pytest.fixture
def adapter(channel: Callable[..., Channel]) -> TelegramAdapter:
    return TelegramAdapter(channel())


@pytest.fixture
def ida(telegram: TelegramServer) -> Person:
    """A customer who has written to the bot."""
    person = telegram.person("Ida")
    telegram.say(person, "hi")
    return person


@pytest.fixture
def received(telegram: TelegramServer, adapter: TelegramAdapter) -> Callable[[], list[Inbound]]:
    """Read what waits at the server, through the hook."""

    def read() -> list[Inbound]:
        got: list[Inbound] = []
        for update in telegram.pending:
            for event in adapter.accept(hook(json.dumps(update).encode())).events:
                got.extend(adapter.parse(event))
        telegram.drop()
        return got

    return read


def hook(body: bytes, **changes: Any) -> HookRequest:
    """Return a request as Telegram makes it."""
    headers = {"x-telegram-bot-api-secret-token": SECRET, "content-type": "application/json"}
    given: dict[str, Any] = {"method": "POST", "headers": headers, "query": {}, "body": body}
    return HookRequest(**{**given, **changes})
