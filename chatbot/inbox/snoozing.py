"""Until when a conversation can be snoozed, and its waking by hand."""

from datetime import datetime
from typing import Literal

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from chatbot.agent_events import RowPart
from chatbot.api import ApiError, respond
from chatbot.events import Payload
from chatbot.inbox.access import READ, WRITE, InboxView
from chatbot.inbox.payloads import row_part
from chatbot.routing import snoozing
from chatbot.routing.selectors import supervises


class SnoozeChoicePart(Payload):
    """A usual time. tomorrow: the next day, where it is open then; else next_day, the first one."""

    name: Literal["later", "tomorrow", "next_day", "monday", "week"]
    until: datetime


class SnoozeChoicesPart(Payload):
    """`zone`: in which the agent's own date and time is meant."""

    choices: list[SnoozeChoicePart]
    zone: str


class SnoozeView(InboxView):
    """Until when to snooze, by the channel's hours; snoozing itself is a deed."""

    @extend_schema(
        operation_id="snooze_choices",
        responses={(200, "application/json"): SnoozeChoicesPart, **READ},
    )
    def get(self, request: Request, pk: int) -> Response:
        found = snoozing.choices(
            channel=self.conversation(pk).channel, agent=self.agent, now=timezone.now()
        )
        choices = [
            SnoozeChoicePart.model_validate({"name": one.name, "until": one.until}) for one in found
        ]
        return respond(SnoozeChoicesPart(choices=choices, zone=self.agent.zone))


class WakeView(InboxView):
    """Bring a snoozed conversation back now."""

    @extend_schema(
        operation_id="wake",
        request=None,
        responses={(200, "application/json"): RowPart, **WRITE},
    )
    def post(self, request: Request, pk: int) -> Response:
        conversation = self.conversation(pk)
        is_own = conversation.assignee_id == self.agent.user_id
        if not is_own and not supervises(self.agent.user):
            raise ApiError("conflict", _("You do not have this conversation."), status=409)
        snoozing.wake(conversation=conversation)
        return respond(row_part(conversation))
