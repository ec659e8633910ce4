"""What the inbox calls over HTTP (docs/inbox-api.md)."""

from typing import Annotated, Literal

from django.core.exceptions import ValidationError
from drf_spectacular.utils import OpenApiParameter, extend_schema
from pydantic import Field
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from chatbot.agent_events import AgentMessagePart, AgentPresence, MePart, RowPart, TopicPart
from chatbot.api import parse, query_of, respond
from chatbot.conversations import selectors
from chatbot.conversations.models import Conversation
from chatbot.conversations.payloads import message_for_agents
from chatbot.events import Payload
from chatbot.inbox.access import READ, WRITE, Id, InboxView
from chatbot.inbox.live import announce_presence
from chatbot.inbox.payloads import (
    DetailPart,
    detail_part,
    failed_of,
    me_part,
    names_of,
    presence_parts,
    row_part,
    topic_parts,
    view_filter,
)
from chatbot.routing import presence


# --- Types ------------------------------------------------------------------------------------
class MeRequest(Payload):
    presence: Literal["online", "away"] | None = None
    capacity: Annotated[int, Field(ge=0, le=100)] | None = None


class AgentsPart(Payload):
    agents: list[AgentPresence]


class ListQuery(Payload):
    view: Literal["queue", "mine", "all", "failed"] = "queue"
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


class TopicsPart(Payload):
    topics: list[TopicPart]


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
            OpenApiParameter("view", str, enum=["queue", "mine", "all", "failed"]),
            OpenApiParameter("cursor", str),
        ],
        responses={(200, "application/json"): RowsPart, **READ},
    )
    def get(self, request: Request) -> Response:
        query = parse(ListQuery, query_of(request), strict=False)
        rows = (
            Conversation.objects.select_related("channel", "contact")
            .prefetch_related("label_rows__label")
            .filter(view_filter(query.view, self.agent.user_id))
        )
        pages = _LongestWait() if query.view == "queue" else _Newest()
        try:
            page = pages.paginate_queryset(rows, request, self) or []
        except ValidationError as error:  # a position that is no time
            raise NotFound(pages.invalid_cursor_message) from error
        names, failed = names_of(page), failed_of(page)
        return respond(
            RowsPart(
                next=pages.get_next_link(),
                previous=pages.get_previous_link(),
                results=[row_part(conversation, names, failed) for conversation in page],
            )
        )


class ConversationView(InboxView):
    """One conversation with all that the agent needs beside the transcript."""

    @extend_schema(
        operation_id="conversation", responses={(200, "application/json"): DetailPart, **READ}
    )
    def get(self, request: Request, pk: int) -> Response:
        return respond(detail_part(self.conversation(pk), self.agent.pk))


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
            selectors.agent_messages().filter(conversation=self.conversation(pk)),
            after=query.after,
            before=query.before,
            limit=query.limit,
        )
        return respond(
            AgentMessagesPart(
                messages=[message_for_agents(message) for message in messages], has_more=more
            )
        )
