"""Several steps under one name: kept, changed, and run as one request."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from django.db.models import F, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response

from chatbot.agent_events import RowPart
from chatbot.api import ApiError, parse, respond
from chatbot.events import Payload
from chatbot.inbox import macro_steps, past_deeds
from chatbot.inbox.access import READ, WRITE, InboxView
from chatbot.inbox.macro_steps import STEPS, Step, Steps
from chatbot.inbox.models import Macro
from chatbot.inbox.payloads import row_part
from chatbot.routing.models import AgentProfile
from chatbot.routing.selectors import supervises


# --- Reads ------------------------------------------------------------------------------------
def macros_for(agent: AgentProfile) -> QuerySet[Macro]:
    """Return an agent's own macros and the shared ones, what is used most first."""
    return Macro.objects.filter(Q(owner_id=agent.user_id) | Q(owner=None)).order_by(
        "-used", "name", "pk"
    )


# --- Writes -----------------------------------------------------------------------------------
def keep_macro(*, macro: Macro, owner_id: int | None, name: str, steps: Sequence[Step]) -> None:
    """Save a macro, new or changed; `owner_id` None: the team's."""
    macro.owner_id = owner_id
    macro.name = name.strip()
    macro.steps = [step.model_dump(mode="json") for step in steps]
    macro.save()


def remove_macro(*, macro: Macro) -> None:
    """Forget a macro; what it did stays."""
    macro.delete()


def note_use(*, macro: Macro) -> None:
    """Count that a macro was run, which orders the list."""
    Macro.objects.filter(pk=macro.pk).update(used=F("used") + 1)


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


class FailedStep(Payload):
    """Which step it was, from 0, and why it was not done."""

    step: int
    detail: str


class RunPart(Payload):
    """`text`: what to put into the composer, "" for nothing; `done`: the steps, from 0.

    `id` names it for undoing until `until`; null where there is nothing to take back.
    """

    id: int | None
    until: datetime | None
    done: list[int]
    failed: list[FailedStep]
    text: str
    row: RowPart


def macro_part(macro: Macro, agent: AgentProfile) -> MacroPart:
    """Return a macro to the agent who asks."""
    return MacroPart(
        id=macro.pk,
        name=macro.name,
        steps=STEPS.validate_python(macro.steps),
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
        texts = [step.text for step in body.steps if step.do == "note"]
        if any("\x00" in text for text in (body.name, *texts)):
            raise ApiError("invalid", _("There is a character in it that cannot be kept."))
        owner_id = None if body.shared else self.agent.user_id
        keep_macro(macro=row, owner_id=owner_id, name=body.name, steps=body.steps)
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
        remove_macro(macro=self.changeable(pk))
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
        used = self.macro(macro)
        note_use(macro=used)
        ran = macro_steps.run(macro=used, conversation=conversation, agent=self.agent)
        return respond(
            RunPart(
                id=ran.deed.pk if ran.deed else None,
                until=past_deeds.until(ran.deed),
                done=ran.done,
                failed=[FailedStep(step=step, detail=detail) for step, detail in ran.failed],
                text=ran.text,
                row=row_part(conversation),
            )
        )
