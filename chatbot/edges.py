"""What the pipeline heeds before it answers, since a channel is not a chat window.

Machines may be at the other end, somebody else may write in a customer's conversation, it may
have been resolved by a person, and choices may come as their numbers.
"""

from datetime import datetime, timedelta
from difflib import SequenceMatcher

from django.conf import settings
from django.utils import timezone

from chatbot.actions.base import Task
from chatbot.adapters import capabilities
from chatbot.conversations import selectors, services, wording
from chatbot.conversations.models import HandoffReason, Message
from chatbot.degrading import chosen, shows_buttons
from chatbot.envelope import Capabilities, QuickReply
from chatbot.routing.handing import Brief, bring_person, hand_off
from chatbot.text import normalise

_HOUR = timedelta(hours=1)
_NOBODY_WRITES = timedelta(seconds=30)  # sooner after our mail nobody has read it and answered
# Who asks for one order and then for the next says much the same in few words.
_FEW_WORDS, _MANY_WORDS = 2, 10
_ALIKE = 0.8  # the share of words that two texts have in common
_COMPARED = 2_000  # characters


def is_loop(message: Message) -> bool:
    """Return whether to say nothing, since a machine seems to answer us; a person looks then.

    So it seems where the sender says the same again after our answer, but for numbers and a word
    or two: people change something. And where the bot has answered more often in an hour than
    people read. The sender is told nothing; if they are a person after all, a person has it.
    """
    if not _can(message).machines:
        return False
    since = timezone.now() - _HOUR
    if not _says_it_again(message, since) and (
        selectors.bot_messages(message=message, since=since) < settings.ANSWERS_AN_HOUR
    ):
        return False
    if services.claim_pending(message=message):
        brief = Brief(detail="loop", silent=True)
        conversation = message.conversation
        bring_person(conversation=conversation, reason="policy_restriction", brief=brief)
    return True


def _can(message: Message) -> Capabilities:
    """Return what the channel of a message can show; mostly the conversation's, at hand."""
    home = message.conversation.channel
    channel = home if home.pk == message.channel_id else message.channel
    return capabilities(channel.kind)


def _says_it_again(message: Message, since: datetime) -> bool:
    before = selectors.answered_before(message, since=since)
    if before is None:
        return False
    last, answer = before
    if normalise(last.text) == normalise(message.text):
        return True
    old, new = _words(last.text), _words(message.text)
    is_quick = message.created_at - answer.created_at < _NOBODY_WRITES
    if len(new) < (_FEW_WORDS if is_quick else _MANY_WORDS):
        return False
    return SequenceMatcher(None, old, new, autojunk=False).ratio() >= _ALIKE


def _words(text: str) -> list[str]:
    """Return the first words of a text that have no number in them."""
    words = normalise(text[:_COMPARED]).split()
    return [word for word in words if not any(map(str.isdigit, word))]


def take_choice(message: Message) -> None:
    """Read a number as the choice that has it, where choices were sent as a numbered list."""
    if not message.text.strip()[-3:].strip(".): ").isdigit():
        return
    offered = selectors.offered_before(message)
    if offered is None:
        return
    replies = [QuickReply(**reply) for reply in offered.quick_replies]
    choice = chosen(message.text, replies)
    if choice is not None and not shows_buttons(replies, _can(message)):
        message.text, message.intent = choice.text, choice.intent


def belongs_to_people(message: Message, task: Task | None) -> bool:
    """Return whether a person goes on: they did before, or somebody else writes in the middle."""
    is_resolved_by_person = message.conversation.assignee_id is not None
    is_in_between = task is not None and not task.is_done and is_somebody_elses(message)
    return is_resolved_by_person or is_in_between


def is_somebody_elses(message: Message) -> bool:
    """Return whether this is not from the customer, on the channel where they began.

    What the customer has proven counts for nobody else, nor for what a mail says is from them.
    """
    return message.identity_id is not None


def bring_colleague(message: Message) -> None:
    """Bring the person whom such a message belongs to."""
    conversation = message.conversation
    reopened = conversation.assignee_id is not None
    reason = conversation.reason if reopened else HandoffReason.POLICY_RESTRICTION
    with wording.in_language(conversation.language):
        hand_off(
            message=message,
            reason=reason or HandoffReason.CUSTOMER_REQUEST,
            topic=conversation.topic,
            brief=Brief(
                detail="reopened" if reopened else "participant",
                text=wording.reopened() if reopened else "",
            ),
        )
