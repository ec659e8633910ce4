"""What agents do with conversations: take, answer, note, classify, pass on, resolve, hand back."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from rapidfuzz import fuzz

from chatbot.background import enqueue
from chatbot.conversations import services as conversations
from chatbot.conversations import wording
from chatbot.conversations.models import (
    Classification,
    Conversation,
    Message,
    Status,
    Verdict,
)
from chatbot.conversations.verdicts import record_verdict
from chatbot.routing import assigning, closing, moving, outcomes, service_levels
from chatbot.routing.models import AgentProfile, Assignment
from chatbot.routing.team import Team
from chatbot.text import normalise

_ENOUGH_WORDS = 8  # fewer could stand in any answer
_SAME = 85.0  # rapidfuzz's token_set_ratio from which a reply says what the draft says


class AlreadyTaken(Exception):
    """Somebody else has the conversation."""


class NotYours(Exception):
    """Only who has a conversation may decline it or pass it on."""


def take(*, conversation: Conversation, agent: AgentProfile, over: bool = False) -> None:
    """Give the conversation to `agent`, who wants it.

    Raises AlreadyTaken when another agent has it, unless `over` says to take it over.
    """
    before = conversation.assignee_id
    if conversation.status == Status.ASSIGNED and before == agent.user_id:
        return
    expected: dict[str, Any] = {"status": conversation.status, "assignee_id": before}
    if before is not None and not over:
        raise AlreadyTaken
    way = _way(conversation, agent)
    _give(conversation, agent, way, expected=expected)


def give(*, conversation: Conversation, agent: AgentProfile, by: AgentProfile) -> None:
    """Give the conversation to `agent`, as `by` wants it. Raises AlreadyTaken where it moved."""
    if conversation.status == Status.ASSIGNED and conversation.assignee_id == agent.user_id:
        return
    expected = {"status": conversation.status, "assignee_id": conversation.assignee_id}
    way = _way(conversation, agent)
    if way == Assignment.Way.TAKEN and agent.pk != by.pk:
        way = Assignment.Way.GIVEN
    _give(conversation, agent, way, expected=expected)


def _way(conversation: Conversation, agent: AgentProfile) -> str:
    """Return how an agent gets a waiting conversation: as routing had suggested, or not."""
    last = Assignment.objects.filter(conversation=conversation, ended_at=None).first()
    is_suggested = last is not None and last.agent_id is None and last.suggested_id == agent.pk
    return Assignment.Way.ACCEPTED if is_suggested else Assignment.Way.TAKEN


def _give(
    conversation: Conversation, agent: AgentProfile, way: str, *, expected: dict[str, Any]
) -> None:
    now = timezone.now()
    clocks: dict[str, Any] = {}
    if expected["status"] not in (Status.QUEUED, Status.ASSIGNED):
        clocks = service_levels.begun(conversation, now, waits=False)
    with transaction.atomic():
        plan = assigning.plan_for(conversation, Team())
        claimed = conversations.change_conversation(
            conversation=conversation,
            expected=expected,
            status=Status.ASSIGNED,
            assignee_id=agent.user_id,
            handed_off_at=conversation.handed_off_at or now,
            resolved_at=None,
            **clocks,
        )
        if not claimed:
            raise AlreadyTaken
        before = Assignment.objects.filter(conversation=conversation, ended_at=None).first()
        was_suggested = before.suggested_id if before and before.agent_id is None else None
        row = assigning.record(conversation, agent, plan, way, ended=Assignment.Ended.TAKEN_OVER)
        if was_suggested is not None and row.suggested_id != was_suggested:
            row.suggested_id = was_suggested  # what a person was shown when they decided
            row.save(update_fields=["suggested"])
        assigning.announce_joined(conversation, agent)
    assigning.announce_queue()


def pass_on(
    *,
    conversation: Conversation,
    agent: AgentProfile,
    cause: str,
    why: str = "",
    to: AgentProfile | None = None,
) -> None:
    """Decline a conversation, or pass it on, with a reason: to `to`, or to the next best.

    Raises NotYours unless `agent` has it.
    """
    with transaction.atomic():
        row = (
            Assignment.objects.select_related("conversation__channel", "conversation__contact")
            .filter(conversation=conversation, ended_at=None, agent=agent)
            .first()
        )
        back = row is not None and conversations.change_conversation(
            conversation=conversation,
            expected={"status": Status.ASSIGNED, "assignee_id": agent.user_id},
            status=Status.QUEUED,
            assignee_id=None,
            waiting_since=conversation.waiting_since or timezone.now(),
        )
        if row is None or not back:
            raise NotYours
        answered = Message.objects.filter(
            conversation=conversation,
            user_id=agent.user_id,
            kind=Message.Kind.TEXT,
            created_at__gte=row.created_at,
        ).exists()
        ended = Assignment.Ended.PASSED_ON if answered else Assignment.Ended.DECLINED
        ended_row = assigning.end_assignment(
            conversation=conversation, ended=ended, cause=cause, why=why
        )
        if ended_row is not None:
            outcomes.note_passed_on(assignment=ended_row)
        if to is not None:
            give(conversation=conversation, agent=to, by=agent)
            return
        taken = assigning.route(conversation)
        if taken is not None:
            assigning.announce_joined(conversation, taken)
    assigning.announce_queue()


def reply(
    *,
    conversation: Conversation,
    agent: AgentProfile,
    text: str,
    external_id: str,
    attachment_ids: Sequence[int] = (),
) -> Message:
    """Record an agent's reply to the customer, with files that they uploaded before.

    Raises `attachments.UnknownAttachments`.
    """
    now = timezone.now()
    extra: dict[str, Any] = {"waiting_since": None}
    _note_agreement(conversation, text)
    if conversation.handed_off_at is not None and conversation.first_reply_at is None:
        extra["first_reply_at"] = now
    with transaction.atomic():
        message = conversations.add_message(
            conversation=conversation,
            author=Message.Author.AGENT,
            user_id=agent.user_id,
            author_name=agent.name,
            text=text,
            external_id=external_id,
            extra={**extra, **service_levels.answered(conversation, now)},
            attachment_ids=attachment_ids,
        )
        moving.note_answered(conversation=conversation)
    return message


def _note_agreement(conversation: Conversation, text: str) -> None:
    """Keep that the bot would have been right, where a person says what it would have said.

    The contrary tells nothing: people greet first, ask back, and say things in their own way.
    """
    draft, question = conversation.handoff.get("draft"), conversation.handoff.get("message")
    words = normalise(text)
    if not draft or not question or len(words.split()) < _ENOUGH_WORDS:
        return
    if fuzz.token_set_ratio(words, normalise(draft["text"])) >= _SAME:
        record_verdict(message_id=question, right=True, source=Verdict.Source.REPLY)


def note(
    *, conversation: Conversation, agent: AgentProfile, text: str, external_id: str
) -> Message:
    """Record a private note, which no customer ever sees."""
    return conversations.add_message(
        conversation=conversation,
        author=Message.Author.AGENT,
        user_id=agent.user_id,
        author_name=agent.name,
        kind=Message.Kind.NOTE,
        text=text,
        external_id=external_id,
    )


def classify(
    *,
    conversation: Conversation,
    user_id: int,
    topic: str | None = None,
    priority: str | None = None,
) -> bool:
    """Correct a conversation's topic and priority, and keep what they were; None leaves one.

    `user_id`: who says so; a supervisor need not be an agent.
    Returns whether anything changed: saying the same again is no label.
    """
    with transaction.atomic():
        before = (
            Conversation.objects.select_for_update()
            .values("topic", "priority")
            .get(pk=conversation.pk)
        )
        after = {
            "topic": before["topic"] if topic is None else topic,
            "priority": before["priority"] if priority is None else priority,
        }
        conversation.topic, conversation.priority = after["topic"], after["priority"]
        clocks = service_levels.reclassified(conversation, before["priority"], after["priority"])
        if after == before or not conversations.change_conversation(
            conversation=conversation, expected=before, **after, **clocks
        ):
            return False
        Classification.objects.create(
            conversation=conversation,
            **after,
            topic_before=before["topic"],
            priority_before=before["priority"],
            user_id=user_id,
        )
        if after["topic"] != before["topic"] and conversation.status == Status.QUEUED:
            enqueue("assign")  # to whoever has the skill of the right topic
        if after["priority"] != before["priority"] and conversation.status == Status.QUEUED:
            transaction.on_commit(assigning.announce_queue)
    return True


def resolve(*, conversation: Conversation, silent: bool = False) -> bool:
    """Close the matter; the customer's next message opens a new one. Return whether it was open.

    `silent`: the customer is told nothing, and nobody learns from it.
    """
    now = timezone.now()
    was_waiting = conversation.status == Status.QUEUED
    with transaction.atomic():
        changed = conversations.change_conversation(
            conversation=conversation,
            expected={"status__in": [Status.BOT, Status.QUEUED, Status.ASSIGNED]},
            status=Status.RESOLVED,
            resolved_at=now,
            waiting_since=None,
            **(service_levels.stopped() if silent else service_levels.ended(conversation, now)),
        )
        if not changed:
            return False
        ended = assigning.end_assignment(
            conversation=conversation,
            ended=Assignment.Ended.SUPERSEDED if silent else Assignment.Ended.RESOLVED,
        )
        if not silent:
            if ended is not None:
                outcomes.note_resolved(assignment=ended)
            closing.close(conversation=conversation)
        assigning.assign_soon()
        if was_waiting:
            transaction.on_commit(assigning.announce_queue)
    return True


def hand_back(*, conversation: Conversation) -> None:
    """Let the bot answer again."""
    was_waiting = conversation.status == Status.QUEUED
    with transaction.atomic():
        changed = conversations.change_conversation(
            conversation=conversation,
            expected={"status__in": [Status.QUEUED, Status.ASSIGNED]},
            status=Status.BOT,
            assignee_id=None,
            waiting_since=None,
            **service_levels.stopped(),
        )
        if not changed:
            return
        assigning.end_assignment(conversation=conversation, ended=Assignment.Ended.TO_BOT)
        with wording.in_language(conversation.language):
            assigning.add_notice(
                conversation, wording.back_to_bot(bot=conversation.channel.bot_name)
            )
        assigning.assign_soon()
        if was_waiting:
            transaction.on_commit(assigning.announce_queue)
