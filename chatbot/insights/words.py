"""Numbers and decisions in words, in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from chatbot.actions import registry
from chatbot.actions.labels import action_name
from chatbot.answering.gate import AskAgain, Clarify, Courtesy, HandOff, Reply
from chatbot.answering.retrieval import Answer
from chatbot.answering.understanding import Kind
from chatbot.conversations.models import HandoffDetail, HandoffReason
from chatbot.insights.labels import Step
from chatbot.insights.trying import Attempt, Speaks

# What each piece of evidence is called, and what its number means.
EVIDENCE = {
    "typical": (
        gettext_lazy("Like the entry as a whole"),
        gettext_lazy("How near the question is to the middle of the entry's questions, at most 1."),
    ),
    "near_own": (
        gettext_lazy("Near by the entry's own measure"),
        gettext_lazy(
            "How near its nearest question is, less how near the entry's questions are to each "
            "other; at 0 it could be one of them."
        ),
    ),
    "alike": (
        gettext_lazy("The same words"),
        gettext_lazy("How much its letters agree with a question's; a typing error costs little."),
    ),
    "unknown": (
        gettext_lazy("Words that nobody has written"),
        gettext_lazy("The share of the question that stands in no entry; rare words count more."),
    ),
    "margin": (
        gettext_lazy("Ahead of the next entry"),
        gettext_lazy("How much more of what is near belongs to this entry than to the next."),
    ),
    "margin_typical": (
        gettext_lazy("Ahead as a whole"),
        gettext_lazy("How much nearer it is to this entry's middle than to any other's."),
    ),
    "margin_alike": (
        gettext_lazy("Ahead in words"),
        gettext_lazy("How much more its letters agree with this entry than with any other."),
    ),
    "entries": (
        gettext_lazy("Size of the knowledge"),
        gettext_lazy("The logarithm of the number of entries."),
    ),
}


_WIDEST = 2.5  # logarithm of the odds that fills one side of the picture


@dataclass(frozen=True, slots=True)
class Shown:
    """A piece of evidence in words, and where its bar is drawn: from x, so wide, in +-50."""

    title: str
    explanation: str
    value: float
    weight: float
    x: float
    width: float


def evidence(found: Sequence[Speaks]) -> list[Shown]:
    """Return the evidence in words; what has no name yet goes by its own."""
    shown = []
    for one in found:
        title, explanation = EVIDENCE.get(one.name, (one.name, ""))
        width = round(50 * min(abs(one.weight) / _WIDEST, 1.0), 1)
        x = -width if one.weight < 0 else 0.0
        shown.append(Shown(str(title), str(explanation), one.value, one.weight, x, width))
    return shown


def number(value: float) -> str:
    """Return a probability as people here write it: 0.80."""
    return number_format(value, decimal_pos=2)


def decision(attempt: Attempt) -> tuple[str, str]:
    """Return what the bot does, in two or three words, and why, in a sentence."""
    values = {"confidence": number(attempt.confidence), "threshold": number(attempt.threshold)}
    what, why = _("Brings a person"), ""
    match attempt.decision:
        case Reply(answers=answers, confidence=least) if len(answers) > 1:
            what = _("Answers all of it")
            why = _("Each question has a sure answer; the least sure is %(confidence)s sure.")
            values["confidence"] = number(least or 0.0)
        case Reply(answers=answers) if does := doing(answers):
            what = _("Does it: %(action)s") % {"action": does}
            why = _("It is %(confidence)s sure, and %(threshold)s is enough.")
        case Reply():
            what = _("Answers")
            why = _("It is %(confidence)s sure, and %(threshold)s is enough.")
        case Clarify(entries=entries) if len(entries) == 1:
            what = _("Offers to do it")
            why = _("It is %(confidence)s sure: enough to ask whether this is wanted.")
        case Clarify():
            what = _("Asks back")
            why = _("It is sure that one of these is meant, but not which.")
        case Courtesy(kind=kind):
            what, why = courtesy(kind), _("This is no question, so nothing is looked up.")
        case AskAgain():
            what = _("Asks for other words")
        case HandOff(reason="low_confidence", detail="") if attempt.best is not None:
            why = _("It is %(confidence)s sure, and %(threshold)s is needed.")
        case HandOff(reason=reason, detail=detail):
            return what, sentence(reason, detail)
    return what, why % values


def doing(answers: Sequence[Answer]) -> str:
    """Return what the bot does instead of saying one of `answers`, or ""."""
    called = next((one.action for one in answers if registry.can_do(one.action)), "")
    return action_name(called) if called else ""


def courtesy(kind: Kind) -> str:
    """Return how a courtesy is answered."""
    return {
        Kind.GREETING: _("Greets back"),
        Kind.THANKS: _("Says you're welcome"),
        Kind.GOODBYE: _("Says goodbye"),
    }.get(kind, _("Answers"))


def sentence(reason: str, detail: str) -> str:
    """Return why a person comes."""
    if detail:
        return f"{HandoffDetail(detail).label}."
    return f"{HandoffReason(reason).label}."


def outcome(name: str) -> str:
    """Return what happened at a try, in a word."""
    return {
        "answer": pgettext("try", "answered"),
        "clarify": pgettext("try", "asked back"),
        "handoff": pgettext("try", "brought a person"),
        "courtesy": pgettext("try", "no question"),
    }.get(name, pgettext("try", "asked again"))


def changes(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Return what is different now from the try before."""
    found = []
    if before["entry"] != now["entry"]:
        names = {"before": before["entry"] or _("nothing"), "now": now["entry"] or _("nothing")}
        found.append(_("Found “%(before)s” then, “%(now)s” now.") % names)
    elif before["answers"] != now["answers"]:
        found.append(_("The answer's text has changed."))
    if before["threshold"] != now["threshold"]:
        values = {"before": number(before["threshold"]), "now": number(now["threshold"])}
        found.append(_("The threshold was %(before)s and is %(now)s.") % values)
    return found


def step(one: Step) -> str:
    """Return what a threshold does, as one would say it."""
    values = {
        "threshold": number(one.threshold),
        "share": round(100 * (one.answered or 0.0)),
        "right": one.of_ten[0],
        "of": one.of_ten[1],
    }
    if not one.given:
        return _("At %(threshold)s the bot answers %(share)d%% of questions.") % values
    return (
        _(
            "At %(threshold)s the bot answers %(share)d%% of questions, and %(right)d of %(of)d "
            "answers are right."
        )
        % values
    )
