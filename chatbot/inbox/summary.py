"""A handed-over conversation in one line: what an agent reads first."""

import re
from collections.abc import Iterable, Sequence
from datetime import date

from django.utils.translation import gettext, ngettext

from chatbot.actions import labels, wording

SEPARATOR = " · "
_SENTENCE, _FACT = 100, 60  # characters
_GREETING = 20  # characters: a shorter first sentence says nothing yet
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_SINCE = re.compile(r"(since|siden|sedan|seit)\b", re.IGNORECASE)
# What each action's line is made of, after what went wrong. Other actions tell all they have.
_TOLD = {
    "complaint": ("order", "case", "pictures"),
    "technical_issue": ("machine", "since", "often", "pictures"),
}


def summarise(action: str, form: Sequence[tuple[str, str]]) -> str:
    """Return what was collected in one line, in the language that is active; "" of nothing.

    `form` has the values by name, as the customer gave them: those are not translated.
    """
    values = {name: value for name, value in form if value.strip()}
    if not values:
        return ""
    told = values.pop("error", "") or values.pop("what", "")
    head = first_sentence(told) if told else labels.action_name(action)
    facts = (_fact(name, values) for name in _TOLD.get(action, values))
    return SEPARATOR.join(_present([head, *facts]))


def first_sentence(text: str, most: int = _SENTENCE) -> str:
    """Return the first sentence that says something, cut between words where it is too long."""
    sentences = _SENTENCE_END.split(" ".join(text.split()))
    said = sentences.pop(0)
    while sentences and len(said) < _GREETING:
        said = f"{said} {sentences.pop(0)}"
    return _clipped(said.rstrip("."), most)


def shown(name: str, value: str) -> str:
    """Return a collected value as people read it: a day in their language, else as it is."""
    if name == "placed":
        try:
            return wording.day(date.fromisoformat(value))
        except ValueError:
            return value
    return value


def _fact(name: str, values: dict[str, str]) -> str:
    value = values.get(name, "")
    if name == "machine":
        return _machine(values.get("browser", ""), values.get("system", ""))
    if not value:
        return ""
    short = first_sentence(shown(name, value), _FACT)
    match name:
        case "order":
            short = gettext("order %(order)s") % {"order": short}
        case "case":
            short = gettext("case %(case)s") % {"case": short}
        case "pictures" if short.isdecimal():
            count = int(short)
            short = ngettext("%(count)d picture", "%(count)d pictures", count) % {"count": count}
        case "since" if _SINCE.match(short):
            short = _lowered(short)
        case "since":
            short = gettext("since %(when)s") % {"when": short}
        case "often":
            short = _lowered(short)
    return short


def _machine(browser: str, system: str) -> str:
    browser, system = _clipped(browser, _FACT), _clipped(system, _FACT)
    if browser and system:
        return gettext("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system


def _lowered(value: str) -> str:
    return value[:1].lower() + value[1:]


def _clipped(value: str, most: int) -> str:
    if len(value) <= most:
        return value
    cut = value[: most - 1]
    return f"{cut[: cut.rfind(' ')] if ' ' in cut[most // 2 :] else cut}…"


def _present(parts: Iterable[str]) -> list[str]:
    return [part for part in parts if part]
