"""The team page's calls: how everybody is doing, and stepping in. For supervisors alone."""

from datetime import datetime
from typing import Annotated, Literal

from django.http import Http404
from drf_spectacular.utils import extend_schema
from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response

from chatbot.agent_events import SteppedIn
from chatbot.api import parse, respond
from chatbot.conversations.models import Conversation
from chatbot.events import Payload
from chatbot.inbox.access import READ, WRITE, InboxView
from chatbot.inbox.live import announce_presence
from chatbot.realtime import agent_group, publish
from chatbot.routing import stepping_in
from chatbot.routing.floor import Figures, Teammate, floor
from chatbot.routing.selectors import profile_by_user, supervises


class LookPart(Payload):
    """A conversation to go to; `name` is its customer's."""

    id: int
    name: str
    waiting_since: datetime | None


class FiguresPart(Payload):
    handled: int
    first_reply_seconds: float | None
    rating: float | None
    ratings: int


class ChangePart(Payload):
    by: str
    at: datetime


class TeammatePart(Payload):
    """An agent, by user id; `changed`: who last changed something for them today."""

    id: int
    name: str
    presence: Literal["online", "away", "offline"]
    open: int
    capacity: int
    since: datetime | None
    looks_at: list[LookPart]
    oldest: LookPart | None
    today: FiguresPart
    changed: ChangePart | None


class TeamPart(Payload):
    team: list[TeammatePart]
    waiting: int
    oldest: LookPart | None
    promised_minutes: float | None
    today: FiguresPart


class TeammateRequest(Payload):
    """What is left out stays as it is."""

    presence: Literal["online", "away"] | None = None
    capacity: Annotated[int, Field(ge=0, le=100)] | None = None


def team_part() -> TeamPart:
    """Return how the team is doing now."""
    now = floor()
    return TeamPart(
        team=[_teammate_part(one) for one in now.team],
        waiting=now.waiting,
        oldest=_look(now.oldest),
        promised_minutes=now.promised_minutes,
        today=_figures(now.today),
    )


def _teammate_part(one: Teammate) -> TeammatePart:
    return TeammatePart(
        id=one.user_id,
        name=one.name,
        presence=one.presence,  # type: ignore[arg-type]  # one of the three
        open=one.open,
        capacity=one.capacity,
        since=one.since,
        looks_at=[part for seen in one.looks_at if (part := _look(seen))],
        oldest=_look(one.oldest),
        today=_figures(one.today),
        changed=ChangePart(by=one.changed.by, at=one.changed.at) if one.changed else None,
    )


def _look(conversation: Conversation | None) -> LookPart | None:
    if conversation is None:
        return None
    return LookPart(
        id=conversation.pk,
        name=str(conversation.contact),
        waiting_since=conversation.waiting_since,
    )


def _figures(figures: Figures) -> FiguresPart:
    return FiguresPart(
        handled=figures.handled,
        first_reply_seconds=figures.first_reply_seconds,
        rating=figures.rating,
        ratings=figures.ratings,
    )


class SupervisorView(InboxView):
    """Base of calls that only supervisors may make; to others there is nothing there."""

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Raise Http404 for everybody else."""
        super().initial(request, *args, **kwargs)
        if not supervises(request.user):
            raise Http404


class TeamView(SupervisorView):
    """Who is here, what they have and look at, who waits, and what today brought."""

    @extend_schema(operation_id="team", responses={(200, "application/json"): TeamPart, **READ})
    def get(self, request: Request) -> Response:
        return respond(team_part())


class TeammateView(SupervisorView):
    """Change an agent's presence or capacity for them; they are told who did."""

    @extend_schema(
        operation_id="change_teammate",
        request={"application/json": TeammateRequest},
        responses={(200, "application/json"): TeamPart, **WRITE},
    )
    def patch(self, request: Request, user: int) -> Response:
        body = parse(TeammateRequest, request.data)
        agent = profile_by_user(user) if user < 2**63 else None  # what a column can hold
        if agent is None:
            raise Http404
        changed = stepping_in.change_for(
            agent=agent, by=self.agent, presence=body.presence or "", capacity=body.capacity
        )
        if changed:
            announce_presence()
            publish(
                SteppedIn(by=self.agent.name, presence=body.presence, capacity=body.capacity),
                agent_group(agent.user_id),
            )
        return respond(team_part())
