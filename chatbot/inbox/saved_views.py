"""Filters kept under a name: an agent's own, and those of the team, which supervisors keep."""

from collections.abc import Sequence
from typing import Annotated

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from pydantic import Field, StringConstraints
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from chatbot.agent_events import SavedViewsChanged
from chatbot.api import ApiError, parse, respond
from chatbot.events import Payload
from chatbot.inbox.access import READ, WRITE, InboxView
from chatbot.inbox.filters import Filters, filters_of
from chatbot.inbox.models import SavedView
from chatbot.realtime import INBOX, publish
from chatbot.routing.models import AgentProfile
from chatbot.routing.selectors import supervises

MOST = 50  # of one person, and of the team

Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00]+$"),
]


class TooManyViews(Exception):
    """Nobody finds anything among more than `MOST`."""


# --- Reads ------------------------------------------------------------------------------------
def views_of(user_id: int) -> "QuerySet[SavedView]":
    """Return the saved views that somebody may see, the team's first."""
    return SavedView.objects.filter(Q(owner_id=user_id) | Q(owner__isnull=True)).order_by(
        "owner_id", "position", "id"
    )


def visible(*, user_id: int, pk: int) -> SavedView | None:
    """Return a saved view, if the user may see it."""
    return views_of(user_id).filter(pk=pk).first()


# --- Writes -----------------------------------------------------------------------------------
def save_view(*, agent: AgentProfile, name: str, filters: Filters, shared: bool) -> SavedView:
    """Keep `filters` under a name, at the end of the agent's views or the team's.

    Raises TooManyViews.
    """
    owner = None if shared else agent.user_id
    with transaction.atomic():
        theirs = SavedView.objects.filter(owner_id=owner)
        if theirs.count() >= MOST:
            raise TooManyViews
        last = theirs.aggregate(Max("position"))["position__max"]
        made = SavedView.objects.create(
            owner_id=owner,
            name=name,
            filters=stored(filters),
            position=0 if last is None else min(last + 1, 32_767),
            created_by_id=agent.user_id,
        )
        publish(SavedViewsChanged(owner=owner), INBOX)
    return made


def change_view(
    *,
    view: SavedView,
    name: str | None = None,
    filters: Filters | None = None,
    position: int | None = None,
) -> None:
    """Give a saved view another name, other filters or another place; None leaves each as it is."""
    if name is not None:
        view.name = name
    if filters is not None:
        view.filters = stored(filters)
    if position is not None:
        view.position = position
    with transaction.atomic():
        view.save(update_fields=["name", "filters", "position"])
        publish(SavedViewsChanged(owner=view.owner_id), INBOX)


def remove_view(*, view: SavedView) -> None:
    """Forget a saved view; the conversations stay."""
    with transaction.atomic():
        SavedView.objects.filter(pk=view.pk).delete()
        publish(SavedViewsChanged(owner=view.owner_id), INBOX)


def stored(filters: Filters) -> dict[str, object]:
    """Return filters as they are kept: what is set, and nothing else."""
    kept: dict[str, object] = filters.model_dump(mode="json", exclude_defaults=True)
    return kept


# --- API --------------------------------------------------------------------------------------
class SavedViewPart(Payload):
    """A view under a name. `may_change`: by the one who asks."""

    id: int
    name: str
    shared: bool
    may_change: bool
    position: int
    filters: Filters


class SavedViewsPart(Payload):
    views: list[SavedViewPart]


class SaveRequest(Payload):
    name: Name
    filters: Filters
    shared: bool = False


class ChangeRequest(Payload):
    """What is left out stays as it is."""

    name: Name | None = None
    filters: Filters | None = None
    position: Annotated[int, Field(ge=0, le=32_767)] | None = None


def parts(rows: Sequence[SavedView], agent: AgentProfile) -> list[SavedViewPart]:
    """Return saved views as the API has them; those that cannot be read are left out."""
    steers = supervises(agent.user)
    return [
        SavedViewPart(
            id=row.pk,
            name=row.name,
            shared=row.owner_id is None,
            may_change=row.owner_id is not None or steers,
            position=row.position,
            filters=filters,
        )
        for row in rows
        if (filters := filters_of(row.filters)) is not None
    ]


class SavedViewsView(InboxView):
    """The agent's saved views and the team's."""

    @extend_schema(
        operation_id="saved_views", responses={(200, "application/json"): SavedViewsPart, **READ}
    )
    def get(self, request: Request) -> Response:
        return respond(SavedViewsPart(views=parts(list(views_of(self.agent.user_id)), self.agent)))

    @extend_schema(
        operation_id="save_view",
        request={"application/json": SaveRequest},
        responses={(201, "application/json"): SavedViewPart, **WRITE},
    )
    def post(self, request: Request) -> Response:
        body = parse(SaveRequest, request.data)
        if body.shared and not supervises(self.agent.user):
            raise PermissionDenied(_("Only supervisors share views with the team."))
        try:
            made = save_view(
                agent=self.agent, name=body.name, filters=body.filters, shared=body.shared
            )
        except TooManyViews as error:
            detail = _("There are %(count)s saved views already. Remove one first.")
            raise ApiError("conflict", detail % {"count": MOST}, status=409) from error
        return respond(parts([made], self.agent)[0], 201)


class SavedViewView(InboxView):
    """One saved view, to be changed or removed by who may."""

    @extend_schema(
        operation_id="change_view",
        request={"application/json": ChangeRequest},
        responses={(200, "application/json"): SavedViewPart, **WRITE},
    )
    def patch(self, request: Request, pk: int) -> Response:
        body = parse(ChangeRequest, request.data)
        view = self._theirs(pk)
        change_view(view=view, name=body.name, filters=body.filters, position=body.position)
        return respond(parts([view], self.agent)[0])

    @extend_schema(operation_id="remove_view", responses={204: None, **WRITE})
    def delete(self, request: Request, pk: int) -> Response:
        remove_view(view=self._theirs(pk))
        return Response(status=204)

    def _theirs(self, pk: int) -> SavedView:
        view = visible(user_id=self.agent.user_id, pk=pk) if pk < 2**63 else None
        if view is None or filters_of(view.filters) is None:
            raise Http404
        if view.owner_id is None and not supervises(self.agent.user):
            raise PermissionDenied(_("Only supervisors change the team's views."))
        return view
