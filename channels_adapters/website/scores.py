"""What a visitor says of how it was, under the question in the chat."""

from typing import Annotated

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response

from channels_adapters.website.api import ERRORS, Id, VisitorView
from chatbot.api import ApiError, ErrorResponse, parse, respond
from chatbot.conversations import ratings, selectors, wording
from chatbot.conversations.payloads import message_for_contact
from chatbot.conversations.questions import asked_in
from chatbot.conversations.validation import InvalidText, clean_text
from chatbot.events import MessagePart, Payload


class ScoreRequest(Payload):
    """`message` is the one that asks; without a `comment` the one that was given stays."""

    message: Id
    score: Annotated[int, Field(ge=0, le=10)]
    comment: Annotated[str, Field(max_length=ratings.MAX_COMMENT)] | None = None


class ScoreResult(Payload):
    message: MessagePart


class ScoreView(VisitorView):
    """Answer a question about how it was, or change the answer within a day."""

    @extend_schema(
        operation_id="rate",
        request={"application/json": ScoreRequest},
        responses={
            (200, "application/json"): ScoreResult,
            (409, "application/json"): ErrorResponse,
            **ERRORS,
        },
    )
    def post(self, request: Request) -> Response:
        body = parse(ScoreRequest, request.data)
        visitor = self.visitor()
        own = selectors.visible_messages(channel_id=visitor.channel_id, sender_id=visitor.id)
        message = own.filter(pk=body.message).first()
        if message is None:
            raise ApiError("not_found", _("There is no such question."), status=404)
        asked = asked_in(
            message_id=message.pk, text=message.text, buttons=len(message.quick_replies)
        )
        if asked is None:
            raise ApiError("not_found", _("There is no such question."), status=404)
        with wording.in_language(message.language):
            try:
                comment = clean_text(body.comment) if body.comment else body.comment
                ratings.rate(asked=asked, score=body.score, comment=comment)
            except InvalidText as error:
                raise ApiError(error.code, error.detail) from error
            except ratings.NoSuchScore as error:
                raise ApiError("invalid", _("There is no such number to choose.")) from error
            except ratings.TooLate as error:
                raise ApiError("too_late", wording.asked_long_ago(), status=409) from error
        return respond(ScoreResult(message=message_for_contact(message)))
