"""Service levels as clocks: minutes count while a channel is open. Pure.

hours: a channel's opening hours, none for always open. closed: whether nobody is at work on a day.
Moments are aware and in the site's zone, in which the hours are meant.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from chatbot.routing.holidays import Closed
from chatbot.routing.hours import Hours

_MOST_DAYS = 400  # a company may be closed for weeks, never for years
AMBER_SHARE = 0.2  # of the time that was promised: with so much left one should look at it


def due_at(hours: Hours, closed: Closed, start: datetime, minutes: float) -> datetime:
    """Return when so many open minutes have passed since `start`, in UTC."""
    begin, left = start.astimezone(UTC), timedelta(minutes=minutes)
    for opening, end in _open_spans(hours, closed, start, 1):
        since = max(opening, begin)
        if end > since and end - since >= left:
            return since + left
        left -= max(end - since, timedelta())
    return begin + timedelta(minutes=minutes)  # it never opens: then all time counts


def amber_at(hours: Hours, closed: Closed, due: datetime, minutes: float) -> datetime:
    """Return from when on a fifth or less of the promised open `minutes` is left, in UTC."""
    end, left = due.astimezone(UTC), timedelta(minutes=minutes * AMBER_SHARE)
    for opening, stop in _open_spans(hours, closed, due, -1):
        until = min(stop, end)
        if until > opening and until - opening >= left:
            return until - left
        left -= max(until - opening, timedelta())
    return end - timedelta(minutes=minutes * AMBER_SHARE)


def open_minutes(hours: Hours, closed: Closed, start: datetime, end: datetime) -> float:
    """Return the open minutes from `start` to `end`; 0 where `end` is not later."""
    begin, stop = start.astimezone(UTC), end.astimezone(UTC)
    total = timedelta()
    for opening, closing in _open_spans(hours, closed, start, 1):
        if opening >= stop:
            break
        total += max(min(closing, stop) - max(opening, begin), timedelta())
    return total.total_seconds() / 60


def moved(
    hours: Hours, closed: Closed, due: datetime, since: datetime, until: datetime
) -> datetime:
    """Return when something is due whose clock stood still from `since` to `until`.

    As many open minutes are left then as at `since`; what was late stays as late.
    """
    if due <= since:
        return until - (since - due)
    return due_at(hours, closed, until, open_minutes(hours, closed, since, due))


def _open_spans(
    hours: Hours, closed: Closed, start: datetime, step: int
) -> Iterator[tuple[datetime, datetime]]:
    """Yield open times in UTC from the day of `start` on, or back from it where `step` is -1."""
    day = start.date()
    for _count in range(_MOST_DAYS):
        if not closed(day):
            spans = [
                (_moment(day, one, start), _moment(day, other, start))
                for one, other in _clocks(hours, day)
            ]
            yield from sorted(spans, reverse=step < 0)
        day += timedelta(days=step)


def _clocks(hours: Hours, day: date) -> list[tuple[str, str]]:
    if not hours:
        return [("00:00", "24:00")]
    return [(span[0], span[1]) for span in hours.get(str(day.weekday()), ())]


def _moment(day: date, clock: str, like: datetime) -> datetime:
    # In UTC: between two times of one zone Python would count the hour that summer time takes.
    if clock == "24:00":
        day, clock = day + timedelta(days=1), "00:00"
    at = datetime.combine(day, time.fromisoformat(clock), tzinfo=like.tzinfo)
    return at.astimezone(UTC)
