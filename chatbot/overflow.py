"""People first: conversations that people answer at once, and the bot's offer when they cannot.

Where a channel says so (`Channel.people_first`), so many conversations at once go to people before
the bot says anything. Where nobody has room soon enough the customer waits in the queue, and may
choose to talk to the bot instead; see docs/queue.md.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from chatbot import triage
from chatbot.answering.dialogue import Option, choice_of
from chatbot.answering.understanding import Kind, what_is_asked
from chatbot.conversations import pending, selectors, services, wording, wording_queue
from chatbot.conversations.models import Conversation, HandoffReason, Message, Status
from chatbot.envelope import QuickReply
from chatbot.routing import waiting
from chatbot.routing.handing import Brief, hand_off
from chatbot.routing.selectors import agent_name
from chatbot.routing.services import hand_back
from chatbot.routing.telling import tell_handed_over

_BOT, _PLACE = "bot", "place"


# --- Who answers first ------------------------------------------------------------------------
def people_come_first(message: Message) -> bool:
    """Return whether a message begins a conversation that goes to people without the bot.

    Not while it is closed; not for more at once than the channel says, unless everybody is busy:
    then the customer may choose. Who asks for a person gets one anyhow.
    """
    conversation = message.conversation
    channel = conversation.channel
    if not channel.people_first or conversation.handed_off_at is not None:
        return False
    if what_is_asked(message.text, message.intent)[0] is Kind.HUMAN:
        return False
    if selectors.bot_has_spoken(conversation_id=conversation.pk) or not waiting.is_open(channel):
        return False
    has_place = selectors.open_with_people(channel_id=channel.pk) < channel.people_first
    return has_place or not waiting.somebody_has_room()


def bring_people(message: Message, known: Mapping[str, Any]) -> None:
    """Give a conversation to people, or to the queue with the bot's offer.

    `known` is what `hand_off` is told of the question, such as the bot's own draft.
    """
    conversation = message.conversation
    brief = Brief(silent=True, priority=triage.priority_of(message))  # told below, with buttons
    with transaction.atomic():
        if not hand_off(message=message, reason=HandoffReason.PEOPLE_FIRST, brief=brief, **known):
            return
        with waiting.one_look():
            if conversation.status == Status.ASSIGNED:
                _tell_who(conversation)
            else:
                _tell_place(conversation)


def _tell_who(conversation: Conversation) -> None:
    name = agent_name(conversation.assignee_id or 0)
    with wording.in_language(conversation.language):
        why = wording_queue.people_first()
        tell_handed_over(conversation=conversation, why=why, assigned=name)
        services.add_message(
            conversation=conversation,
            author=Message.Author.SYSTEM,
            kind=Message.Kind.NOTICE,
            text=wording.joined(name=name),
        )


def _tell_place(conversation: Conversation) -> None:
    """Tell the place in the queue; and where it takes long, let the customer choose."""
    seconds = waiting.expected_wait(conversation).seconds
    is_long = seconds is None or seconds > conversation.channel.offer_bot_seconds
    with wording.in_language(conversation.language):
        tell_handed_over(
            conversation=conversation,
            why=wording_queue.people_first(),
            assigned="",
            more=wording_queue.offer(bot=conversation.channel.bot_name) if is_long else "",
            quick_replies=[QuickReply(one.title) for one in _choices()] if is_long else (),
            noted={"offer": True} if is_long else {},
        )


def _choices() -> tuple[Option, Option]:
    """Return the bot's offer and its contrary, in the language that is active."""
    return Option(_BOT, wording_queue.talk_to_bot()), Option(_PLACE, wording_queue.keep_place())


# --- What the customer chose ------------------------------------------------------------------
def take_choice(message: Message) -> bool:
    """Do what a customer who waits chose of the bot's offer; return whether they chose.

    Whoever says something else goes on waiting, and what they say is for the person who comes.
    """
    conversation = message.conversation
    if conversation.status != Status.QUEUED or message.identity_id is not None:
        return False
    if not conversation.handoff.get("offer"):
        return False
    with wording.in_language(conversation.language):
        chosen = _chosen(message.text)
        if chosen:
            (_back_to_bot if chosen == _BOT else _keep)(message)
    return bool(chosen)


def _chosen(text: str) -> str:
    """Return which of the two `text` says: by the button, as its number, or nearly so."""
    chosen = choice_of(text, _choices())
    return chosen.entry if isinstance(chosen, Option) else ""


def _back_to_bot(message: Message) -> None:
    """Let the bot answer what was asked, unless a person came meanwhile."""
    conversation = message.conversation
    with transaction.atomic():
        if not services.claim_pending(message=message):
            return
        fresh = Conversation.objects.select_for_update(of=("self",)).get(pk=conversation.pk)
        if fresh.status != Status.QUEUED:
            return
        asked = fresh.handoff.get("message") or message.pk
        hand_back(conversation=conversation)
        # Nobody had it: were it still handed off, it would count as theirs.
        services.change_conversation(
            conversation=conversation, reason="", handed_off_at=None, handoff={}
        )
        said = selectors.said_since(message_id=asked, before=message)
        asked_for = [one for one in said if not _chosen(one.text)]
        pending.put_back(conversation=conversation, messages=asked_for)


def _keep(message: Message) -> None:
    """Confirm that the customer goes on waiting."""
    conversation = message.conversation
    with transaction.atomic():
        if not services.claim_pending(message=message):
            return
        wait = waiting.expected_wait(conversation)
        if wait.people_here:
            text = wording_queue.place_kept(position=wait.position or 1, minutes=wait.minutes)
        else:
            text = wording_queue.question_kept()
        services.add_message(
            conversation=conversation,
            author=Message.Author.BOT,
            author_name=conversation.channel.bot_name,
            text=text,
            preview=False,
        )
