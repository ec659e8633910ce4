"""Play a world under a policy: a discrete-event simulation.

Events: a case arrives or is reopened, a shift begins, a piece of work ends. A case that nobody has
room for waits, first come first served. At the end of a shift an agent takes nothing new and
finishes what is open (overtime, which counts as time present and as time worked).
"""

import heapq
import math
from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from chatbot.routing.learning import Outcome
from chatbot.routing.simulation.world import DAY, Floats, Ints, World, between, open_minutes

MOST_PASSES = 3  # then a case is seen through by whoever has it
_WASTED = 0.5  # of a case's work, before it is passed on
_REOPENED = 0.5  # of a case's work, once more


@dataclass(slots=True)
class Case:
    """A case on its way: minutes waited so far, and who could not solve it."""

    id: int
    at: float
    topic: int
    complexity: float
    kind: int
    asked: float  # since when it waits
    declined: list[int] = field(default_factory=list)
    last: int | None = None
    is_reopened: bool = False


@dataclass(slots=True)
class Piece:
    """A case in an agent's hands; `left`: minutes of their whole attention."""

    case: Case
    left: float
    since: float
    others: int
    is_passed_on: bool
    begun: float | None = None


@dataclass(slots=True)
class Desk:
    """An agent at work."""

    id: int
    capacity: int
    on_shift: bool = False
    begins: float = 0.0  # the latest shift
    ends: float = 0.0
    earlier: float = 0.0  # minutes of the shifts before it
    pieces: list[Piece] = field(default_factory=list)
    updated: float = 0.0
    version: int = 0
    worked: float = 0.0
    overtime: float = 0.0

    def present(self, now: float) -> float:
        """Return the minutes on shift until `now`."""
        return self.earlier + max(0.0, min(now, self.ends) - self.begins)

    @property
    def has_room(self) -> bool:
        """Whether they are here and not full."""
        return self.on_shift and len(self.pieces) < self.capacity


class Policy(Protocol):
    """A way to route."""

    def choose(self, case: Case, desks: Sequence[Desk], now: float) -> int | None:
        """Return who gets the case, or None where it has to wait."""

    def learn(self, outcome: Outcome) -> None:
        """Take note of what came of a case."""


@dataclass(frozen=True, slots=True)
class Run:
    """What happened, by case: minutes of opening time; and by agent."""

    world: World
    wait: Floats  # (cases,) until somebody began
    resolution: Floats  # (cases,) until solved, for good; NaN never
    passed_on: Ints  # (cases,) how often
    agent: Ints  # (cases,) who solved it
    worked: Floats  # (agents,) minutes
    present: Floats  # (agents,) minutes


class _Play:
    def __init__(self, world: World, policy: Policy) -> None:
        self.world, self.policy = world, policy
        count = len(world.cases.at)
        self.wait = np.full(count, np.nan)
        self.resolution = np.zeros(count)
        self.passed_on = np.zeros(count, dtype=np.int64)
        self.agent = np.full(count, -1, dtype=np.int64)
        self.desks = [Desk(i, world.settings.capacity) for i in range(world.settings.agents)]
        self.queue: list[tuple[float, int, Case]] = []
        self.events: list[tuple[float, int, str, tuple[object, ...]]] = []
        self.made = 0
        self.is_shared = world.settings.working == "shared"

    def run(self) -> Run:
        cases = self.world.cases
        for i, at in enumerate(cases.at.tolist()):
            self.queue_event(
                at,
                "asks",
                Case(
                    i, at, int(cases.topic[i]), float(cases.complexity[i]), int(cases.kind[i]), at
                ),
            )
        for desk, spans in zip(self.desks, self.world.shifts, strict=True):
            for start, end in spans:
                self.queue_event(start, "comes", desk, end)
                self.queue_event(end, "goes", desk)
        while self.events:
            now, _, name, details = heapq.heappop(self.events)
            getattr(self, name)(now, *details)
        present = [
            sum(end - start for start, end in spans if start < self.world.settings.weeks * 7 * DAY)
            for spans in self.world.shifts
        ]
        return Run(
            self.world,
            self.wait,
            np.where(self.agent < 0, np.nan, self.resolution),
            self.passed_on,
            self.agent,
            np.array([desk.worked for desk in self.desks]),
            np.array(present) + [desk.overtime for desk in self.desks],
        )

    def queue_event(self, at: float, name: str, *details: object) -> None:
        self.made += 1
        heapq.heappush(self.events, (at, self.made, name, details))

    # --- Events -------------------------------------------------------------------------------
    def asks(self, now: float, case: Case) -> None:
        insort(self.queue, (case.at, self.made, case), key=lambda entry: entry[:2])
        self.made += 1
        self.dispatch(now)

    def comes(self, now: float, desk: Desk, ends: float) -> None:
        desk.earlier = desk.present(now)
        desk.on_shift, desk.begins, desk.ends = True, now, ends
        self.queue_event(now, "looks")  # after everybody else whose shift begins now

    def looks(self, now: float) -> None:
        self.dispatch(now)

    def goes(self, _now: float, desk: Desk) -> None:
        desk.on_shift = False

    def ends(self, now: float, desk: Desk, version: int) -> None:
        if version != desk.version:
            return
        self.advance(desk, now)
        piece = min(desk.pieces, key=lambda one: one.left) if self.is_shared else desk.pieces[0]
        desk.pieces.remove(piece)
        if not desk.on_shift and not desk.pieces:
            desk.overtime += max(0.0, now - desk.ends)
        self.plan(desk, now)
        self.finish(desk, piece, now)
        self.dispatch(now)

    # --- Work ---------------------------------------------------------------------------------
    def advance(self, desk: Desk, now: float) -> None:
        passed = now - desk.updated
        desk.updated = now
        if not desk.pieces or passed <= 0:
            return
        desk.worked += passed
        if self.is_shared:
            for piece in desk.pieces:
                piece.left -= passed / len(desk.pieces)
        else:
            desk.pieces[0].left -= passed

    def plan(self, desk: Desk, now: float) -> None:
        desk.version += 1
        if not desk.pieces:
            return
        for piece in desk.pieces if self.is_shared else desk.pieces[:1]:
            if piece.begun is None:
                piece.begun = now
                if math.isnan(self.wait[piece.case.id]):
                    queued = self.resolution[piece.case.id]
                    self.wait[piece.case.id] = queued + now - piece.since
        if self.is_shared:
            lasts = min(piece.left for piece in desk.pieces) * len(desk.pieces)
        else:
            lasts = desk.pieces[0].left
        self.queue_event(now + max(lasts, 0.0), "ends", desk, desk.version)

    def dispatch(self, now: float) -> None:
        waiting: list[tuple[float, int, Case]] = []
        for place, entry in enumerate(self.queue):
            if not any(desk.has_room for desk in self.desks):
                waiting.extend(self.queue[place:])
                break
            chosen = self.policy.choose(entry[2], self.desks, now)
            if chosen is None:
                waiting.append(entry)
            else:
                self.give(entry[2], self.desks[chosen], now)
        self.queue = waiting

    def give(self, case: Case, desk: Desk, now: float) -> None:
        if not desk.has_room or desk.id in case.declined:
            raise ValueError("the policy chose somebody who cannot take it")
        world, luck = self.world, self.world.cases
        self.resolution[case.id] += open_minutes(now) - open_minutes(case.asked)
        log = world.log_minutes(now, desk.id, case.topic, case.complexity)
        work = math.exp(log + luck.noise[int(case.is_reopened), case.id, desk.id])
        fails = world.fails(now, desk.id, case.topic, case.complexity)
        is_passed_on = (
            not case.is_reopened
            and len(case.declined) < min(MOST_PASSES, len(self.desks) - 1)
            and bool(luck.fail[case.id, desk.id] < fails)
        )
        work *= _WASTED if is_passed_on else _REOPENED if case.is_reopened else 1.0
        self.advance(desk, now)
        desk.pieces.append(Piece(case, work, now, len(desk.pieces), is_passed_on))
        self.plan(desk, now)

    def finish(self, desk: Desk, piece: Piece, now: float) -> None:
        case, luck = piece.case, self.world.cases
        minutes = now - piece.since
        self.resolution[case.id] += minutes
        case.asked, case.last = now, desk.id
        topic = str(case.topic)
        if piece.is_passed_on:
            self.passed_on[case.id] += 1
            case.declined.append(desk.id)
            self.policy.learn(Outcome(desk.id, topic, now / DAY, solved=False))
            insort(self.queue, (case.at, self.made, case), key=lambda entry: entry[:2])
            self.made += 1
            return
        self.agent[case.id] = desk.id
        if case.is_reopened:
            return
        skill = self.world.skill(now, desk.id, case.topic)
        self.policy.learn(
            Outcome(
                desk.id,
                topic,
                now / DAY,
                minutes=minutes,
                solved=True,  # as far as is known
                follow_ups=int(
                    -math.log(max(luck.follow_ups[case.id, desk.id], 1e-9)) * (3 - 2 * skill)
                ),
                rating=self.rating(case, desk.id, skill),
                open=piece.others,
            )
        )
        if luck.reopen[case.id, desk.id] < between(self.world.settings.reopens, skill):
            self.queue_event(now + luck.reopen_after[case.id], "reopens", case, desk)

    def reopens(self, now: float, case: Case, desk: Desk) -> None:
        self.policy.learn(Outcome(desk.id, str(case.topic), now / DAY, solved=False))
        case.is_reopened, case.asked, case.at = True, now, now
        case.declined = []
        self.agent[case.id] = -1
        self.asks(now, case)

    def rating(self, case: Case, agent: int, skill: float) -> int | None:
        """Content with skill, not with delay."""
        luck = self.world.cases
        if luck.rates[case.id] >= self.world.settings.rated:
            return None
        usual = math.exp(float(self.world.base[case.topic]))
        delay = math.log(max(self.resolution[case.id], 1.0) / usual)
        return int(
            np.clip(round(3.3 + 1.5 * skill - 0.4 * delay + luck.mood[case.id, agent]), 1, 5)
        )


def play(world: World, policy: Policy) -> Run:
    """Return what happens in `world` under `policy`: the same each time."""
    return _Play(world, policy).run()
