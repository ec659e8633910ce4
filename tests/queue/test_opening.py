"""When people are back: hours, public holidays, and days that a company is closed besides."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from chatbot.routing.holidays import (
    UnknownRegion,
    check_region,
    closed_on,
    public_holidays,
    regions_of,
)
from chatbot.routing.hours import Hours, is_at_work, next_at_work

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
WEEKDAYS: Hours = {str(day): [["09:00", "17:00"]] for day in range(5)}
SUMMER = [f"2026-07-{day:02d}" for day in range(6, 32)]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=COPENHAGEN)


@pytest.mark.parametrize(
    ("hours", "region", "days", "now", "opens"),
    [
        pytest.param(WEEKDAYS, "", [], "2026-11-23T10:00", "open", id="a plain Monday"),
        pytest.param(
            WEEKDAYS, "DK", [], "2026-12-25T10:00", "2026-12-28T09:00", id="Christmas, a weekend"
        ),
        pytest.param(
            WEEKDAYS,
            "DK",
            ["2026-12-24", "2026-12-31"],
            "2026-12-23T17:00",
            "2026-12-28T09:00",
            id="closed on Christmas Eve besides",
        ),
        pytest.param(
            WEEKDAYS, "SE", [], "2026-06-19T10:00", "2026-06-22T09:00", id="Midsummer Eve in Sweden"
        ),
        pytest.param(WEEKDAYS, "DK", [], "2026-06-19T10:00", "open", id="but not in Denmark"),
        pytest.param(
            WEEKDAYS,
            "DE-SH",
            [],
            "2026-10-30T18:00",
            "2026-11-02T09:00",
            id="Reformation, Saturday",
        ),
        pytest.param(
            WEEKDAYS, "DE-SH", [], "2025-10-31T10:00", "2025-11-03T09:00", id="Reformation, Friday"
        ),
        pytest.param(WEEKDAYS, "DE-BY", [], "2025-10-31T10:00", "open", id="but not in Bavaria"),
        pytest.param(
            WEEKDAYS, "", SUMMER, "2026-07-03T17:00", "2026-08-03T09:00", id="four weeks of summer"
        ),
        pytest.param({}, "", ["2026-11-23"], "2026-11-23T10:00", "2026-11-24T00:00", id="no hours"),
        pytest.param({}, "", [], "2026-11-23T03:00", "open", id="always open"),
        pytest.param({"0": []}, "DK", [], "2026-11-23T10:00", None, id="never open"),
        pytest.param(
            {"4": [["09:00", "17:00"]]},
            "DK",
            [],
            "2026-12-31T20:00",
            "2027-01-08T09:00",
            id="New Year's Day into the next year",
        ),
        pytest.param(WEEKDAYS, "ATLANTIS", [], "2026-11-23T10:00", "open", id="no such country"),
    ],
)
def test_closed_days_move_the_opening(
    hours: Hours, region: str, days: list[str], now: str, opens: str | None
) -> None:
    closed = closed_on(region, days)
    assert is_at_work(hours, closed, at(now)) == (opens == "open")
    expected = at(opens) if opens and opens != "open" else None
    assert next_at_work(hours, closed, at(now)) == expected


@pytest.mark.parametrize(
    "code", ["DK", "SE", "NO", "DE", "DE-SH", "DE-BY", "GB-SCT", "FI", "CH-ZH"]
)
def test_countries_and_regions_are_known(code: str) -> None:
    check_region(code)
    assert date(2026, 1, 1) in public_holidays(code, 2026)


@pytest.mark.parametrize("code", ["", "dk", "DK-", "DK-XX", "DNK", "XX", "DE-SH-X", "../etc"])
def test_others_are_refused_and_have_no_holidays(code: str) -> None:
    with pytest.raises(UnknownRegion):
        check_region(code)
    assert not public_holidays(code, 2026)


def test_regions_are_listed() -> None:
    assert {"SH", "HH", "BY"} <= set(regions_of("DE"))


def test_swedish_sundays_are_no_holidays_of_their_own() -> None:
    assert date(2026, 3, 1) not in public_holidays("SE", 2026)
