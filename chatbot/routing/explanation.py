"""Why a conversation went to somebody, in a sentence and a table, in the reader's language."""

from typing import Any

from django.utils.translation import gettext, ngettext

from chatbot.routing.models import Assignment

_FACTORS = ("skill", "language", "open")


def sentence(assignment: Assignment) -> str:
    """Return one sentence for the agent who has the conversation."""
    if assignment.agent is None:
        return gettext("Nobody who is here could take it yet.")
    if assignment.way == Assignment.Way.TAKEN:
        return gettext("%(name)s took it.") % {"name": assignment.agent.name}
    chosen = next((c for c in assignment.candidates if c["agent"] == assignment.agent_id), None)
    if chosen is None:
        return gettext("Routed to %(name)s.") % {"name": assignment.agent.name}
    reasons = []
    if assignment.needs.get("skills"):
        reasons.append(
            gettext("has the skill %(skill)s") % {"skill": ", ".join(assignment.needs["skills"])}
        )
    if chosen["factors"]["language"]:
        reasons.append(gettext("speaks the customer's language"))
    count = chosen["factors"]["open"]
    reasons.append(
        gettext("has nothing open")
        if not count
        else ngettext("has %(count)d open", "has %(count)d open", count) % {"count": count}
    )
    return gettext("%(name)s %(reasons)s.") % {
        "name": assignment.agent.name,
        "reasons": ", ".join(reasons),
    }


def rejection(code: str) -> str:
    """Return why a candidate was not chosen, for people."""
    return {
        "": "",
        "offline": gettext("not here"),
        "away": gettext("away"),
        "full": gettext("no room for more"),
        "lacks_skill": gettext("lacks the skill"),
    }[code]


def factors(candidate: dict[str, Any]) -> list[tuple[str, str]]:
    """Return a candidate's factors as names and values for people."""
    names = {
        "skill": gettext("Skill"),
        "language": gettext("Language"),
        "open": gettext("Open"),
    }
    values = candidate["factors"]
    shown = {
        "skill": gettext("yes") if values["skill"] else gettext("no"),
        "language": gettext("yes") if values["language"] else gettext("no"),
        "open": f"{values['open']} / {values['capacity']}",
    }
    return [(names[key], shown[key]) for key in _FACTORS]
