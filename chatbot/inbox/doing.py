"""What agents do to one or many conversations at once, each by its service, and its undoing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from django.db import IntegrityError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from pydantic import Field

from chatbot.api import ApiError
from chatbot.conversations import labels
from chatbot.conversations.models import Conversation, Status
from chatbot.events import Payload
from chatbot.routing import blocking, joining, services, snoozing, undoing
from chatbot.routing.models import AgentProfile
from chatbot.routing.selectors import agent_name, profile_by_user, supervises
from knowledge.search import topic_names

RowId = Annotated[int, Field(ge=1, le=2**63 - 1)]
Name = Literal[
    "resolve",
    "snooze",
    "label",
    "priority",
    "topic",
    "give",
    "queue",
    "hand_back",
    "block",
    "merge",
]
ROWS = ("channel__mailbox", "contact", "identity__channel", "answer_to__channel", "assignee")


class Values(Payload):
    """What a deed needs: each what its name says; the others are left out.

    until: when to wake, in ISO 8601; without an offset it is meant in the agent's zone. add,
    remove: labels. agent: a user's id. reason: why somebody is blocked. other: what is merged.
    """

    until: Annotated[str, Field(max_length=40)] = ""
    add: Annotated[list[RowId], Field(max_length=labels.MOST)] = []
    remove: Annotated[list[RowId], Field(max_length=labels.MOST)] = []
    priority: Literal["normal", "high", "urgent"] | None = None
    topic: Annotated[str, Field(max_length=60)] | None = None
    agent: RowId | None = None
    reason: Annotated[str, Field(max_length=300)] = ""
    other: RowId | None = None


class Refused(Exception):
    """A deed that cannot be done to a conversation; the argument is a sentence for the agent."""


Kept = dict[str, Any]
Do = Callable[[Conversation, AgentProfile, Values], Kept]
Undo = Callable[[Conversation, AgentProfile, Mapping[str, Any]], bool]


@dataclass(frozen=True, slots=True)
class Deed:
    """How something is done, and how it is taken back.

    check: what is wrong with the values, before anything is done; raises ApiError. do: does it and
    returns what is to be kept besides snapshots; raises Refused. undo: returns whether the customer
    was told of it; raises `undoing.Changed` and `undoing.Superseded`. own: only whoever has the
    conversation may, or a supervisor.
    """

    do: Do
    undo: Undo
    check: Callable[[Values, AgentProfile], None] = lambda _values, _agent: None
    own: bool = True


def perform(
    deed: Deed, conversation: Conversation, agent: AgentProfile, values: Values, boss: bool
) -> Kept | None:
    """Do it; return what its undoing needs, or None where nothing changed. Raises Refused."""
    if deed.own and not boss and is_others(conversation, agent):
        name = agent_name(conversation.assignee_id or 0)
        raise Refused(_("%(name)s has this conversation.") % {"name": name})
    before = undoing.snapshot(conversation.pk)
    try:
        more = deed.do(conversation, agent, values)
    except (services.AlreadyTaken, IntegrityError) as error:
        raise Refused(_("Somebody else was quicker.")) from error
    after = undoing.snapshot(conversation.pk)
    if before == after and not more:
        return None
    return {"before": before, "after": after, **more}


def is_others(conversation: Conversation, agent: AgentProfile) -> bool:
    """Return whether a colleague has it."""
    return (
        conversation.status == Status.ASSIGNED
        and conversation.assignee_id is not None
        and conversation.assignee_id != agent.user_id
    )


def _back(conversation: Conversation, _agent: AgentProfile, kept: Mapping[str, Any]) -> bool:
    return undoing.restore(conversation=conversation, before=kept["before"], after=kept["after"])


def _back_and_told(
    conversation: Conversation, agent: AgentProfile, kept: Mapping[str, Any]
) -> bool:
    _back(conversation, agent, kept)
    return True  # who has it is said at once


# --- Resolve, snooze ------------------------------------------------------------------------------
def _resolve(conversation: Conversation, _agent: AgentProfile, _values: Values) -> Kept:
    services.resolve(conversation=conversation)
    return {}


def moment_of(text: str, agent: AgentProfile) -> datetime:
    """Return the moment that an agent names, in their zone where it has none. Raises ApiError."""
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise ApiError("invalid", _("This is no date and time."))
    if timezone.is_naive(found):
        return found.replace(tzinfo=agent.local(timezone.now()).tzinfo)
    return found


def _check_snooze(values: Values, agent: AgentProfile) -> None:
    until, now = moment_of(values.until, agent), timezone.now()
    if not now < until <= now + snoozing.LONGEST:
        raise ApiError("invalid", _("Choose a time that is ahead, within a year."))


def _snooze(conversation: Conversation, agent: AgentProfile, values: Values) -> Kept:
    owner = profile_by_user(conversation.assignee_id or 0) or agent  # a supervisor may do it too
    try:
        snoozing.snooze(
            conversation=conversation, agent=owner, until=moment_of(values.until, agent)
        )
    except services.NotYours as error:
        raise Refused(_("Only what somebody has can be snoozed: take it first.")) from error
    except snoozing.NotAhead as error:
        raise Refused(_("Choose a time that is ahead, within a year.")) from error
    return {}


# --- Labels, topic, priority ----------------------------------------------------------------------
def _label(conversation: Conversation, agent: AgentProfile, values: Values) -> Kept:
    try:
        came, went = labels.change_labels(
            conversation=conversation,
            add=values.add,
            remove=values.remove,
            user_id=agent.user_id,
        )
    except labels.TooMany as error:
        raise Refused(
            _("A conversation can have %(most)s labels at most.") % {"most": labels.MOST}
        ) from error
    return {"came": came, "went": went} if came or went else {}


def _unlabel(conversation: Conversation, agent: AgentProfile, kept: Mapping[str, Any]) -> bool:
    came, went = kept.get("came", []), kept.get("went", [])
    has = set(conversation.label_rows.values_list("label_id", flat=True))
    if not set(came) <= has or has & set(went):
        raise undoing.Changed
    labels.change_labels(conversation=conversation, add=went, remove=came, user_id=agent.user_id)
    return False


def _check_topic(values: Values, _agent: AgentProfile) -> None:
    if values.topic is None or (values.topic and values.topic not in topic_names()):
        raise ApiError("invalid", _("There is no such topic."))


def _check_priority(values: Values, _agent: AgentProfile) -> None:
    if values.priority is None:
        raise ApiError("invalid", _("Choose a priority."))


def _classify(conversation: Conversation, agent: AgentProfile, values: Values) -> Kept:
    old: Kept = {"topic": conversation.topic, "priority": conversation.priority}
    changed = services.classify(
        conversation=conversation,
        user_id=agent.user_id,
        topic=values.topic,
        priority=values.priority,
    )
    if not changed:
        return {}
    return {"was": old, "is": {"topic": conversation.topic, "priority": conversation.priority}}


def _declassify(conversation: Conversation, agent: AgentProfile, kept: Mapping[str, Any]) -> bool:
    was, now = kept["was"], kept["is"]
    changed = {name: was[name] for name in was if was[name] != now[name]}
    if any(getattr(conversation, name) != now[name] for name in changed):
        raise undoing.Changed
    services.classify(conversation=conversation, user_id=agent.user_id, **changed)
    return False


# --- Who has it -----------------------------------------------------------------------------------
def _check_give(values: Values, agent: AgentProfile) -> None:
    if values.agent is None or profile_by_user(values.agent) is None:
        raise ApiError("invalid", _("There is no such agent."))
    if values.agent != agent.user_id and not supervises(agent.user):
        raise ApiError(
            "permission_denied", _("Only supervisors give several to others."), status=403
        )


def _give(conversation: Conversation, agent: AgentProfile, values: Values) -> Kept:
    if conversation.status == Status.RESOLVED:
        raise Refused(_("It is resolved."))
    to = profile_by_user(values.agent or 0)
    if to is None:
        raise Refused(_("There is no such agent."))
    services.give(conversation=conversation, agent=to, by=agent)
    return {}


def _queue(conversation: Conversation, _agent: AgentProfile, _values: Values) -> Kept:
    owner = profile_by_user(conversation.assignee_id or 0)
    if conversation.status != Status.ASSIGNED or owner is None:
        raise Refused(_("Nobody has it."))
    try:
        services.pass_on(conversation=conversation, agent=owner, cause="busy")
    except services.NotYours as error:
        raise Refused(_("Somebody else was quicker.")) from error
    return {}


def _hand_back(conversation: Conversation, _agent: AgentProfile, _values: Values) -> Kept:
    if conversation.status not in (Status.QUEUED, Status.ASSIGNED):
        raise Refused(_("No person has it, and none is waited for."))
    services.hand_back(conversation=conversation)
    return {}


# --- Block, merge ---------------------------------------------------------------------------------
def _block(conversation: Conversation, agent: AgentProfile, values: Values) -> Kept:
    contact = conversation.contact
    contact.refresh_from_db(fields=["blocked_at"])
    opened = contact.conversations.exclude(status=Status.RESOLVED).exclude(pk=conversation.pk)
    before = {str(pk): undoing.snapshot(pk) for pk in opened.values_list("pk", flat=True)}
    if contact.blocked_at is not None:
        return {}
    blocking.block(contact=contact, user_id=agent.user_id, reason=values.reason)
    conversation.refresh_from_db()
    others = {pk: [old, undoing.snapshot(int(pk))] for pk, old in before.items()}
    at = contact.blocked_at
    return {"blocked_at": at.isoformat() if at else "", "others": others}


def _unblock(conversation: Conversation, agent: AgentProfile, kept: Mapping[str, Any]) -> bool:
    contact = conversation.contact
    if contact.blocked_at is None or contact.blocked_at.isoformat() != kept["blocked_at"]:
        raise undoing.Changed
    blocking.unblock(contact=contact, user_id=agent.user_id)
    again = {conversation.pk: (kept["before"], kept["after"])}
    again |= {int(pk): (old, new) for pk, (old, new) in kept["others"].items()}
    for row in Conversation.objects.select_related(*ROWS).filter(pk__in=again):
        old, new = again[row.pk]
        try:
            undoing.restore(conversation=row, before=old, after=new)
        except (undoing.Changed, undoing.Superseded):
            continue  # that one is as somebody has made it since; the person can write again
    return False


_WHY_NOT_JOINED = {
    "self": lambda: _("A conversation cannot be merged with itself."),
    "contact": lambda: _(
        "They are of two contacts. Make the contacts one first, beside the conversation."
    ),
    "merged": lambda: _("One of them was merged already."),
    "bot": lambda: _("The bot has the conversation that is to go on: take it first."),
    "resolved": lambda: _("The conversation that is to go on is resolved: reopen it first."),
}


def refusal(error: joining.CannotJoin) -> str:
    """Return why two conversations cannot be joined, as a sentence for the agent."""
    return _WHY_NOT_JOINED[error.why]()


def _check_merge(values: Values, _agent: AgentProfile) -> None:
    if values.other is None:
        raise ApiError("invalid", _("Choose the other conversation."))


def _merge(conversation: Conversation, agent: AgentProfile, values: Values) -> Kept:
    other = Conversation.objects.select_related(*ROWS).filter(pk=values.other or 0).first()
    if other is None:
        raise Refused(_("This does not exist any more."))
    if is_others(other, agent) and not supervises(agent.user):
        name = agent_name(other.assignee_id or 0)
        raise Refused(_("%(name)s has this conversation.") % {"name": name})
    before = undoing.snapshot(other.pk)
    into = list(Conversation.objects.filter(merged_into=other).values_list("pk", flat=True))
    try:
        joining.merge(kept=conversation, other=other)
    except joining.CannotJoin as error:
        raise Refused(refusal(error)) from error
    return {"other": other.pk, "pair": [before, undoing.snapshot(other.pk)], "into": into}


def _unmerge(conversation: Conversation, agent: AgentProfile, kept: Mapping[str, Any]) -> bool:
    other = Conversation.objects.select_related(*ROWS).filter(pk=kept["other"]).first()
    if other is None or other.merged_into_id != conversation.pk:
        raise undoing.Changed
    before, after = kept["pair"]
    undoing.restore(conversation=other, before=before, after=after)
    Conversation.objects.filter(pk__in=kept["into"], merged_into=conversation).update(
        merged_into=other
    )
    joining.tell_readers(conversation.pk, other.pk, *kept["into"])
    try:
        _back(conversation, agent, kept)
    except undoing.Changed:
        joining.answer_elsewhere(conversation=conversation, than=other)
    return False


DEEDS: Mapping[str, Deed] = {
    "resolve": Deed(_resolve, _back),
    "snooze": Deed(_snooze, _back, _check_snooze),
    "label": Deed(_label, _unlabel, own=False),
    "priority": Deed(_classify, _declassify, _check_priority, own=False),
    "topic": Deed(_classify, _declassify, _check_topic, own=False),
    "give": Deed(_give, _back_and_told, _check_give),
    "queue": Deed(_queue, _back_and_told),
    "hand_back": Deed(_hand_back, _back_and_told),
    "block": Deed(_block, _unblock, own=False),
    "merge": Deed(_merge, _unmerge, _check_merge),
}
