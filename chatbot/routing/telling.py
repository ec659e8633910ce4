"""What a customer is told when their conversation goes to people: who has it, or how long."""

from collections.abc import Mapping, Sequence
from typing import Any

from chatbot.conversations import services as conversations
from chatbot.conversations import wording, wording_queue
from chatbot.conversations.models import WEBSITE, Channel, Conversation, Message
from chatbot.envelope import QuickReply
from chatbot.routing import waiting
from chatbot.routing.waiting import Wait


def tell_handed_over(
    *,
    conversation: Conversation,
    why: str,
    assigned: str,
    more: str = "",
    quick_replies: Sequence[QuickReply] = (),
    noted: Mapping[str, Any] | None = None,
) -> Message:
    """Tell the customer `why` a person comes, what happens next, and `more`.

    `assigned`: the name of who has it; empty where they wait.
    Keeps in the handoff what is `noted` and what was promised to somebody who waits, to be
    compared with what happened.
    """
    with wording.in_language(conversation.language):
        kept = dict(noted or {})
        if assigned:
            minutes = waiting.reply_minutes(conversation.channel)
            following = wording.person_assigned(name=assigned, minutes=minutes)
        else:
            wait = waiting.expected_wait(conversation)
            following = what_next(conversation, wait)
            if wait.people_here:
                kept |= {"promised_minutes": wait.minutes, "promised_position": wait.position}
    return conversations.add_message(
        conversation=conversation,
        author=Message.Author.BOT,
        author_name=conversation.channel.bot_name,
        text=" ".join(filter(None, (why, following, more))),
        quick_replies=quick_replies,
        extra={"handoff": {**conversation.handoff, **kept}} if kept else None,
        # Lists keep showing the customer's words: they say why somebody is needed.
        preview=False,
    )


def what_next(conversation: Conversation, wait: Wait) -> str:
    """Return what somebody who waits can expect, in the language that is active."""
    if wait.people_here:
        return wording_queue.queue_place(position=wait.position or 1, minutes=wait.minutes)
    channel = conversation.channel
    own = "" if waiting.is_open(channel) else away_message(channel, conversation.language)
    if not own:
        text = wording_queue.nobody_here(opens_at=wait.opens_at)
    elif wait.opens_at is not None:
        text = f"{own} {wording_queue.back(opens_at=wait.opens_at)}"
    else:
        text = own
    # Elsewhere than on a website nobody has left: the answer comes to where they wrote.
    if channel.kind == WEBSITE and not conversation.contact.email:
        text = f"{text} {wording_queue.leave_email()}"
    return text


def away_message(channel: Channel, language: str) -> str:
    """Return what a company says while it is closed, in the reader's language or its own."""
    texts = channel.away_messages
    for one in (wording.our_language(language), channel.language):
        text = str(texts.get(one, "")).strip()
        if text:
            return text
    return ""
