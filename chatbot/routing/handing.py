"""From the bot to a person: the conversation is queued, routed, and the customer told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from chatbot.conversations import services as conversations
from chatbot.conversations import wording
from chatbot.conversations.models import Conversation, HandoffReason, Message, Priority, Status
from chatbot.routing import assigning, notices, outcomes, service_levels, telling
from chatbot.routing.needs import complexity_of


@dataclass(frozen=True, slots=True)
class Brief:
    """What the person who comes is told, beside the question and the reason.

    detail: more than the reason says, see `HandoffDetail`. action: what the bot was doing. form:
    what it collected, (name, value). text: what the customer is told instead of the reason's own
    sentence, in the language that is active. priority: "" leaves it as it is. silent: the
    customer is told nothing, since it may be no person.
    """

    detail: str = ""
    action: str = ""
    form: tuple[tuple[str, str], ...] = ()
    text: str = ""
    priority: str = ""
    silent: bool = False


def hand_off(
    *,
    message: Message,
    reason: str,
    topic: str = "",
    draft: Mapping[str, Any] | None = None,
    confidence: float | None = None,
    evidence: Mapping[str, Any] | None = None,
    brief: Brief | None = None,
) -> bool:
    """Bring a person for `message`, telling the customer; return whether this call did it.

    `draft` is what the bot would have answered. Nothing is done when the message was handled
    already or a person has the conversation.
    """
    with transaction.atomic():
        claimed = conversations.claim_pending(
            message=message, confidence=confidence, evidence=evidence
        )
        if not claimed:
            return False
        return _hand_over(
            message.conversation,
            reason=reason,
            topic=topic,
            brief=brief or Brief(),
            confidence=confidence,
            handoff={
                "question": message.text,
                "message": message.pk,
                "draft": dict(draft) if draft else None,
                "evidence": dict(evidence or {}),
            },
        )


def bring_person(
    *, conversation: Conversation, reason: str, brief: Brief, reopen: bool = False
) -> bool:
    """Bring a person though the customer said nothing new; return whether this call did it.

    `reopen`: also where the conversation is resolved.
    """
    with transaction.atomic():
        if reopen:
            conversations.change_conversation(
                conversation=conversation,
                expected={"status": Status.RESOLVED},
                status=Status.BOT,
                resolved_at=None,
            )
        handoff = {"question": "", "draft": None}
        return _hand_over(conversation, reason=reason, brief=brief, handoff=handoff)


def _hand_over(
    conversation: Conversation,
    *,
    reason: str,
    brief: Brief,
    handoff: Mapping[str, Any],
    topic: str = "",
    confidence: float | None = None,
) -> bool:
    now = timezone.now()
    handed_over = conversations.change_conversation(
        conversation=conversation,
        expected={"status": Status.BOT},
        status=Status.QUEUED,
        assignee_id=None,
        reason=HandoffReason(reason).value,
        topic=topic or conversation.topic,
        priority=brief.priority or conversation.priority,
        complexity=complexity_of(conversation, reason=reason, detail=brief.detail),
        confidence=confidence,
        handoff={
            **handoff,
            "at": now.isoformat(),
            "detail": brief.detail,
            "action": brief.action,
            "form": [list(pair) for pair in brief.form],
        },
        dialogue={},
        task={},
        handed_off_at=now,
        waiting_since=now,
        first_reply_at=None,
        **service_levels.begun(conversation, now, priority=brief.priority),
    )
    if not handed_over:
        return False
    outcomes.note_reopened(conversation=conversation)
    notices.add_notices(conversation=conversation)
    assigned = assigning.route(conversation)
    if assigned is None and conversation.priority != Priority.NORMAL:
        transaction.on_commit(assigning.announce_queue)  # it may come before others
    if brief.silent:
        return True
    with wording.in_language(conversation.language):
        why = brief.text or wording.handing_over(reason=reason)
    name = assigned.name if assigned else ""
    telling.tell_handed_over(conversation=conversation, why=why, assigned=name)
    if assigned is not None:
        assigning.announce_joined(conversation, assigned)
    return True
