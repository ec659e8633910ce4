"""Why a conversation went to whom: every candidate with every factor, and how it ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from chatbot.conversations.admin import ReadOnly
from chatbot.routing import explanation
from chatbot.routing.models import Assignment
from chatbot.routing.policy import FACTORS

_LABELS = {
    "resolved": "success",
    "declined": "warning",
    "passed_on": "warning",
    "unanswered": "danger",
    "left": "danger",
    "taken_over": "info",
    "to_bot": "info",
    "superseded": "info",
}


@dataclass(frozen=True, slots=True)
class Considered:
    """A candidate as the table shows one. cells: value, weight and points, or None."""

    name: str
    chosen: bool
    suggested: bool
    rejected: str
    cells: Sequence[tuple[str, str, str] | None]
    score: str


@admin.register(Assignment)
class AssignmentAdmin(ReadOnly, ModelAdmin):
    list_display = (
        *("created_at", "conversation", "agent", "way", "shown_strategy", "suggested"),
        *("shown_ended", "why_chosen"),
    )
    list_filter = ("way", "strategy", "ended", "cause", "agent")
    list_select_related = (
        *("conversation__contact", "conversation__channel", "agent", "suggested"),
    )
    date_hierarchy = "created_at"
    fieldsets = (
        (None, {"fields": ("shown_conversation", "agent", "way", "shown_strategy", "suggested")}),
        (_("Why"), {"fields": ("why_chosen", "shown_needs", "expected", "considered")}),
        (
            _("How it ended"),
            {
                "fields": (
                    *("created_at", "answer_by", "answered_at", "ended_at", "ended", "cause"),
                    "why",
                )
            },
        ),
    )
    readonly_fields = (
        *("shown_conversation", "agent", "way", "shown_strategy", "suggested", "why_chosen"),
        *("shown_needs", "expected", "considered", "created_at", "answer_by", "answered_at"),
        *("ended_at", "ended", "cause", "why"),
    )

    @admin.display(description=_("conversation"))
    def shown_conversation(self, assignment: Assignment) -> SafeString:
        address = f"/inbox/c/{assignment.conversation_id}/"
        return format_html('<a href="{}">{}</a>', address, assignment.conversation)

    @admin.display(description=_("strategy"), ordering="strategy")
    def shown_strategy(self, assignment: Assignment) -> str:
        return explanation.strategy_name(assignment) or "–"

    @display(description=_("how it ended"), ordering="ended", label=_LABELS)
    def shown_ended(self, assignment: Assignment) -> tuple[str, str]:
        return assignment.ended, assignment.get_ended_display() or "–"

    @admin.display(description=_("why"))
    def why_chosen(self, assignment: Assignment) -> str:
        told = (explanation.sentence(assignment), explanation.would_have(assignment))
        return " ".join(one for one in told if one)

    @admin.display(description=_("it needed"))
    def shown_needs(self, assignment: Assignment) -> str:
        return " · ".join(explanation.needed(assignment)) or "–"

    @admin.display(description=_("expected minutes"))
    def expected(self, assignment: Assignment) -> str:
        return f"{assignment.expected_minutes:.0f}" if assignment.expected_minutes else "–"

    @admin.display(description=_("considered"))
    def considered(self, assignment: Assignment) -> SafeString:
        used = {name for candidate in assignment.candidates for name in _factors(candidate)}
        names = [name for name in FACTORS if name in used]
        rows = [_row(assignment, candidate, names) for candidate in assignment.candidates]
        shown = {"names": [explanation.factor_name(name) for name in names], "rows": rows}
        # The template escapes all that comes from rows.
        return mark_safe(render_to_string("routing/considered.html", shown))  # noqa: S308


def _factors(candidate: Mapping[str, Any]) -> dict[str, tuple[str, str, str]]:
    """Return a candidate's factors by name; none of those from before there were weights."""
    factors = candidate.get("factors")
    if not isinstance(factors, list):
        return {}
    shown = explanation.number
    return {
        name: (shown(value), shown(weight), shown(points))
        for name, value, weight, points in factors
    }


def _row(assignment: Assignment, candidate: Mapping[str, Any], names: Sequence[str]) -> Considered:
    factors, agent = _factors(candidate), candidate.get("agent")
    rejected, score = str(candidate.get("rejected") or ""), candidate.get("score")
    return Considered(
        name=str(candidate.get("name", "")),
        chosen=agent is not None and agent == assignment.agent_id,
        suggested=agent is not None and agent == assignment.suggested_id,
        rejected=_rejection(rejected),
        cells=[factors.get(name) for name in names],
        score="–" if rejected or score is None else explanation.number(score),
    )


def _rejection(code: str) -> str:
    try:
        return explanation.rejection(code)
    except KeyError:  # of a version that knew more reasons
        return code
