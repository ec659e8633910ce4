"""Where in a system's answers the values are that Svar needs, and how they are written there."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from chatbot.systems.options import Options, Zoned
from chatbot.systems.ports import Shipment

Choice = TypeVar("Choice")

_YES = frozenset({"true", "yes", "y", "1", "in stock", "instock", "available"})
_NO = frozenset({"false", "no", "n", "0", "", "out of stock", "outofstock", "unavailable"})


class Fixed(Options):
    """A value that is the same for all."""

    value: str | int | bool


# A dotted path, "customer.email" or "lines.0.sku"; several, joined by a space; or a fixed value.
Where = str | list[str] | Fixed


class Unreadable(Exception):
    """An answer is not as the options describe it. Holds nothing of it."""


class Written(Zoned):
    """How dates are written: iso, epoch, epoch_ms, or a format of strptime, "%d-%m-%Y"."""

    dates: str = "iso"

    def moment(self, data: Any, where: Where | None) -> datetime | None:
        """Return an aware datetime, None if there is none. Raises Unreadable."""
        value = _at(data, where)
        if value is None or value == "":
            return None
        zone = ZoneInfo(self.time_zone)
        try:
            if self.dates in ("epoch", "epoch_ms"):
                seconds = float(value) / (1_000 if self.dates == "epoch_ms" else 1)
                return datetime.fromtimestamp(seconds, UTC)
            if not isinstance(value, str):
                raise Unreadable
            if self.dates == "iso":
                read = datetime.fromisoformat(value.strip())
            else:
                read = datetime.strptime(value.strip(), self.dates)  # noqa: DTZ007
            return read if read.tzinfo else read.replace(tzinfo=zone)
        except (ValueError, TypeError, OverflowError, OSError):
            raise Unreadable from None

    def day(self, data: Any, where: Where | None) -> date | None:
        """Return the day in this time zone, None if there is none. Raises Unreadable."""
        moment = self.moment(data, where)
        return self.day_of(moment) if moment else None


class ShipmentFields(Options):
    """Where the fields of a parcel are."""

    number: Where
    carrier: Where = Fixed(value="")
    url: Where | None = None
    expected_on: Where | None = None
    delivered_on: Where | None = None

    def read(self, data: Any, written: Written) -> Shipment:
        """Return the parcel that `data` describes. Raises Unreadable."""
        return Shipment(
            carrier=text(data, self.carrier),
            number=text(data, self.number),
            url=web_address(text(data, self.url)),
            expected_on=written.day(data, self.expected_on),
            delivered_on=written.day(data, self.delivered_on),
        )


def items(data: Any, at: str) -> list[Any]:
    """Return the object or objects at the path `at`; nothing there is none. Raises Unreadable."""
    found = reach(data, at)
    if found is None:
        return []
    listed = found if isinstance(found, list) else [found]
    if not all(isinstance(each, dict) for each in listed):
        raise Unreadable
    return listed


def named_items(data: Any, at: str, name: Where) -> list[Any]:
    """Return what an answer is about: objects at `at`, each with a `name`. Raises Unreadable.

    A path that leads nowhere is an answer of another kind, an error maybe, and not "nothing".
    """
    above, _dot, last = at.rpartition(".")
    holder = reach(data, above)
    if data is None or (at and isinstance(holder, dict) and last not in holder):
        raise Unreadable
    if at and not isinstance(holder, (dict, list)):
        raise Unreadable
    found = items(data, at)
    if not all(text(each, name) for each in found):
        raise Unreadable
    return found


def reach(data: Any, path: str) -> Any:
    """Return what is at the dotted `path`; None if the path leads nowhere."""
    for step in path.split(".") if path else []:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and step.lstrip("-").isdecimal():
            index = int(step)
            data = data[index] if -len(data) <= index < len(data) else None
        else:
            return None
    return data


def text(data: Any, where: Where | None) -> str:
    """Return a text, empty if there is none; numbers become text. Raises Unreadable."""
    if isinstance(where, list):
        return " ".join(filter(None, (text(data, each) for each in where)))
    value = _at(data, where)
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise Unreadable


def whole(data: Any, where: Where | None) -> int | None:
    """Return a whole number, None if there is none. Raises Unreadable."""
    value = _at(data, where)
    if value is None or value == "":
        return None
    try:
        if isinstance(value, bool) or float(value) != int(float(value)):
            raise Unreadable
        return int(float(value))
    except (TypeError, ValueError, OverflowError):
        raise Unreadable from None


def yes(data: Any, where: Where | None) -> bool | None:
    """Return a yes or no, None if there is none. Raises Unreadable."""
    value = _at(data, where)
    if value is None:
        return None
    if str(value).strip().lower() in _YES:
        return True
    if str(value).strip().lower() in _NO:
        return False
    raise Unreadable


def choice(data: Any, where: Where, states: Mapping[str, Choice], other: Choice | None) -> Choice:
    """Return what `states` (in lower case) has for a word, else `other`. Raises Unreadable."""
    found = states.get(text(data, where).lower(), other)
    if found is None:
        raise Unreadable
    return found


def web_address(value: str) -> str:
    """Return `value` if it is an http address, which customers may be given as a link."""
    return value if value.lower().startswith(("https://", "http://")) else ""


def _at(data: Any, where: Where | None) -> Any:
    if where is None:
        return None
    if isinstance(where, Fixed):
        return where.value
    if isinstance(where, list):
        return text(data, where)
    return reach(data, where)
