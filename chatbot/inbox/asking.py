"""What people type into the search field: words, "phrases" and operators like from:anna.

Whatever is typed means something: what is no operator, or has a value that cannot be read, is
words. Operators are understood in the four languages, whatever the page's is.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from chatbot.conversations.models import Label
from chatbot.conversations.search import Words, tokens
from chatbot.inbox.filters import Filters
from knowledge.search import topic_names

_MOST_WORDS = 12
_PART = re.compile(r'(?:(\w+):)?(?:"([^"]*)"?|([^\s"]+))')
_OPERATORS = {
    "from": ("from", "fra", "från", "von"),
    "label": ("label", "etiket", "etikett", "mærke", "märke"),
    "topic": ("topic", "emne", "ämne", "thema"),
    "is": ("is", "er", "är", "ist"),
    "before": ("before", "før", "före", "vor"),
    "after": ("after", "efter", "nach"),
}
_MEANT = {word: operator for operator, words in _OPERATORS.items() for word in words}
_STATES: dict[str, tuple[str, ...]] = {
    "open": ("open", "åben", "åbne", "öppen", "öppna", "offen"),
    "resolved": ("resolved", "closed", "løst", "lukket", "löst", "stängd", "gelöst", "geschlossen"),
    "queued": ("queued", "queue", "kø", "i-kø", "kö", "i-kö", "wartend"),
    "assigned": ("assigned", "tildelt", "tilldelad", "zugewiesen"),
    "bot": ("bot",),
    "mine": ("mine", "min", "mina", "meine"),
    "unassigned": ("unassigned", "ledig", "frei"),
    "waiting": ("waiting", "unanswered", "venter", "ubesvaret", "väntar", "obesvarad", "wartet"),
    "overdue": ("overdue", "late", "forsinket", "försenad", "überfällig"),
    "failed": ("failed", "fejlet", "misslyckad", "fehlgeschlagen"),
    "snoozed": ("snoozed", "udsat", "uppskjuten", "zurückgestellt"),
    "vip": ("vip",),
    "urgent": ("urgent", "haster", "akut", "brådskande", "dringend"),
    "blocked": ("blocked", "blokeret", "blockerad", "blockiert"),
}
_STATE = {word: state for state, words in _STATES.items() for word in words}
_DATES = (
    (re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"), (0, 1, 2)),
    (re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})"), (2, 1, 0)),
    (re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})"), (2, 1, 0)),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for: words, filters besides, and of what time (UTC)."""

    words: Words
    filters: Filters
    since: datetime | None = None
    until: datetime | None = None


@dataclass(slots=True)
class _Reading:
    filters: dict[str, Any]
    phrases: list[tuple[str, ...]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    beginning: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def add(self, name: str, values: Sequence[object]) -> None:
        """Narrow a filter of several values; what was chosen beside the field stays."""
        self.filters[name] = list(dict.fromkeys([*self.filters[name], *values]))


def read(filters: Filters) -> Asked:
    """Return what `filters` look for, with their text read."""
    reading = _Reading(filters.model_dump())
    typed = filters.text.replace("\x00", " ")
    parts = list(_PART.finditer(typed))
    for position, part in enumerate(parts):
        operator, quoted, plain = part.groups()
        value = quoted if quoted is not None else (plain or "")
        do = _DO.get(_MEANT.get((operator or "").lower(), ""))
        if do is not None and value and do(value, reading):
            continue
        said = tokens(f"{operator or ''} {value}")
        if not said or len(reading.phrases) >= _MOST_WORDS:
            continue
        typing = position == len(parts) - 1 and quoted is None and typed[-1:] == value[-1:]
        if typing:
            reading.beginning = said.pop()
        if quoted is not None and len(said) > 1:
            reading.phrases.append(tuple(said))
        else:
            reading.phrases += [(word,) for word in said]
    reading.filters["text"] = ""
    return Asked(
        Words(
            tuple(reading.phrases[:_MOST_WORDS]),
            reading.beginning,
            tuple(reading.names[:_MOST_WORDS]),
        ),
        Filters(**reading.filters),
        reading.since,
        reading.until,
    )


# --- Operators: each returns whether it could make something of its value ----------------------
def _from(value: str, reading: _Reading) -> bool:
    names = tokens(value)
    reading.names += names
    return bool(names)


def _label(value: str, reading: _Reading) -> bool:
    found = Label.objects.filter(name__iexact=value).values_list("pk", flat=True)
    numbers = list(
        found or Label.objects.filter(name__istartswith=value).values_list("pk", flat=True)
    )
    # 0 is nobody's number: of a label that is not there, nothing is found.
    reading.add("labels", [*numbers[:20]] or [0])
    return True


def _topic(value: str, reading: _Reading) -> bool:
    wanted = value.casefold()
    names = topic_names()
    exact = [slug for slug, name in names.items() if wanted in (slug, name.casefold())]
    begun = [slug for slug, name in names.items() if name.casefold().startswith(wanted)]
    reading.add("topics", [*(exact or begun)] or ["?"])
    return True


def _is(value: str, reading: _Reading) -> bool:
    state = _STATE.get(value.casefold(), "")
    match state:
        case "open" | "resolved" | "queued" | "assigned" | "bot":
            reading.add("status", [state])
        case "mine":
            reading.add("assignee", ["me"])
        case "unassigned":
            reading.add("assignee", ["nobody"])
        case "urgent":
            reading.add("priorities", ["urgent"])
        case "":
            return False
        case _:
            reading.filters[state] = True
    return True


def _before(value: str, reading: _Reading) -> bool:
    day = _day(value)
    if day is not None:
        reading.until = _midnight(day)
    return day is not None


def _after(value: str, reading: _Reading) -> bool:
    """Read what came on a later day than `value`."""
    day = _day(value)
    if day is not None and day < date.max:
        reading.since = _midnight(day + timedelta(days=1))
    return day is not None


_DO: dict[str, Callable[[str, _Reading], bool]] = {
    "from": _from,
    "label": _label,
    "topic": _topic,
    "is": _is,
    "before": _before,
    "after": _after,
}


def _day(value: str) -> date | None:
    for form, (year, month, day) in _DATES:
        match = form.fullmatch(value)
        if match is not None:
            try:
                numbers = [int(number) for number in match.groups()]
                return date(numbers[year], numbers[month], numbers[day])
            except ValueError:  # such as the 31st of April
                return None
    return None


def _midnight(day: date) -> datetime:
    try:
        return timezone.make_aware(datetime.combine(day, time())).astimezone(UTC)
    except OverflowError:  # of the year 1, east of Greenwich
        return datetime.combine(day, time(), UTC)
