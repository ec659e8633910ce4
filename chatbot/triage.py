"""What a handoff is about and how soon it is wanted, from the evidence that the bot has anyway."""

from collections import defaultdict
from typing import Any

from chatbot.answering.dialogue import is_upset, is_urgent
from chatbot.answering.drafting import Draft
from chatbot.answering.retrieval import Knowledge
from chatbot.answering.understanding import Kind
from chatbot.conversations.models import Message, Priority

_MOST = 6  # entries looked at
_SHARE = 0.55  # of what is near, from which their topic is the conversation's
_ABOUT_SOMETHING = 0.35  # P(covered) below which nearness says nothing


def topic_of(draft: Draft | None, knowledge: Knowledge) -> str:
    """Return the topic that most of what is near the question belongs to; "" where none does.

    An entry too unsure to be an answer still says what the question is about, and several of one
    topic say it together.
    """
    if draft is None or draft.covered < _ABOUT_SOMETHING:
        return ""
    near: dict[str, float] = defaultdict(float)
    for candidate in draft.candidates[:_MOST]:
        answer = knowledge.answer(candidate.entry, draft.language)
        if answer is not None and candidate.score > 0:
            near[answer.topic] += candidate.score
    if not near:
        return ""
    best = max(near, key=near.__getitem__)
    return best if near[best] >= _SHARE * sum(near.values()) else ""


def marks_of(draft: Draft | None, topic: str) -> dict[str, Any]:
    """Return what a handoff's evidence says beside that of the answer: {"far": ...}, or nothing.

    A question without a topic is far from all of them where the knowledge says less about it than
    what tells a topic; else it may be of one. Anger asks nothing, and several questions at once
    are not of one kind.
    """
    if draft is None or topic or draft.kind is not Kind.QUESTION:
        return {}
    if draft.is_chosen or draft.is_upset or draft.parts:
        return {}
    return {"far": draft.covered < _ABOUT_SOMETHING}


def priority_of(message: Message) -> str:
    """Return how soon a person should look: urgent by the words, high for a VIP or the upset."""
    if is_urgent(message.text):
        return Priority.URGENT
    if message.conversation.contact.is_vip or is_upset(message.text):
        return Priority.HIGH
    return Priority.NORMAL
