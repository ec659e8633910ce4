"""Opening hours: when somebody will be at work. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache

Hours = Mapping[str, Sequence[Sequence[str]]]  # weekday "0" (Monday) to "6" -> [["09:00", "17:00"]]


def is_open(hours: Hours, now: datetime) -> bool:
    """Return whether `now` (aware, in the site's zone) is within `hours`; no hours: always."""
    if not hours:
        return True
    return any(
        time.fromisoformat(start) <= now.time() < time.fromisoformat(end)
        for start, end in hours.get(str(now.weekday()), ())
    )


def next_opening(hours: Hours, now: datetime) -> datetime | None:
    """Return when it opens next after `now`; None while open, without hours, or never."""
    if not hours or is_open(hours, now):
        return None
    for days in range(8):
        day = (now + timedelta(days=days)).date()
        for start, _end in sorted(hours.get(str(day.weekday()), ()), key=lambda span: span[0]):
            opening = datetime.combine(day, time.fromisoformat(start), tzinfo=now.tzinfo)
            if opening > now:
                return opening
    return None


# --- With days on which nobody is at work at all ----------------------------------------------
_FAR = 400  # days looked ahead: a company may be closed for weeks, never for years


def is_at_work(hours: Hours, closed: Callable[[date], bool], now: datetime) -> bool:
    """Return whether `now` is within `hours` and not on a day that is `closed`."""
    return not closed(now.date()) and is_open(hours, now)


def next_at_work(hours: Hours, closed: Callable[[date], bool], now: datetime) -> datetime | None:
    """Return when work begins next after `now`, None while it goes on, or if it never does.

    Without hours, every day that is not closed is open from midnight.
    """
    if is_at_work(hours, closed, now):
        return None
    for days in range(_FAR):
        day = (now + timedelta(days=days)).date()
        if closed(day):
            continue
        spans = hours.get(str(day.weekday()), ()) if hours else [["00:00", "24:00"]]
        for start, _end in sorted(spans, key=lambda span: span[0]):
            opening = datetime.combine(day, time.fromisoformat(start), tzinfo=now.tzinfo)
            if opening > now:
                return opening
    return None


def minutes_left(hours: Hours, now: datetime) -> float | None:
    """Return the minutes from `now` until it closes; None without hours, 0 while closed."""
    if not hours:
        return None
    minute = now.hour * 60 + now.minute + now.second / 60
    for start, end in hours.get(str(now.weekday()), ()):
        if _minute(start) <= minute < _minute(end):
            return _minute(end) - minute
    return 0.0


@lru_cache(maxsize=1024)
def _minute(clock: str) -> float:
    """Return the minute of the day; cached, since a team has few and ranking asks for each."""
    at = time.fromisoformat(clock)
    return at.hour * 60 + at.minute + at.second / 60
