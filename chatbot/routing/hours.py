"""Opening hours: when somebody will be at work. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta

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
