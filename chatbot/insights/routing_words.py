"""Gaps and comparisons of routing in words, in the reader's language."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chatbot.routing.comparing import Measured, Within
from chatbot.routing.gaps import Gap
from chatbot.routing.reports import Report


def _in_language(code: str) -> str:
    return {
        "en": _("in English"),
        "da": _("in Danish"),
        "sv": _("in Swedish"),
        "de": _("in German"),
    }.get(code, code)


def gap(found: Gap, *, days: int, topic: str) -> str:
    """Return a gap as one sentence."""
    parts = [_came(found, days), _who(found)]
    if found.minutes is not None:
        parts.append(_took(found))
    if found.waited is not None and found.usual_wait is not None and _waited_long(found):
        parts.append(
            _("customers waited %(minutes)d minutes for an answer, usually it is %(usual)d")
            % {"minutes": round(found.waited), "usual": round(found.usual_wait)}
        )
    return f"{topic} {_in_language(found.language)}: {'; '.join(parts)}."


def _came(found: Gap, days: int) -> str:
    text = ngettext(
        "%(count)d conversation in %(days)d days",
        "%(count)d conversations in %(days)d days",
        found.came,
    )
    return text % {"count": found.came, "days": days}


def _who(found: Gap) -> str:
    if not found.speakers:
        return _("nobody who can help speaks the language")
    if not found.good:
        return _("nobody at level 4, or good at it by their own cases, speaks the language")
    names, is_one = ", ".join(found.good), len(found.good) == 1
    if found.covered is None:
        text = _("only %(names)s is good at it") if is_one else _("%(names)s are good at it")
    elif is_one:
        text = _("only %(names)s is good at it, in %(covered)d of %(opening)d opening hours a week")
    else:
        text = _("%(names)s are good at it, in %(covered)d of %(opening)d opening hours a week")
    return text % {"names": names, "covered": found.covered, "opening": found.opening}


def _took(found: Gap) -> str:
    minutes = found.minutes or 0.0
    ratio = minutes / found.usual if found.usual else 1.0
    if 1.85 <= ratio < 2.15:
        text = _("they took %(minutes)d minutes, twice the usual")
    elif found.is_slow:
        text = _("they took %(minutes)d minutes, %(times)s times the usual")
    else:
        text = _("they took %(minutes)d minutes")
    return text % {"minutes": round(minutes), "times": number_format(round(ratio, 1))}


def _waited_long(found: Gap) -> bool:
    usual = found.usual_wait or 0.0
    return (found.waited or 0.0) >= max(1.5 * usual, usual + 1)


def cost(found: Gap) -> str:
    """Return what a gap costs in the period, in hours; "" where nothing was measured."""
    hours = found.cost / 60
    if not hours:
        return ""
    return number_format(round(hours, 1 if hours < 10 else 0))


# --- Comparisons --------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Line:
    """A number of both groups, and how they differ within topics, as the table shows them."""

    name: str
    followed: str
    followed_n: int
    other: str
    other_n: int
    differs: str = ""
    verdict: str = ""


def lines(report: Report) -> list[Line]:
    """Return the table of a report."""
    one, two = report.followed, report.other
    return [
        _line(_("Minutes, median"), one.median, two.median, _minutes, _factor(report.minutes)),
        _line(_("Minutes, nine of ten"), one.ninetieth, two.ninetieth, _minutes, ("", "")),
        _line(
            _("Declined, passed on or not answered"),
            one.escalated,
            two.escalated,
            _share,
            _change(report.escalated, _points, less_is_better=True),
        ),
        _line(
            _("Customers' ratings, mean of 1 to 5"),
            one.rating,
            two.rating,
            _stars,
            _change(report.rating, _signed, less_is_better=False),
        ),
    ]


def _line(
    name: str,
    followed: Measured,
    other: Measured,
    write: Callable[[float], str],
    difference: tuple[str, str],
) -> Line:
    return Line(
        name,
        _with_interval(followed, write),
        followed.n,
        _with_interval(other, write),
        other.n,
        *difference,
    )


def _minutes(value: float) -> str:
    return number_format(round(value))


def _share(value: float) -> str:
    return f"{round(100 * value)} %"


def _stars(value: float) -> str:
    return number_format(value, 1)


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else '±'}{number_format(abs(value), 1)}"


def _points(value: float) -> str:
    return _("%(number)s points") % {"number": _signed(100 * value)}


def _percent(value: float) -> str:
    """Write a factor as how much more or less: 0.8 is −20 %."""
    more = round(100 * (value - 1))
    return f"{'+' if more > 0 else '−' if more < 0 else '±'}{abs(more)} %"


def _with_interval(found: Measured, write: Callable[[float], str]) -> str:
    if found.value is None:
        return "–"
    return _interval(write(found.value), found.low, found.high, write)


def _interval(
    value: str, low: float | None, high: float | None, write: Callable[[float], str]
) -> str:
    if low is None or high is None:
        return value
    return _("%(value)s (%(low)s to %(high)s)") % {
        "value": value,
        "low": write(low),
        "high": write(high),
    }


def _factor(found: Within | None) -> tuple[str, str]:
    if found is None:
        return "–", ""
    told = _interval(_percent(found.value), found.low, found.high, _percent)
    return told, _verdict(found, 1.0, less_is_better=True)


def _change(
    found: Within | None, write: Callable[[float], str], *, less_is_better: bool
) -> tuple[str, str]:
    if found is None:
        return "–", ""
    told = _interval(write(found.value), found.low, found.high, write)
    return told, _verdict(found, 0.0, less_is_better=less_is_better)


def _verdict(found: Within, none: float, *, less_is_better: bool) -> str:
    if found.low is None or found.high is None:
        return _("too few to tell")
    if found.low <= none <= found.high:
        return _("no clear difference")
    is_less = found.high < none
    return _("better as suggested") if is_less == less_is_better else _("worse as suggested")
