"""The five channels as customers use them, each against a service on loopback, in one form.

`say` and `choose` are what a customer does there, `replies` what they see. `repeat` delivers what
they said once more, as services do; `fail` lets the service fail the next calls.
"""

import re
import smtplib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any, Protocol

import httpx

from tests.channels_adapters.http.system import OtherSystem, message
from tests.channels_adapters.slack.server import SlackServer
from tests.channels_adapters.telegram.server import TelegramServer
from tests.mail import MailServer, text_of
from tests.world import Server, Visitor, free_port, wait_for

SECONDS = 30.0


class World(Protocol):
    """One channel and one customer on it."""

    kind: str
    doubles: bool  # whether the service takes no key, so that a lost answer may double a message

    def say(self, text: str) -> None: ...

    def repeat(self) -> None: ...

    def choose(self, label: str) -> None: ...

    def replies(self) -> list[str]: ...

    def fail(self, times: int) -> None: ...

    def files(self) -> list[str]: ...


def wait_reply(world: World, number: int, seconds: float = SECONDS) -> str:
    """Return the customer's reply of that number, from 1, waiting for it."""
    wait_for(
        lambda: len(world.replies()) >= number, seconds=seconds, why=lambda: repr(world.replies())
    )
    return world.replies()[number - 1]


def _channel(kind: str, config: dict[str, Any], secrets: dict[str, str], **more: Any) -> Any:
    from chatbot.conversations.models import Channel

    return Channel.objects.create(
        kind=kind,
        name=f"Lund & Lyng on {kind}",
        key=f"{kind}-{uuid.uuid4().hex[:8]}",
        config=config,
        secrets=secrets,
        **more,
    )


def _connect(channel: Any, server: Server) -> str:
    """Connect a channel as the admin's button does, at the server that is tested."""
    from chatbot.adapters import adapter_class
    from chatbot.conversations.channels import keep_connection

    hook = f"{server.url}/hooks/{channel.kind}/{channel.key}"
    found = adapter_class(channel.kind)(channel).connect(hook)
    keep_connection(
        channel=channel, account=found.account, config=found.config, secrets=found.secrets
    )
    return hook


@contextmanager
def _switched_off(channel: Any) -> Iterator[None]:
    from chatbot.conversations.models import Channel

    try:
        yield
    finally:
        Channel.objects.filter(pk=channel.pk).update(is_active=False)


# --- The website -------------------------------------------------------------------------------
class WebsiteWorld:
    kind, doubles = "website", False

    def __init__(self, server: Server) -> None:
        self.visitor = Visitor(server, "en")
        self.socket = self.visitor.open()
        self._last: tuple[str, str] = ("", "")

    def say(self, text: str) -> None:
        self._last = (text, self.visitor.say(text))

    def repeat(self) -> None:
        text, client_id = self._last
        self.visitor.say(text, client_id=client_id)

    def choose(self, label: str) -> None:
        self.say(label)

    def replies(self) -> list[str]:
        return [
            one["text"]
            for one in self.visitor.messages()
            if one["author"]["kind"] in ("bot", "agent")
        ]

    def files(self) -> list[str]:
        return [
            file["name"]
            for one in self.visitor.messages()
            if one["author"]["kind"] == "agent"
            for file in one["attachments"]
        ]

    def fail(self, times: int) -> None:
        """Nothing lies between us and the visitor's own history."""


# --- Telegram ----------------------------------------------------------------------------------
class TelegramWorld:
    kind, doubles = "telegram", True

    def __init__(self, telegram: TelegramServer) -> None:
        self.telegram = telegram
        self.customer = telegram.person("Karen")
        self._update: dict[str, Any] = {}
        made = telegram.update

        def noted(**kind: Any) -> dict[str, Any]:
            self._update = made(**kind)
            return self._update

        telegram.update = noted  # type: ignore[method-assign]

    def say(self, text: str) -> None:
        self.telegram.say(self.customer, text)

    def repeat(self) -> None:
        """Deliver the newest update once more, as after an answer that got lost."""
        hook = self.telegram.hook
        header = {"X-Telegram-Bot-Api-Secret-Token": hook.secret_token}
        assert httpx.post(hook.url, json=self._update, headers=header).status_code == 200

    def choose(self, label: str) -> None:
        button = next(one for one in reversed(self.telegram.buttons()) if one.text == label)
        self.telegram.press(button)

    def replies(self) -> list[str]:
        return [one.text for one in self.telegram.sent if one.text]

    def files(self) -> list[str]:
        return [one.file.name for one in self.telegram.sent if one.file]

    def fail(self, times: int) -> None:
        self.telegram.fail_next(times, "500", "sendMessage")


# --- Slack -------------------------------------------------------------------------------------
class SlackWorld:
    kind, doubles = "slack", False

    def __init__(self, slack: SlackServer) -> None:
        self.slack = slack
        self.user = "U0IDA"
        self._payload: dict[str, Any] = {}
        deliver = slack.deliver

        def noted(payload: dict[str, Any], **how: Any) -> tuple[int, ...]:
            self._payload = payload
            return deliver(payload, **how)

        slack.deliver = noted  # type: ignore[method-assign]

    def say(self, text: str) -> None:
        self.slack.say(self.user, text)

    def repeat(self) -> None:
        self.slack.deliver(self._payload)

    def choose(self, label: str) -> None:
        posted = next(one for one in reversed(self.slack.posted) if label in one.buttons)
        self.slack.press(posted, label, user=self.user)

    def replies(self) -> list[str]:
        return [one.text for one in self.slack.posted]

    def files(self) -> list[str]:
        return [one.name for one in self.slack.shared]

    def fail(self, times: int) -> None:
        self.slack.fail_next(times, "500", "chat.postMessage")


# --- Email -------------------------------------------------------------------------------------
class EmailWorld:
    """A customer with a mail program, who answers below what they quote from the last mail."""

    kind, doubles = "email", True

    def __init__(self, port: int, mails: MailServer, address: str) -> None:
        self.port, self.mails, self.address = port, mails, address
        self.own = f"karen-{uuid.uuid4().hex[:8]}@mail.example"
        self.before = mails.count()
        self._raw = b""

    def say(self, text: str) -> None:
        mail = EmailMessage()
        mail["From"] = f"Karen Holm <{self.own}>"
        mail["Date"] = formatdate(localtime=True)
        mail["Message-ID"] = make_msgid(domain="mail.example")
        came = self.mails.to(self.own, after=self.before)
        if came:
            last = came[-1]
            mail["To"] = last["Reply-To"] or last["From"]
            mail["Subject"] = last["Subject"]
            mail["In-Reply-To"] = last["Message-ID"]
            mail["References"] = f"{last['References'] or ''} {last['Message-ID']}".strip()
            quoted = "\n".join(f"> {line}" for line in text_of(last).splitlines())
            text = f"{text}\n\nOn Thu, 19 Nov 2026 at 10:12, Lund & Lyng wrote:\n{quoted}\n"
        else:
            mail["To"], mail["Subject"] = self.address, "A question about your shop"
        mail.set_content(text)
        self._raw = mail.as_bytes().replace(b"\n", b"\r\n")
        self._to = re.findall(r"[\w.+-]+@[\w.-]+", str(mail["To"]))[-1]
        self.repeat()

    def repeat(self) -> None:
        with smtplib.SMTP("127.0.0.1", self.port, timeout=10) as smtp:
            smtp.sendmail(self.own, [self._to], self._raw)

    def choose(self, label: str) -> None:
        last = text_of(self.mails.to(self.own, after=self.before)[-1])
        number = next(
            found[1]
            for line in last.splitlines()
            if (found := re.match(r"(\d+)\. (.*)", line.strip())) and found[2] == label
        )
        self.say(number)

    def replies(self) -> list[str]:
        return [text_of(mail) for mail in self.mails.to(self.own, after=self.before)]

    def files(self) -> list[str]:
        return [
            part.get_filename() or ""
            for mail in self.mails.to(self.own, after=self.before)
            for part in mail.iter_attachments()
        ]

    def fail(self, times: int) -> None:
        self.mails.refuse_next(times, "451 4.3.0 Try again later")


# --- Any other system --------------------------------------------------------------------------
class HttpWorld:
    kind, doubles = "http", False

    def __init__(self, system: OtherSystem, hook: str) -> None:
        self.system, self.hook = system, hook
        self._said: Any = None

    def say(self, text: str) -> None:
        self._said = message(text)
        self.repeat()

    def repeat(self) -> None:
        assert self.system.post(self.hook, self._said).status_code == 200

    def choose(self, label: str) -> None:
        self.say(label)

    def replies(self) -> list[str]:
        return [one["text"] for one in list(self.system.messages.values())]

    def files(self) -> list[str]:
        return [
            file["name"] for one in list(self.system.messages.values()) for file in one["files"]
        ]

    def fail(self, times: int) -> None:
        failures = iter([500] * times)
        self.system.fail = lambda: next(failures, None)


KINDS = ("website", "telegram", "slack", "email", "http")


@contextmanager
def world_of(kind: str, server: Server) -> Iterator[World]:
    """Yield a channel of `kind` that is connected to `server`, and a customer on it."""
    with _WORLDS[kind](server) as world:
        yield world


@contextmanager
def _website(server: Server) -> Iterator[World]:
    world = WebsiteWorld(server)
    yield world
    world.visitor.close()


@contextmanager
def _telegram(server: Server) -> Iterator[World]:
    with TelegramServer() as telegram:
        config = {"way": "webhook", "base_url": telegram.url}
        channel = _channel("telegram", config, {"token": telegram.token})
        with _switched_off(channel):
            _connect(channel, server)
            yield TelegramWorld(telegram)


@contextmanager
def _slack(server: Server) -> Iterator[World]:
    with SlackServer() as slack:
        config = {"way": "events", "api_url": slack.api_url}
        secrets = {"bot_token": slack.bot_token, "signing_secret": slack.signing_secret}
        channel = _channel("slack", config, secrets)
        with _switched_off(channel):
            slack.connect_events(_connect(channel, server))
            yield SlackWorld(slack)


@contextmanager
def _email(server: Server) -> Iterator[World]:
    mails, port = MailServer().start(), free_port()
    address = f"support-{uuid.uuid4().hex[:6]}@lund.example"
    config = {
        "address": address,
        "display_name": "Lund & Lyng",
        "way_in": "smtp",
        "smtp_listen_port": port,
        "out_host": "127.0.0.1",
        "out_port": mails.port,
        "out_security": "none",
    }
    channel = _channel("email", config, {}, account=address)
    with _switched_off(channel):
        wait_for(lambda: _listens(port), seconds=15)
        yield EmailWorld(port, mails, address)
    mails.stop()


def _listens(port: int) -> bool:
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=2):
            return True
    except OSError:
        return False


@contextmanager
def _http(server: Server) -> Iterator[World]:
    system = OtherSystem()
    channel = _channel("http", {"url": system.url}, {"secret": system.secret})
    with _switched_off(channel):
        yield HttpWorld(system, f"{server.url}/hooks/http/{channel.key}")
    system.stop()


_WORLDS = {
    "website": _website,
    "telegram": _telegram,
    "slack": _slack,
    "email": _email,
    "http": _http,
}
