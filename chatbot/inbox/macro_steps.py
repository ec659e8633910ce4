"""A macro's steps: each taken by its service, what fails is told, and what can be is taken back."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any, Literal

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import Field, TypeAdapter

from chatbot.conversations.models import Conversation, Label, Status
from chatbot.events import Payload
from chatbot.inbox import canned, past_deeds
from chatbot.inbox.access import Id
from chatbot.inbox.doing import DEEDS, Kept, Refused, Values
from chatbot.inbox.models import BulkDeed, Macro
from chatbot.routing import services, undoing
from chatbot.routing.models import AgentProfile
from chatbot.routing.selectors import profile_by_user
from chatbot.routing.snoozing import NotAhead, snooze
from knowledge.search import topic_names


# --- Steps ------------------------------------------------------------------------------------
class ReplyStep(Payload):
    """Puts a canned reply into the composer: nothing is sent by itself."""

    do: Literal["reply"] = "reply"
    reply: Id


class NoteStep(Payload):
    do: Literal["note"] = "note"
    text: Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"\S")]


class TopicStep(Payload):
    do: Literal["topic"] = "topic"
    topic: Annotated[str, Field(max_length=60)]


class PriorityStep(Payload):
    do: Literal["priority"] = "priority"
    priority: Literal["normal", "high", "urgent"]


class LabelStep(Payload):
    do: Literal["label"] = "label"
    label: Id


class SnoozeStep(Payload):
    do: Literal["snooze"] = "snooze"
    hours: Annotated[int, Field(ge=1, le=24 * 90)]


class GiveStep(Payload):
    do: Literal["give"] = "give"
    agent: Id


class ResolveStep(Payload):
    do: Literal["resolve"] = "resolve"


Step = Annotated[
    ReplyStep
    | NoteStep
    | TopicStep
    | PriorityStep
    | LabelStep
    | SnoozeStep
    | GiveStep
    | ResolveStep,
    Field(discriminator="do"),
]
Steps = Annotated[list[Step], Field(min_length=1, max_length=12)]
STEPS: TypeAdapter[list[Step]] = TypeAdapter(list[Step])


class CannotStep(Exception):
    """A step that could not be taken; its text is a sentence for the agent."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """What came of a step: a text for the composer, and the deed by which it is taken back."""

    text: str = ""
    deed: str = ""
    kept: Kept = field(default_factory=dict)
    is_note: bool = False


@dataclass(slots=True)
class Run:
    """Which steps were done, from 0, which failed and why, and what to put into the composer."""

    done: list[int] = field(default_factory=list)
    failed: list[tuple[int, str]] = field(default_factory=list)
    text: str = ""
    deed: BulkDeed | None = None


def run(*, macro: Macro, conversation: Conversation, agent: AgentProfile) -> Run:
    """Take the steps of `macro` in order; one that fails does not keep the others from it."""
    ran, taken = Run(), []
    for number, step in enumerate(STEPS.validate_python(macro.steps)):
        try:
            with transaction.atomic():
                taken.append(_take(step, conversation, agent))
        except CannotStep as error:
            ran.failed.append((number, str(error)))
            conversation.refresh_from_db()
        else:
            ran.done.append(number)
    ran.text = "\n\n".join(one.text for one in taken if one.text)
    back = [{"deed": one.deed, "kept": one.kept} for one in taken if one.kept]
    if back or ran.text:
        notes = sum(one.is_note for one in taken)
        kept = {str(conversation.pk): {"steps": back, "text": ran.text, "notes": notes}}
        ran.deed = past_deeds.keep_deed(
            user_id=agent.user_id, deed=past_deeds.MACRO, kept=kept, values={"macro": macro.pk}
        )
    return ran


def _take(step: Step, conversation: Conversation, agent: AgentProfile) -> _Taken:
    """Take one step. Raises CannotStep."""
    match step:
        case ReplyStep():
            reply = canned.replies_for(agent).filter(pk=step.reply).first()
            if reply is None:
                raise CannotStep(_("The canned reply is not there any more."))
            canned.note_use(reply=reply)
            taken = _Taken(text=canned.filled(reply, conversation, agent).text)
        case NoteStep():
            services.note(
                conversation=conversation,
                agent=agent,
                text=step.text,
                external_id=f"agent-{agent.user_id}:macro-{uuid.uuid4().hex}",
            )
            taken = _Taken(is_note=True)
        case TopicStep():
            if step.topic and step.topic not in topic_names():
                raise CannotStep(_("There is no such topic."))
            taken = _by_deed("topic", conversation, agent, Values(topic=step.topic))
        case PriorityStep():
            taken = _by_deed("priority", conversation, agent, Values(priority=step.priority))
        case LabelStep():
            if not Label.objects.filter(pk=step.label).exists():
                raise CannotStep(_("The label is not there any more."))
            taken = _by_deed("label", conversation, agent, Values(add=[step.label]))
        case SnoozeStep():
            taken = _moved("snooze", conversation, lambda: _snooze(step, conversation, agent))
        case GiveStep():
            taken = _moved("give", conversation, lambda: _give(step, conversation, agent))
        case ResolveStep():
            taken = _moved("resolve", conversation, lambda: _resolve(conversation, agent))
    return taken


def _by_deed(deed: str, conversation: Conversation, agent: AgentProfile, values: Values) -> _Taken:
    try:
        return _Taken(deed=deed, kept=DEEDS[deed].do(conversation, agent, values))
    except Refused as error:
        raise CannotStep(str(error)) from error


def _moved(deed: str, conversation: Conversation, move: Callable[[], None]) -> _Taken:
    before = undoing.snapshot(conversation.pk)
    move()
    after = undoing.snapshot(conversation.pk)
    return _Taken(deed=deed, kept={} if before == after else {"before": before, "after": after})


def _snooze(step: SnoozeStep, conversation: Conversation, agent: AgentProfile) -> None:
    until = timezone.now() + timedelta(hours=step.hours)
    try:
        snooze(conversation=conversation, agent=agent, until=until)
    except services.AlreadyTaken as error:
        raise CannotStep(_("A colleague has this conversation.")) from error
    except (services.NotYours, NotAhead) as error:
        raise CannotStep(_("It cannot be snoozed now.")) from error


def _give(step: GiveStep, conversation: Conversation, agent: AgentProfile) -> None:
    colleague = profile_by_user(step.agent)
    if colleague is None:
        raise CannotStep(_("There is no such agent."))
    try:
        services.give(conversation=conversation, agent=colleague, by=agent)
    except (services.AlreadyTaken, IntegrityError) as error:
        raise CannotStep(_("Somebody else was quicker.")) from error


def _resolve(conversation: Conversation, agent: AgentProfile) -> None:
    conversation.refresh_from_db(fields=["status", "assignee"])
    if conversation.status == Status.ASSIGNED and conversation.assignee_id != agent.user_id:
        raise CannotStep(_("A colleague has this conversation."))
    services.resolve(conversation=conversation)


# --- Taking back ------------------------------------------------------------------------------
@dataclass(slots=True)
class TakenBack:
    """What came of taking a macro back.

    back: how many steps. left: of which steps nothing was taken back, and why. told: whether the
    customer had been told already. text: what it had put into the composer. notes: how many stay.
    """

    back: int = 0
    left: list[tuple[str, str]] = field(default_factory=list)
    told: bool = False
    text: str = ""
    notes: int = 0


def take_back(
    *, conversation: Conversation, agent: AgentProfile, kept: Mapping[str, Any]
) -> TakenBack:
    """Take back the steps of a macro, the last first; of each what nobody has changed since."""
    done = TakenBack(text=kept["text"], notes=kept["notes"])
    for step in reversed(kept["steps"]):
        try:
            done.told |= DEEDS[step["deed"]].undo(conversation, agent, step["kept"])
        except undoing.Changed:
            done.left.append((_name(step["deed"]), _("Somebody has changed it since.")))
        except undoing.Superseded:
            detail = _("This customer has a newer conversation open.")
            done.left.append((_name(step["deed"]), detail))
        else:
            done.back += 1
            continue
        conversation.refresh_from_db()
    return done


def _name(deed: str) -> str:
    match deed:
        case "label":
            return _("Labels")
        case "topic":
            return _("Topic")
        case "priority":
            return _("Priority")
        case "snooze":
            return _("Snooze")
        case "give":
            return _("Who has it")
        case _:
            return _("Resolve")
