"""Drafts replies for people, behind the request: as the bot would answer, for agents only."""

import logging
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django_tasks import task

from chatbot import composing, wiring
from chatbot.answering.drafting import Draft, draft_answer
from chatbot.answering.gate import Reply
from chatbot.answering.understanding import Kind, understand
from chatbot.background import Turns, enqueue
from chatbot.conversations import wording
from chatbot.conversations.models import Conversation, Message, Status
from chatbot.inbox.suggestions import offer, withdraw

logger = logging.getLogger(__name__)
_turns = Turns()
_TRIED = 3600  # seconds for which a message is not looked at again


def follow(conversation: Conversation) -> None:
    """Have a reply drafted, where a person has the conversation."""
    if conversation.status == Status.ASSIGNED:
        enqueue("suggest", conversation.pk)


@task()
def suggest_reply(conversation_id: int) -> None:
    """Draft a reply to the customer's last message: one at a time in a conversation."""
    _turns.take(conversation_id, lambda: _suggest(conversation_id))


def _suggest(conversation_id: int) -> bool:
    message = _unanswered(conversation_id)
    if message is None or not cache.add(f"suggested:{message.pk}", 1, _TRIED):
        return False
    withdraw(conversation_id=conversation_id)
    try:
        _draft(message)
    except Exception:  # it is only a help
        logger.exception("could not draft a reply to message %s", message.pk)
    return False


def _unanswered(conversation_id: int) -> Message | None:
    """Return the customer's last message, unless somebody has answered it or it has no words."""
    last = (
        Message.objects.select_related("conversation__channel", "conversation__contact")
        .filter(
            conversation_id=conversation_id,
            author__in=(Message.Author.CONTACT, Message.Author.AGENT),
            kind=Message.Kind.TEXT,
        )
        .order_by("-pk")
        .first()
    )
    if last is None or last.author != Message.Author.CONTACT or not last.text.strip():
        return None
    return last if last.conversation.status == Status.ASSIGNED else None


def _draft(message: Message) -> None:
    hint = message.language or message.conversation.language
    understanding = understand(message.text, hint=hint, intent=message.intent)
    if understanding.kind is not Kind.QUESTION:  # thanks, goodbye, a wish for a person
        return
    knowledge = wiring.knowledge()
    model = wiring.confidence_model(message.conversation.channel_id)
    draft = draft_answer(understanding, knowledge, model)
    decision = _decided(draft)
    if decision is None:
        return
    with wording.in_language(draft.language):
        reply = composing.answer(
            decision, draft, message, knowledge, draft.language, is_shown=False
        )
    offer(
        message=message,
        text=composing.readable(reply["text"]),  # agents write plain text
        sources=[_source(one) for one in reply["citations"]],
        confidence=decision.confidence or 0.0,
        evidence=_evidence(draft),
    )


def _decided(draft: Draft) -> Reply | None:
    """Return what would be said where it is not noise: as the gate, but for a person to judge.

    What has to be done rather than said is no reply.
    """
    drafts = draft.parts or (draft,)
    answers = tuple(one.answer for one in drafts if one.answer is not None)
    confidence = min(one.confidence for one in drafts)
    if len(answers) < len(drafts) or confidence < settings.SUGGESTION_FLOOR:
        return None
    if any(answer.action for answer in answers):
        return None
    return Reply(answers, confidence)


def _evidence(draft: Draft) -> dict[str, Any]:
    if draft.parts or draft.answer is None:
        return {}
    return {**draft.evidence, "entry": draft.answer.entry, "title": draft.answer.title}


def _source(citation: Any) -> dict[str, Any]:
    fields = asdict(citation) | {"updated_at": citation.updated_at.isoformat()}
    return {name: fields[name] for name in ("number", "title", "category", "updated_at", "url")}
