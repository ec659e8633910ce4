"""Several steps under one name, run as one request: each by its service, what fails is told."""

import uuid
from datetime import timedelta
from typing import Annotated, Literal

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from pydantic import Field, TypeAdapter
from rest_framework.request import Request
from rest_framework.response import Response

from chatbot.agent_events import RowPart
from chatbot.api import ApiError, parse, respond
from chatbot.conversations.labels import TooMany, change_labels
from chatbot.conversations.models import Conversation, Label, Status
from chatbot.events import Payload
from chatbot.inbox import canned
from chatbot.inbox.access import READ, WRITE, Id, InboxView
from chatbot.inbox.models import Macro
from chatbot.inbox.payloads import row_part
from chatbot.routing import services
from chatbot.routing.models import AgentProfile
from chatbot.routing.selectors import profile_by_user, supervises
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
_STEPS: TypeAdapter[list[Step]] = TypeAdapter(list[Step])


class CannotStep(Exception):
    """A step that could not be taken; its text is a sentence for the agent."""


# --- Reads ------------------------------------------------------------------------------------
def macros_for(agent: AgentProfile) -> QuerySet[Macro]:
    """Return an agent's own macros and the shared ones, what is used most first."""
    return Macro.objects.filter(Q(owner_id=agent.user_id) | Q(owner=None)).order_by(
        "-used", "name", "pk"
    )


# --- Running ----------------------------------------------------------------------------------
class FailedStep(Payload):
    """Which step it was, from 0, and why it was not done."""

    step: int
    detail: str


class RunPart(Payload):
    """`text`: what to put into the composer, "" for nothing; `done`: the steps, from 0."""

    done: list[int]
    failed: list[FailedStep]
    text: str
    row: RowPart


def run(*, macro: Macro, conversation: Conversation, agent: AgentProfile) -> RunPart:
    """Take the steps of `macro` in order; one that fails does not keep the others from it."""
    Macro.objects.filter(pk=macro.pk).update(used=F("used") + 1)
    done, failed, texts = [], [], []
    for number, step in enumerate(_STEPS.validate_python(macro.steps)):
        try:
            with transaction.atomic():
                texts.append(_take(step, conversation, agent))
        except CannotStep as error:
            failed.append(FailedStep(step=number, detail=str(error)))
            conversation.refresh_from_db()
        else:
            done.append(number)
    return RunPart(
        done=done,
        failed=failed,
        text="\n\n".join(text for text in texts if text),
        row=row_part(conversation),
    )


def _take(step: Step, conversation: Conversation, agent: AgentProfile) -> str:
    """Take one step; return what it wants in the composer. Raises CannotStep."""
    match step:
        case ReplyStep():
            reply = canned.replies_for(agent).filter(pk=step.reply).first()
            if reply is None:
                raise CannotStep(_("The canned reply is not there any more."))
            canned.note_use(reply=reply)
            return canned.filled(reply, conversation, agent).text
        case NoteStep():
            services.note(
                conversation=conversation,
                agent=agent,
                text=step.text,
                external_id=f"agent-{agent.user_id}:macro-{uuid.uuid4().hex}",
            )
        case TopicStep():
            if step.topic and step.topic not in topic_names():
                raise CannotStep(_("There is no such topic."))
            services.classify(conversation=conversation, user_id=agent.user_id, topic=step.topic)
        case PriorityStep():
            services.classify(
                conversation=conversation, user_id=agent.user_id, priority=step.priority
            )
        case LabelStep():
            _label(step, conversation, agent)
        case SnoozeStep():
            _snooze(step, conversation, agent)
        case GiveStep():
            _give(step, conversation, agent)
        case ResolveStep():
            _resolve(conversation, agent)
    return ""


def _label(step: LabelStep, conversation: Conversation, agent: AgentProfile) -> None:
    if not Label.objects.filter(pk=step.label).exists():
        raise CannotStep(_("The label is not there any more."))
    try:
        change_labels(conversation=conversation, add=[step.label], user_id=agent.user_id)
    except TooMany as error:
        raise CannotStep(_("There are too many labels on it.")) from error


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


# --- Calls ------------------------------------------------------------------------------------
class MacroRequest(Payload):
    """`shared`: for the team, which supervisors may do."""

    name: Annotated[str, Field(min_length=1, max_length=80, pattern=r"\S")]
    steps: Steps
    shared: bool = False


class MacroPart(Payload):
    """`may_change`: whether the agent who asks may change and remove it."""

    id: int
    name: str
    steps: list[Step]
    shared: bool
    may_change: bool


class MacroList(Payload):
    macros: list[MacroPart]


def macro_part(macro: Macro, agent: AgentProfile) -> MacroPart:
    """Return a macro to the agent who asks."""
    return MacroPart(
        id=macro.pk,
        name=macro.name,
        steps=_STEPS.validate_python(macro.steps),
        shared=macro.owner_id is None,
        may_change=macro.owner_id == agent.user_id
        or (macro.owner_id is None and supervises(agent.user)),
    )


class _MacroView(InboxView):
    def keep(self, row: Macro, body: MacroRequest) -> MacroPart:
        """Save `row` as `body` says. Raises ApiError."""
        if (body.shared or (row.pk and row.owner_id is None)) and not supervises(self.agent.user):
            detail = _("Only supervisors may change what the team shares.")
            raise ApiError("permission_denied", detail, status=403)
        steps = [step.model_dump(mode="json") for step in body.steps]
        if "\x00" in body.name or any("\x00" in str(step.get("text", "")) for step in steps):
            raise ApiError("invalid", _("There is a character in it that cannot be kept."))
        row.owner_id = None if body.shared else self.agent.user_id
        row.name, row.steps = body.name.strip(), steps
        row.save()
        return macro_part(row, self.agent)

    def macro(self, pk: int) -> Macro:
        """Return a macro that the agent may use. Raises Http404."""
        found = macros_for(self.agent).filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    def changeable(self, pk: int) -> Macro:
        """Return a macro that the agent may change. Raises Http404 and ApiError."""
        found = self.macro(pk)
        if not macro_part(found, self.agent).may_change:
            detail = _("Only supervisors may change what the team shares.")
            raise ApiError("permission_denied", detail, status=403)
        return found


class MacrosView(_MacroView):
    """The agent's macros."""

    @extend_schema(operation_id="macros", responses={(200, "application/json"): MacroList, **READ})
    def get(self, request: Request) -> Response:
        rows = macros_for(self.agent)
        return respond(MacroList(macros=[macro_part(row, self.agent) for row in rows]))

    @extend_schema(
        operation_id="add_macro",
        request={"application/json": MacroRequest},
        responses={(201, "application/json"): MacroPart, **WRITE},
    )
    def post(self, request: Request) -> Response:
        return respond(self.keep(Macro(), parse(MacroRequest, request.data)), status=201)


class MacroView(_MacroView):
    """One macro."""

    @extend_schema(
        operation_id="change_macro",
        request={"application/json": MacroRequest},
        responses={(200, "application/json"): MacroPart, **WRITE},
    )
    def put(self, request: Request, pk: int) -> Response:
        body = parse(MacroRequest, request.data)
        return respond(self.keep(self.changeable(pk), body))

    @extend_schema(operation_id="remove_macro", responses={204: None, **WRITE})
    def delete(self, request: Request, pk: int) -> Response:
        self.changeable(pk).delete()
        return Response(status=204)


class RunView(_MacroView):
    """Take a macro's steps with a conversation."""

    @extend_schema(
        operation_id="run_macro",
        request=None,
        responses={(200, "application/json"): RunPart, **WRITE},
    )
    def post(self, request: Request, pk: int, macro: int) -> Response:
        conversation = self.conversation(pk)
        done = run(macro=self.macro(macro), conversation=conversation, agent=self.agent)
        return respond(done)
