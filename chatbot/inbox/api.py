"""What the inbox calls over HTTP (docs/inbox-api.md)."""

from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from pydantic import Field
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chatbot.api import ApiError, ErrorResponse, parse, query_of, respond
from chatbot.conversations import attachments, selectors
from chatbot.conversations.models import Conversation, Message, Status
from chatbot.conversations.payloads import message_for_agents, picture_response
from chatbot.conversations.validation import InvalidText, clean_text
from chatbot.events import (
    AgentMessagePart,
    AgentPresence,
    ClientId,
    MePart,
    Payload,
    RowPart,
    TopicPart,
)
from chatbot.inbox.live import announce_presence
from chatbot.inbox.payloads import (
    DetailPart,
    detail_part,
    me_part,
    names_of,
    presence_parts,
    row_part,
    topic_parts,
    view_filter,
)
from chatbot.routing import presence, services
from chatbot.routing.models import AgentProfile
from chatbot.routing.selectors import profile_of
from knowledge.search import topic_names

Id = Annotated[int, Field(ge=0, le=2**63 - 1)]


# --- Types ------------------------------------------------------------------------------------
class MeRequest(Payload):
    presence: Literal["online", "away"] | None = None
    capacity: Annotated[int, Field(ge=0, le=100)] | None = None


class AgentsPart(Payload):
    agents: list[AgentPresence]


class ListQuery(Payload):
    view: Literal["queue", "mine", "all"] = "queue"
    cursor: Annotated[str, Field(max_length=500)] = ""


class RowsPart(Payload):
    next: str | None
    previous: str | None
    results: list[RowPart]


class MessagesQuery(Payload):
    after: Id = 0
    before: Id = 0
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class AgentMessagesPart(Payload):
    messages: list[AgentMessagePart]
    has_more: bool


class WriteRequest(Payload):
    client_id: ClientId
    text: Annotated[str, Field(max_length=20_000)]


class WriteResult(Payload):
    message: AgentMessagePart
    duplicate: bool


class TakeRequest(Payload):
    over: bool = False


class TopicsPart(Payload):
    topics: list[TopicPart]


class ClassifyRequest(Payload):
    """What is left out stays as it is; the topic "" is none."""

    topic: Annotated[str, Field(max_length=60)] | None = None
    priority: Literal["normal", "high", "urgent"] | None = None


# --- Who asks ---------------------------------------------------------------------------------
class IsAgent(BasePermission):
    """Whoever is logged in and has an agent profile."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        agent = profile_of(request.user)
        request.agent = agent  # type: ignore[attr-defined]  # for the view
        return agent is not None


class InboxView(APIView):
    """Base of the inbox's calls."""

    permission_classes = (IsAgent,)
    throttle_scope = "inbox"

    @property
    def agent(self) -> AgentProfile:
        """Who calls."""
        agent: AgentProfile = self.request.agent  # type: ignore[attr-defined]  # set by IsAgent
        return agent

    def conversation(self, pk: int) -> Conversation:
        """Return the conversation `pk`. Raises Http404."""
        found = (
            Conversation.objects.select_related("channel", "contact", "identity", "assignee")
            .filter(pk=pk)
            .first()
        )
        if found is None:
            raise Http404
        return found


def _errors(*codes: int) -> dict[Any, Any]:
    return {(code, "application/json"): ErrorResponse for code in codes}


READ, WRITE = _errors(400, 403, 404, 406, 429), _errors(400, 403, 404, 406, 409, 415, 429)


# --- Views ------------------------------------------------------------------------------------
class MeView(InboxView):
    """The agent's own presence, capacity and counts."""

    @extend_schema(operation_id="me", responses={(200, "application/json"): MePart, **READ})
    def get(self, request: Request) -> Response:
        return respond(me_part(self.agent))

    @extend_schema(
        operation_id="change_me",
        request={"application/json": MeRequest},
        responses={(200, "application/json"): MePart, **WRITE},
    )
    def patch(self, request: Request) -> Response:
        body = parse(MeRequest, request.data)
        presence.choose_presence(
            agent=self.agent, presence=body.presence or "", capacity=body.capacity
        )
        announce_presence()
        return respond(me_part(self.agent))


class AgentsView(InboxView):
    """All agents: who is here, and how loaded they are."""

    @extend_schema(operation_id="agents", responses={(200, "application/json"): AgentsPart, **READ})
    def get(self, request: Request) -> Response:
        return respond(AgentsPart(agents=presence_parts()))


class TopicsView(InboxView):
    """Everything that a conversation can be about."""

    @extend_schema(operation_id="topics", responses={(200, "application/json"): TopicsPart, **READ})
    def get(self, request: Request) -> Response:
        return respond(TopicsPart(topics=topic_parts()))


class _Newest(CursorPagination):
    page_size = 50
    ordering = ("-last_message_at", "-id")


class _LongestWait(CursorPagination):
    page_size = 50
    ordering = ("handed_off_at", "id")


class ConversationsView(InboxView):
    """A list of the inbox in pages: the queue by longest wait, the others newest first."""

    @extend_schema(
        operation_id="conversations",
        parameters=[
            OpenApiParameter("view", str, enum=["queue", "mine", "all"]),
            OpenApiParameter("cursor", str),
        ],
        responses={(200, "application/json"): RowsPart, **READ},
    )
    def get(self, request: Request) -> Response:
        query = parse(ListQuery, query_of(request), strict=False)
        rows = Conversation.objects.select_related("channel", "contact").filter(
            view_filter(query.view, self.agent.user_id)
        )
        pages = _LongestWait() if query.view == "queue" else _Newest()
        try:
            page = pages.paginate_queryset(rows, request, self) or []
        except ValidationError as error:  # a position that is no time
            raise NotFound(pages.invalid_cursor_message) from error
        names = names_of(page)
        return respond(
            RowsPart(
                next=pages.get_next_link(),
                previous=pages.get_previous_link(),
                results=[row_part(conversation, names) for conversation in page],
            )
        )


class ConversationView(InboxView):
    """One conversation with all that the agent needs beside the transcript."""

    @extend_schema(
        operation_id="conversation", responses={(200, "application/json"): DetailPart, **READ}
    )
    def get(self, request: Request, pk: int) -> Response:
        return respond(detail_part(self.conversation(pk)))


class ConversationMessagesView(InboxView):
    """A conversation's transcript, in pages."""

    @extend_schema(
        operation_id="conversation_messages",
        parameters=[
            OpenApiParameter("after", int),
            OpenApiParameter("before", int),
            OpenApiParameter("limit", int),
        ],
        responses={(200, "application/json"): AgentMessagesPart, **READ},
    )
    def get(self, request: Request, pk: int) -> Response:
        query = parse(MessagesQuery, query_of(request), strict=False)
        messages, more = selectors.page_of(
            Message.objects.select_related("delivery")
            .prefetch_related("attachments")
            .filter(conversation=self.conversation(pk)),
            after=query.after,
            before=query.before,
            limit=query.limit,
        )
        return respond(
            AgentMessagesPart(
                messages=[message_for_agents(message) for message in messages], has_more=more
            )
        )


class AttachmentView(InboxView):
    """A picture that a customer sent; who may read messages may see it."""

    @extend_schema(
        operation_id="inbox_attachment",
        responses={(200, "image/*"): OpenApiTypes.BINARY, **READ},
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        attachment = attachments.sent(pk=pk)
        if attachment is None:
            raise Http404
        return picture_response(attachment)


class WriteView(InboxView):
    """Base of replying and noting: each text is recorded once, whatever is repeated."""

    def write(self, request: Request, pk: int, *, private: bool) -> Response:
        """Record the text of `request` and answer with the message."""
        body = parse(WriteRequest, request.data)
        conversation = self.conversation(pk)
        external_id = f"agent-{self.agent.user_id}:{body.client_id}"
        try:
            text = clean_text(body.text)
        except InvalidText as error:
            raise ApiError(error.code, error.detail) from error
        known = selectors.inbound_message(conversation.channel_id, external_id)
        if known is not None and known.conversation_id != conversation.pk:
            raise ApiError("conflict", _("This id was used in another conversation."), status=409)
        if known is not None:
            return respond(WriteResult(message=message_for_agents(known), duplicate=True))
        if not private:
            self._check_mine(conversation)
        record = services.note if private else services.reply
        try:
            message = record(
                conversation=conversation, agent=self.agent, text=text, external_id=external_id
            )
        except IntegrityError:  # the same text twice at once
            known = selectors.inbound_message(conversation.channel_id, external_id)
            if known is None:
                raise
            return respond(WriteResult(message=message_for_agents(known), duplicate=True))
        result = WriteResult(message=message_for_agents(message), duplicate=False)
        return respond(result, status=201)

    def _check_mine(self, conversation: Conversation) -> None:
        mine = conversation.assignee_id == self.agent.user_id
        if conversation.status != Status.ASSIGNED or not mine:
            raise ApiError("not_yours", _("Take the conversation before you reply."), status=409)


class ReplyView(WriteView):
    """Say something to the customer."""

    @extend_schema(
        operation_id="reply",
        request={"application/json": WriteRequest},
        responses={
            (201, "application/json"): WriteResult,
            (200, "application/json"): WriteResult,
            **WRITE,
        },
    )
    def post(self, request: Request, pk: int) -> Response:
        return self.write(request, pk, private=False)


class NoteView(WriteView):
    """Say something to colleagues."""

    @extend_schema(
        operation_id="note",
        request={"application/json": WriteRequest},
        responses={
            (201, "application/json"): WriteResult,
            (200, "application/json"): WriteResult,
            **WRITE,
        },
    )
    def post(self, request: Request, pk: int) -> Response:
        return self.write(request, pk, private=True)


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
            agent=self.agent,
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


class ResolveView(InboxView):
    """Close a conversation."""

    @extend_schema(
        operation_id="resolve",
        request=None,
        responses={(200, "application/json"): RowPart, **WRITE},
    )
    def post(self, request: Request, pk: int) -> Response:
        conversation = self.conversation(pk)
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
        conversation = self.conversation(pk)
        services.hand_back(conversation=conversation)
        return respond(row_part(conversation))
