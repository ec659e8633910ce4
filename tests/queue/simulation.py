"""A day at a help desk, event by event: what was promised to whom, and how long they waited.

Agents have several places each; who is told a wait is told it by `queueing.predict`, from what was
measured on the days before. Arrivals are Poisson; service and reply times as the case says.
"""

import heapq
import random
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chatbot.routing.queueing import Holding, delay_of, in_round_minutes, predict

Draw = Callable[[random.Random], float]


@dataclass(frozen=True)
class Desk:
    """Who works there, and how fast: minutes."""

    agents: int
    capacity: int
    load: float  # arrivals per minute times the mean service time, per place
    service: Draw
    mean_service: float
    reply: Draw

    @property
    def places(self) -> int:
        return self.agents * self.capacity


@dataclass(frozen=True)
class Told:
    """What one customer who had to wait was told, and what came."""

    position: int
    promised: float
    waited: float


def days(
    desk: Desk, *, seed: int, minutes: float, warm: float, channels: int = 1
) -> Iterator[Told]:
    """Yield those who waited, after `warm` minutes in which only measuring goes on.

    channels: kinds of them, evenly used; the delay of replies is measured of each.
    """
    dice = random.Random(seed)
    leaving: list[tuple[float, float]] = []  # when a place becomes free, since when it is taken
    line: deque[tuple[float, int, float]] = deque()  # came, position, promised
    ended, busy, replies = 0, 0.0, deque[float](maxlen=300)
    now, coming = 0.0, dice.expovariate(desk.load * desk.places / desk.mean_service)

    def begin(at: float) -> float:
        reply, service = desk.reply(dice), desk.service(dice)
        heapq.heappush(leaving, (at + reply + service, at))
        replies.append(reply)
        return reply

    while now < minutes:
        if leaving and leaving[0][0] <= coming:
            now, since = heapq.heappop(leaving)
            ended, busy = ended + 1, busy + now - since
            if line:
                came, position, promised = line.popleft()
                waited = now - came + begin(now)
                if came > warm:
                    yield Told(position, promised, waited)
            continue
        now = coming
        coming = now + dice.expovariate(desk.load * desk.places / desk.mean_service)
        if len(leaving) < desk.places:
            begin(now)
            continue
        open_for = sum(now - since for _, since in leaving)
        predicted = predict(
            position=len(line) + 1,
            free=0,
            taken=desk.places,
            holding=Holding(ended, busy + open_for),
            delay=delay_of(list(replies)[::channels], usual=5),
        )
        assert predicted is not None
        line.append((now, len(line) + 1, in_round_minutes(predicted.until_reply)))
