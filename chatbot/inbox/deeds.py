"""What agents do with a conversation: classify, take, resolve, hand back."""

from typing import Annotated, Literal

from django.db import IntegrityError
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response

from chatbot.agent_events import RowPart
from chatbot.api import ApiError, parse, respond
from chatbot.conversations.models import Conversation
from chatbot.events import Payload
from chatbot.inbox.access import WRITE, InboxView
from chatbot.inbox.doing import is_others
from chatbot.inbox.payloads import names_of, row_part
from chatbot.routing import services
from chatbot.routing.models import AgentProfile
from chatbot.routing.selectors import agent_name, profile_by_user, supervises
from knowledge.search import topic_names


class TakeRequest(Payload):
    over: bool = False


class ClassifyRequest(Payload):
    """What is left out stays as it is; the topic "" is none."""

    topic: Annotated[str, Field(max_length=60)] | None = None
    priority: Literal["normal", "high", "urgent"] | None = None


class ClassifyView(InboxView):
    """Correct what a conversation is about, and how soon a person should look at it."""

    @extend_schema(
        operation_id="classify",
        request={"application/json": ClassifyRequest},
        responses={(200, "application/json"): RowPart, **WRITE},
    )
    def post(self, request: Request, pk: int) -> Response:
        body = parse(ClassifyRequest, request.data)
        conversation = self.conversation(pk)
        if body.topic and body.topic not in topic_names():
            raise ApiError("invalid", _("There is no such topic."))
        services.classify(
            conversation=conversation,
            user_id=self.agent.user_id,
            topic=body.topic,
            priority=body.priority,
        )
        return respond(row_part(conversation))


class TakeView(InboxView):
    """Take a conversation; `over` takes it over from a colleague."""

    @extend_schema(
        operation_id="take",
        request={"application/json": TakeRequest},
        responses={(200, "application/json"): RowPart, **WRITE},
    )
    def post(self, request: Request, pk: int) -> Response:
        body = parse(TakeRequest, request.data)
        conversation = self.conversation(pk)
        try:
            services.take(conversation=conversation, agent=self.agent, over=body.over)
        except (services.AlreadyTaken, IntegrityError) as error:
            name = names_of([self.conversation(pk)]).get(self.conversation(pk).assignee_id or 0, "")
            detail = (
                _("%(name)s has this conversation.") % {"name": name}
                if name
                else _("This customer has a newer conversation open.")
            )
            raise ApiError("already_taken", detail, status=409) from error
        return respond(row_part(conversation))


UserId = Annotated[int, Field(ge=1, le=2**63 - 1)]


class GiveRequest(Payload):
    """`agent` is a colleague's user id, or one's own."""

    agent: UserId


class GiveView(InboxView):
    """Give a conversation to a colleague: the one who is suggested, or another."""

    @extend_schema(
        operation_id="give",
        request={"application/json": GiveRequest},
        responses={(200, "application/json"): RowPart, **WRITE},
    )
    def post(self, request: Request, pk: int) -> Response:
        body = parse(GiveRequest, request.data)
        conversation = self.conversation(pk)
        try:
            services.give(conversation=conversation, agent=_colleague(body.agent), by=self.agent)
        except (services.AlreadyTaken, IntegrityError) as error:
            raise ApiError("already_taken", _("Somebody else was quicker."), status=409) from error
        return respond(row_part(conversation))


class PassOnRequest(Payload):
    """Why one declines or passes on, in a word and in one's own; `to`: a user id, or the best."""

    cause: Literal["not_mine", "colleague", "language", "busy", "leaving", "other"]
    why: Annotated[str, Field(max_length=300)] = ""
    to: UserId | None = None


class PassOnView(InboxView):
    """Decline a conversation, or pass it on; that teaches routing."""

    @extend_schema(
        operation_id="pass_on",
        request={"application/json": PassOnRequest},
        responses={(200, "application/json"): RowPart, **WRITE},
    )
    def post(self, request: Request, pk: int) -> Response:
        body = parse(PassOnRequest, request.data)
        conversation = self.conversation(pk)
        to = _colleague(body.to) if body.to is not None else None
        if to is not None and to.pk == self.agent.pk:
            raise ApiError("invalid", _("Choose somebody else than yourself."))
        try:
            services.pass_on(
                conversation=conversation,
                agent=self.agent,
                cause=body.cause,
                why=body.why,
                to=to,
            )
        except services.NotYours as error:
            raise ApiError(
                "conflict", _("You do not have this conversation."), status=409
            ) from error
        return respond(row_part(conversation))


def _colleague(user_id: int) -> AgentProfile:
    colleague = profile_by_user(user_id)
    if colleague is None:
        raise ApiError("invalid", _("There is no such agent."))
    return colleague


def _own(conversation: Conversation, agent: AgentProfile) -> Conversation:
    """Return what no colleague has; to a supervisor, any. Raises ApiError."""
    if is_others(conversation, agent) and not supervises(agent.user):
        name = agent_name(conversation.assignee_id or 0)
        detail = _("%(name)s has this conversation.") % {"name": name}
        raise ApiError("already_taken", detail, status=409)
    return conversation


class ResolveView(InboxView):
    """Close a conversation."""

    @extend_schema(
        operation_id="resolve",
        request=None,
        responses={(200, "application/json"): RowPart, **WRITE},
    )
    def post(self, request: Request, pk: int) -> Response:
        conversation = _own(self.conversation(pk), self.agent)
        services.resolve(conversation=conversation)
        return respond(row_part(conversation))


class HandBackView(InboxView):
    """Let the bot answer again."""

    @extend_schema(
        operation_id="hand_back",
        request=None,
        responses={(200, "application/json"): RowPart, **WRITE},
    )
    def post(self, request: Request, pk: int) -> Response:
        conversation = _own(self.conversation(pk), self.agent)
        services.hand_back(conversation=conversation)
        return respond(row_part(conversation))
