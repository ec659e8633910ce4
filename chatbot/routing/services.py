"""The writes of routing: a conversation goes to a person, waits for one, or comes back."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_tasks import task
from rapidfuzz import fuzz

from chatbot.background import enqueue
from chatbot.conversations import services as conversations
from chatbot.conversations import wording
from chatbot.conversations.models import (
    WEBSITE,
    Classification,
    Conversation,
    HandoffReason,
    Message,
    Status,
    Verdict,
)
from chatbot.conversations.verdicts import record_verdict
from chatbot.routing import notices, selectors
from chatbot.routing.models import AgentProfile, Assignment
from chatbot.routing.policy import Candidate, Needs, choose, rank_agents
from chatbot.text import normalise

logger = logging.getLogger(__name__)
_ENOUGH_WORDS = 8  # fewer could stand in any answer
_SAME = 85.0  # rapidfuzz's token_set_ratio from which a reply says what the draft says


class AlreadyTaken(Exception):
    """Somebody else has the conversation."""


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


# --- From the bot to a person -----------------------------------------------------------------
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
    )
    if not handed_over:
        return False
    notices.add_notices(conversation=conversation)
    assigned = _route(conversation)
    if brief.silent:
        return True
    with wording.in_language(conversation.language):
        why = brief.text or wording.handing_over(reason=reason)
    _tell_customer(conversation, why, assigned)
    return True


def _route(conversation: Conversation) -> AgentProfile | None:
    """Give a waiting conversation to the best agent, and record why; None when nobody fits."""
    needs = selectors.needs_of(conversation)
    ranked = rank_agents(needs, selectors.agents(lock=True))
    chosen = choose(ranked)
    agent = AgentProfile.objects.get(pk=chosen.agent.id) if chosen else None
    if agent is not None:
        claimed = conversations.change_conversation(
            conversation=conversation,
            expected={"status": Status.QUEUED, "assignee": None},
            status=Status.ASSIGNED,
            assignee_id=agent.user_id,
        )
        if not claimed:
            return None
    record_assignment(conversation, agent, ranked, needs, Assignment.Way.ROUTED)
    return agent


def record_assignment(
    conversation: Conversation,
    agent: AgentProfile | None,
    ranked: list[Candidate],
    needs: Needs,
    way: str,
) -> None:
    """Record who got the conversation, or that nobody did yet, with every candidate."""
    _end_assignments(conversation)
    Assignment.objects.create(
        conversation=conversation,
        agent=agent,
        way=way,
        needs={"skills": sorted(needs.skills), "language": needs.language},
        candidates=[_stored(candidate) for candidate in ranked],
    )


def _stored(candidate: Candidate) -> dict[str, Any]:
    agent = candidate.agent
    return {
        "agent": agent.id,
        "name": agent.name,
        "score": round(candidate.score, 3),
        "rejected": candidate.rejected,
        "factors": {
            "skill": candidate.skill,
            "language": candidate.language,
            "room": round(candidate.room, 3),
            "open": agent.open,
            "capacity": agent.capacity,
        },
    }


def _end_assignments(conversation: Conversation) -> None:
    Assignment.objects.filter(conversation=conversation, ended_at=None).update(
        ended_at=timezone.now()
    )


def _tell_customer(conversation: Conversation, why: str, assigned: AgentProfile | None) -> None:
    with wording.in_language(conversation.language):
        text = f"{why} {_what_next(conversation, assigned)}"
        conversations.add_message(
            conversation=conversation,
            author=Message.Author.BOT,
            author_name=conversation.channel.bot_name,
            text=text,
            # Lists keep showing the customer's words: they say why somebody is needed.
            preview=False,
        )
        if assigned is not None:
            _notice(conversation, wording.joined(name=assigned.name))


def _what_next(conversation: Conversation, assigned: AgentProfile | None) -> str:
    wait = selectors.expected_wait(conversation)
    if assigned is not None:
        minutes = selectors.reply_minutes(conversation.channel)
        return wording.person_assigned(name=assigned.name, minutes=minutes)
    if wait.people_here:
        return wording.queue_place(position=wait.position or 1, minutes=wait.minutes)
    # Elsewhere than on a website nobody has left: the answer comes to where they wrote.
    reached = conversation.channel.kind != WEBSITE or bool(conversation.contact.email)
    return wording.nobody_here(opens_at=wait.opens_at, has_email=reached)


def _notice(conversation: Conversation, text: str) -> None:
    conversations.add_message(
        conversation=conversation,
        author=Message.Author.SYSTEM,
        kind=Message.Kind.NOTICE,
        text=text,
    )


# --- The queue --------------------------------------------------------------------------------
def assign_waiting() -> int:
    """Give waiting conversations to agents who have room, longest wait first; return how many."""
    given = 0
    agents = selectors.agents()
    if not any(agent.presence == "online" and agent.open < agent.capacity for agent in agents):
        return 0
    for conversation in selectors.waiting():
        ranked = rank_agents(selectors.needs_of(conversation), agents)
        if choose(ranked) is None:
            continue
        with transaction.atomic():
            fresh = Conversation.objects.select_for_update(of=("self",)).get(pk=conversation.pk)
            if fresh.status != Status.QUEUED:
                continue
            agent = _route(conversation)
            if agent is None:
                continue
            given += 1
            agents = selectors.agents()
            with wording.in_language(conversation.language):
                _notice(conversation, wording.joined(name=agent.name))
    if given:
        announce_queue()
    return given


@task()
def assign_waiting_task() -> None:
    """`assign_waiting`, in the background."""
    assign_waiting()


def announce_queue() -> None:
    """Tell those who still wait that their place has changed."""
    for conversation in selectors.waiting():
        conversations.announce_change(conversation=conversation)


# --- What agents do ---------------------------------------------------------------------------
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
    with transaction.atomic():
        needs = selectors.needs_of(conversation)
        ranked = rank_agents(needs, selectors.agents())
        now = timezone.now()
        claimed = conversations.change_conversation(
            conversation=conversation,
            expected=expected,
            status=Status.ASSIGNED,
            assignee_id=agent.user_id,
            handed_off_at=conversation.handed_off_at or now,
            resolved_at=None,
        )
        if not claimed:
            raise AlreadyTaken
        record_assignment(conversation, agent, ranked, needs, Assignment.Way.TAKEN)
        with wording.in_language(conversation.language):
            _notice(conversation, wording.joined(name=agent.name))
    announce_queue()


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
    return conversations.add_message(
        conversation=conversation,
        author=Message.Author.AGENT,
        user_id=agent.user_id,
        author_name=agent.name,
        text=text,
        external_id=external_id,
        extra=extra,
        attachment_ids=attachment_ids,
    )


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
    agent: AgentProfile,
    topic: str | None = None,
    priority: str | None = None,
) -> bool:
    """Correct a conversation's topic and priority, and keep what they were; None leaves one.

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
        if after == before or not conversations.change_conversation(
            conversation=conversation, expected=before, **after
        ):
            return False
        Classification.objects.create(
            conversation=conversation,
            **after,
            topic_before=before["topic"],
            priority_before=before["priority"],
            user_id=agent.user_id,
        )
        if after["topic"] != before["topic"] and conversation.status == Status.QUEUED:
            enqueue("assign")  # to whoever has the skill of the right topic
    return True


def resolve(*, conversation: Conversation) -> None:
    """Close the matter; the customer's next message opens a new one."""
    with transaction.atomic():
        changed = conversations.change_conversation(
            conversation=conversation,
            expected={"status__in": [Status.BOT, Status.QUEUED, Status.ASSIGNED]},
            status=Status.RESOLVED,
            resolved_at=timezone.now(),
            waiting_since=None,
        )
        if not changed:
            return
        _end_assignments(conversation)
        with wording.in_language(conversation.language):
            _notice(conversation, wording.resolved())
        enqueue("assign")


def hand_back(*, conversation: Conversation) -> None:
    """Let the bot answer again."""
    with transaction.atomic():
        changed = conversations.change_conversation(
            conversation=conversation,
            expected={"status__in": [Status.QUEUED, Status.ASSIGNED]},
            status=Status.BOT,
            assignee_id=None,
            waiting_since=None,
        )
        if not changed:
            return
        _end_assignments(conversation)
        with wording.in_language(conversation.language):
            _notice(conversation, wording.back_to_bot(bot=conversation.channel.bot_name))
        enqueue("assign")
