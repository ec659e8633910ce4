"""The team's labels; putting them on conversations is a deed."""

from typing import Annotated

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response

from chatbot.agent_events import LabelPart
from chatbot.api import ApiError, parse, respond
from chatbot.conversations import labels
from chatbot.conversations.models import Label
from chatbot.events import Payload
from chatbot.inbox.access import READ, WRITE, InboxView


class LabelsPart(Payload):
    labels: list[LabelPart]


class LabelRequest(Payload):
    name: Annotated[str, Field(max_length=40)]


class LabelsView(InboxView):
    """All labels; and a new one, or the one that has that name."""

    @extend_schema(operation_id="labels", responses={(200, "application/json"): LabelsPart, **READ})
    def get(self, request: Request) -> Response:
        return respond(LabelsPart(labels=[_part(one) for one in labels.all_labels()]))

    @extend_schema(
        operation_id="make_label",
        request={"application/json": LabelRequest},
        responses={(200, "application/json"): LabelPart, **WRITE},
    )
    def post(self, request: Request) -> Response:
        body = parse(LabelRequest, request.data)
        if not body.name.strip() or not body.name.isprintable():
            raise ApiError("invalid", _("A label needs a name."))
        return respond(_part(labels.ensure_label(name=body.name)))


def _part(label: Label) -> LabelPart:
    return LabelPart(id=label.pk, name=label.name, colour=label.colour)
