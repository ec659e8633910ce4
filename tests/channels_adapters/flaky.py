"""Services that fail a part of all calls, in all ways, and what came through them all the same."""

import asyncio
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.channels_adapters.worlds import (
    EmailWorld,
    HttpWorld,
    SlackWorld,
    TelegramWorld,
    world_of,
)
from tests.mail import MailServer, text_of
from tests.world import Server

KINDS = ("http", "slack", "email", "telegram")
KEYED = ("http", "slack", "email")  # whose receivers can tell a repeat
_SAID = re.compile(r"Message (\d+) to customer (\d+)")
_HANG = 12.0  # seconds; longer than any of our time-outs of a call, but Telegram's and mail's


class Chance:
    """Decides for each call whether and how it fails. `kinds` says how often each is drawn."""

    def __init__(self, share: float, kinds: dict[str, int], seed: int = 1) -> None:
        self.share, self.calls, self.failed = share, 0, Counter[str]()
        self._kinds = [kind for kind, weight in kinds.items() for _ in range(weight)]
        self._chance, self._lock = random.Random(seed), threading.Lock()

    def draw(self) -> str:
        """Return how the next call fails; empty: not at all."""
        with self._lock:
            self.calls += 1
            if self._chance.random() >= self.share:
                return ""
            kind = self._chance.choice(self._kinds)
            self.failed[kind] += 1
            return kind


class _Drawn:
    """Telegram's next faults, without an end: those of one method, drawn when they are due."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance

    def __getitem__(self, _position: int) -> tuple[str, str]:
        return "", "sendmessage"

    def popleft(self) -> tuple[str, str]:
        return self._chance.draw(), ""


@dataclass(slots=True)
class Arrived:
    """What a service has: (customer, number) as they came; `raw` before it knew repeats."""

    seen: list[tuple[int, int]] = field(default_factory=list)
    raw: int = 0


class FlakyMails(MailServer):
    """A mail server that fails by `chance`; what is lost was taken, but nobody was told."""

    def __init__(self, chance: Chance) -> None:
        super().__init__()
        self.chance = chance

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        match self.chance.draw():
            case "":
                return await super().handle_DATA(server, session, envelope)
            case "500":
                return "451 4.3.0 Try again later"
            case "429":
                return "421 4.7.0 Too many messages"
            case "timeout":
                await asyncio.sleep(_HANG * 2)
            case "lost":
                await super().handle_DATA(server, session, envelope)
        server.transport.abort()
        return "451 4.3.0 Nobody reads this"


class Flaky:
    """The services of `KINDS`, connected to a server, failing by chance."""

    def __init__(self, server: Server, stack: ExitStack, share: float, *, hanging: bool) -> None:
        """`share` of all calls fail; `hanging`: also by what takes long, and so does the test."""
        kinds = {"429": 4, "500": 6, "reset": 5, "lost": 4, "timeout": 1 if hanging else 0}
        # Slack's 429 asks for 7 s, so it is rarer than others', and 503 more frequent.
        slack = {**kinds, "429": 1 if hanging else 0, "503": 3}
        telegram = {**kinds, "lost": 0}
        self.chances = {kind: Chance(share, kinds, seed) for seed, kind in enumerate(KINDS)}
        self.chances["slack"] = Chance(share, slack, 11)
        self.chances["telegram"] = Chance(share, telegram, 12)
        worlds = {kind: stack.enter_context(world_of(kind, server)) for kind in KINDS}
        http, slack_, email, telegram_ = (worlds[kind] for kind in KINDS)
        assert isinstance(http, HttpWorld)
        assert isinstance(slack_, SlackWorld)
        assert isinstance(email, EmailWorld)
        assert isinstance(telegram_, TelegramWorld)
        self.system, self.slack, self.telegram = http.system, slack_.slack, telegram_.telegram
        self.mails = FlakyMails(self.chances["email"]).start()
        stack.callback(self.mails.stop)
        self.channels = {kind: _channel_of(kind) for kind in KINDS}
        mailbox = self.channels["email"]
        mailbox.config = {**mailbox.config, "out_port": self.mails.port}
        mailbox.save(update_fields=["config"])
        self.system.fail = self._fail_http  # type: ignore[method-assign]
        self.slack.fault = self._fail_slack  # type: ignore[method-assign]
        self.telegram._faults = _Drawn(self.chances["telegram"])  # type: ignore[assignment]
        self._slack_taken = 0

    def _fail_http(self) -> Any:
        kind = self.chances["http"].draw()
        if kind == "timeout":
            time.sleep(_HANG)
            return "reset"
        return int(kind) if kind.isdigit() else kind or None

    def _fail_slack(self, method: str) -> str:
        if method != "chat.postMessage":
            return ""
        kind = self.chances["slack"].draw()
        self._slack_taken += kind in ("", "lost")
        return kind

    # --- What goes out ------------------------------------------------------------------------
    def record(self, conversations: int, messages: int) -> None:
        """Record messages of agents in conversations of all kinds, in turn."""
        from chatbot.conversations import recording, services
        from chatbot.envelope import InboundMessage

        begun = []
        for customer in range(conversations):
            kind = KINDS[customer % len(KINDS)]
            sender = self._customer(kind, customer)
            inbound = InboundMessage(
                channel_id=self.channels[kind].pk,
                sender_id=sender,
                external_id=f"{kind}-{customer}-{time.time_ns()}",
                text="Hello",
                thread=f"t-{customer}" if kind == "email" else "",
                answer=False,
            )
            begun.append(recording.record_inbound(inbound=inbound).message.conversation)
        for number in range(messages):
            for customer, conversation in enumerate(begun):
                services.add_message(
                    conversation=conversation,
                    author="agent",
                    text=f"Message {number} to customer {customer}",
                )

    def _customer(self, kind: str, number: int) -> str:
        if kind == "slack":
            user = f"U0C{number:05}"
            self.slack.users[user] = (f"Customer {number}", "")
            return f"{self.slack.team}:{user}"
        if kind == "telegram":
            person = self.telegram.person("Ida")
            self.telegram._private(person)
            return str(person.id)
        return f"c{number}@mail.example" if kind == "email" else f"c-{number}"

    # --- What came ----------------------------------------------------------------------------
    def arrived(self) -> dict[str, Arrived]:
        """Return what came by each kind."""
        came = {kind: Arrived() for kind in KINDS}
        came["http"] = _read([one["text"] for one in list(self.system.messages.values())])
        came["http"].raw = len(self.system.taken)
        came["slack"] = _read([one.text for one in list(self.slack.posted)])
        came["slack"].raw = self._slack_taken
        came["telegram"] = _read([one.text for one in list(self.telegram.sent)])
        came["telegram"].raw = len(came["telegram"].seen)
        mails = [mail for _to, mail in list(self.mails._mails)]
        different = {str(mail["Message-ID"]): mail for mail in reversed(mails)}
        came["email"] = _read([text_of(mail) for mail in reversed(list(different.values()))])
        came["email"].raw = len(mails)
        return came

    @property
    def calls(self) -> int:
        """How many calls were made, failed ones included."""
        return sum(chance.calls for chance in self.chances.values())

    @property
    def failed(self) -> Counter[str]:
        """How many calls failed, and how."""
        return sum((chance.failed for chance in self.chances.values()), Counter[str]())


def misplaced(seen: Sequence[tuple[int, int]]) -> int:
    """Return how many came after a later one of the same customer; repeats do not count."""
    newest: dict[int, int] = {}
    known: set[tuple[int, int]] = set()
    wrong = 0
    for customer, number in seen:
        if (customer, number) not in known:
            wrong += number < newest.get(customer, -1)
            newest[customer] = max(number, newest.get(customer, -1))
        known.add((customer, number))
    return wrong


def _read(texts: Sequence[str]) -> Arrived:
    found = [match for text in texts if (match := _SAID.search(text))]
    return Arrived([(int(one[2]), int(one[1])) for one in found])


def _channel_of(kind: str) -> Any:
    from chatbot.conversations.models import Channel

    return Channel.objects.filter(kind=kind, is_active=True).latest("pk")


@contextmanager
def flaky(server: Server, *, share: float = 0.3, hanging: bool = False) -> Iterator[Flaky]:
    """Yield failing services for `server`."""
    with ExitStack() as stack:
        yield Flaky(server, stack, share, hanging=hanging)
