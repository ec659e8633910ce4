"""The writes by which a conversation gets its person: claimed once, with every candidate kept."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from chatbot.background import enqueue
from chatbot.conversations import services as conversations
from chatbot.conversations import wording
from chatbot.conversations.models import EMAIL, Conversation, Message, Status
from chatbot.routing import needs as needing
from chatbot.routing import options, selectors, waiting
from chatbot.routing.deadlines import after_minutes
from chatbot.routing.models import AgentProfile, Assignment, RoutingSettings
from chatbot.routing.policy import (
    Candidate,
    Needs,
    Requirement,
    Room,
    Strategy,
    choose,
    rank_agents,
)
from chatbot.routing.shares import expected_work
from chatbot.routing.signals import suggestion_changed
from chatbot.routing.team import Team, loads

# What the open products do, and we while learned routing only observes: who speaks the language,
# has the skill and the most free places.
OBSERVED = Strategy(
    "observed",
    language=1.0,
    room=0.5,
    declared=0.0,
    exploration=0.0,
    continuity=0.0,
    shares=Room(1.0, 0.0, 0.0, 0.0),
)
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """Who should get a conversation.

    ranked: every candidate by what decides. suggestion: whom learned routing would choose, where
    something else decides; `learned` its candidates, by the strategy `learned_by`. relaxed: what is
    no longer asked for.
    """

    needs: Needs
    strategy: Strategy
    mode: str
    ranked: list[Candidate]
    suggestion: Candidate | None = None
    learned: Sequence[Candidate] = ()
    learned_by: str = ""
    relaxed: tuple[Requirement, ...] = ()


def plan_for(conversation: Conversation, team: Team) -> Plan:
    """Return who should get a conversation now."""
    now = options.current()
    strategy = now.strategy_for(conversation)
    mode = now.settings.mode
    agents = team.agents(conversation.topic)
    needs, gone = needing.relaxed(conversation, needing.needs_of(conversation), agents)
    learned = rank_agents(needs, agents, team.now, strategy)
    if mode == RoutingSettings.Mode.AUTOMATIC:
        return Plan(needs, strategy, mode, learned, relaxed=gone)
    if mode == RoutingSettings.Mode.SUGGEST:
        return Plan(needs, strategy, mode, learned, choose(learned), relaxed=gone)
    usual = rank_agents(needs, team.agents(learned=False), team.now, OBSERVED)
    return Plan(needs, OBSERVED, mode, usual, choose(learned), learned, strategy.name, gone)


def route(conversation: Conversation, team: Team | None = None) -> AgentProfile | None:
    """Give a waiting conversation to the best agent, and record why; None when nobody fits.

    While routing suggests, nobody gets it: whom it suggests is recorded.
    """
    team = team or Team()
    plan = plan_for(conversation, team)
    with transaction.atomic():
        agent = None
        if plan.mode != RoutingSettings.Mode.SUGGEST:
            agent, plan = _claim(conversation, plan)
            if agent is None and conversation.status != Status.QUEUED:
                return None
        record(conversation, agent, plan, Assignment.Way.ROUTED)
    if agent is not None:
        team.note_given(agent.pk, conversation.complexity)
    return agent


class _Full(Exception):
    """Somebody else has given the agent their last place."""


def _claim(conversation: Conversation, plan: Plan) -> tuple[AgentProfile | None, Plan]:
    """Claim the conversation for the best who really has room; others may have been quicker."""
    ranked = plan.ranked
    for _try in range(_TRIES):
        chosen = choose(ranked)
        if chosen is None:
            break
        try:
            # A savepoint, which lets go of the agent who is full: who holds one while they ask
            # for another could wait for somebody who waits for them.
            with transaction.atomic():
                agent = _lock_with_room(chosen.agent.id)
        except _Full:
            full = chosen._replace(rejected="full", factors=())
            ranked = [*(one for one in ranked if one is not chosen), full]
            continue
        claimed = conversations.change_conversation(
            conversation=conversation,
            expected={"status": Status.QUEUED, "assignee": None},
            status=Status.ASSIGNED,
            assignee_id=agent.user_id,
        )
        if not claimed:
            conversation.refresh_from_db(fields=["status", "assignee"])
            return None, plan
        return agent, replace(plan, ranked=ranked)
    return None, replace(plan, ranked=ranked)


def _lock_with_room(agent_id: int) -> AgentProfile:
    """Return the agent, locked until the transaction ends. Raises _Full."""
    agent = AgentProfile.objects.select_for_update(of=("self",), no_key=True).get(pk=agent_id)
    # Counted while the lock is held: what others gave meanwhile counts.
    count, _complexity = loads(user_id=agent.user_id).get(agent.user_id, (0, 0.0))
    if count >= agent.capacity:
        raise _Full
    return agent


def record(
    conversation: Conversation,
    agent: AgentProfile | None,
    plan: Plan,
    way: str,
    *,
    ended: str = Assignment.Ended.SUPERSEDED,
) -> Assignment:
    """Record who got the conversation, or that nobody did yet, with every candidate.

    `ended`: how that ends what was before.
    """
    now = timezone.now()
    before = _suggested(conversation)
    end_assignment(conversation=conversation, ended=ended)
    stored = next((one for one in plan.ranked if agent and one.agent.id == agent.pk), None)
    row = Assignment.objects.create(
        conversation=conversation,
        agent=agent,
        way=way,
        strategy=plan.strategy.name,
        needs=_needs(plan),
        candidates=[_candidate(one) for one in plan.ranked],
        suggested_id=plan.suggestion.agent.id if plan.suggestion else None,
        expected_minutes=expected_work(stored.estimate) if stored else 0.0,
        created_at=now,
        answer_by=deadline(conversation, agent, now) if agent else None,
    )
    if agent is None and row.suggested_id != before:
        transaction.on_commit(
            lambda: suggestion_changed.send(Conversation, conversation=conversation)
        )
    return row


def _suggested(conversation: Conversation) -> int | None:
    """Return whom routing suggests for a conversation that waits to be given to somebody."""
    waits = Assignment.objects.filter(conversation=conversation, ended_at=None, agent=None)
    return waits.values_list("suggested_id", flat=True).first()


def _needs(plan: Plan) -> dict[str, Any]:
    needs = plan.needs
    return {
        "skills": sorted({slug for one in needs.requirements for slug in one.skills}),
        "requirements": [
            {"skills": sorted(one.skills), "priority": one.priority} for one in needs.requirements
        ],
        "relaxed": sorted({slug for one in plan.relaxed for slug in one.skills}),
        "language": needs.language,
        "topic": needs.topic,
        "complexity": needs.complexity,
        "last_agent": needs.last_agent,
        "mode": plan.mode,
        "learned": [_candidate(one) for one in plan.learned],
        "learned_by": plan.learned_by,
    }


def _candidate(one: Candidate) -> dict[str, Any]:
    agent, known = one.agent, one.estimate
    return {
        "agent": agent.id,
        "name": agent.name,
        "score": one.score,
        "rejected": one.rejected,
        "factors": [list(factor) for factor in one.factors],
        "open": agent.open,
        "capacity": agent.capacity,
        "cases": round(known.cases, 1),
        "minutes": round(known.minutes, 1),
        "solves": round(known.solves, 3),
        "rating": round(known.rating, 2),
    }


def end_assignment(
    *, conversation: Conversation, ended: str, cause: str = "", why: str = ""
) -> Assignment | None:
    """End the assignment that a conversation has; return it, if it was an agent's."""
    row = Assignment.objects.filter(conversation=conversation, ended_at=None).first()
    if row is None:
        return None
    row.ended_at, row.ended, row.cause, row.why = timezone.now(), ended, cause, why[:300]
    row.save(update_fields=["ended_at", "ended", "cause", "why"])
    return row if row.agent_id is not None else None


def deadline(conversation: Conversation, agent: AgentProfile, now: datetime) -> datetime:
    """Return until when an agent has to answer: of a mail in their own working time."""
    settings = options.current().settings
    if conversation.channel.kind != EMAIL:
        return now + timedelta(minutes=settings.chat_minutes)
    return after_minutes(agent.hours, agent.local(now), settings.email_minutes)


def announce_joined(conversation: Conversation, agent: AgentProfile) -> None:
    """Tell the customer who has joined."""
    with wording.in_language(conversation.language):
        add_notice(conversation, wording.joined(name=agent.name))


def add_notice(conversation: Conversation, text: str) -> None:
    """Add a line about the conversation, where its channel shows such lines."""
    conversations.add_message(
        conversation=conversation,
        author=Message.Author.SYSTEM,
        kind=Message.Kind.NOTICE,
        text=text,
    )


# --- The queue --------------------------------------------------------------------------------
def assign_waiting() -> int:
    """Give waiting conversations to agents who have room; return how many.

    The most urgent first, and of those the longest wait. While routing suggests, suggestions are
    brought up to date.
    """
    given = 0
    team = Team()
    suggesting = options.current().settings.mode == RoutingSettings.Mode.SUGGEST
    if not suggesting and not team.has_room():
        return 0
    for conversation in selectors.waiting():
        plan = plan_for(conversation, team)
        if _is_known(conversation, plan) if suggesting else choose(plan.ranked) is None:
            continue
        with transaction.atomic():
            fresh = Conversation.objects.select_for_update(of=("self",)).get(pk=conversation.pk)
            if fresh.status != Status.QUEUED:
                continue
            agent = route(conversation, team)
            if agent is None:
                continue
            given += 1
            announce_joined(conversation, agent)
    if given:
        announce_queue()
    return given


def _is_known(conversation: Conversation, plan: Plan) -> bool:
    """Return whether a suggestion is what was suggested already."""
    return _suggested(conversation) == (plan.suggestion.agent.id if plan.suggestion else None)


@task()
def assign_waiting_task() -> None:
    """`assign_waiting`, in the background."""
    assign_waiting()


_at_once: ContextVar[set[str] | None] = ContextVar("at_once", default=None)


@contextmanager
def once_for_many() -> Iterator[None]:
    """Look at the queue once after many conversations have changed, not after each."""
    token = _at_once.set(set())
    try:
        yield
    finally:
        wanted = _at_once.get() or set()
        _at_once.reset(token)
        if "assign" in wanted:
            assign_soon()
        if "announce" in wanted:
            announce_queue()


def assign_soon() -> None:
    """Have waiting conversations given to whoever has room now."""
    noted = _at_once.get()
    if noted is not None:
        noted.add("assign")
    else:
        enqueue("assign")


def announce_queue() -> None:
    """Tell those who still wait that their place has changed."""
    noted = _at_once.get()
    if noted is not None:
        noted.add("announce")
        return
    rows = selectors.waiting()
    with waiting.one_look():
        for conversation in rows:
            conversations.announce_change(conversation=conversation)
