"""A long conversation in four lines at most, by the model or by its parts."""

import logging
from collections.abc import Sequence
from typing import Literal

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_tasks import task
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from chatbot import composing
from chatbot.agent_events import SummaryWritten
from chatbot.answering import rewording
from chatbot.answering.writing import Failed, Turn
from chatbot.api import respond
from chatbot.background import enqueue
from chatbot.conversations.models import Conversation, Message
from chatbot.conversations.wording import our_language
from chatbot.events import Payload
from chatbot.inbox.access import READ, InboxView
from chatbot.inbox.summary import first_sentence
from chatbot.inbox.summary import summarise as collected
from chatbot.realtime import INBOX, publish

logger = logging.getLogger(__name__)
MORE_THAN = 6  # messages: fewer are read as fast as their summary
_MOST = 60  # the newest messages that are looked at
_KEPT = 30 * 24 * 3600  # seconds
_LINE = 160  # characters


class SummaryPart(Payload):
    """`lines` in the reader's language, none where it is short; `by`: who wrote them."""

    lines: list[str]
    by: Literal["model", "parts"]


class SummaryView(InboxView):
    """A long conversation in four lines at most."""

    @extend_schema(
        operation_id="summary", responses={(200, "application/json"): SummaryPart, **READ}
    )
    def get(self, request: Request, pk: int) -> Response:
        conversation = self.conversation(pk)
        said = _said(conversation.pk)
        if len(said) <= MORE_THAN:
            return respond(SummaryPart(lines=[], by="parts"))
        language = our_language(get_language() or "en")
        lines = cache.get(_key(conversation.pk, said[-1].pk, language))
        if lines:
            return respond(SummaryPart(lines=lines, by="model"))
        if lines is None and settings.LANGUAGE_MODEL:
            enqueue("summarise", conversation.pk, language)
        return respond(SummaryPart(lines=parts_of(conversation, said), by="parts"))


def _said(conversation_id: int) -> list[Message]:
    rows = Message.objects.filter(conversation_id=conversation_id, kind=Message.Kind.TEXT)
    return list(rows.exclude(text="").order_by("-pk")[:_MOST])[::-1]


def _key(conversation_id: int, last: int, language: str) -> str:
    return f"summary:{conversation_id}:{last}:{language}"


# --- By its parts -----------------------------------------------------------------------------
def parts_of(conversation: Conversation, said: Sequence[Message]) -> list[str]:
    """Return what was asked, what was collected, and the last words of each side, with when.

    Each is a quotation: nothing is concluded.
    """
    handoff = conversation.handoff
    first = next((one for one in said if one.author == Message.Author.CONTACT), None)
    asked = handoff.get("question") or (first.text if first else "")
    form = [(name, value) for name, value in handoff.get("form", ())]
    facts = collected(handoff.get("action", ""), form)
    lines = []
    if asked:
        lines.append(_("Asked: %(text)s") % {"text": first_sentence(asked, _LINE)})
    if facts:
        lines.append(_("Collected: %(text)s") % {"text": facts})
    for authors in ((Message.Author.CONTACT,), (Message.Author.AGENT, Message.Author.BOT)):
        last = next((one for one in reversed(said) if one.author in authors), None)
        if last is not None and last.text != asked:
            lines.append(_last_words(last))
    return lines[: rewording.MOST_LINES]


def _last_words(message: Message) -> str:
    at = timezone.localtime(message.created_at)
    day = "" if at.date() == timezone.localdate() else f"{date_format(at, 'j. N')} "
    values = {
        "name": message.author_name or str(message.get_author_display()),
        "time": f"{day}{date_format(at, 'H:i')}",
        "text": first_sentence(message.text, _LINE),
    }
    return _("%(name)s last, %(time)s: %(text)s") % values


# --- By the model -----------------------------------------------------------------------------
@task()
def summarise(conversation_id: int, language: str) -> None:
    """Have the language model summarise a conversation in `language`, once for its last message.

    A line that is not borne out by what was said is left out; where most are, all are.
    """
    conversation = Conversation.objects.select_related("contact").get(pk=conversation_id)
    said = _said(conversation_id)
    if not said or not cache.add(f"summarising:{said[-1].pk}:{language}", 1, 60):
        return
    lines = _written(conversation, said, language)
    if lines is None:
        return  # asked again by who opens it next
    cache.set(_key(conversation_id, said[-1].pk, language), lines, _KEPT)
    if lines:
        publish(SummaryWritten(conversation=conversation_id), INBOX)


def _written(
    conversation: Conversation, said: Sequence[Message], language: str
) -> list[str] | None:
    """Return the lines that hold, [] where too few do, None where the model is away."""
    seconds = settings.LANGUAGE_MODEL_SECONDS
    writer = composing.writer(seconds=seconds)
    if writer is None or not composing.breaker.allows():
        return None
    turns = [
        Turn("customer" if one.author == Message.Author.CONTACT else "support", one.text)
        for one in said
    ]
    names = (conversation.contact.name, *(one.author_name for one in said))
    try:
        lines = rewording.summarise(turns, language, writer, names=names, seconds=seconds)
    except Exception as error:
        composing.breaker.note(Failed("unavailable"))
        logger.warning("the language model gave no summary: %s", type(error).__name__)
        return None
    held = composing.borne_out(lines, [one.text for one in said], language)
    return held if 2 * len(held) > len(lines) else []
