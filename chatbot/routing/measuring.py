"""How long conversations keep people busy, and how soon people answer: of the last weeks."""

import threading
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from chatbot.routing.models import Assignment, Shift
from chatbot.routing.queueing import Holding

_WEEKS = timedelta(weeks=4)
_MOST = 5_000  # assignments, the newest
_KEPT_SECONDS = 30.0
# Of somebody whose presence was not recorded, so much of a conversation counts as work.
_WORKING_DAY = timedelta(hours=8)
# These leave somebody else's place taken instead.
_MOVED = (
    Assignment.Ended.DECLINED,
    Assignment.Ended.PASSED_ON,
    Assignment.Ended.UNANSWERED,
    Assignment.Ended.LEFT,
    Assignment.Ended.TAKEN_OVER,
    Assignment.Ended.SUPERSEDED,
)

Spans = Sequence[tuple[datetime, datetime]]  # in order, not overlapping


@dataclass(frozen=True, slots=True)
class Measured:
    """How long places stay taken; and minutes from assignment to reply, by kind of channel."""

    holding: Holding = field(default_factory=Holding)
    delays: Mapping[str, Sequence[float]] = field(default_factory=dict)


def measure(*, now: datetime) -> Measured:
    """Return what the assignments of the last four weeks say.

    Minutes count while the agent's inbox was open: over night nobody's place becomes free.
    """
    since = now - _WEEKS
    rows = (
        Assignment.objects.filter(Q(ended_at=None) | Q(ended_at__gt=since), agent__isnull=False)
        .order_by("-id")
        .values_list(
            "agent_id",
            "created_at",
            "ended_at",
            "ended",
            "conversation__first_reply_at",
            "conversation__channel__kind",
        )[:_MOST]
    )
    shifts = _shifts(since=since, now=now)
    ended, minutes = 0, 0.0
    delays: dict[str, list[float]] = defaultdict(list)
    for agent, begun, over, how, replied, kind in rows:
        here = shifts.get(agent)
        minutes += _minutes_here(here, max(begun, since), over or now)
        ended += over is not None and how not in _MOVED
        if replied is not None and begun <= replied <= (over or now) and begun > since:
            delays[kind].append(_minutes_here(here, begun, replied))
    return Measured(Holding(ended, minutes), dict(delays))


def _shifts(*, since: datetime, now: datetime) -> Mapping[int, Spans]:
    """Return when each agent was here, of those of whom it was recorded."""
    found: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    rows = Shift.objects.filter(Q(ended_at=None) | Q(ended_at__gt=since))
    for agent, began, ended in rows.order_by("began_at").values_list(
        "agent_id", "began_at", "ended_at"
    ):
        found[agent].append((began, ended or now))
    return found


def _minutes_here(here: Spans | None, start: datetime, end: datetime) -> float:
    """Return the minutes between two moments in which an agent was here."""
    if here is None or start < here[0][0]:  # from before presence was recorded
        return min(max(end - start, timedelta(0)), _WORKING_DAY).total_seconds() / 60
    first = max(bisect_left(here, start, key=lambda span: span[0]) - 1, 0)
    seconds = 0.0
    for began, ended in here[first:]:
        if began >= end:
            break
        seconds += max((min(ended, end) - max(began, start)).total_seconds(), 0.0)
    return seconds / 60


class _Kept:
    """What was measured, for as long as it hardly changes: everybody in the queue asks for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at = float("-inf")
        self._measured = Measured()

    def get(self) -> Measured:
        with self._lock:
            if time.monotonic() - self._at > _KEPT_SECONDS:
                self._measured = measure(now=timezone.now())
                self._at = time.monotonic()
            return self._measured


_kept = _Kept()


def measured() -> Measured:
    """Return `measure` of now, at most half a minute old."""
    return _kept.get()
