"""Days on which nobody is at work: public holidays, and those that a company adds. Pure."""

import functools
import re
from collections.abc import Callable, Iterable
from datetime import date

import holidays
from holidays.constants import DE_FACTO

_CODE = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,7}))?")

Closed = Callable[[date], bool]


class UnknownRegion(ValueError):
    """There is no calendar for such a country or region."""


def regions_of(country: str) -> list[str]:
    """Return the codes of a country's regions that have holidays of their own.

    Raises UnknownRegion for a country without a calendar.
    """
    known = holidays.list_supported_countries(include_aliases=False)
    if country not in known:
        raise UnknownRegion(country)
    return [one for one in known[country] if _CODE.fullmatch(f"{country}-{one}")]


def check_region(code: str) -> None:
    """Raise UnknownRegion unless `code` is a country, or country and region: DK, DE-SH."""
    found = _CODE.fullmatch(code)
    if found is None:
        raise UnknownRegion(code)
    if found[2] and found[2] not in regions_of(found[1]):
        raise UnknownRegion(code)
    regions_of(found[1])


@functools.lru_cache(maxsize=256)
def public_holidays(code: str, year: int) -> frozenset[date]:
    """Return a region's public holidays in a year; none for a code that has no calendar.

    With the days that are none by law but on which hardly anybody works, such as Midsummer Eve
    in Sweden, where the calendar knows them.
    """
    try:
        check_region(code)
    except UnknownRegion:
        return frozenset()
    country, _, region = code.partition("-")
    public = holidays.country_holidays(country, subdiv=region or None, years=year)
    found = set(public)
    if DE_FACTO in public.supported_categories:
        found |= set(
            holidays.country_holidays(
                country, subdiv=region or None, years=year, categories=(DE_FACTO,)
            )
        )
    # Some calendars tell of a neighbouring year's day, or count every Sunday.
    return frozenset(day for day in found if day.year == year)


def closed_on(code: str, days: Iterable[str]) -> Closed:
    """Return whether a day is closed: a holiday of the region `code`, or one of `days` (ISO)."""
    own = frozenset(days)
    if not code and not own:
        return _never
    return lambda day: (
        day.isoformat() in own or (bool(code) and day in public_holidays(code, day.year))
    )


def _never(_day: date) -> bool:
    return False
