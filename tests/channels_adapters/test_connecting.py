"""An admin adds channels, tests them, and installs the Slack app in another workspace."""

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.channels_adapters.http.system import OtherSystem
from tests.channels_adapters.slack.server import SlackServer
from tests.channels_adapters.telegram.server import TelegramServer
from tests.world import Agent, Server, free_port, wait_for

pytestmark = pytest.mark.usefixtures("clean")
ADD = "/admin/conversations/channel/add/"
SHARED = {
    "is_active": "on",
    "bot_name": "Svar",
    "language": "en",
    "reply_minutes": "5",
    "opening_hours": "{}",
}


@pytest.fixture
def admin(server: Server) -> Iterator[httpx.Client]:
    agent = Agent(server, "admin")
    yield agent.http
    agent.close()
    _named("Test channel").update(is_active=False, account="")


def _named(name: str) -> Any:
    from chatbot.conversations.models import Channel

    return Channel.objects.filter(name=name)


def _save(admin: httpx.Client, path: str, **fields: str) -> str:
    """Fill the form at `path` in, press “Save and test the connection”, return the page after."""
    form = admin.get(path).text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    button = re.search(r'name="([^"]*save_and_connect)"', form)
    assert token is not None
    assert button is not None
    given = {
        **SHARED,
        "name": "Test channel",
        **fields,
        "csrfmiddlewaretoken": token[1],
        button[1]: "1",
    }
    page = admin.post(path, data=given, headers={"Referer": str(admin.base_url)})
    if page.status_code == 302:
        page = admin.get(page.headers["location"])
    return page.text


def test_every_kind_is_offered_with_its_own_form(admin: httpx.Client) -> None:
    chooser = admin.get(ADD).text
    for kind, about, where in (
        ("website", "one line to paste", ""),
        ("telegram", "A bot that customers write to", "@BotFather makes a bot"),
        ("slack", "A workspace where customers write", "api.slack.com/apps makes an app"),
        ("email", "A mailbox: by IMAP", "Your mail provider has these values"),
        ("http", "signed messages over HTTP", "how it is signed: docs/channels-http.md"),
    ):
        assert f"?kind={kind}" in chooser
        assert about in chooser
        form = admin.get(f"{ADD}?kind={kind}")
        assert form.status_code == 200
        assert where in form.text
        assert "/channels/" not in form.text  # no links before there is a channel


def test_a_field_that_one_kind_hides_no_other_kind_has() -> None:
    from chatbot.adapters import adapter_class
    from chatbot.conversations.models.channel import kinds

    made = {kind: adapter_class(kind).form for kind, _label in kinds()}
    for kind, form in made.items():
        hidden = set(getattr(form, "shown_if", {}))
        assert hidden <= set(form.base_fields)
        for other in made.keys() - {kind}:
            assert not hidden & set(made[other].base_fields)


def test_a_telegram_bot_is_connected_in_one_step(admin: httpx.Client, server: Server) -> None:
    with TelegramServer() as telegram:
        fields = {"token": telegram.token, "way": "webhook", "base_url": telegram.url}
        page = _save(admin, f"{ADD}?kind=telegram", **fields)
        channel = _named("Test channel").get(kind="telegram", is_active=True)
        assert telegram.hook.url == f"{server.url}/hooks/telegram/{channel.key}"
        assert channel.account in page
        assert channel.secrets["token"] == telegram.token
        assert telegram.token not in page  # never shown again
        karen = telegram.person("Karen")
        telegram.say(karen, "How long does delivery take?")
        assert "working days" in telegram.wait_sent(1)[0].text
        listed = admin.get("/admin/conversations/channel/").text
        assert "Works" in listed


def test_a_wrong_token_is_said_in_words_and_stays_for_correction(admin: httpx.Client) -> None:
    with TelegramServer() as telegram:
        wrong = telegram.token[:-5] + "xxxxx"
        page = _save(
            admin, f"{ADD}?kind=telegram", token=wrong, way="webhook", base_url=telegram.url
        )
        assert "@BotFather" in page
        assert wrong not in page
        channel = _named("Test channel").latest("pk")
        path = f"/admin/conversations/channel/{channel.pk}/change/"
        _save(admin, path, token="", way="webhook", base_url=telegram.url)
        channel.refresh_from_db()
        assert channel.secrets["token"] == wrong  # an empty field keeps what is there


def test_secrets_are_not_readable_in_the_database(admin: httpx.Client) -> None:
    from django.db import connection

    system = OtherSystem()
    _save(admin, f"{ADD}?kind=http", url=system.url, secret=system.secret)
    with connection.cursor() as cursor:
        cursor.execute("SELECT secrets FROM conversations_channel ORDER BY id DESC LIMIT 1")
        stored = str(cursor.fetchone()[0])
    assert system.secret not in stored
    assert _named("Test channel").latest("pk").secrets == {"secret": system.secret}
    system.stop()


def test_a_secret_that_was_not_given_is_made_and_shown_once(admin: httpx.Client) -> None:
    system = OtherSystem()
    page = _save(admin, f"{ADD}?kind=http", url=system.url)
    secret = _named("Test channel").latest("pk").secrets["secret"]
    assert secret in page
    assert secret not in admin.get("/admin/conversations/channel/").text
    system.stop()


def test_a_form_that_is_filled_in_wrongly_says_where(admin: httpx.Client) -> None:
    page = _save(admin, f"{ADD}?kind=email", address="no address", way_in="imap")
    assert "Enter a valid email address" in page
    assert "Write the name of the IMAP server." in page


def test_a_mailbox_is_known_by_its_address_before_it_works(admin: httpx.Client) -> None:
    fields = {
        "address": "Help@shop.example",
        "way_in": "imap",
        "imap_host": "127.0.0.1",
        "imap_port": str(free_port()),  # nobody answers there
        "imap_security": "none",
    }
    _save(admin, f"{ADD}?kind=email", **fields)
    channel = _named("Test channel").get(kind="email", is_active=True)
    assert channel.health.last_error
    assert channel.account == "Help@shop.example"


def test_the_slack_app_is_installed_in_a_second_workspace(
    admin: httpx.Client, server: Server
) -> None:
    with SlackServer() as slack:
        fields = {
            "way": "events",
            "api_url": slack.api_url,
            "bot_token": slack.bot_token,
            "signing_secret": slack.signing_secret,
            "client_id": slack.client_id,
            "client_secret": slack.client_secret,
        }
        _save(admin, f"{ADD}?kind=slack", **fields)
        first = _named("Test channel").get(kind="slack", is_active=True)
        assert first.account == slack.team
        manifest = admin.get(f"/channels/slack/{first.key}/manifest/").json()
        hook = f"{server.url}/hooks/slack/{first.key}"
        assert manifest["settings"]["event_subscriptions"]["request_url"] == hook

        away = admin.get(f"/channels/slack/{first.key}/install/").headers["location"]
        asked = parse_qs(urlsplit(away).query)
        code = slack.agree_to_install(asked["redirect_uri"][0])
        back = admin.get(
            "/channels/slack/installed/", params={"code": code, "state": asked["state"][0]}
        )
        assert back.status_code == 302
        second = _named("Test channel").get(account="T0OTHER")
        assert second.secrets["bot_token"] != first.secrets["bot_token"]

        slack.connect_events(hook)
        slack.say("U0OLE", "How long does delivery take?", team="T0OTHER")
        wait_for(lambda: any(one.team == "T0OTHER" for one in slack.posted), seconds=20)


def test_an_installation_without_a_client_id_leads_back_and_says_so(admin: httpx.Client) -> None:
    from chatbot.conversations.models import Channel

    channel = Channel.objects.create(kind="slack", name="Test channel")
    path = f"/admin/conversations/channel/{channel.pk}/change/"
    link = f"/channels/slack/{channel.key}/install/"
    assert f'href="{link}"' in admin.get(path).text
    answer = admin.get(link)
    assert (answer.status_code, answer.headers["location"]) == (302, path)
    assert "First enter the client ID and secret" in admin.get(path).text


def test_an_installation_that_somebody_else_began_installs_nothing(
    admin: httpx.Client,
) -> None:
    from django.core import signing

    from channels_adapters.slack import views

    state = signing.dumps({"channel": 1, "user": 999_999}, salt=views._SALT)
    answer = admin.get("/channels/slack/installed/", params={"code": "x", "state": state})
    assert answer.status_code == 403


def test_agents_hear_of_a_handoff_in_slack(
    admin: httpx.Client, agent: Callable[[str], Agent]
) -> None:
    with SlackServer() as slack:
        fields = {
            "way": "events",
            "api_url": slack.api_url,
            "bot_token": slack.bot_token,
            "signing_secret": slack.signing_secret,
            "notice_channel": "help",
        }
        _save(admin, f"{ADD}?kind=slack", **fields)
        hook = f"{admin.base_url}/hooks/slack/{_named('Test channel').latest('pk').key}"
        slack.connect_events(hook)
        slack.say("U0IDA", f"I want to talk to a person {uuid.uuid4().hex[:4]}")
        notice = wait_for(
            lambda: next((one for one in slack.posted if "needs a person" in one.text), None),
            seconds=20,
        )
        assert notice.channel == "C0HELP"
        assert "/inbox/c/" in str(notice.blocks)


def test_pages_of_channels_are_for_admins_alone(server: Server) -> None:
    for path in ("/channels/slack/x/install/", "/channels/slack/installed/", ADD):
        assert httpx.get(f"{server.url}{path}").status_code == 302  # to the login
    mette = Agent(server, "mette")
    assert mette.http.get("/channels/slack/x/install/").status_code in (302, 403)
    mette.close()


def test_secrets_of_another_key_are_as_good_as_not_there() -> None:
    from cryptography.fernet import Fernet
    from django.db import connection

    from chatbot.conversations.models import Channel

    channel = Channel.objects.create(kind="http", name="Test channel", secrets={"secret": "x"})
    foreign = Fernet(Fernet.generate_key()).encrypt(b"y").decode()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE conversations_channel SET secrets = %s, identity_secret = %s WHERE id = %s",
            [f'{{"secret": "{foreign}"}}', foreign, channel.pk],
        )
    channel = Channel.objects.get(pk=channel.pk)
    assert (channel.secrets, channel.identity_secret) == ({}, None)
    Channel.objects.filter(pk=channel.pk).delete()
