"""What a conversation needs of the person who gets it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from chatbot.conversations.models import (
    Conversation,
    HandoffDetail,
    HandoffReason,
    Message,
    Priority,
)
from chatbot.conversations.wording import our_language
from chatbot.routing import options
from chatbot.routing.models import Assignment
from chatbot.routing.options import SkillNeed, at_least
from chatbot.routing.policy import Agent, Needs, Requirement, relax

# How it ended with somebody whose conversation it still is, when they are here.
_HAD_IT = (Assignment.Ended.RESOLVED, Assignment.Ended.LEFT, Assignment.Ended.TO_BOT)
_REFUSED = (Assignment.Ended.DECLINED, Assignment.Ended.PASSED_ON)
_FORGIVEN = timedelta(minutes=15)  # who did not answer may be asked again after so long
_WORDS = 120  # of the customer's, from which a matter is long
_DETAILS = {
    HandoffDetail.COMPLAINT: 0.3,
    HandoffDetail.TECHNICAL: 0.2,
    HandoffDetail.UPSET: 0.2,
    HandoffDetail.ONE_OF_SEVERAL: 0.15,
    HandoffDetail.REOPENED: 0.2,
    HandoffDetail.NOT_HELPED: 0.1,
    HandoffDetail.ASKED_AGAIN: 0.1,
}
_REASONS = {
    HandoffReason.POLICY_RESTRICTION: 0.15,
    HandoffReason.TOOL_FAILURE: 0.1,
    HandoffReason.MISSING_KNOWLEDGE: 0.1,
}


def complexity_of(conversation: Conversation, *, reason: str, detail: str) -> float:
    """Return how much work a conversation will be, 0 to 1, from what is known when it comes.

    A guess by signs: why it was handed off, how much was said, how urgent, how often before.
    """
    said = conversation.messages.filter(author=Message.Author.CONTACT).values_list(
        "text", flat=True
    )
    texts = list(said[:50])
    words = sum(len(text.split()) for text in texts)
    value = 0.25 + _REASONS.get(HandoffReason(reason), 0.0)
    value += _DETAILS[HandoffDetail(detail)] if detail in _DETAILS else 0.0
    value += 0.2 * min(1.0, words / _WORDS) + 0.15 * min(1.0, (len(texts) - 1) / 8)
    value += 0.1 if conversation.priority == Priority.URGENT else 0.0
    return round(min(max(value, 0.0), 1.0), 2)


def needs_of(conversation: Conversation) -> Needs:
    """Return what a conversation needs, with nothing let go yet."""
    before = list(
        Assignment.objects.filter(conversation=conversation, agent__isnull=False)
        .exclude(ended="")
        .order_by("-id")
        .values_list("agent_id", "ended", "ended_at")[:20]
    )
    since = conversation.handed_off_at or conversation.created_at
    return Needs(
        requirements=_requirements(conversation),
        language=our_language(conversation.language),
        topic=conversation.topic,
        complexity=conversation.complexity,
        last_agent=next((agent for agent, ended, _ in before if ended in _HAD_IT), None),
        declined=frozenset(
            agent
            for agent, ended, at in before
            if at is not None and at >= since and _refused(ended, at)
        ),
    )


def _refused(ended: str, at: datetime) -> bool:
    if ended in _REFUSED:
        return True
    return ended == Assignment.Ended.UNANSWERED and at >= timezone.now() - _FORGIVEN


def _requirements(conversation: Conversation) -> tuple[Requirement, ...]:
    """Return one requirement for each kind of condition by which skills are meant for it."""
    language = our_language(conversation.language)
    by_kind: dict[str, list[SkillNeed]] = defaultdict(list)
    for skill in options.current().skills:
        meant = {
            "topic": conversation.topic in skill.topics,
            "channel": conversation.channel_id in skill.channels,
            "language": language in skill.languages,
            "priority": bool(skill.from_priority)
            and at_least(conversation.priority, skill.from_priority),
            "vip": skill.for_vips and conversation.contact.is_vip,
        }
        for kind, is_meant in meant.items():
            if is_meant:
                by_kind[kind].append(skill)
    return tuple(
        Requirement(
            skills=frozenset(skill.slug for skill in skills),
            priority=max(skill.weight for skill in skills),
        )
        for _kind, skills in sorted(by_kind.items())
    )


def relaxed(
    conversation: Conversation, needs: Needs, agents: Iterable[Agent]
) -> tuple[Needs, tuple[Requirement, ...]]:
    """Return the needs without what nobody here has and was waited for long enough, and that.

    Of several such requirements that of the least priority goes first; one whose skills are
    waited for until somebody comes stays, and so do those of more priority.
    """
    team = list(agents)
    waited = timezone.now() - (conversation.waiting_since or timezone.now())
    gone: list[Requirement] = []
    while True:
        left = relax(needs, team)
        dropped = [one for one in needs.requirements if one not in left]
        if not dropped or not all(_waited_enough(one, waited) for one in dropped):
            return needs, tuple(gone)
        gone += dropped
        needs = Needs(
            requirements=left,
            language=needs.language,
            topic=needs.topic,
            complexity=needs.complexity,
            last_agent=needs.last_agent,
            declined=needs.declined,
        )


def _waited_enough(requirement: Requirement, waited: timedelta) -> bool:
    longest = 0
    for skill in options.current().skills:
        if skill.slug in requirement.skills:
            if skill.patience_minutes is None:
                return False  # until somebody comes
            longest = max(longest, skill.patience_minutes)
    return waited >= timedelta(minutes=longest)
