"""A busy hour against a running server: python -m tests.busy_hour --minutes 60 --hours 2

Thirty customers on a website, Telegram and email; six agents who come and go: one comes late, one
is away for a while, one logs out, and one drops out with a customer waiting: whoever has one
first once the hour is nearly half over. Times are drawn once by a seed and scaled to the length
that is asked for. Each further hour finds what the server measured in those before.
"""

import argparse
import random
import shutil
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed

from tests.channels_adapters.worlds import EmailWorld, WebsiteWorld, world_of
from tests.world import PASSWORD, Agent, Server, build_shop, running

CUSTOMERS = 30
# Of the hour: when each agent comes, when they go, and how. Away: not there for new ones.
SCHEDULE = {
    "mette": (0.0, None, ""),
    "jonas": (0.0, 0.7, "logs out"),
    "anke": (0.2, None, ""),
    "freja": (0.0, None, ""),
    "nils": (0.0, None, ""),
    "greta": (0.0, None, "is away from 0.3 to 0.45"),
}
DROPS_OUT = 0.45  # of the hour: from then on, the first of those who would stay
LANGUAGES = {"mette": "da", "jonas": "sv", "anke": "de", "freja": "en", "nils": "sv", "greta": "de"}
# Texts that ask for a person, each about something that the shop has a topic for.
ASKED = (
    "My parcel arrived broken, I want to talk to a person",
    "I want to talk to a person about my invoice",
    "Jeg vil gerne tale med et menneske om min returnering",
    "Jag vill prata med en människa om min betalning",
    "Ich möchte mit einem Mitarbeiter sprechen, es geht um meine Bestellung",
    "The website shows a blank page when I pay. Can I talk to a person?",
)


@dataclass
class Hour:
    """What happened."""

    seconds: float
    customers: list[Any] = field(default_factory=list)
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    told: list[tuple[str, str, str]] = field(default_factory=list)  # agent, language, sentence
    errors: list[str] = field(default_factory=list)
    drops_out: threading.Lock = field(default_factory=threading.Lock)  # whose it is, for good


# --- Those who ask ----------------------------------------------------------------------------
class TelegramCustomer:
    """One of several people who write to the same bot."""

    kind = "telegram"

    def __init__(self, telegram: Any, name: str) -> None:
        self.telegram, self.person = telegram, telegram.person(name)

    def say(self, text: str) -> None:
        self.telegram.say(self.person, text)

    def replies(self) -> list[str]:
        return [
            one.text
            for one in list(self.telegram.sent)
            if one.text and one.chat_id == self.person.user["id"]
        ]


def _customers(stack: ExitStack, server: Server, count: int) -> Iterator[Any]:
    """Yield customers, of three channels in turn."""
    telegram = stack.enter_context(world_of("telegram", server)).telegram  # type: ignore[attr-defined]
    mail = stack.enter_context(world_of("email", server))
    assert isinstance(mail, EmailWorld)
    for number in range(count):
        match number % 3:
            case 0:
                yield WebsiteWorld(server)
            case 1:
                yield TelegramCustomer(telegram, f"Kunde {number}")
            case _:
                yield EmailWorld(mail.port, mail.mails, mail.address)


# --- Those who answer -------------------------------------------------------------------------
class Colleague(threading.Thread):
    """An agent at work: one conversation after the other, each answered and then resolved."""

    def __init__(self, hour: Hour, server: Server, name: str, draw: random.Random) -> None:
        super().__init__(name=name, daemon=True)
        self.hour, self.server, self.draw = hour, server, draw
        self.stopping = threading.Event()
        self.began = time.monotonic()

    def _at(self, share: float) -> float:
        return share * self.hour.seconds - (time.monotonic() - self.began)

    def run(self) -> None:
        try:
            self._work()
        except Exception as error:
            if not self.stopping.is_set():
                self.hour.errors.append(f"{self.name}: {error!r}")

    def _work(self) -> None:
        comes, goes, how = SCHEDULE[self.name]
        self.stopping.wait(max(0.0, self._at(comes)))
        agent = Agent(self.server, self.name)
        agent.http.headers["Accept-Language"] = LANGUAGES[self.name]
        agent.open()
        away = False
        beating = threading.Thread(target=self._beat, args=(agent,), daemon=True)
        beating.start()
        while not self.stopping.is_set():
            if goes is not None and self._at(goes) <= 0:
                agent.http.post("/inbox/logout/")
                agent.close()
                return
            if self._may_drop_out() and self._waiting(agent) and self.hour.drops_out.acquire(False):
                agent.close()
                return
            is_away = how.startswith("is away") and self._at(0.3) <= 0 < self._at(0.45)
            if is_away != away:
                away = is_away
                self._send(agent, {"type": "presence", "presence": "away" if away else "online"})
            if not self._answer_one(agent):
                self.stopping.wait(min(1.0, self.hour.seconds / 300))
        for row in agent.get("conversations", view="mine")["results"]:  # the desk is left clear
            agent.post(f"conversations/{row['id']}/resolve")
        agent.close()

    def _beat(self, agent: Agent) -> None:
        """Give a sign of life as the page does, also while its agent reads and writes."""
        with suppress(ConnectionClosed):
            while not self.stopping.wait(20):
                self._send(agent, {"type": "ping"})

    @staticmethod
    def _send(agent: Agent, event: dict[str, Any]) -> None:
        assert agent.socket is not None
        agent.socket.send(event)

    @staticmethod
    def _waiting(agent: Agent) -> list[Any]:
        rows = agent.get("conversations", view="mine")["results"]
        return [row for row in rows if row["waiting_since"]]

    def _may_drop_out(self) -> bool:
        stays = SCHEDULE[self.name][1:] == (None, "")
        return stays and self._at(DROPS_OUT) <= 0 and not self.hour.drops_out.locked()

    def _spend(self, seconds: float) -> bool:
        """Work for so long; return whether something ended it: who logs out leaves it."""
        _comes, goes, _how = SCHEDULE[self.name]
        left = seconds if goes is None or self._at(goes) < 0 else min(seconds, self._at(goes))
        return self.stopping.wait(left) or left < seconds

    def _answer_one(self, agent: Agent) -> bool:
        """Answer the conversation that waits longest, and resolve it; return whether one was."""
        waiting = self._waiting(agent)
        if not waiting:
            return False
        row = min(waiting, key=lambda one: one["waiting_since"])
        detail = agent.get(f"conversations/{row['id']}")
        if detail["assignment"]:
            told = detail["assignment"]["sentence"]
            self.hour.told.append((self.name, LANGUAGES[self.name], told))
        scale = self.hour.seconds / 3_600
        if self._spend(self.draw.lognormvariate(4.3, 0.5) * scale):  # about 75 s
            return False
        answer = agent.http.post(
            f"/api/v1/inbox/conversations/{row['id']}/reply",
            json={"client_id": uuid.uuid4().hex, "text": f"Hello, {self.name} here."},
        )
        assert answer.status_code in (201, 409, 403), answer.text
        if self._spend(self.draw.lognormvariate(5.6, 0.5) * scale):  # about 5 minutes
            return False
        mine = agent.get(f"conversations/{row['id']}")
        if (mine["assignee"] or {}).get("name", "").lower().startswith(self.name):
            agent.post(f"conversations/{row['id']}/resolve")
        return True


def _team() -> None:
    """Have two agents more than the demo shop, a place each, and clear desks."""
    from django.contrib.auth.models import User

    from chatbot.conversations.models import Conversation, Status
    from chatbot.routing.models import AgentProfile, AgentSkill, Skill

    # What was answered and waits for its customer would take an agent's only place.
    Conversation.objects.filter(status=Status.ASSIGNED).update(status=Status.RESOLVED)
    for name, languages in (("nils", ["sv", "en"]), ("greta", ["de", "en", "da"])):
        user = User.objects.create_user(name, password=PASSWORD)
        user.user_permissions.set(User.objects.get(username="jonas").user_permissions.all())
        user.groups.set(User.objects.get(username="jonas").groups.all())
        profile = AgentProfile.objects.create(user=user, name=name.title(), languages=languages)
        for skill in Skill.objects.all():
            AgentSkill.objects.create(agent=profile, skill=skill, level=2)
    AgentProfile.objects.update(capacity=1)


# --- The hour ---------------------------------------------------------------------------------
def replay(
    server: Server,
    *,
    seconds: float,
    seed: int = 1,
    hours: int = 1,
    each: Callable[[Hour], Any] = lambda hour: None,
) -> Hour:
    """Let the hours happen one after the other; return the last, and call `each` with all."""
    _team()
    with ExitStack() as stack:
        customers = list(_customers(stack, server, CUSTOMERS * hours))
        for number in range(hours):
            hour = Hour(seconds, customers[number * CUSTOMERS : (number + 1) * CUSTOMERS])
            _happen(server, hour, seed=f"{seed} {number}" if number else str(seed))
            each(hour)
    return hour


def _happen(server: Server, hour: Hour, *, seed: str) -> None:
    draw = random.Random(seed)
    seconds, customers = hour.seconds, hour.customers
    colleagues = [
        Colleague(hour, server, name, random.Random(f"{seed} {name}")) for name in SCHEDULE
    ]
    for colleague in colleagues:
        colleague.start()
    began = time.monotonic()
    try:
        # The last ones come when nine tenths are over; they still get their answer.
        for number, at in enumerate(sorted(draw.uniform(0.02, 0.9) for _ in customers)):
            time.sleep(max(0.0, at * seconds - (time.monotonic() - began)))
            customers[number].say(ASKED[number % len(ASKED)])
        _wait_for_all(customers, seconds=max(240.0, seconds))
    finally:
        for colleague in colleagues:
            colleague.stopping.set()
        for colleague in colleagues:
            colleague.join(timeout=20)


def _wait_for_all(customers: list[Any], *, seconds: float) -> None:
    """Wait until each has an agent's answer; they look twice a second."""
    deadline = time.monotonic() + seconds
    left = customers
    while left := [one for one in left if not any(" here." in text for text in one.replies())]:
        assert time.monotonic() < deadline, f"stranded: {[one.kind for one in left]}"
        time.sleep(0.5)


def facts(hour: Hour) -> dict[str, Any]:
    """Return what the database says of it: waits promised and real, and how assignments ended."""
    from collections import Counter

    from chatbot.conversations.models import Conversation
    from chatbot.routing.models import Assignment

    promised = []
    for one in Conversation.objects.filter(
        first_reply_at__isnull=False, handed_off_at__gte=hour.began
    ):
        minutes = one.handoff.get("promised_minutes")
        if minutes and one.handed_off_at and one.first_reply_at:
            waited = (one.first_reply_at - one.handed_off_at).total_seconds() / 60
            promised.append((float(minutes), waited))
    given = Assignment.objects.filter(agent__isnull=False, created_at__gte=hour.began).values_list(
        "ended", flat=True
    )
    return {
        "promised": promised,
        "ended": Counter(given),
    }


def main() -> int:
    """Replay an hour on a fresh server; print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.busy_hour", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--hours", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="svar-hour-"))
    import os

    os.environ["SVAR_DATA_DIR"] = str(folder / "shop")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    try:
        build_shop(folder / "shop")
        import django

        django.setup()
        with running(folder / "shop") as server:
            hour = replay(
                server,
                seconds=options.minutes * 60,
                seed=options.seed,
                hours=options.hours,
                each=lambda hour: _print(hour, facts(hour)),
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if hour.errors else 0


def _print(hour: Hour, found: dict[str, Any]) -> None:
    say: Callable[[str], Any] = sys.stdout.write
    say(f"{len(hour.customers)} customers, all answered; agents' errors: {hour.errors}\n")
    say(f"how assignments ended: {dict(found['ended'])}\n")
    promised: Sequence[tuple[float, float]] = found["promised"]
    if promised:
        middle = statistics.median
        ratio = middle(minutes / max(waited, 1e-6) for minutes, waited in promised)
        say("".join(f"  {one:.0f} min promised, {was:.1f} waited\n" for one, was in promised))
        said, was = middle(one for one, _ in promised), middle(one for _, one in promised)
        say(f"{len(promised)} were told a wait: {said} min, and waited {was:.1f} min (medians); ")
        say(f"promise / wait: {ratio:.2f} in the median\n")
    for name, language, sentence in hour.told[:12]:
        say(f"  {name} ({language}): {sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
