"""Why somebody has a conversation, or is suggested for it. The forms are in docs/inbox-api.md."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from chatbot.agent_events import Named
from chatbot.events import Payload
from chatbot.routing import explanation
from chatbot.routing.models import Assignment


class FactorPart(Payload):
    """A factor of a score: `points` is `weight` times `value`, rounded."""

    name: str
    value: str
    weight: str
    points: str


class CandidatePart(Payload):
    """An agent who was considered: `score` is the sum of the factors' points."""

    name: str
    chosen: bool
    score: str
    factors: list[FactorPart]
    rejected: str


class AssignmentPart(Payload):
    """Why somebody has the conversation, or is suggested for it, in the reader's language.

    `needs`: what was asked of them. `would_have`: whom learned routing would have chosen, where
    that is somebody else; `learned`: how it ranked them, where something else decided, and
    `learned_strategy` what mattered to it. `answer_by`: until when the agent has to say something.
    """

    sentence: str
    at: datetime
    strategy: str
    needs: list[str]
    would_have: str
    suggested: Named | None
    answer_by: datetime | None
    candidates: list[CandidatePart]
    learned_strategy: str
    learned: list[CandidatePart]


def assignment_part(assignment: Assignment, reader_id: int | None) -> AssignmentPart:
    """Return why somebody has a conversation, to the agent who reads it."""
    suggested = assignment.suggested if assignment.agent_id is None else None
    chosen = assignment.agent_id or assignment.suggested_id
    return AssignmentPart(
        sentence=explanation.sentence(assignment, reader_id),
        at=assignment.created_at,
        strategy=explanation.strategy_name(assignment),
        needs=explanation.needed(assignment),
        would_have=explanation.would_have(assignment),
        suggested=Named(id=suggested.user_id, name=suggested.name) if suggested else None,
        answer_by=None if _is_calm(assignment) else assignment.answer_by,
        candidates=_candidates(assignment.candidates, chosen),
        learned_strategy=explanation.learned_by(assignment),
        learned=_candidates(explanation.learned(assignment), assignment.suggested_id),
    )


def _candidates(ranked: Iterable[dict[str, Any]], chosen: int | None) -> list[CandidatePart]:
    return [
        CandidatePart(
            name=candidate["name"],
            chosen=candidate["agent"] == chosen,
            score=explanation.number(candidate["score"]),
            factors=[
                FactorPart(name=name, value=value, weight=weight, points=points)
                for name, value, weight, points in explanation.factors(candidate)
            ],
            rejected=explanation.rejection(candidate["rejected"]),
        )
        for candidate in ranked
    ]


def _is_calm(assignment: Assignment) -> bool:
    """Return whether nobody counts the agent's time: they have answered, or it is snoozed."""
    ended = assignment.answered_at or assignment.ended_at
    return ended is not None or assignment.conversation.snoozed_until is not None
