"""Visitors' pictures over HTTP: up before the message that they go with, and back to look at."""

from collections.abc import Callable
from typing import Any

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
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from channels_adapters.website.api import ERRORS, VisitorView
from chatbot.api import ApiError, ErrorResponse, respond
from chatbot.conversations import attachments, recording
from chatbot.conversations.models import Attachment
from chatbot.conversations.payloads import attachment_part, file_response
from chatbot.conversations.pictures import UnfitPicture, too_large
from chatbot.events import AttachmentPart

UPLOAD_ERRORS = {**ERRORS, (413, "application/json"): ErrorResponse}
_STATUS = {"too_large": 413, "unsupported": 415, "unreadable": 400}
_FORM_BYTES = 16 * 1024  # what a form has around its file


class AddressThrottle(SimpleRateThrottle):
    """Counts an address's uploads, since anybody can be as many visitors as they like."""

    scope = "widget-upload-address"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return str(self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)})


class AttachmentsView(VisitorView):
    """A picture that the visitor is about to send."""

    parser_classes = (MultiPartParser,)

    def get_throttles(self) -> Any:
        throttles = super().get_throttles()
        self.throttle_scope = "widget-upload"
        return [*throttles, AddressThrottle()]

    @extend_schema(
        operation_id="upload",
        request={
            "multipart/form-data": {
                "type": "object",
                "properties": {"file": {"type": "string", "format": "binary"}},
                "required": ["file"],
            }
        },
        responses={(201, "application/json"): AttachmentPart, **UPLOAD_ERRORS},
    )
    def post(self, request: Request) -> Response:
        try:
            name, content = _file_of(request)
            visitor = self.visitor()
            attachment = attachments.keep_picture(
                identity=recording.ensure_identity(
                    channel_id=visitor.channel_id, sender_id=visitor.id
                ),
                name=name,
                content=content,
            )
        except UnfitPicture as error:
            raise ApiError(error.code, error.detail, status=_STATUS[error.code]) from error
        except attachments.TooManyAttachments as error:
            raise ApiError(
                "rate_limited", str(error), status=429, retry_after=error.retry_after
            ) from error
        return respond(attachment_part(attachment, door="widget"), status=201)


def _file_of(request: Request) -> tuple[str, bytes]:
    """Return the name and the bytes of the one file of the form `request`."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.MAX_ATTACHMENT_BYTES + _FORM_BYTES:
        raise too_large()  # unread
    try:
        files = [file for _name, listed in request.FILES.lists() for file in listed]
    except SuspiciousOperation as error:  # more fields than a form has
        raise ParseError from error
    if len(files) != 1 or "file" not in request.FILES:
        raise ParseError(_("Send one picture, in the field named file."))
    if files[0].size > settings.MAX_ATTACHMENT_BYTES:
        raise too_large()
    return files[0].name or "", files[0].read()


class AttachmentView(VisitorView):
    """One of the visitor's own pictures, or a file that they were sent."""

    def attachment(self, pk: int, find: Callable[..., Attachment | None]) -> Attachment:
        """Return the visitor's file `pk`. Raises Http404."""
        visitor = self.visitor()
        found = find(channel_id=visitor.channel_id, sender_id=visitor.id, pk=pk)
        if found is None:
            raise Http404
        return found

    @extend_schema(
        operation_id="attachment",
        responses={
            (200, "image/*"): OpenApiTypes.BINARY,
            (200, "application/octet-stream"): OpenApiTypes.BINARY,
            **ERRORS,
        },
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        return file_response(self.attachment(pk, attachments.shown_to))

    @extend_schema(operation_id="discard_attachment", responses={204: None, **ERRORS})
    def delete(self, request: Request, pk: int) -> Response:
        own = self.attachment(pk, attachments.uploaded_by)
        if not attachments.discard(attachment=own):
            raise ApiError("conflict", _("This picture was sent already."), status=409)
        return Response(status=204)
