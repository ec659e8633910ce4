"""Files in the inbox: what customers sent, what agents are about to send, and whole mails."""

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from chatbot.agent_events import AgentAttachmentPart, MoreOfMessagePart
from chatbot.api import ApiError, respond
from chatbot.conversations import attachments, selectors
from chatbot.conversations.models import Attachment
from chatbot.conversations.payloads import agent_attachment_part, file_response
from chatbot.inbox.access import READ, WRITE, InboxView, errors_of
from chatbot.inbox.letters import more_of

_FORM_BYTES = 16 * 1024  # what a form has around its file


class UploadsView(InboxView):
    """A file that the agent is about to send."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="inbox_upload",
        request={
            "multipart/form-data": {
                "type": "object",
                "properties": {"file": {"type": "string", "format": "binary"}},
                "required": ["file"],
            }
        },
        responses={(201, "application/json"): AgentAttachmentPart, **WRITE, **errors_of(413)},
    )
    def post(self, request: Request) -> Response:
        name, content_type, content = _file_of(request)
        try:
            kept = attachments.keep_own(
                user_id=self.agent.user_id, name=name, content_type=content_type, content=content
            )
        except attachments.TooManyAttachments as error:
            raise ApiError(
                "rate_limited",
                _("You have added many files that are not sent yet. Send or remove some first."),
                status=429,
                retry_after=error.retry_after,
            ) from error
        return respond(agent_attachment_part(kept, message=None), status=201)


def _file_of(request: Request) -> tuple[str, str, bytes]:
    """Return the name, the type and the bytes of the one file of the form `request`."""
    most = settings.MAX_AGENT_FILE_BYTES
    if int(request.META.get("CONTENT_LENGTH") or 0) > most + _FORM_BYTES:
        raise _too_large()  # unread
    try:
        files = [file for _name, listed in request.FILES.lists() for file in listed]
    except SuspiciousOperation as error:  # more fields than a form has
        raise ParseError from error
    if len(files) != 1 or "file" not in request.FILES:
        raise ParseError(_("Send one file, in the field named file."))
    (file,) = files
    if file.size > most:
        raise _too_large()
    if not file.size:
        raise ApiError("invalid", _("The file is empty."))
    return file.name or "", file.content_type or "", file.read()


def _too_large() -> ApiError:
    most = settings.MAX_AGENT_FILE_BYTES // 1024**2
    detail = _("A file may have %(most)d MB at most.") % {"most": most}
    return ApiError("too_large", detail, status=413)


class FileView(InboxView):
    """A file of a message, for all agents; or one that the agent has uploaded."""

    @extend_schema(
        operation_id="inbox_attachment",
        responses={
            (200, "image/*"): OpenApiTypes.BINARY,
            (200, "application/octet-stream"): OpenApiTypes.BINARY,
            **READ,
        },
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        return file_response(self._attachment(pk))

    @extend_schema(operation_id="discard_inbox_attachment", responses={204: None, **WRITE})
    def delete(self, request: Request, pk: int) -> Response:
        found = self._attachment(pk)
        if found.user_id != self.agent.user_id or not attachments.discard(attachment=found):
            raise ApiError("conflict", _("This file was sent already."), status=409)
        return Response(status=204)

    def _attachment(self, pk: int) -> Attachment:
        found = attachments.for_agent(user_id=self.agent.user_id, pk=pk)
        if found is None:
            raise Http404
        return found


class MessageView(InboxView):
    """What is looked at only when somebody asks: a mail as it was written, earlier versions."""

    @extend_schema(
        operation_id="more_of_message",
        responses={(200, "application/json"): MoreOfMessagePart, **READ},
    )
    def get(self, request: Request, pk: int) -> Response:
        message = selectors.agent_messages().filter(pk=pk).first()
        if message is None:
            raise Http404
        return respond(more_of(message))
