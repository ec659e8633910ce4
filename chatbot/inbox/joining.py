"""Conversations that belong together: linked, unlinked, and taken apart. Merging is a deed."""

from typing import Annotated

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response

from chatbot.api import ApiError, parse, respond
from chatbot.conversations.models import Conversation
from chatbot.events import Payload
from chatbot.inbox.access import WRITE, InboxView
from chatbot.inbox.doing import refusal
from chatbot.inbox.related import PastPart, past_part
from chatbot.routing import blocking, joining

OtherId = Annotated[int, Field(ge=1, le=2**63 - 1)]


class LinkRequest(Payload):
    """`other`: a conversation's id; `linked`: whether they belong together."""

    other: OtherId
    linked: bool = True


class LinkedPart(Payload):
    linked: list[PastPart]


class LinkView(InboxView):
    """Say that two conversations belong together, or that they do not."""

    @extend_schema(
        operation_id="link",
        request={"application/json": LinkRequest},
        responses={(200, "application/json"): LinkedPart, **WRITE},
    )
    def post(self, request: Request, pk: int) -> Response:
        body = parse(LinkRequest, request.data)
        one = self.conversation(pk)
        try:
            other = self.conversation(body.other)
        except Http404 as error:
            raise ApiError("invalid", _("There is no conversation with this number.")) from error
        try:
            if body.linked:
                joining.link(one=one, other=other, user_id=self.agent.user_id)
            else:
                joining.unlink(one=one, other=other)
        except joining.CannotJoin as error:
            raise ApiError("invalid", refusal(error)) from error
        return respond(LinkedPart(linked=[past_part(each) for each in joining.linked(one)]))


class TakeApartView(InboxView):
    """Let a merged conversation be one of its own again; it stays resolved."""

    @extend_schema(
        operation_id="take_apart",
        request=None,
        responses={(200, "application/json"): PastPart, **WRITE},
    )
    def post(self, request: Request, pk: int) -> Response:
        conversation = self.conversation(pk)
        if not joining.take_apart(conversation=conversation):
            raise ApiError("conflict", _("This was taken apart already."), status=409)
        return respond(past_part(conversation))


class UnblockView(InboxView):
    """Let people answer the conversation's contact again."""

    @extend_schema(
        operation_id="unblock",
        request=None,
        responses={(200, "application/json"): PastPart, **WRITE},
    )
    def post(self, request: Request, pk: int) -> Response:
        conversation: Conversation = self.conversation(pk)
        blocking.unblock(contact=conversation.contact, user_id=self.agent.user_id)
        return respond(past_part(conversation))
