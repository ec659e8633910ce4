"""When somebody will be at work."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from chatbot.routing.hours import Hours, is_open, next_opening

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
WEEKDAYS: Hours = {str(day): [["09:00", "17:00"]] for day in range(5)}
SPLIT: Hours = {"0": [["13:00", "17:30"], ["09:00", "12:00"]], "5": [["10:00", "14:00"]]}
CLOSED: Hours = {"0": [], "3": []}


def at(text: str) -> datetime:
    """Return a moment in Copenhagen; 2026-11-23 is a Monday."""
    return datetime.fromisoformat(text).replace(tzinfo=COPENHAGEN)


@pytest.mark.parametrize(
    ("hours", "now", "opens"),
    [
        pytest.param({}, "2026-11-22T03:00", "open", id="no hours: always open"),
        pytest.param(WEEKDAYS, "2026-11-23T09:00", "open", id="from the first minute"),
        pytest.param(WEEKDAYS, "2026-11-23T16:59:59", "open", id="to the last second"),
        pytest.param(WEEKDAYS, "2026-11-23T08:59", "2026-11-23T09:00", id="before work"),
        pytest.param(WEEKDAYS, "2026-11-23T17:00", "2026-11-24T09:00", id="the end is closed"),
        pytest.param(WEEKDAYS, "2026-11-27T17:00", "2026-11-30T09:00", id="over the weekend"),
        pytest.param(WEEKDAYS, "2026-11-29T23:59", "2026-11-30T09:00", id="Sunday night"),
        pytest.param(WEEKDAYS, "2026-12-31T20:00", "2027-01-01T09:00", id="into the next year"),
        pytest.param(SPLIT, "2026-11-23T08:00", "2026-11-23T09:00", id="the earlier span first"),
        pytest.param(SPLIT, "2026-11-23T11:59", "open", id="the morning"),
        pytest.param(SPLIT, "2026-11-23T12:15", "2026-11-23T13:00", id="lunch"),
        pytest.param(SPLIT, "2026-11-23T13:00", "open", id="the afternoon"),
        pytest.param(SPLIT, "2026-11-23T17:30", "2026-11-28T10:00", id="to Saturday"),
        pytest.param(SPLIT, "2026-11-28T14:00", "2026-11-30T09:00", id="to the next Monday"),
        pytest.param(
            {"0": [["09:00", "10:00"]]}, "2026-11-23T10:00", "2026-11-30T09:00", id="once a week"
        ),
        pytest.param(CLOSED, "2026-11-23T10:00", None, id="closed all week"),
        pytest.param({"9": [["09:00", "10:00"]]}, "2026-11-23T10:00", None, id="no such weekday"),
    ],
)
def test_the_hours_say_when_it_opens(hours: Hours, now: str, opens: str | None) -> None:
    assert is_open(hours, at(now)) == (opens == "open")
    assert next_opening(hours, at(now)) == (at(opens) if opens and opens != "open" else None)


@pytest.mark.parametrize(
    ("now", "opening", "hours_to_wait"),
    [
        # Clocks go forward on Sunday 2026-03-29 at 02:00, and back on 2026-10-25 at 03:00.
        pytest.param("2026-03-28T21:00+01:00", "2026-03-29T07:00+00:00", 11, id="a short night"),
        pytest.param("2026-10-24T21:00+02:00", "2026-10-25T08:00+00:00", 13, id="a long night"),
        pytest.param("2026-10-25T02:30+02:00", "2026-10-25T08:00+00:00", 7.5, id="the first 02:30"),
        pytest.param("2026-10-25T02:30+01:00", "2026-10-25T08:00+00:00", 6.5, id="the second"),
    ],
)
def test_it_opens_by_the_clock_on_the_wall_when_clocks_change(
    now: str, opening: str, hours_to_wait: float
) -> None:
    daily: Hours = {str(day): [["09:00", "17:00"]] for day in range(7)}
    local = datetime.fromisoformat(now).astimezone(COPENHAGEN)
    found = next_opening(daily, local)
    assert found is not None
    assert found.astimezone(UTC) == datetime.fromisoformat(opening)
    assert (found.hour, found.minute) == (9, 0)
    waited = found.astimezone(UTC) - local.astimezone(UTC)
    assert waited.total_seconds() / 3600 == hours_to_wait


def test_it_is_open_by_the_clock_on_the_wall_when_clocks_change() -> None:
    sunday: Hours = {"6": [["09:00", "17:00"]]}
    for instant, expected in [
        ("2026-03-29T06:59+00:00", False),
        ("2026-03-29T07:00+00:00", True),  # 09:00 summer time
        ("2026-10-25T07:59+00:00", False),
        ("2026-10-25T08:00+00:00", True),  # 09:00 standard time
    ]:
        now = datetime.fromisoformat(instant).astimezone(COPENHAGEN)
        assert is_open(sunday, now) is expected, instant
