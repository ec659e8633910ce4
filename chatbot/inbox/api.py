"""What the inbox calls over HTTP (docs/inbox-api.md)."""

from typing import Annotated, Literal

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from pydantic import Field
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from chatbot.agent_events import (
    AgentMessagePart,
    AgentPresence,
    LabelPart,
    MePart,
    RowPart,
    TopicPart,
)
from chatbot.api import parse, query_of, respond
from chatbot.conversations import selectors
from chatbot.conversations.models import Channel, Label
from chatbot.conversations.payloads import message_for_agents
from chatbot.events import Payload
from chatbot.inbox import list_query, saved_views
from chatbot.inbox.access import READ, WRITE, Id, InboxView
from chatbot.inbox.filters import filters_of
from chatbot.inbox.listing import NoSuchPlace, page_of_list
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
)
from chatbot.routing import joining, presence


# --- Types ------------------------------------------------------------------------------------
class MeRequest(Payload):
    presence: Literal["online", "away"] | None = None
    capacity: Annotated[int, Field(ge=0, le=100)] | None = None


class AgentsPart(Payload):
    agents: list[AgentPresence]


class PiecePart(Payload):
    """A stretch of a snippet; `found`: it is what was looked for."""

    text: str
    found: bool


class RowsPart(Payload):
    """A page of a list.

    `snippets`, of a search: by conversation, the stretch of a message in which it was found; none
    where its subject or its customer was.
    """

    next: str | None
    results: list[RowPart]
    snippets: dict[int, list[PiecePart]] = {}


class ChannelChoice(Payload):
    id: int
    kind: str
    name: str


class ChoicesPart(Payload):
    """What lists can be filtered by, besides topics and agents; languages are tags."""

    labels: list[LabelPart]
    channels: list[ChannelChoice]
    languages: list[str]


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


class ConversationsView(InboxView):
    """A list of the inbox in pages: a view, a saved view, filters and a search, or all of these."""

    @extend_schema(
        operation_id="conversations",
        parameters=list_query.PARAMETERS,
        responses={(200, "application/json"): RowsPart, **READ},
    )
    def get(self, request: Request) -> Response:
        query = list_query.parse_list(query_of(request))
        view, filters = query.view, query.filters
        if query.saved:
            saved = saved_views.visible(user_id=self.agent.user_id, pk=query.saved)
            kept = filters_of(saved.filters) if saved else None
            if kept is None:
                raise NotFound
            view, filters = "all", list_query.both(kept, filters)
        try:
            page = page_of_list(
                view=view,
                filters=filters,
                user_id=self.agent.user_id,
                cursor=query.cursor,
                only=query.only,
            )
        except NoSuchPlace as error:
            raise NotFound(_("This page of the list is not there any more.")) from error
        names, failed = names_of(page.conversations), failed_of(page.conversations)
        return respond(
            RowsPart(
                next=_address(request, page.next),
                results=[row_part(one, names, failed) for one in page.conversations],
                snippets={
                    pk: [PiecePart(text=piece.text, found=piece.found) for piece in pieces]
                    for pk, pieces in page.found.items()
                    if pieces
                },
            )
        )


def _address(request: Request, cursor: str) -> str | None:
    if not cursor:
        return None
    query = request.query_params.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


class ChoicesView(InboxView):
    """What lists can be filtered by: labels, channels and languages."""

    @extend_schema(
        operation_id="choices", responses={(200, "application/json"): ChoicesPart, **READ}
    )
    def get(self, request: Request) -> Response:
        return respond(
            ChoicesPart(
                labels=[
                    LabelPart(id=label.pk, name=label.name, colour=label.colour)
                    for label in Label.objects.all()
                ],
                channels=[
                    ChannelChoice(id=channel.pk, kind=channel.kind, name=channel.name)
                    for channel in Channel.objects.order_by("kind", "name", "pk")
                ],
                languages=[tag for tag, _name in settings.LANGUAGES],
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
        merged_ids = [one.pk for one in joining.merged(self.conversation(pk))]
        messages, more = selectors.page_of(
            selectors.agent_messages().filter(conversation__in=[pk, *merged_ids]),
            after=query.after,
            before=query.before,
            limit=query.limit,
        )
        return respond(
            AgentMessagesPart(
                messages=[message_for_agents(message) for message in messages], has_more=more
            )
        )
