"""From a recorded message to a recorded reply or handoff: understand -> retrieve -> draft -> gate.

Computing is free of effects; one conditional write at the end decides. So a crash or a second
worker at any point leaves either the pending message or its whole outcome, never half.
"""

import logging
from typing import Any

from django.conf import settings
from django_tasks import task

from chatbot import wiring
from chatbot.answering.confidence import load_model
from chatbot.answering.drafting import Draft, draft_answer
from chatbot.answering.gate import Courtesy, Decision, HandOff, Policy, Reply, decide
from chatbot.answering.understanding import Kind, understand, what_is_asked
from chatbot.background import Turns
from chatbot.conversations import selectors, services, wording
from chatbot.conversations.models import Message, Status
from chatbot.envelope import Citation
from chatbot.routing.services import hand_off

logger = logging.getLogger(__name__)
_turns = Turns()


@task()
def answer_pending(conversation_id: int) -> None:
    """Answer what is pending in a conversation, in order, one message at a time."""
    _turns.take(conversation_id, lambda: _answer_all(conversation_id))


def prepare(text: str, intent: str) -> None:
    """Begin with what takes longest of answering `text`, while it is being recorded."""
    kind, question = what_is_asked(text, intent)
    if kind is Kind.QUESTION:
        wiring.prepare(question)


def _answer_all(conversation_id: int) -> bool:
    for message in selectors.pending(conversation_id=conversation_id):
        answer(message)
    return False  # a message that came meanwhile has called again


def answer(message: Message) -> None:
    """Answer one message, or bring a person; any failure on the way brings a person too."""
    if message.conversation.status != Status.BOT:
        services.claim_pending(message=message)  # a person has the conversation
        return
    draft: Draft | None = None
    try:
        hint = message.language or message.conversation.language
        understanding = understand(message.text, hint=hint, intent=message.intent)
        model = load_model(settings.CONFIDENCE_MODEL)
        draft = draft_answer(understanding, wiring.knowledge(), model)
        decision = decide(draft, Policy(threshold=_threshold(message)))
    except Exception:
        # No dead end: whatever broke, a person answers. The trace has no text of the message.
        logger.exception("could not answer message %s", message.pk)
        decision = HandOff("error")
    carry_out(message, decision, draft)


def carry_out(message: Message, decision: Decision, draft: Draft | None) -> None:
    """Record what was decided."""
    language = draft.language if draft else message.conversation.language
    _speak(message, language)
    match decision:
        case Reply(answer=found, confidence=confidence):
            services.record_answer(
                message=message,
                confidence=confidence,
                evidence=draft.evidence if draft else {},
                **_answer_texts(found, language),
            )
        case Courtesy(kind=kind):
            with wording.in_language(language):
                text = {
                    Kind.GREETING: wording.greeting(bot=message.conversation.channel.bot_name),
                    Kind.THANKS: wording.thanks(),
                    Kind.GOODBYE: wording.goodbye(),
                }[kind]
            services.record_answer(message=message, text=text, language=language)
        case HandOff(reason=reason, topic=topic):
            proposed = draft.answer if draft else None
            hand_off(
                message=message,
                reason=reason,
                topic=topic,
                confidence=draft.confidence if draft and proposed else None,
                evidence=draft.evidence if draft else {},
                draft={
                    "entry": proposed.entry,
                    "title": proposed.title,
                    "text": proposed.text,
                    "confidence": draft.confidence,
                }
                if draft and proposed
                else None,
            )


def _threshold(message: Message) -> float:
    own = message.conversation.channel.threshold
    return settings.CONFIDENCE_THRESHOLD if own is None else own


def _speak(message: Message, language: str) -> None:
    """Go on in the language that the customer writes."""
    conversation = message.conversation
    if conversation.language != language:
        services.change_conversation(conversation=conversation, language=language)


def _answer_texts(answer: Any, language: str) -> dict[str, Any]:
    """Return the reply's texts; an answer in another language than the reader's says so."""
    text, html = answer.text, answer.html
    if wording.our_language(language) != answer.language:
        with wording.in_language(language):
            note = wording.other_language_note(language_name=wording.language_name(answer.language))
        text, html = f"{note}\n\n{text}", f"<p>{note}</p>{html}"
    citation = Citation(
        number=1,
        entry=answer.entry,
        title=answer.title,
        category=answer.category,
        updated_at=answer.updated_at,
        url=answer.url,
    )
    return {"text": text, "html": html, "citations": [citation], "language": answer.language}
