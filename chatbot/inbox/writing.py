"""What agents write: replies and notes, each recorded once, and sent again where it failed."""

from collections.abc import Sequence
from typing import Annotated

from django.db import IntegrityError
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response

from chatbot.agent_events import AgentMessagePart
from chatbot.api import ApiError, parse, respond
from chatbot.conversations import deliveries, selectors
from chatbot.conversations.attachments import UnknownAttachments
from chatbot.conversations.models import Conversation, Message, Status
from chatbot.conversations.payloads import message_for_agents
from chatbot.conversations.validation import InvalidText, clean_text
from chatbot.events import AttachmentIds, ClientId, Payload
from chatbot.inbox.access import WRITE, InboxView
from chatbot.inbox.person import goes_to_part
from chatbot.routing import services


class WriteRequest(Payload):
    client_id: ClientId
    text: Annotated[str, Field(max_length=20_000)]


class ReplyRequest(WriteRequest):
    """`attachments` are ids of the agent's own uploads; with one, the text may be empty."""

    attachments: AttachmentIds = []


class WriteResult(Payload):
    message: AgentMessagePart
    duplicate: bool


WRITTEN = {
    (201, "application/json"): WriteResult,
    (200, "application/json"): WriteResult,
    **WRITE,
}


class WriteView(InboxView):
    """Base of replying and noting: each text is recorded once, whatever is repeated."""

    def write(
        self, pk: int, body: WriteRequest, *, private: bool, attachments: Sequence[int] = ()
    ) -> Response:
        """Record the text of `body` and answer with the message."""
        conversation = self.conversation(pk)
        external_id = f"agent-{self.agent.user_id}:{body.client_id}"
        text = _clean(body.text, has_files=bool(attachments))
        known = selectors.inbound_message(conversation.channel_id, external_id)
        if known is not None and known.conversation_id != conversation.pk:
            raise ApiError("conflict", _("This id was used in another conversation."), status=409)
        if known is not None:
            return respond(WriteResult(message=message_for_agents(known), duplicate=True))
        if not private:
            self._check_mine(conversation)
        if attachments and not goes_to_part(conversation).files:
            raise ApiError("invalid", _("No files can be sent on this channel."))
        try:
            message = self._record(conversation, text, external_id, private, attachments)
        except UnknownAttachments as error:
            detail = _("A file is not here any more. Please add it again.")
            raise ApiError("invalid", detail) from error
        except IntegrityError:  # the same text twice at once
            known = selectors.inbound_message(conversation.channel_id, external_id)
            if known is None:
                raise
            return respond(WriteResult(message=message_for_agents(known), duplicate=True))
        result = WriteResult(message=message_for_agents(message), duplicate=False)
        return respond(result, status=201)

    def _record(
        self,
        conversation: Conversation,
        text: str,
        external_id: str,
        private: bool,
        attachments: Sequence[int],
    ) -> Message:
        if private:
            return services.note(
                conversation=conversation, agent=self.agent, text=text, external_id=external_id
            )
        return services.reply(
            conversation=conversation,
            agent=self.agent,
            text=text,
            external_id=external_id,
            attachment_ids=attachments,
        )

    def _check_mine(self, conversation: Conversation) -> None:
        mine = conversation.assignee_id == self.agent.user_id
        if conversation.status != Status.ASSIGNED or not mine:
            raise ApiError("not_yours", _("Take the conversation before you reply."), status=409)


def _clean(text: str, *, has_files: bool) -> str:
    if has_files and not text.strip():
        return ""
    try:
        return clean_text(text)
    except InvalidText as error:
        raise ApiError(error.code, error.detail) from error


class ReplyView(WriteView):
    """Say something to the customer."""

    @extend_schema(
        operation_id="reply", request={"application/json": ReplyRequest}, responses=WRITTEN
    )
    def post(self, request: Request, pk: int) -> Response:
        body = parse(ReplyRequest, request.data)
        return self.write(pk, body, private=False, attachments=body.attachments)


class NoteView(WriteView):
    """Say something to colleagues."""

    @extend_schema(
        operation_id="note", request={"application/json": WriteRequest}, responses=WRITTEN
    )
    def post(self, request: Request, pk: int) -> Response:
        return self.write(pk, parse(WriteRequest, request.data), private=True)


class ResendView(InboxView):
    """Try again to send a message that did not reach its customer."""

    @extend_schema(
        operation_id="resend",
        request=None,
        responses={(200, "application/json"): AgentMessagePart, **WRITE},
    )
    def post(self, request: Request, pk: int) -> Response:
        message = selectors.agent_messages().filter(pk=pk).first()
        if message is None:
            raise Http404
        for delivery in deliveries.failed().filter(message=message):
            deliveries.resend(delivery=delivery)
        message = selectors.agent_messages().get(pk=pk)
        return respond(message_for_agents(message))
