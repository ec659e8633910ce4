"""Webhooks of three services in numbers: signed, some of them twice, some out of order."""

import json
import random
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from channels_adapters.http import signing
from tests.bench.questions import questions
from tests.channels_adapters.http.system import message
from tests.channels_adapters.worlds import HttpWorld, SlackWorld, TelegramWorld, world_of
from tests.world import Server

KINDS = ("slack", "telegram", "http")
_TWICE, _LATE = 0.20, 0.05
_AT_ONCE = 50  # customers of a kind who talk at the same time
_EACH = 4  # what a customer says


@dataclass(frozen=True, slots=True)
class Call:
    """A request of a service. `number` counts what `customer` says; `is_late` is overtaken."""

    kind: str
    customer: str
    number: int
    external_id: str
    request: bytes
    is_late: bool = False


class Services:
    """The three services, connected to a server; their customers' replies are counted."""

    def __init__(self, server: Server, stack: ExitStack) -> None:
        self._makers: dict[str, Callable[[int, int, str], Call]] = {}
        slack = stack.enter_context(world_of("slack", server))
        telegram = stack.enter_context(world_of("telegram", server))
        http = stack.enter_context(world_of("http", server))
        assert isinstance(slack, SlackWorld)
        assert isinstance(telegram, TelegramWorld)
        assert isinstance(http, HttpWorld)
        self.slack, self.telegram, self.http = slack.slack, telegram.telegram, http
        self.secrets = {
            "slack": self.slack.signing_secret,
            "telegram": self.telegram.hook.secret_token,
            "http": http.system.secret,
        }
        self._batch = random.randrange(10**6, 10**7)

    def replies(self) -> int:
        """Return how many replies came to customers."""
        told = self.slack.posted, self.telegram.sent, self.http.system.messages
        return sum(len(one) for one in told)

    def storm(self, count: int, *, first: int = 0, texts: int = 0, seed: int = 1) -> list[Call]:
        """Return `count` calls in the order in which they are made, a sixth of them repeats.

        `texts` is how many different questions are asked; by default as many as are asked at all.
        """
        chance = random.Random(seed)
        different = round(count / (1 + _TWICE))
        asked = questions(first, texts or different)
        makers = {"slack": self._slack, "telegram": self._telegram, "http": self._http}
        timed: list[tuple[float, Call]] = []
        for n in range(different):
            kind, place = KINDS[n % 3], n // 3
            group, inside = divmod(place, _AT_ONCE * _EACH)
            number, seat = divmod(inside, _AT_ONCE)
            call = makers[kind](group * _AT_ONCE + seat, number, asked[n % len(asked)].text)
            at = float(n)
            if number < _EACH - 1 and chance.random() < _LATE:
                call, at = replace(call, is_late=True), at + 3 * _AT_ONCE + 1
            timed.append((at, call))
        for at, call in chance.sample(timed, count - different):
            timed.append((at + chance.uniform(0.1, 400), call))
        return [call for _, call in sorted(timed, key=lambda one: one[0])]

    # --- What each service posts --------------------------------------------------------------
    def _slack(self, customer: int, number: int, text: str) -> Call:
        user = f"U{self._batch}{customer:05}"
        self.slack.users[user] = (f"Customer {customer}", "")
        ts = self.slack.new_ts()
        event = {
            "type": "message",
            "channel": f"D{user[1:]}",
            "channel_type": "im",
            "user": user,
            "text": text,
            "ts": ts,
            "team": self.slack.team,
        }
        body = json.dumps(self.slack.callback(event)).encode()
        external_id = f"{event['channel']}:{ts}"
        path = _path(self.slack._events_url)
        request = _post(path, body, self.slack.sign(body))
        return Call("slack", user, number, external_id, request)

    def _telegram(self, customer: int, number: int, text: str) -> Call:
        chat = self._batch * 100_000 + customer
        user = {"id": chat, "is_bot": False, "first_name": "Ida", "language_code": "en"}
        about = {"id": chat, "type": "private", "first_name": "Ida"}
        said = {**self.telegram.new_message(about, user, text=text)}
        self.telegram.chats.setdefault(chat, {**about, "_user": user})
        update = {"update_id": 700_000_000 + said["message_id"], "message": said}
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.telegram.hook.secret_token}
        request = _post(_path(self.telegram.hook.url), json.dumps(update).encode(), headers)
        return Call("telegram", str(chat), number, f"{chat}:{said['message_id']}", request)

    def _http(self, customer: int, number: int, text: str) -> Call:
        sender = f"c-{self._batch}-{customer}"
        said = message(text, sender, order=number)
        body = json.dumps(said).encode()
        key = signing.key_of(self.http.system.secret)
        headers = signing.sign(said["id"], body, key, now=time.time())
        request = _post(_path(self.http.hook), body, headers)
        return Call("http", sender, number, said["id"], request)


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def _post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    lines = {
        "Host": "127.0.0.1",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def write(calls: Sequence[Call], file: Path) -> None:
    """Write calls as `tests.bench.callers` reads them."""
    lines = (json.dumps([call.kind, call.request.decode("latin-1")]) for call in calls)
    file.write_text("\n".join(lines), "utf-8")


# --- What became of them ----------------------------------------------------------------------
def is_quiet() -> bool:
    """Return whether everything was read, answered and delivered."""
    return not any(waiting().values())


def waiting() -> dict[str, int]:
    """Return what waits to be read, answered and delivered."""
    from chatbot.conversations.models import Delivery, Message, ReceivedEvent

    return {
        "read": ReceivedEvent.objects.filter(state="waiting").count(),
        "answer": Message.objects.filter(state=Message.State.PENDING).count(),
        "deliver": Delivery.objects.filter(state=Delivery.State.QUEUED).count(),
    }


def wrong(calls: Sequence[Call]) -> list[str]:
    """Return what is missing, doubled or out of order among the recorded messages."""
    from chatbot.conversations.models import Message

    found: list[str] = []
    told = {(call.kind, call.external_id): call for call in calls}
    rows: dict[tuple[str, str], list[int]] = {}
    for pk, kind, external_id in Message.objects.filter(author="contact").values_list(
        "pk", "channel__kind", "external_id"
    ):
        rows.setdefault((kind, external_id or ""), []).append(pk)
    newest: dict[tuple[str, str], tuple[int, int]] = {}
    for key, call in sorted(told.items(), key=lambda one: (one[1].customer, one[1].number)):
        pks = rows.get(key, [])
        if len(pks) != 1:
            found.append(f"{call.kind}: {len(pks)} times recorded")
            continue
        number, pk = newest.get((call.kind, call.customer), (-1, 0))
        if call.is_late:
            continue
        if pks[0] < pk:
            found.append(f"{call.kind}: {call.number} was recorded before {number}")
        newest[call.kind, call.customer] = (call.number, pks[0])
    return found
