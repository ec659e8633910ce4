"""What was done to a conversation, taken back: as it was, where nobody has changed it since."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.dateparse import parse_datetime

from chatbot.conversations import services as conversations
from chatbot.conversations.models import Conversation, Status
from chatbot.routing import assigning, closing
from chatbot.routing.models import Assignment, Outcome

_MOMENTS = (
    "waiting_since",
    "handed_off_at",
    "first_reply_at",
    "resolved_at",
    "snoozed_until",
    "reply_due_at",
    "resolve_due_at",
)
_FIELDS = ("status", "assignee_id", "snoozed_by_id", "merged_into_id", "answer_to_id", *_MOMENTS)

Snapshot = Mapping[str, Any]


class Changed(Exception):
    """Somebody has changed the conversation since."""


class Superseded(Exception):
    """Its customer has begun a newer conversation: only one is open at a time."""


def snapshot(conversation_id: int) -> dict[str, Any]:
    """Return what can be brought back of a conversation, as JSON."""
    row = Conversation.objects.values(*_FIELDS).get(pk=conversation_id)
    assignment = Assignment.objects.filter(conversation_id=conversation_id, ended_at=None).first()
    kept = {name: _stored(value) for name, value in row.items()}
    return {**kept, "assignment": assignment.pk if assignment else None}


def _stored(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def restore(*, conversation: Conversation, before: Snapshot, after: Snapshot) -> bool:
    """Bring back what a deed changed, from its snapshots; return whether its customer was told.

    Raises Changed and Superseded: then nothing was done.
    """
    names = [name for name in _FIELDS if before[name] != after[name]]
    was_told = False
    try:
        with transaction.atomic():
            back = names and conversations.change_conversation(
                conversation=conversation,
                expected={name: _value(name, after) for name in (*names, "status", "assignee_id")},
                **{name: _value(name, before) for name in names},
            )
            if names and not back:
                raise Changed
            if after["status"] == Status.RESOLVED != before["status"]:
                was_told = not closing.take_back(conversation=conversation)
            if before["assignment"] != after["assignment"]:
                _reassign(conversation, before["assignment"], after["assignment"])
            assigning.assign_soon()
            if Status.QUEUED in (before["status"], after["status"]):
                transaction.on_commit(assigning.announce_queue)
    except IntegrityError as error:
        raise Superseded from error
    return was_told


def _value(name: str, kept: Snapshot) -> Any:
    value = kept[name]
    return parse_datetime(value) if name in _MOMENTS and value else value


def _reassign(conversation: Conversation, before: int | None, after: int | None) -> None:
    """Open the assignment again that a deed ended. Raises Changed where it was looked at anew."""
    current = Assignment.objects.filter(conversation=conversation, ended_at=None)
    if current.exclude(pk=after or 0).exists():
        raise Changed
    if after is not None:
        assigning.end_assignment(conversation=conversation, ended=Assignment.Ended.SUPERSEDED)
    if before is not None:
        Assignment.objects.filter(pk=before).update(ended_at=None, ended="", cause="", why="")
        # It did not end: there is nothing to learn from how.
        Outcome.objects.filter(assignment_id=before).delete()
