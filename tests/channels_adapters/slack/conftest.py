from collections.abc import Iterator

import pytest

from channels_adapters.slack.adapter import SlackAdapter
from chatbot.conversations.models import Channel
from tests.channels_adapters.slack.receiving import Hook
from tests.channels_adapters.slack.server import SlackServer


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer(timeout=1.0) as running:
        yield running


@pytest.fixture
def channel(slack: SlackServer) -> Channel:
    """A channel as it is after connecting."""
    config = {
        "way": "events",
        "api_url": slack.api_url,
        "team": "Test Workspace",
        "bot_user_id": "U0SVAR",
        "bot_id": "B0SVAR",
        "scopes": ["chat:write", "chat:write.customize"],
    }
    secrets = {
        "bot_token": slack.bot_token,
        "signing_secret": slack.signing_secret,
        "app_token": slack.app_token,
        "client_secret": slack.client_secret,
    }
    return Channel(pk=7, kind="slack", key="k", account=slack.team, config=config, secrets=secrets)


@pytest.fixture
def adapter(channel: Channel) -> SlackAdapter:
    return SlackAdapter(channel)


@pytest.fixture
def hook(slack: SlackServer, channel: Channel) -> Iterator[Hook]:
    """Where Slack sends its events."""
    running = Hook(channel)
    slack.connect_events(running.url)
    yield running
    running.close()
