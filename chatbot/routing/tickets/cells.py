"""What stands in the cells of helpdesks' exports: dates, ratings, states, languages. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from chatbot.text import normalise

Order = Literal["day", "month"]

_LONGEST = 60  # characters of a date or a rating; more is text, and slow to compare

_CLOCK = (
    r"(?:[T ,]+(?:at |kl\.? )?(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?)?"
    r" ?(?:([AaPp])\.?[Mm]\.?)?"
)
_ZONE = r" ?(Z|UTC|GMT|[+-]\d{2}:?\d{2}|UTC ?[+-]\d{1,2}(?::?\d{2})?)?"
_ISO = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_CLOCK}{_ZONE}")
_PARTS = re.compile(rf"(\d{{1,2}})([-/.])\s?(\d{{1,2}})[-/.]\s?(\d{{4}}|\d{{2}}){_CLOCK}{_ZONE}")
_DAY_WORD = re.compile(
    rf"(?:\w+,\s*)?(\d{{1,2}})\.?[- ](\w{{3,}})\.?,?[- ](\d{{4}}){_CLOCK}{_ZONE}"
)
_WORD_DAY = re.compile(rf"(?:\w+,\s*)?(\w{{3,}})\.? (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}}){_CLOCK}{_ZONE}")  # fmt: skip  # noqa: E501
_STAMP = re.compile(r"(\d{10})(\d{3})?(?:\.\d+)?")
_MONTH_WORDS = (
    *("jan", "feb", "mar mär mrz", "apr", "may maj mai", "jun"),
    *("jul", "aug", "sep", "oct okt", "nov", "dec dez"),
)
_MONTHS = {
    word: month for month, words in enumerate(_MONTH_WORDS, start=1) for word in words.split()
}


@dataclass(slots=True)
class Dates:
    """How dates are written in a file: what its cells say for either order."""

    day_first: int = 0  # cells that can only be read so
    month_first: int = 0
    either: int = 0
    dotted: int = 0

    def note(self, cell: str) -> None:
        """Count a cell."""
        found = _PARTS.fullmatch(cell) if len(cell) <= _LONGEST else None
        if found is None:
            return
        first, second = int(found[1]), int(found[3])
        if found[2] == "." and first <= 31:
            self.dotted += 1  # nobody writes the month first with dots
        elif first > 12 >= second:
            self.day_first += 1
        elif second > 12 >= first:
            self.month_first += 1
        else:
            self.either += 1

    @property
    def order(self) -> Order:
        """Which comes first; the day where nothing tells, as in our countries."""
        return "month" if self.month_first > self.day_first + self.dotted else "day"

    @property
    def is_a_guess(self) -> bool:
        """Whether cells were seen that can be read either way, and none that tells."""
        return bool(self.either) and not (self.day_first or self.month_first or self.dotted)


def moment(cell: str, *, order: Order, zone: ZoneInfo) -> datetime | None:
    """Return an aware datetime in UTC; None for what is none. `zone` is that of times without."""
    if len(cell) > _LONGEST:
        return None
    if stamp := _STAMP.fullmatch(cell):
        return datetime.fromtimestamp(int(stamp[1]), UTC)
    year, month, day, rest = _day_of(cell, order)
    if not year:
        return None
    hour, minute, second, half, offset = rest
    try:
        hours = int(hour or 0)
        if half and hours <= 12:
            hours = hours % 12 + (12 if half in "Pp" else 0)
        local = datetime(year, month, day, hours, int(minute or 0), int(second or 0))  # noqa: DTZ001  # its zone comes now
        return local.replace(tzinfo=_offset(offset) or zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _day_of(cell: str, order: Order) -> tuple[int, int, int, tuple[str | None, ...]]:
    if found := _ISO.fullmatch(cell):
        return int(found[1]), int(found[2]), int(found[3]), found.groups()[3:]
    if found := _PARTS.fullmatch(cell):
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        day, month = (first, second) if order == "day" or found[2] == "." else (second, first)
        return year + 2000 if year < 100 else year, month, day, found.groups()[4:]
    if found := _DAY_WORD.fullmatch(cell):
        month = _MONTHS.get(found[2][:3].casefold(), 0)
        return int(found[3]), month, int(found[1]), found.groups()[3:]
    if found := _WORD_DAY.fullmatch(cell):
        month = _MONTHS.get(found[1][:3].casefold(), 0)
        return int(found[3]), month, int(found[2]), found.groups()[3:]
    return 0, 0, 0, ()


def _offset(text: str | None) -> timezone | None:
    if not text:
        return None
    found = re.search(r"([+-])(\d{1,2}):?(\d{2})?$", text)
    if found is None:
        return UTC
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    return timezone(timedelta(minutes=minutes if found[1] == "+" else -minutes))


def is_zone(name: str) -> bool:
    """Return whether there is a time zone of this name."""
    return name in available_timezones()


# --- Ratings ----------------------------------------------------------------------------------
_SAID = {
    5: "good, great, amazing, excellent, extremely happy, very satisfied, very happy, god, meget "
    "tilfreds, fremragende, bra, mycket nöjd, utmärkt, gut, sehr gut, sehr zufrieden, positive, "
    "good with comment, happiness great",
    4: "happy, satisfied, tilfreds, nöjd, zufrieden",
    3: "ok, okay, neutral, average, hverken eller, varken eller, happiness okay",
    2: "unhappy, dissatisfied, utilfreds, missnöjd, unzufrieden, poor",
    1: "bad, not good, terrible, awful, extremely unhappy, very dissatisfied, very unhappy, "
    "dårlig, meget utilfreds, dålig, mycket missnöjd, schlecht, sehr unzufrieden, negative, "
    "bad with comment, happiness not good",
}
_SCORE_OF = {normalise(word): score for score, words in _SAID.items() for word in words.split(", ")}
_FACES = {
    face: score
    for score, faces in enumerate(("😡😠👎", "🙁😞", "😐", "🙂😃", "🤩😍👍"), start=1)
    for face in faces
}
_NUMBER = re.compile(r"(\d{1,3}(?:[.,]\d+)?)\s*(%|/\s*\d{1,3}|stars?|stjerner?|stjärnor?|sterne?)?")


def number(cell: str) -> float | None:
    """Return a number that is not negative, or None."""
    found = re.fullmatch(r"(\d{1,9})(?:[.,](\d{1,3}))?", cell)
    return float(f"{found[1]}.{found[2] or 0}") if found else None


@dataclass(slots=True)
class Scale:
    """The scale of bare numbers in a file's ratings: to 5, to 10 or to 100."""

    most: float = 0.0

    def note(self, cell: str) -> None:
        """Look at a cell."""
        found = _NUMBER.fullmatch(cell) if len(cell) <= _LONGEST else None
        if found and not found[2]:
            self.most = max(self.most, _decimal(found[1]))

    @property
    def top(self) -> int:
        """What the best rating is."""
        return 5 if self.most <= 5 else 10 if self.most <= 10 else 100


def rating(cell: str, scale: Scale) -> int | None:
    """Return a customer's rating, 1 to 5; None where the cell holds none."""
    if len(cell) > _LONGEST:
        return None
    if stars := cell.count("★") or cell.count("⭐"):
        return min(stars, 5)
    said = _FACES.get(cell[:1]) or _SCORE_OF.get(normalise(cell))
    found = _NUMBER.fullmatch(cell)
    return said if said or found is None else _on_five(_decimal(found[1]), found[2] or "", scale)


def _on_five(value: float, unit: str, scale: Scale) -> int | None:
    if unit == "%":
        top = 100
    elif unit.startswith("/"):
        top = int(unit[1:].strip()) or 5
    else:
        top = 5 if unit else scale.top
    if top == 5:
        return round(value) if 1 <= round(value) <= 5 else None
    return 1 + round(4 * value / top) if value <= top else None


def _decimal(text: str) -> float:
    return float(text.replace(",", "."))


# --- Words for states, languages and channels -------------------------------------------------
def _words(*lists: str) -> frozenset[str]:
    return frozenset(word for words in lists for word in words.split(", "))


_OPEN = _words(
    "new, open, pending, hold, on hold, in progress, waiting, snoozed, active, unassigned",
    "waiting on customer, waiting on third party, waiting on us, waiting on contact",
    "åben, ny, afventer, venter, i gang, öppen, väntar, pågående, offen, neu, wartend",
    "in bearbeitung",
)
_NONE = _words("spam, deleted, trash, slettet, raderad, gelöscht, merged")
_LANGUAGE_NAMES = {
    "da": "danish, dansk, danska, dänisch",
    "sv": "swedish, svensk, svenska, schwedisch",
    "de": "german, tysk, tyska, deutsch",
    "en": "english, engelsk, engelska, englisch",
    "nb": "norwegian, norsk, norska, norwegisch, bokmål",
}
_LANGUAGE_OF: Mapping[str, str] = {
    word: code for code, words in _LANGUAGE_NAMES.items() for word in words.split(", ")
}
_CHANNEL_WORDS = {
    "email": ("email", "e mail", "mail", "mejl", "epost", "e post"),
    "website": (
        *("web", "website", "chat", "live chat", "messenger", "widget", "web widget", "portal"),
        *("web form", "form", "help center", "webchat", "web messaging", "native messaging"),
        *("hjemmeside", "webbplats", "webseite", "webformular", "kontaktformular", "formular"),
    ),
    "telegram": ("telegram",),
    "slack": ("slack",),
    "http": ("api", "web service", "webservice"),
}
_CHANNEL_OF = {word: kind for kind, words in _CHANNEL_WORDS.items() for word in words}


def is_open(cell: str) -> bool:
    """Return whether a ticket's state says that it is not solved yet."""
    return normalise(cell) in _OPEN


def is_none(cell: str) -> bool:
    """Return whether a ticket's state says that nobody had to solve it."""
    return normalise(cell) in _NONE


def language(cell: str) -> str:
    """Return the code of a language by its code or name; "" for what is none."""
    word = normalise(cell)
    first = word.partition(" ")[0]
    code = _LANGUAGE_OF.get(word) or _LANGUAGE_OF.get(first)
    if code is None and re.fullmatch(r"[a-z]{2}", first):
        code = "nb" if first in ("no", "nn") else first
    return code or ""


def channel(cell: str) -> str:
    """Return the kind of our channels, else the helpdesk's own word, at most 20 characters."""
    word = normalise(cell)
    return _CHANNEL_OF.get(word) or word.replace(" ", "-")[:20]


def tags(cell: str) -> list[str]:
    """Return the tags in a cell: divided by commas, semicolons or bars, else by blanks."""
    parts = re.split(r"[,;|\n]+", cell)
    parts = parts if len(parts) > 1 else cell.split()
    return [part.strip().strip('"[]') for part in parts if part.strip()][:50]
