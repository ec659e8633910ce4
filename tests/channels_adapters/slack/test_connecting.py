"""How an admin connects Slack: the form, the test of it, further workspaces, the manifest."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from channels_adapters.base import SendError
from channels_adapters.slack import installing
from channels_adapters.slack.adapter import SlackAdapter
from channels_adapters.slack.forms import SlackForm
from chatbot.conversations.models import Channel
from tests.channels_adapters.slack.server import SlackServer

HOOK = "https://svar.example/hooks/slack/k"
BACK = "https://svar.example/slack/installed"


def entered(**changes: str) -> dict[str, str]:
    return {
        "way": "events",
        "bot_token": "xoxb-1-2-abc",
        "signing_secret": "8f742231b10e8888",
        **changes,
    }


# --- The form ---------------------------------------------------------------------------------
def test_what_slack_shows_can_be_entered() -> None:
    form = SlackForm(entered(bot_token=" xoxb-1-2-abc ", notice_channel="#support"))
    assert form.is_valid(), form.errors
    assert form.cleaned_data["bot_token"] == "xoxb-1-2-abc"
    assert form.cleaned_data["api_url"] == "https://slack.com/api/"


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"bot_token": "xoxp-1"}, "bot_token", "must begin with xoxb-"),
        ({"bot_token": "xoxb-1 2"}, "bot_token", "must begin with xoxb-"),
        ({"bot_token": ""}, "bot_token", "Enter the bot token"),
        ({"signing_secret": ""}, "signing_secret", "nothing from Slack is accepted"),
        ({"way": "socket"}, "app_token", "needs the app-level token"),
        ({"app_token": "xoxb-1"}, "app_token", "must begin with xapp-"),
        ({"client_id": "1.2"}, "client_secret", "needs the client secret"),
        ({"notice_channel": "Our support"}, "notice_channel", "such as #support"),
        ({"api_url": "http://slack.example/api/"}, "api_url", "https://"),
        ({"api_url": "nonsense"}, "api_url", "URL"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(changes: dict[str, str], field: str, told: str) -> None:
    form = SlackForm(entered(**changes))
    assert not form.is_valid()
    assert list(form.errors) == [field]
    assert told in str(form.errors[field])


@pytest.mark.parametrize(
    "changes",
    [
        {"way": "socket", "app_token": "xapp-1-A1-2-abc", "signing_secret": ""},
        {"bot_token": "", "client_id": "1.2", "client_secret": "s"},
        {"bot_token": "", "signing_secret": ""},  # saved for the address in its manifest
        {"notice_channel": "C0123456789"},
        {"notice_channel": "støtte-kø"},
        {"api_url": "http://127.0.0.1:8000/api"},
    ],
)
def test_other_ways_are_fine(changes: dict[str, str]) -> None:
    form = SlackForm(entered(**changes))
    assert form.is_valid(), form.errors


def test_secrets_that_are_kept_need_not_be_entered_again() -> None:
    kept = {"bot_token": "xoxb-1", "signing_secret": "s"}
    form = SlackForm(entered(bot_token="", signing_secret=""), initial=kept)
    assert form.is_valid(), form.errors


def test_secrets_are_never_shown_again() -> None:
    html = SlackForm(initial=dict.fromkeys(SlackAdapter.secret_fields, "xoxb-kept")).as_p()
    assert "xoxb-kept" not in html
    assert set(SlackAdapter.secret_fields) < set(SlackForm.base_fields)


# --- The test of it ---------------------------------------------------------------------------
def test_connecting_says_who_we_are_and_what_is_left_to_do(
    slack: SlackServer, adapter: SlackAdapter
) -> None:
    connection = adapter.connect(HOOK)
    assert connection.account == "T0TEST"
    assert connection.config["bot_user_id"] == "U0SVAR"
    assert connection.config["bot_id"] == "B0SVAR"
    assert connection.config["team"] == "Test Workspace"
    assert "chat:write.customize" in connection.config["scopes"]
    for told in ("Test Workspace", "@svar", HOOK, "message.im", "app_mention"):
        assert told in connection.text


def test_connecting_tries_socket_mode(slack: SlackServer, channel: Channel) -> None:
    channel.config["way"] = "socket"
    assert "Socket Mode" in SlackAdapter(channel).connect(HOOK).text
    channel.secrets["app_token"] = "xapp-wrong"
    with pytest.raises(SendError) as failed:
        SlackAdapter(channel).connect(HOOK)
    assert failed.value.permanent


@pytest.mark.parametrize(
    ("secrets", "told"),
    [
        ({"bot_token": "xoxb-wrong"}, "Copy it anew"),
        ({"bot_token": ""}, "Enter the bot token"),
        ({"signing_secret": ""}, "signing secret"),
    ],
)
def test_what_keeps_us_from_connecting_is_told(
    channel: Channel, secrets: dict[str, str], told: str
) -> None:
    channel.secrets.update(secrets)
    with pytest.raises(SendError) as failed:
        SlackAdapter(channel).connect(HOOK)
    assert failed.value.permanent
    assert told in str(failed.value)
    assert "wrong" not in str(failed.value)


def test_a_permission_that_lacks_is_told(slack: SlackServer, adapter: SlackAdapter) -> None:
    slack.home.scopes.remove("im:history")
    with pytest.raises(SendError) as failed:
        adapter.connect(HOOK)
    assert "im:history" in str(failed.value)


# --- Further workspaces -----------------------------------------------------------------------
@pytest.fixture
def app(channel: Channel, slack: SlackServer) -> Channel:
    channel.config["client_id"] = slack.client_id
    return channel


def test_the_app_can_be_installed_in_another_workspace(slack: SlackServer, app: Channel) -> None:
    url = urlsplit(installing.install_url(app, "signed & state", BACK))
    asked = parse_qs(url.query)
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{slack.url}/oauth/v2/authorize"
    assert asked["state"] == ["signed & state"]
    assert asked["redirect_uri"] == [BACK]
    assert asked["scope"] == [",".join(installing.SCOPES)]

    connection = installing.exchange(app, slack.agree_to_install(BACK), BACK)
    assert connection.account == "T0OTHER"
    assert "Other Workspace" in connection.text
    assert connection.secrets == {
        "bot_token": "xoxb-2-T0OTHER",
        "signing_secret": slack.signing_secret,
        "app_token": slack.app_token,
    }

    made = Channel(
        pk=8,
        kind="slack",
        key="k2",
        account=connection.account,
        config=dict(connection.config),
        secrets=dict(connection.secrets),
    )
    SlackAdapter(made).post_notice("help", "hello", "https://svar.example/", "Open")
    assert slack.posted[0].team == "T0OTHER"
    assert not SlackAdapter(made).is_listening


def test_installing_the_app_again_at_home_keeps_its_socket(
    slack: SlackServer, app: Channel
) -> None:
    app.config["way"] = "socket"
    connection = installing.exchange(app, slack.agree_to_install(BACK, slack.team), BACK)
    app.config.update(connection.config)
    app.secrets.update(connection.secrets)
    assert SlackAdapter(app).is_listening


def test_slacks_own_page_of_consent_is_where_people_are_sent() -> None:
    channel = Channel(kind="slack", key="k", config={"client_id": "1.2"}, secrets={})
    url = installing.install_url(channel, "s", BACK)
    assert url.startswith("https://slack.com/oauth/v2/authorize?client_id=1.2&")


@pytest.mark.parametrize(
    ("changes", "back", "told"),
    [
        ({}, "https://other.example/", "Redirect URLs"),
        ({"code": "used"}, BACK, "Start it again"),
        ({"client_secret": "wrong"}, BACK, "client ID and secret"),
    ],
)
def test_an_installation_that_fails_is_told(
    slack: SlackServer, app: Channel, changes: dict[str, str], back: str, told: str
) -> None:
    app.secrets["client_secret"] = changes.get("client_secret", slack.client_secret)
    code = changes.get("code", slack.agree_to_install(BACK))
    with pytest.raises(SendError) as failed:
        installing.exchange(app, code, back)
    assert failed.value.permanent
    assert told in str(failed.value)


# --- The manifest -----------------------------------------------------------------------------
def test_the_manifest_makes_the_whole_app() -> None:
    made = installing.manifest(HOOK, BACK, name="Nordlys")
    settings: dict[str, Any] = made["settings"]
    assert made["display_information"] == {"name": "Nordlys"}
    assert made["oauth_config"]["redirect_urls"] == [BACK]
    assert set(installing.NEEDED) < set(made["oauth_config"]["scopes"]["bot"])
    assert settings["event_subscriptions"]["request_url"] == HOOK
    assert "message.im" in settings["event_subscriptions"]["bot_events"]
    assert settings["interactivity"] == {"is_enabled": True, "request_url": HOOK}
    assert made["features"]["app_home"]["messages_tab_read_only_enabled"] is False


def test_the_manifest_of_socket_mode_has_no_addresses() -> None:
    settings = installing.manifest(HOOK, BACK, socket=True)["settings"]
    assert settings["socket_mode_enabled"] is True
    assert "request_url" not in settings["event_subscriptions"]
    assert settings["interactivity"] == {"is_enabled": True}
