"""How much of a stretch of time somebody was at work. Pure."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chatbot.routing.hours import Hours

HOURS_A_DAY = 8  # that count where nobody's hours are known
_LONGEST = 366  # days; what has been open for longer says nothing of work


@dataclass(frozen=True)
class Clock:
    """When somebody works: hours by weekday in a time zone; none where they are not known."""

    hours: Hours = field(default_factory=dict)
    zone: str = "UTC"

    def minutes(self, begin: datetime, end: datetime) -> float:
        """Return the working minutes between two aware datetimes; 0 where `end` is not later.

        Without hours each calendar day counts, with eight hours at most. More than 366 days after
        `begin` nothing counts.
        """
        zone = ZoneInfo(self.zone)
        begin, end = begin.astimezone(UTC), end.astimezone(UTC)
        if end <= begin:
            return 0.0
        day = begin.astimezone(zone).date()
        last = min(end.astimezone(zone).date(), day + timedelta(days=_LONGEST))
        total = 0.0
        while day <= last:
            total += self._on(day, begin, end, zone)
            day += timedelta(days=1)
        return total

    def _on(self, day: date, begin: datetime, end: datetime, zone: ZoneInfo) -> float:
        if not self.hours:
            next_day = day + timedelta(days=1)
            whole = _shared(_at(day, time(), zone), _at(next_day, time(), zone), begin, end)
            return min(whole, HOURS_A_DAY * 60.0)
        return sum(
            _shared(
                _at(day, time.fromisoformat(start), zone),
                _at(day, time.fromisoformat(stop), zone),
                begin,
                end,
            )
            for start, stop in self.hours.get(str(day.weekday()), ())
        )


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    # In UTC: between two times of one zone Python would count the hour that summer time takes.
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def _shared(start: datetime, stop: datetime, begin: datetime, end: datetime) -> float:
    """Return the minutes that two stretches have in common."""
    return max(0.0, (min(stop, end) - max(start, begin)).total_seconds() / 60)
