"""What the bot would say in a person's conversation: offered to agents, and what came of it."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rapidfuzz.distance import LCSseq
from rest_framework.request import Request
from rest_framework.response import Response

from chatbot.agent_events import SuggestionChanged, SuggestionPart
from chatbot.api import respond
from chatbot.conversations.models import Conversation, Message, Verdict
from chatbot.conversations.verdicts import note_evidence, record_verdict
from chatbot.events import CitationPart, Payload
from chatbot.inbox.access import READ, WRITE, InboxView
from chatbot.inbox.models import Suggestion
from chatbot.realtime import INBOX, publish
from chatbot.text import normalise

_AS_IT_WAS = 0.95  # kept, and no more than that written besides: a name, a greeting
_RIGHT = 0.85  # kept, from which the reply says what the draft says
_EDITED = 0.3  # below it, what was sent is the agent's own


# --- Writes -----------------------------------------------------------------------------------
def offer(
    *,
    message: Message,
    text: str,
    sources: list[dict[str, Any]],
    confidence: float,
    evidence: Mapping[str, Any],
) -> Suggestion | None:
    """Offer what the bot would reply to the customer's `message`, in place of older offers.

    None where it came too late: somebody has answered, or the customer has written again.
    """
    conversation = message.conversation
    with transaction.atomic():
        Conversation.objects.select_for_update().get(pk=conversation.pk)
        later = Message.objects.filter(conversation=conversation, pk__gt=message.pk).filter(
            author__in=(Message.Author.CONTACT, Message.Author.AGENT), kind=Message.Kind.TEXT
        )
        if later.exists() or Suggestion.objects.filter(message=message).exists():
            return None
        _open(conversation.pk).delete()
        made = Suggestion.objects.create(
            message=message, text=text, sources=sources, confidence=confidence
        )
        note_evidence(message=message, confidence=confidence, evidence=evidence)
        publish(
            SuggestionChanged(conversation=conversation.pk, suggestion=suggestion_part(made)), INBOX
        )
    return made


def withdraw(*, conversation_id: int) -> None:
    """Take back what was offered to an older message than the customer's last."""
    if _open(conversation_id).delete()[0]:
        publish(SuggestionChanged(conversation=conversation_id, suggestion=None), INBOX)


def note_used(*, conversation: Conversation, reply: Message, chosen: int | None) -> None:
    """Record what became of the offer, in the transaction of the agent's `reply`.

    `chosen` is the suggestion with which the reply was begun, if it was. One that was kept teaches
    that it was right. That another was not says nothing yet: it waits for review.
    """
    found = _open(conversation.pk).first()
    if found is None:
        return
    left = kept_of(found.text, reply.text)
    found.reply, found.kept, found.user_id = reply, left, reply.user_id
    more = len(normalise(reply.text).split()) - len(normalise(found.text).split())
    if left >= _AS_IT_WAS and more <= 6:
        found.state = Suggestion.State.ACCEPTED
    elif left >= _EDITED or (chosen == found.pk and left > 0):
        found.state = Suggestion.State.EDITED
    else:
        found.state = Suggestion.State.DISCARDED
    _settle(found)
    if left >= _RIGHT:
        record_verdict(
            message_id=found.message_id,
            right=True,
            source=Verdict.Source.REPLY,
            user_id=reply.user_id,
        )


def discard(*, suggestion: Suggestion, user_id: int) -> None:
    """Put an offer away; its question waits for review."""
    if suggestion.state == Suggestion.State.OFFERED:
        suggestion.state, suggestion.user_id = Suggestion.State.DISCARDED, user_id
        with transaction.atomic():
            _settle(suggestion)


def _settle(suggestion: Suggestion) -> None:
    suggestion.decided_at = timezone.now()
    suggestion.save(update_fields=["state", "user", "reply", "kept", "decided_at"])
    conversation = suggestion.message.conversation_id
    publish(SuggestionChanged(conversation=conversation, suggestion=None), INBOX)


def kept_of(draft: str, sent: str) -> float:
    """Return how much of `draft` is left in `sent`, 0 to 1: its words, in their order."""
    words, said = normalise(draft).split(), normalise(sent).split()
    return LCSseq.similarity(words, said) / len(words) if words else 0.0


# --- Reads ------------------------------------------------------------------------------------
def _open(conversation_id: int) -> Any:
    return (
        Suggestion.objects.select_related("message")
        .filter(message__conversation_id=conversation_id, state=Suggestion.State.OFFERED)
        .order_by("-pk")
    )


def suggestion_part(suggestion: Suggestion) -> SuggestionPart:
    """Return an offer as the inbox shows it."""
    return SuggestionPart(
        id=suggestion.pk,
        message=suggestion.message_id,
        text=suggestion.text,
        language=suggestion.message.language,
        confidence=suggestion.confidence or 0.0,
        sources=[CitationPart.model_validate(source) for source in suggestion.sources],
    )


# --- Calls ------------------------------------------------------------------------------------
class SuggestionAnswer(Payload):
    suggestion: SuggestionPart | None


class SuggestionView(InboxView):
    """What the bot would say now in a conversation."""

    @extend_schema(
        operation_id="suggestion", responses={(200, "application/json"): SuggestionAnswer, **READ}
    )
    def get(self, request: Request, pk: int) -> Response:
        found = _open(self.conversation(pk).pk).first()
        return respond(SuggestionAnswer(suggestion=suggestion_part(found) if found else None))


class DiscardView(InboxView):
    """Put away what the bot suggests."""

    @extend_schema(operation_id="discard_suggestion", request=None, responses={204: None, **WRITE})
    def post(self, request: Request, pk: int) -> Response:
        found = Suggestion.objects.select_related("message").filter(pk=pk).first()
        if found is None:
            raise Http404
        discard(suggestion=found, user_id=self.agent.user_id)
        return Response(status=204)
