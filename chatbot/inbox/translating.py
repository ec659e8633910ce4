"""Messages in the agent's language, replies in the customer's, where a language model is set."""

import logging
from typing import Annotated

from django.conf import settings
from django.http import Http404
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response

from chatbot import composing
from chatbot.answering import rewording
from chatbot.answering.writing import Failed
from chatbot.api import ApiError, parse, respond
from chatbot.conversations.models import Conversation, Message
from chatbot.conversations.wording import our_language
from chatbot.events import Payload
from chatbot.inbox.access import WRITE, InboxView, errors_of
from chatbot.inbox.models import Translation

logger = logging.getLogger(__name__)
ASKED = {**WRITE, **errors_of(503)}


class TranslationPart(Payload):
    text: str
    language: str


class TranslateRequest(Payload):
    text: Annotated[str, Field(min_length=1, max_length=4_000)]


class TranslateMessageView(InboxView):
    """A customer's message in the agent's language: asked of the model once, and kept."""

    @extend_schema(
        operation_id="translate_message",
        request=None,
        responses={(200, "application/json"): TranslationPart, **ASKED},
    )
    def post(self, request: Request, pk: int) -> Response:
        message = Message.objects.select_related("conversation__contact").filter(pk=pk).first()
        if message is None or not message.text.strip():
            raise Http404
        language = our_language(get_language() or "en")
        known = Translation.objects.filter(message=message, language=language).first()
        if known is None:
            text = _translated(message.text, language, message.conversation)
            known, _made = Translation.objects.get_or_create(
                message=message, language=language, defaults={"text": text}
            )
        return respond(TranslationPart(text=known.text, language=language))


class TranslateReplyView(InboxView):
    """What the agent has written, in the customer's language: to be read, and sent by them."""

    @extend_schema(
        operation_id="translate_reply",
        request={"application/json": TranslateRequest},
        responses={(200, "application/json"): TranslationPart, **ASKED},
    )
    def post(self, request: Request, pk: int) -> Response:
        body = parse(TranslateRequest, request.data)
        conversation = self.conversation(pk)
        text = _translated(body.text, conversation.language, conversation)
        return respond(TranslationPart(text=text, language=conversation.language))


def _translated(text: str, language: str, conversation: Conversation) -> str:
    """Return `text` in `language`. Raises ApiError where no model is set, or it is away."""
    if not settings.LANGUAGE_MODEL:
        raise ApiError("conflict", _("No language model is set on this server."), status=409)
    seconds = settings.LANGUAGE_MODEL_SECONDS
    writer = composing.writer(seconds=seconds)
    translated = ""
    if writer is not None and composing.breaker.allows():
        names = (conversation.contact.name,)
        try:
            translated = rewording.translate(text, language, writer, names=names, seconds=seconds)
        except Exception as error:
            composing.breaker.note(Failed("unavailable"))
            logger.warning("the language model translated nothing: %s", type(error).__name__)
    if not translated:
        detail = _("The language model gave no translation. Try again in a moment.")
        raise ApiError("unavailable", detail, status=503)
    return translated
