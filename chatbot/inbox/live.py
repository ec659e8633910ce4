"""Keeps open inboxes in step with what was recorded.

A row is made once for all; each agent's consumer puts it into the agent's language.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db.models import Prefetch

from chatbot.agent_events import (
    AgentMessageSent,
    CountsStale,
    PresenceChanged,
    RowChanged,
    Suggested,
    TranscriptChanged,
    Viewers,
    Woke,
)
from chatbot.background import left_to_threads
from chatbot.conversations import selectors
from chatbot.conversations.models import (
    WEBSITE,
    Conversation,
    ConversationLabel,
    Delivery,
    Message,
)
from chatbot.conversations.payloads import message_for_agents
from chatbot.conversations.signals import (
    conversation_changed,
    conversation_woke,
    delivery_settled,
    message_changed,
    message_recorded,
    rating_given,
)
from chatbot.inbox.payloads import failed_of, names_of, presence_parts, row_part, viewer_parts
from chatbot.inbox.person import RatingChanged
from chatbot.inbox.suggesting import follow
from chatbot.realtime import INBOX, listens, publish
from chatbot.routing.signals import suggestion_changed, transcript_changed

# One after the other, whichever threads find it out: what is told last was read last.
_telling = threading.Lock()


def listen() -> None:
    """Follow the core's signals."""
    message_recorded.connect(_message, dispatch_uid="inbox-message")
    delivery_settled.connect(_settled, dispatch_uid="inbox-delivery")
    message_changed.connect(_message_changed, dispatch_uid="inbox-message-changed")
    conversation_changed.connect(_changed, dispatch_uid="inbox-conversation")
    conversation_woke.connect(_woke, dispatch_uid="inbox-woke")
    rating_given.connect(_rated, dispatch_uid="inbox-rating")
    suggestion_changed.connect(_suggested, dispatch_uid="inbox-suggestion")
    transcript_changed.connect(_transcript_changed, dispatch_uid="inbox-transcript")


def _message(*, conversation: Conversation, message: Message, **_: Any) -> None:
    if message.author == Message.Author.CONTACT:
        follow(conversation)
    if not listens(INBOX):
        return
    with _telling:
        part = message_for_agents(message)
        publish(AgentMessageSent(conversation=conversation.pk, message=part), INBOX)
        _tell_row(conversation.pk)


def _tell_row(conversation_id: int) -> None:
    """Tell how a conversation stands, or note that it is to be told once all is done.

    Called by who is `_telling`.
    """
    noted = _later.get()
    if noted is not None:
        noted[conversation_id] = None
    else:
        _tell_rows([conversation_id])


def _tell_rows(ids: Sequence[int]) -> None:
    """Tell how conversations stand, as the database has them; called by who is `_telling`."""
    stuck = Prefetch("label_rows", ConversationLabel.objects.select_related("label"))
    found = Conversation.objects.select_related("channel", "contact").prefetch_related(stuck)
    rows = found.in_bulk(ids)
    names, failed = names_of(rows.values()), failed_of(list(rows.values()))
    for pk in ids:
        if pk in rows:
            publish(RowChanged(row=row_part(rows[pk], names, failed)), INBOX)


def _settled(*, message: Message, delivery: Delivery, **_: Any) -> None:
    # Whether what they wrote has left matters to people. To websites nothing of the bot's fails.
    by_agent = message.author == Message.Author.AGENT
    if listens(INBOX) and (by_agent or delivery.identity.channel.kind != WEBSITE):
        _tell_again(message, delivery.state != Delivery.State.SENT)


def _message_changed(*, message: Message, **_: Any) -> None:
    if listens(INBOX):
        _tell_again(message, True)


def _tell_again(message: Message, changes_row: bool) -> None:
    with _telling:
        fresh = selectors.agent_messages().filter(pk=message.pk).first()
        if fresh is None:
            return
        part = message_for_agents(fresh)
        read_in = fresh.conversation.merged_into_id or fresh.conversation_id
        publish(AgentMessageSent(conversation=read_in, message=part), INBOX)
        if changes_row:
            _tell_row(fresh.conversation_id)


def _changed(*, conversation: Conversation, **_: Any) -> None:
    follow(conversation)
    if not listens(INBOX):
        return
    with _telling:
        _tell_row(conversation.pk)
    if _later.get() is None:
        announce_presence()  # with how much everybody has open


# Conversations whose rows are told at the end, in the order in which they changed.
_later: ContextVar[dict[int, None] | None] = ContextVar("told_later", default=None)


@contextmanager
def one_announcement() -> Iterator[None]:
    """Tell once, after many conversations have changed, how each stands and what everybody has."""
    noted: dict[int, None] = {}
    token = _later.set(noted)
    try:
        with left_to_threads():
            yield
    finally:
        _later.reset(token)
        if listens(INBOX):
            with _telling:
                _tell_rows(list(noted))
            announce_presence()


def _woke(*, conversation: Conversation, user_id: int | None, why: str, **_: Any) -> None:
    if user_id is not None and listens(INBOX):
        woke = {"conversation": conversation.pk, "agent": user_id, "why": why}
        publish(Woke.model_validate({**woke, "name": str(conversation.contact)}), INBOX)


def _rated(*, conversation: Conversation, **_: Any) -> None:
    if listens(INBOX):
        publish(RatingChanged(conversation=conversation.pk), INBOX)


def _suggested(*, conversation: Conversation, **_: Any) -> None:
    if listens(INBOX):
        publish(Suggested(conversation=conversation.pk), INBOX)


def _transcript_changed(*, conversation_id: int, **_: Any) -> None:
    if listens(INBOX):
        publish(TranscriptChanged(conversation=conversation_id), INBOX)


def announce_viewers(conversation_id: int) -> None:
    """Tell who has the conversation open."""
    publish(Viewers(conversation=conversation_id, agents=viewer_parts(conversation_id)), INBOX)


def announce_presence() -> None:
    """Tell who is here."""
    publish(PresenceChanged(agents=presence_parts()), INBOX)


def announce_counts() -> None:
    """Have the counts looked at again, where no conversation's row changed with them."""
    publish(CountsStale(), INBOX)
