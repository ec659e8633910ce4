"""What agents write: replies and notes, each recorded once, and sent again where it failed."""

from typing import Annotated

from django.db import IntegrityError, transaction
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
from chatbot.inbox.access import WRITE, Id, InboxView
from chatbot.inbox.drafts import drop_draft
from chatbot.inbox.mentions import mention
from chatbot.inbox.person import goes_to_part
from chatbot.inbox.suggestions import note_used
from chatbot.routing import services
from chatbot.routing.selectors import viewers


class WriteRequest(Payload):
    client_id: ClientId
    text: Annotated[str, Field(max_length=20_000)]


class ReplyRequest(WriteRequest):
    """`attachments` are ids of the agent's own uploads; with one, the text may be empty.

    `seen`: the newest message that the page has, null where it does not say; `typing`: colleagues
    whom it shows as writing. `anyway`: the agent has been told, and wants it sent. `suggestion`:
    the bot's draft that it began with.
    """

    attachments: AttachmentIds = []
    seen: Id | None = None
    typing: Annotated[list[Id], Field(max_length=50)] = []
    anyway: bool = False
    suggestion: Id | None = None


class NoteRequest(WriteRequest):
    """`mentions`: colleagues who are named in it, each as `@` and their name."""

    mentions: Annotated[list[Id], Field(max_length=20)] = []


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

    def write(self, pk: int, body: ReplyRequest | NoteRequest) -> Response:
        """Record the text of `body` and answer with the message."""
        attachments = body.attachments if isinstance(body, ReplyRequest) else []
        conversation = self.conversation(pk)
        external_id = f"agent-{self.agent.user_id}:{body.client_id}"
        text = _clean(body.text, has_files=bool(attachments))
        known = selectors.inbound_message(conversation.channel_id, external_id)
        if known is not None and known.conversation_id != conversation.pk:
            raise ApiError("conflict", _("This id was used in another conversation."), status=409)
        if known is not None:
            return respond(WriteResult(message=message_for_agents(known), duplicate=True))
        if isinstance(body, ReplyRequest):
            self._check_mine(conversation)
        if attachments and not goes_to_part(conversation).files:
            raise ApiError("invalid", _("No files can be sent on this channel."))
        try:
            message = self._record(conversation, text, external_id, body)
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
        body: ReplyRequest | NoteRequest,
    ) -> Message:
        user = self.agent.user_id
        with transaction.atomic():
            drop_draft(
                user_id=user,
                conversation_id=conversation.pk,
                kind="reply" if isinstance(body, ReplyRequest) else "note",
            )
            if isinstance(body, NoteRequest):
                message = services.note(
                    conversation=conversation, agent=self.agent, text=text, external_id=external_id
                )
                mention(message=message, user_ids=body.mentions)
                return message
            # Locked, so that of two who write at once the second one sees the first one's.
            fresh = Conversation.objects.select_for_update().get(pk=conversation.pk)
            self._check_mine(fresh)
            if not body.anyway:
                self._check_seen(conversation, body)
            message = services.reply(
                conversation=conversation,
                agent=self.agent,
                text=text,
                external_id=external_id,
                attachment_ids=body.attachments,
            )
            note_used(conversation=conversation, reply=message, chosen=body.suggestion)
        return message

    def _check_seen(self, conversation: Conversation, body: ReplyRequest) -> None:
        """Raise a conflict where a colleague has written, or writes, and the page hid it."""
        if body.seen is None:
            return
        user = self.agent.user_id
        told = selectors.told_by_others(
            conversation_id=conversation.pk, user_id=user, after=body.seen
        )
        if told:
            detail = _("%(name)s has replied in the meantime.") % {"name": told}
            raise ApiError("colleague_replied", detail, status=409)
        for other, name, is_typing in viewers(conversation.pk):
            if is_typing and other != user and other not in body.typing:
                detail = _("%(name)s is writing to this customer now.") % {"name": name}
                raise ApiError("colleague_typing", detail, status=409)

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
        return self.write(pk, parse(ReplyRequest, request.data))


class NoteView(WriteView):
    """Say something to colleagues."""

    @extend_schema(
        operation_id="note", request={"application/json": NoteRequest}, responses=WRITTEN
    )
    def post(self, request: Request, pk: int) -> Response:
        return self.write(pk, parse(NoteRequest, request.data))


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
