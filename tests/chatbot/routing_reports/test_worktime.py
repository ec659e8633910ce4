"""Working minutes: only the time in which somebody was at work counts."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from chatbot.routing.worktime import Clock

OFFICE = {str(day): [["09:00", "12:00"], ["13:00", "17:00"]] for day in range(5)}
HERE = ZoneInfo("Europe/Copenhagen")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HERE)


@pytest.mark.parametrize(
    ("begin", "end", "minutes"),
    [
        ("2026-03-02 09:30", "2026-03-02 10:15", 45),
        ("2026-03-02 11:30", "2026-03-02 13:30", 60),  # over lunch
        ("2026-03-02 16:30", "2026-03-03 09:30", 60),  # over night
        ("2026-03-06 16:00", "2026-03-09 10:00", 120),  # over a weekend
        ("2026-03-07 10:00", "2026-03-08 18:00", 0),  # on a weekend
        ("2026-03-02 10:00", "2026-03-02 09:00", 0),
        ("2026-01-01 00:00", "2029-01-01 00:00", 52 * 35 * 60 + 2 * 7 * 60),  # a year and a day
    ],
)
def test_only_the_hours_of_work_count(begin: str, end: str, minutes: float) -> None:
    assert Clock(OFFICE, "Europe/Copenhagen").minutes(at(begin), at(end)) == minutes


def test_an_hour_that_summer_time_takes_does_not_count() -> None:
    clock = Clock({"6": [["01:00", "05:00"]]}, "Europe/Copenhagen")
    assert clock.minutes(at("2026-03-29 00:00"), at("2026-03-29 12:00")) == 180
    assert clock.minutes(at("2026-10-25 00:00"), at("2026-10-25 12:00")) == 300


def test_hours_are_those_of_the_agents_own_zone() -> None:
    clock = Clock({"0": [["09:00", "17:00"]]}, "America/New_York")
    assert clock.minutes(at("2026-03-02 09:00"), at("2026-03-02 16:00")) == 60


def test_without_hours_a_day_has_eight() -> None:
    clock = Clock(zone="Europe/Copenhagen")
    assert clock.minutes(at("2026-03-02 09:00"), at("2026-03-02 10:00")) == 60
    assert clock.minutes(at("2026-03-02 08:00"), at("2026-03-04 09:00")) == 3 * 480
