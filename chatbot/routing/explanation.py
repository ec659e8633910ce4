"""Why a conversation went to somebody, in a sentence and a table, in the reader's language."""

from typing import Any

from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from django.utils.translation import get_language, gettext, ngettext, pgettext

from chatbot.routing.models import Assignment, Skill
from chatbot.routing.models.rules import Strategy

_ENOUGH = 3.0  # cases, from which what was learned is worth saying
_MOST_REASONS = 4
_NOTABLE = 0.01  # points by which somebody was ahead, worth a word


def sentence(assignment: Assignment, reader_id: int | None = None) -> str:
    """Return one sentence about who has the conversation; `reader_id`: the agent who reads it."""
    agent = assignment.agent
    if agent is None:
        return _suggestion(assignment, reader_id) or gettext(
            "Nobody who is here could take it yet."
        )
    by_hand = {
        Assignment.Way.TAKEN.value: gettext("%(name)s took it."),
        Assignment.Way.GIVEN.value: gettext("A colleague gave it to %(name)s."),
    }
    if assignment.way in by_hand:
        return by_hand[assignment.way] % {"name": agent.name}
    chosen = _of(assignment.candidates, agent.pk)
    to_you = agent.pk == reader_id
    reasons = _reasons(assignment, chosen, to_you=to_you) if chosen else []
    if not reasons:
        return gettext("Routed to %(name)s.") % {"name": agent.name}
    told = (
        gettext("You have it because you %(reasons)s.")
        if to_you
        else gettext("%(name)s has it because they %(reasons)s.")
    )
    return told % {"name": agent.name, "reasons": _joined(reasons)}


def _suggestion(assignment: Assignment, reader_id: int | None) -> str:
    suggested = assignment.suggested
    if suggested is None:
        return ""
    chosen = _of(assignment.candidates, suggested.pk)
    to_you = suggested.pk == reader_id
    reasons = _reasons(assignment, chosen, to_you=to_you) if chosen else []
    told = gettext("Suggested: %(name)s.")
    if reasons and to_you:
        told = gettext("Suggested for you because you %(reasons)s.")
    elif reasons:
        told = gettext("Suggested: %(name)s, because they %(reasons)s.")
    return told % {"name": suggested.name, "reasons": _joined(reasons) if reasons else ""}


def would_have(assignment: Assignment) -> str:
    """Return whom learned routing would have chosen, where that is somebody else; else ""."""
    suggested = assignment.suggested
    if suggested is None or assignment.agent is None or suggested.pk == assignment.agent_id:
        return ""
    return gettext("Learned routing would have chosen %(name)s.") % {"name": suggested.name}


def learned(assignment: Assignment) -> list[dict[str, Any]]:
    """Return how learned routing ranked the candidates, where something else decided; else []."""
    if assignment.suggested_id is None or assignment.agent_id is None:
        return []
    found: list[dict[str, Any]] = assignment.needs.get("learned", [])
    return found


def learned_by(assignment: Assignment) -> str:
    """Return what would have mattered to learned routing, where something else decided."""
    return _strategy(assignment.needs.get("learned_by", "")) if learned(assignment) else ""


def _of(candidates: list[dict[str, Any]], agent_id: int) -> dict[str, Any] | None:
    return next((one for one in candidates if one["agent"] == agent_id), None)


def _joined(reasons: list[str]) -> str:
    return format_list(reasons, locale=_locale())


def _locale() -> str:
    language = get_language() or "en"
    return "en_GB" if language == "en" else language


def _reasons(assignment: Assignment, chosen: dict[str, Any], *, to_you: bool) -> list[str]:
    """Return what speaks for the chosen one, most telling first: clauses after "because you"."""
    points = _points(chosen)
    others = [one for one in assignment.candidates if one is not chosen and not one["rejected"]]
    if not isinstance(chosen["factors"], list):  # of before there was anything learned
        return []
    reasons = []
    if not others:
        reasons.append(
            pgettext("because you", "are the only one here who can take it")
            if to_you
            else pgettext("because they", "are the only one here who can take it")
        )
    if points.get("continuity"):
        reasons.append(_before(assignment, chosen, to_you=to_you))
    if points.get("language") and not all(_points(one).get("language") for one in others):
        reasons.append(
            pgettext("because you", "speak the customer's language")
            if to_you
            else pgettext("because they", "speak the customer's language")
        )
    reasons += _learned(chosen, to_you=to_you)
    if chosen["cases"] < _ENOUGH and assignment.needs.get("skills"):
        reasons.append(_skilled(assignment.needs["skills"], to_you=to_you))
    if _leads(points, others, "balance"):
        reasons.append(
            pgettext("because you", "were given less than others lately")
            if to_you
            else pgettext("because they", "were given less than others lately")
        )
    reasons = reasons[: _MOST_REASONS - 1]
    return [*reasons, _open(chosen["open"], to_you=to_you)]


def _before(assignment: Assignment, chosen: dict[str, Any], *, to_you: bool) -> str:
    if assignment.needs.get("last_agent") == chosen["agent"]:
        return (
            pgettext("because you", "know it from before")
            if to_you
            else pgettext("because they", "know it from before")
        )
    return (
        pgettext("because you", "stand in for who had it")
        if to_you
        else pgettext("because they", "stand in for who had it")
    )


def _learned(chosen: dict[str, Any], *, to_you: bool) -> list[str]:
    if chosen["cases"] < _ENOUGH:
        return []
    share = format_percent(chosen["solves"], locale=_locale())
    minutes = max(1, round(chosen["minutes"]))
    if to_you:
        return [
            pgettext("because you", "solve %(share)s of such cases") % {"share": share},
            ngettext(
                "need %(count)d minute on average",
                "need %(count)d minutes on average",
                minutes,
            )
            % {"count": minutes},
        ]
    return [
        pgettext("because they", "solve %(share)s of such cases") % {"share": share},
        ngettext("take %(count)d minute on average", "take %(count)d minutes on average", minutes)
        % {"count": minutes},
    ]


def _skilled(slugs: list[str], *, to_you: bool) -> str:
    names = dict(Skill.objects.filter(slug__in=slugs).values_list("slug", "name"))
    skills = format_list([names.get(slug, slug) for slug in slugs], style="or", locale=_locale())
    if to_you:
        return pgettext("because you", "know about %(skills)s") % {"skills": skills}
    return pgettext("because they", "know about %(skills)s") % {"skills": skills}


def _open(count: int, *, to_you: bool) -> str:
    if not count:
        return (
            pgettext("because you", "have nothing open")
            if to_you
            else pgettext("because they", "have nothing open")
        )
    if to_you:
        return ngettext("have %(count)d open", "have %(count)d open", count) % {"count": count}
    return ngettext("have %(count)d open now", "have %(count)d open now", count) % {"count": count}


def _points(candidate: dict[str, Any]) -> dict[str, float]:
    factors = candidate["factors"]
    if not isinstance(factors, list):
        return {}
    return {name: points for name, _value, _weight, points in factors}


def _leads(points: dict[str, float], others: list[dict[str, Any]], name: str) -> bool:
    best = max((_points(one).get(name, 0.0) for one in others), default=None)
    return best is not None and points.get(name, 0.0) > best + _NOTABLE


def rejection(code: str) -> str:
    """Return why a candidate was not chosen, for people."""
    return {
        "": "",
        "offline": gettext("not here"),
        "away": gettext("away"),
        "absent": gettext("off today"),
        "off_hours": gettext("outside working hours"),
        "declined": gettext("would not or could not take it"),
        "full": gettext("no room for more"),
        "lacks_skill": gettext("lacks the skill"),
    }[code]


def factor_name(name: str) -> str:
    """Return what a factor is called for people."""
    return {
        "language": gettext("Language"),
        "speed": gettext("Quick at such cases"),
        "soonest": gettext("Done soonest"),
        "quality": gettext("Solves such cases well"),
        "rating": gettext("Customers' ratings"),
        "declared": gettext("Declared level"),
        "open": gettext("Free places"),
        "complexity": gettext("Light cases open"),
        "availability": gettext("Time left at work"),
        "preference": gettext("Prefers the topic"),
        "balance": gettext("Given little lately"),
        "exploration": gettext("Little known of"),
        "continuity": gettext("Had it before"),
    }.get(name, name)


def factors(candidate: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """Return a candidate's factors for people: name, value, weight and points.

    The points are what is added: they sum up to the score to the last digit.
    """
    if not isinstance(candidate["factors"], list):
        return []
    return [
        (factor_name(name), number(value), number(weight), number(points))
        for name, value, weight, points in candidate["factors"]
    ]


def number(value: float) -> str:
    """Return a value, a weight or points with all their digits, in the reader's form."""
    return format_decimal(value, format="0.0000", locale=_locale())


def strategy_name(assignment: Assignment) -> str:
    """Return what mattered for a conversation."""
    return _strategy(assignment.strategy)


def _strategy(name: str) -> str:
    if name in Strategy.values:
        return str(Strategy(name).label)
    if name == "observed":
        return gettext("Skill, language and free places alone")
    return ""


def needed(assignment: Assignment) -> list[str]:
    """Return what was asked of whoever gets it, and what no longer was."""
    needs = assignment.needs
    slugs = [*needs.get("skills", ()), *needs.get("relaxed", ())]
    names = dict(Skill.objects.filter(slug__in=slugs).values_list("slug", "name"))
    told = []
    for one in needs.get("requirements", ()):
        skills = [names.get(slug, slug) for slug in one["skills"]]
        told.append(format_list(skills, style="or", locale=_locale()))
    told += [
        gettext("%(skill)s (no longer asked for: nobody here had it)")
        % {"skill": names.get(slug, slug)}
        for slug in needs.get("relaxed", ())
    ]
    return told
