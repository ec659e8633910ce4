"""The writes of ratings and recommendations: customers are asked how it was, and say so.

Once for each conversation that a person resolved: 1 to 5, and a word. And, where the channel
asks for it, now and then whether they would recommend the company: 0 to 10. docs/ratings.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from typing import Any

from django.db import transaction
from django.utils import timezone

from chatbot.adapters import capabilities
from chatbot.conversations import questions, recording, services, wording
from chatbot.conversations.models import (
    WEBSITE,
    Attachment,
    Conversation,
    Message,
    Rating,
    Recommendation,
    Status,
)
from chatbot.conversations.questions import Asked, scale
from chatbot.conversations.signals import rating_given, recommendation_given
from chatbot.degrading import shows_buttons
from chatbot.envelope import InboundMessage

MAX_COMMENT = 2_000  # characters
# Another system may show no buttons, whatever it is sent: there the page's address goes along.
_MAY_SHOW_NONE = "http"


class NoSuchScore(ValueError):
    """A number that the question does not have."""


class TooLate(Exception):
    """The question is too old, or its answer was given longer ago than it may be changed."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A paragraph of a message, or the label of a link."""

    text: str
    url: str = ""


# --- Asking -------------------------------------------------------------------------------------
def ask(*, conversation: Conversation, user_id: int | None) -> None:
    """Ask the customer how it was, after a person (`user_id`) resolved their conversation.

    Nothing is asked where the channel does not ask, where this conversation was asked about
    before, where only machines wrote in it, or where its customer cannot be reached. The
    recommendation comes after the rating is given, or instead where the channel asks for none.
    """
    if not _can_be_asked(conversation):
        return
    if not conversation.channel.asks_rating:
        ask_recommendation(conversation=conversation)
        return
    with transaction.atomic():
        rating, is_new = Rating.objects.get_or_create(
            conversation=conversation, defaults={"user_id": user_id}
        )
        if is_new:
            rating.conversation = conversation
            _put(conversation, rating)


def ask_recommendation(
    *, conversation: Conversation, before: Sequence[_Line] = (), in_chat: bool = True
) -> Recommendation | None:
    """Ask whether the customer would recommend us, if it is time to; None: it is not.

    `before` is said first, in the same message. Not `in_chat`: somebody else shows the question.
    """
    with transaction.atomic():
        if not _is_due(conversation):
            return None
        recommendation = Recommendation.objects.create(
            contact_id=conversation.contact_id, conversation=conversation
        )
        if in_chat:
            _put(conversation, recommendation, before)
    return recommendation


def _can_be_asked(conversation: Conversation) -> bool:
    writes = conversation.answer_to
    if writes is not None and writes.contact_id != conversation.contact_id:
        return False  # somebody in copy has the conversation now: it is not theirs to rate
    if (writes or conversation.identity).unreachable:
        return False
    wrote = Message.objects.filter(conversation=conversation, author=Message.Author.CONTACT)
    return wrote.exclude(details__has_key="why").exists()


def _is_due(conversation: Conversation) -> bool:
    days = conversation.channel.nps_days
    if not days:
        return False
    since = timezone.now() - timedelta(days=days)
    asked = Recommendation.objects.filter(contact_id=conversation.contact_id)
    return (
        not asked.filter(asked_at__gt=since).exists()
        and not asked.filter(conversation=conversation).exists()
    )


def _put(conversation: Conversation, asked: Asked, before: Sequence[_Line] = ()) -> None:
    """Send a question to where the customer writes, in the form that can be shown there."""
    kind = (conversation.answer_to or conversation.identity).channel.kind
    is_rating = isinstance(asked, Rating)
    with wording.in_language(conversation.language):
        lines = [*before, _Line(wording.how_was_it() if is_rating else wording.would_recommend())]
        buttons = questions.choices(asked)
        if not shows_buttons(buttons, capabilities(kind)):
            buttons = []
            if is_rating:
                words = enumerate(questions.words_of(asked), start=1)
                lines.append(_Line("\n".join(f"{number}. {word}" for number, word in words)))
            lines.append(_Line(_by_number(asked)))
        if (not buttons or kind == _MAY_SHOW_NONE) and not _is_among_others(conversation):
            lines.append(_Line(wording.answer_here(), questions.page_url(asked)))
    asked.message = _say(conversation, lines, quick_replies=buttons)
    asked.save(update_fields=["message"])


def _is_among_others(conversation: Conversation) -> bool:
    """Return whether others read along: who has the page's address can answer."""
    kind = (conversation.answer_to or conversation.identity).channel.kind
    # A thread of another system is one customer's own.
    return bool(conversation.thread) and capabilities(kind).threads and kind != _MAY_SHOW_NONE


def _by_number(asked: Asked) -> str:
    return wording.rate_by_number() if isinstance(asked, Rating) else wording.recommend_by_number()


def _say(conversation: Conversation, lines: Sequence[_Line], **more: Any) -> Message:
    return services.add_message(
        conversation=conversation,
        author=Message.Author.BOT,
        author_name=conversation.channel.bot_name,
        text="\n\n".join(f"{line.text} {line.url}".strip() for line in lines),
        html="".join(map(_html, lines)),
        preview=False,  # lists keep showing what the matter was
        **more,
    )


def _html(line: _Line) -> str:
    if line.url:
        return f'<p><a href="{escape(line.url)}">{escape(line.text.rstrip(":"))}</a></p>'
    return f"<p>{escape(line.text)}</p>".replace("\n", "<br>")


# --- Answers ------------------------------------------------------------------------------------
def rate(*, asked: Asked, score: int, comment: str | None = None, in_chat: bool = True) -> Asked:
    """Record a customer's answer, or what they change of it; return the question as it is now.

    `comment`: None leaves it as it is; recommendations have none. After the first rating the
    recommendation is asked for if it is due: in the chat, or by whoever shows this one. Raises
    NoSuchScore and TooLate.
    """
    least, most = scale(asked)
    if not least <= score <= most:
        raise NoSuchScore
    with transaction.atomic():
        # First, as in recording: who answers in the chat at the same time holds it too.
        Conversation.objects.select_for_update().filter(pk=asked.conversation_id or 0).first()
        fresh, is_first, _changed = _give(asked, score, comment)
        conversation = fresh.conversation
        if is_first and isinstance(fresh, Rating) and conversation and _is_over(conversation):
            ask_recommendation(conversation=conversation, in_chat=in_chat)
    return fresh


def _give(asked: Asked, score: int, comment: str | None) -> tuple[Asked, bool, bool]:
    """Return the question as it is now, whether this is its first answer, and anything new.

    Raises TooLate.
    """
    model = type(asked)
    fresh: Asked = (
        model._default_manager.select_for_update(of=("self",))
        .select_related("conversation__channel", "conversation__contact")
        .get(pk=asked.pk)
    )
    if not questions.is_open(fresh):
        raise TooLate
    is_first = fresh.answered_at is None
    changes: dict[str, Any] = {}
    if is_first:
        changes["answered_at"] = timezone.now()
    if fresh.score != score:
        changes["score"] = score
    if isinstance(fresh, Rating) and comment is not None:
        comment = comment.strip()[:MAX_COMMENT]
        if comment != fresh.comment:
            changes["comment"] = comment
    if changes:
        for name, value in changes.items():
            setattr(fresh, name, value)
        fresh.save(update_fields=list(changes))
        transaction.on_commit(lambda: _announce(fresh))
    return fresh, is_first, bool(changes)


def _announce(asked: Asked) -> None:
    if isinstance(asked, Rating):
        rating_given.send(Rating, conversation=asked.conversation, rating=asked)
    else:
        recommendation_given.send(
            Recommendation, conversation=asked.conversation, recommendation=asked
        )


def _is_over(conversation: Conversation) -> bool:
    """Return whether nothing else is under way where a conversation was."""
    if conversation.status != Status.RESOLVED:
        return False
    others = Conversation.objects.filter(identity_id=conversation.identity_id)
    return not others.exclude(status=Status.RESOLVED).exists()


# --- Answers in the chat ------------------------------------------------------------------------
def take(*, inbound: InboundMessage, kept: Sequence[Attachment], origin: str) -> Message | None:
    """Record a message that answers how it was; None where it goes the way of all others.

    Called in the transaction that records the message. It neither reopens its conversation nor
    begins one, and nobody has to answer it. Where it asks something besides, the score is kept
    and the message goes its normal way too.
    """
    answer = questions.answered_by(inbound)
    if answer is None:
        return _pass_over(inbound, kept, origin)
    asked, said = answer.asked, answer.said
    conversation = (
        Conversation.objects.select_related(
            "channel", "contact", "identity__channel", "answer_to__channel"
        )
        .select_for_update(of=("self",))
        .get(pk=asked.conversation_id or 0)
    )
    if said.asks:
        if questions.is_open(asked):
            _give(asked, said.score, said.comment)
        return None
    message = recording.keep_said(
        conversation=conversation,
        inbound=inbound,
        kept=kept,
        writer=None if answer.identity.pk == conversation.identity_id else answer.identity,
        state=Message.State.HANDLED,
        origin=origin,
    )
    least, most = scale(asked)
    if not least <= said.score <= most:
        _explain(conversation, asked)
    else:
        _note(conversation, asked, said.score, said.comment)
    return message


def _pass_over(inbound: InboundMessage, kept: Sequence[Attachment], origin: str) -> Message | None:
    """Record that somebody else pressed the customer's button: it means nothing; else None."""
    asked = questions.pressed_by_another(inbound)
    if asked is None:
        return None
    writer = recording.ensure_identity(channel_id=inbound.channel_id, sender_id=inbound.sender_id)
    return recording.keep_said(
        conversation=asked.conversation,
        inbound=inbound,
        kept=kept,
        writer=writer,
        state=Message.State.HANDLED,
        origin=origin,
    )


def _explain(conversation: Conversation, asked: Asked) -> None:
    with wording.in_language(conversation.language):
        _say(conversation, [_Line(_by_number(asked))])


def _note(conversation: Conversation, asked: Asked, score: int, comment: str) -> None:
    """Keep a score that was said in the chat, and say what was understood."""
    with wording.in_language(conversation.language):
        try:
            fresh, is_first, changed = _give(asked, score, comment or None)
        except TooLate:
            answered = asked.answered_at is not None
            text = wording.answered_before() if answered else wording.asked_long_ago()
            _say(conversation, [_Line(text)])
            return
        if not changed:
            return
        lines = [_Line(wording.score_noted(score=score, most=scale(asked)[1]))]
        if isinstance(fresh, Rating) and not fresh.comment and not _is_among_others(conversation):
            lines.append(_Line(wording.add_a_word(), questions.page_url(fresh)))
        if conversation.channel.kind == WEBSITE and conversation.answer_to_id is None:
            lines = []  # there the question itself says so, with a field for the word
        next_one = None
        if is_first and isinstance(fresh, Rating) and _is_over(conversation):
            next_one = ask_recommendation(conversation=conversation, before=lines)
        if lines and next_one is None:
            _say(conversation, lines)
