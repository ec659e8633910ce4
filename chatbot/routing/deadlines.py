"""Until when an agent has to say something, and how long they worked on something. Pure."""

from datetime import datetime, time, timedelta

from chatbot.routing.hours import Hours

_MOST_DAYS = 60


def _spans(hours: Hours, day: datetime) -> list[tuple[datetime, datetime]]:
    """Return the working times of a day, in order."""
    spans = []
    for start, end in hours.get(str(day.weekday()), ()):
        begin = datetime.combine(day.date(), time.fromisoformat(start), tzinfo=day.tzinfo)
        spans.append(
            (begin, datetime.combine(day.date(), time.fromisoformat(end), tzinfo=day.tzinfo))
        )
    return sorted(spans)


def after_minutes(hours: Hours, start: datetime, minutes: float) -> datetime:
    """Return when `minutes` of working time have passed since `start`, in the agent's zone.

    Without hours all time is working time.
    """
    if not hours:
        return start + timedelta(minutes=minutes)
    left = timedelta(minutes=minutes)
    for days in range(_MOST_DAYS):
        for opening, end in _spans(hours, start + timedelta(days=days)):
            begin = max(opening, start)
            if end - begin >= left:
                return begin + left
            left -= max(end - begin, timedelta())
    return start + timedelta(minutes=minutes)  # hours without any time in them


def minutes_between(hours: Hours, start: datetime, end: datetime) -> float:
    """Return the working minutes from `start` to `end`, both in the agent's zone.

    Without hours all time is working time. Work outside the hours counts as it was done: who
    resolves something in the evening has worked on it for at least a minute.
    """
    if end <= start:
        return 0.0
    if not hours:
        return (end - start).total_seconds() / 60
    total = timedelta()
    day = start
    while day.date() <= end.date():
        for begin, stop in _spans(hours, day):
            total += max(min(stop, end) - max(begin, start), timedelta())
        day += timedelta(days=1)
    return max(total.total_seconds() / 60, 1.0)
