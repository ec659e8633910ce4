"""From a recorded message to a recorded reply or handoff: understand -> retrieve -> draft -> gate.

Computing is free of effects; one conditional write at the end decides. So a crash or a second
worker at any point leaves either the pending message or its whole outcome, never half. What an
action does outside, it does under a key of the message: done again, it changes nothing more.
"""

import functools
import logging
from typing import Any

from django.conf import settings
from django_tasks import task

from chatbot import acting, composing, edges, overflow, replies, triage, wiring
from chatbot.actions.base import Task
from chatbot.answering.dialogue import Dialogue, is_helped
from chatbot.answering.drafting import Draft, draft_answer
from chatbot.answering.gate import (
    AskAgain,
    Clarify,
    Courtesy,
    Decision,
    HandOff,
    Policy,
    Reply,
    decide,
)
from chatbot.answering.understanding import (
    Kind,
    Understanding,
    understand,
    what_is_asked,
)
from chatbot.background import Turns
from chatbot.conversations import selectors, services, wording
from chatbot.conversations.models import Message, Status, Verdict
from chatbot.conversations.verdicts import record_verdict
from chatbot.routing.handing import Brief, hand_off
from chatbot.systems.ports import SystemFailure
from chatbot.text import without_particulars
from chatbot.thinking import thinking

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
        wiring.prepare(without_particulars(question))


def _answer_all(conversation_id: int) -> bool:
    waiting = selectors.pending(conversation_id=conversation_id)
    if waiting:
        answer(waiting[0])
    # What comes of one message is read again for the next. One that came meanwhile calls again.
    return len(waiting) > 1


def answer(message: Message) -> None:
    """Answer one message, or bring a person; any failure on the way brings a person too."""
    if message.conversation.status != Status.BOT:
        _leave_to_person(message)
        return
    if edges.is_loop(message):
        return
    edges.take_choice(message)
    task = acting.under_way(message)
    try:
        with thinking(message.conversation):
            if edges.belongs_to_people(message, task):
                edges.bring_colleague(message)
            elif task is None or edges.is_somebody_elses(message) or not _go_on(message, task):
                _answer_anew(message)
    except SystemFailure as failure:
        acting.system_failed(message, failure, task)
    except Exception:
        # No dead end: whatever broke, a person answers. The trace has no text of the message.
        # Where even that fails, the sweep comes back to it.
        logger.exception("could not answer message %s", message.pk)
        _bring_person(message, HandOff("error"), None)


def _leave_to_person(message: Message) -> None:
    """Leave a message to the person who has the conversation, or to whom it waits for."""
    try:
        edges.take_choice(message)
        if overflow.take_choice(message):
            return
    except Exception:  # they go on waiting
        logger.exception("could not do what was chosen in message %s", message.pk)
    services.claim_pending(message=message)


def _understood(message: Message) -> Understanding:
    hint = message.language or message.conversation.language
    return understand(message.text, hint=hint, intent=message.intent)


def _look(message: Message, text: str, dialogue: Dialogue | None = None) -> tuple[Draft, Decision]:
    """Draft and decide what to say to `text`."""
    hint = message.language or message.conversation.language
    intent = message.intent if text == message.text else "message"
    understanding = understand(text, hint=hint, intent=intent)
    model = wiring.confidence_model(message.conversation.channel_id)
    draft = draft_answer(understanding, wiring.knowledge(), model, dialogue)
    return draft, decide(draft, Policy(threshold=_threshold(message)), dialogue)


def _go_on(message: Message, task: Task) -> bool:
    """Go on with the action under way; return whether the message had to do with it."""
    understanding = _understood(message)
    language = acting.language_of(message, understanding, task)
    _speak(message, language)
    with wording.in_language(language):
        look = functools.partial(_look, message)
        turn = acting.go_on(message, understanding, task, language, look)
        if turn is not None:
            acting.carry_out(message, turn, task, language, {})
    return turn is not None


def _answer_anew(message: Message) -> None:
    dialogue = Dialogue.of(message.conversation.dialogue)
    to_people = overflow.people_come_first(message)
    if not message.text.strip():  # a picture alone
        if to_people:
            overflow.bring_people(message, _case(message, None))
            return
        language = message.conversation.language
        with wording.in_language(language):
            reply = replies.about_picture(language)
            services.record_answer(message=message, task={}, **reply)
        return
    draft, decision = _look(message, message.text, dialogue)
    _note_verdict(message, draft, dialogue)
    _speak(message, draft.language)
    if to_people:
        overflow.bring_people(message, _case(message, draft))
        return
    with wording.in_language(draft.language):
        turn = acting.begin(message, decision, draft, functools.partial(_look, message))
        if turn is not None and edges.is_somebody_elses(message):
            edges.bring_colleague(message)  # what is done for customers, only they may ask for
        elif turn is not None:
            acting.carry_out(message, turn, None, draft.language, _noted(draft))
        else:
            carry_out(message, decision, draft, dialogue)


def carry_out(message: Message, decision: Decision, draft: Draft, dialogue: Dialogue) -> None:
    """Record what was decided, in the language that is active."""
    language = draft.language
    match decision:
        case Reply():
            dialogue = dialogue.answered(draft.question, message.pk)
            reply = composing.answer(decision, draft, message, wiring.knowledge(), language)
        case Courtesy():
            bot = message.conversation.channel.bot_name
            reply = replies.courtesy(decision, bot, language)
        case Clarify():
            options = replies.options(decision, wiring.knowledge(), language)
            dialogue = dialogue.clarified(draft.question, options)
            reply = replies.clarification(options, language)
        case AskAgain():
            dialogue = dialogue.failed()
            reply = replies.asking_again(language)
        case HandOff():
            _bring_person(message, decision, draft)
            return
    services.record_answer(
        message=message, dialogue=dialogue.to_json(), task={}, evidence=_noted(draft), **reply
    )


def _bring_person(message: Message, decision: HandOff, draft: Draft | None) -> None:
    case = _case(message, draft)
    hand_off(
        message=message,
        reason=decision.reason,
        brief=Brief(detail=decision.detail, priority=triage.priority_of(message)),
        **case | {"topic": decision.topic or case["topic"]},
    )


def _case(message: Message, draft: Draft | None) -> dict[str, Any]:
    """Return what a person is given with a question: its topic and what the bot would say."""
    proposed = draft.answer if draft else None
    topic = triage.topic_of(draft, wiring.knowledge())
    return {
        "topic": topic,
        "confidence": draft.confidence if draft and proposed else None,
        "evidence": _noted(draft) | triage.marks_of(draft, topic),
        "draft": {
            "entry": proposed.entry,
            "title": proposed.title,
            "text": proposed.text,
            "confidence": draft.confidence,
        }
        if draft and proposed
        else None,
    }


def _noted(draft: Draft | None) -> dict[str, Any]:
    """Return what verdicts on this question will refer to: the evidence, and for which entry."""
    if draft is None or draft.answer is None or draft.is_chosen or draft.parts:
        return {}
    return {**draft.evidence, "entry": draft.answer.entry, "title": draft.answer.title}


def _note_verdict(message: Message, draft: Draft | None, dialogue: Dialogue) -> None:
    """Keep what the customer says of the last answer."""
    if not dialogue.message or draft is None:
        return
    if draft.kind is Kind.NOT_IT or draft.is_repeat:
        right = False
    elif draft.kind is Kind.THANKS and is_helped(message.text):
        right = True
    else:
        return
    record_verdict(message_id=dialogue.message, right=right, source=Verdict.Source.CUSTOMER)


def _threshold(message: Message) -> float:
    own = message.conversation.channel.threshold
    return settings.CONFIDENCE_THRESHOLD if own is None else own


def _speak(message: Message, language: str) -> None:
    """Go on in the language that the customer writes."""
    conversation = message.conversation
    if conversation.language != language:
        services.change_conversation(conversation=conversation, language=language)
