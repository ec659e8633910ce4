"""What customers were asked of how it was: which question an answer is to, and until when.

A rating (1 to 5) is about one conversation, a recommendation (0 to 10) about the company.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.db.models import Q, QuerySet
from django.utils import timezone

from chatbot.adapters import capabilities
from chatbot.conversations import wording
from chatbot.conversations.models import (
    Channel,
    ContactIdentity,
    Conversation,
    Message,
    Rating,
    Recommendation,
    SentPart,
    Status,
)
from chatbot.conversations.scoring import Said, may_be_score, read_score
from chatbot.envelope import InboundMessage, QuickReply
from chatbot.text import normalise

Asked = Rating | Recommendation
GOOD_FOR = timedelta(days=30)
CHANGES_FOR = timedelta(days=1)
_TYPED_WITHIN = timedelta(days=7)  # a bare number that comes later may be about anything
_SALT = "svar.rate"
_KINDS: dict[str, type[Rating] | type[Recommendation]] = {"r": Rating, "n": Recommendation}
_PATH = "/rate/"
_CHOICES = (5, 11)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a question of ours. `said.score` may be off the question's scale."""

    asked: Asked
    said: Said
    identity: ContactIdentity


def scale(asked: Asked) -> tuple[int, int]:
    """Return the least and the most that can be given."""
    return (1, 5) if isinstance(asked, Rating) else (0, 10)


def is_open(asked: Asked, *, now: datetime | None = None) -> bool:
    """Return whether a question can be answered, or its answer changed."""
    now = now or timezone.now()
    if asked.answered_at is None:
        return now - asked.asked_at < GOOD_FOR
    return now - asked.answered_at < CHANGES_FOR


def words_of(asked: Asked) -> list[str]:
    """Return what the numbers mean, or those at the ends, in the language that is active."""
    return wording.rating_words() if isinstance(asked, Rating) else wording.recommendation_ends()


def choices(asked: Asked) -> list[QuickReply]:
    """Return the buttons, in the language that is active."""
    if isinstance(asked, Rating):
        return [QuickReply(f"{n} · {word}") for n, word in enumerate(words_of(asked), start=1)]
    return [QuickReply(str(number)) for number in range(11)]


# --- The page -----------------------------------------------------------------------------------
def page_url(asked: Asked) -> str:
    """Return the address of the page for a question, good for `GOOD_FOR` from now.

    Whoever has it can answer: it is for the customer alone.
    """
    kind = "r" if isinstance(asked, Rating) else "n"
    return f"{settings.BASE_URL}{_PATH}{signing.dumps([kind, asked.pk], salt=_SALT)}/"


def by_token(token: str) -> Asked | None:
    """Return the question of an address; None where it is forged, too old, or the row is gone."""
    try:
        kind, pk = signing.loads(token, salt=_SALT, max_age=GOOD_FOR)
        model = _KINDS[kind]
    except (signing.BadSignature, ValueError, TypeError, KeyError):
        return None
    asked: Asked | None = _rows(model).filter(pk=pk, conversation__isnull=False).first()
    return asked


def recommendation_beside(rating: Rating) -> Recommendation | None:
    """Return the recommendation that was asked for with a rating and is still open."""
    newest: Recommendation | None = (
        _rows(Recommendation).filter(conversation_id=rating.conversation_id).first()
    )
    return newest if newest is not None and is_open(newest) else None


# --- In messages --------------------------------------------------------------------------------
def is_asking() -> Q:
    """Return the condition that a message is such a question."""
    asking = Q(pk__in=Rating.objects.filter(message__isnull=False).values("message"))
    return asking | Q(pk__in=Recommendation.objects.filter(message__isnull=False).values("message"))


def asked_in(*, message_id: int, text: str, buttons: int) -> Asked | None:
    """Return what a message asks, by its id; its text and its buttons say if it is worth a look."""
    if buttons not in _CHOICES and _PATH not in text:
        return None
    for model in (Rating, Recommendation):
        asked: Asked | None = _rows(model).filter(message_id=message_id).first()
        if asked is not None:
            return asked
    return None


def answered_by(inbound: InboundMessage) -> Answer | None:
    """Return which question a customer's message is an answer to; nearly always none."""
    if not (inbound.answer and inbound.intent == "message" and may_be_score(inbound.text)):
        return None
    identity = ContactIdentity.objects.filter(
        channel_id=inbound.channel_id, external_id=inbound.sender_id
    ).first()
    if identity is None:
        return None
    pointed = _pointed_at(inbound, identity) or _pressed(inbound, identity)
    asked = pointed or _typed_for(inbound, identity)
    if asked is None:
        return None
    said = _read(inbound.text, asked)
    return Answer(asked, said, identity) if said is not None else None


def pressed_by_another(inbound: InboundMessage) -> Rating | None:
    """Return the rating whose button somebody presses who reads along in the customer's thread."""
    if not (inbound.thread and may_be_score(inbound.text)):
        return None
    if normalise(inbound.text) not in _labels():
        return None
    rows = _rows(Rating).filter(
        conversation__channel_id=inbound.channel_id,
        conversation__thread=inbound.thread,
        message__isnull=False,
    )
    newest: Rating | None = rows.exclude(
        conversation__identity__external_id=inbound.sender_id
    ).first()
    return newest


def _read(text: str, asked: Asked) -> Said | None:
    least, most = scale(asked)
    said = read_score(
        text, least=least, most=most, names=_names(asked.conversation), labels=_words()
    )
    if said is not None or asked.answered_at is not None:
        return said
    # A number alone means nothing else: better to say which numbers there are.
    off = read_score(text, least=0, most=99)
    is_off = off is not None and not off.comment and not least <= off.score <= most
    return off if is_off else None


def _pointed_at(inbound: InboundMessage, identity: ContactIdentity) -> Asked | None:
    """Return the question that a message answers to: by its button, or by "reply"."""
    if not inbound.references:
        return None
    nearest = inbound.references[-1]
    sent = SentPart.objects.filter(channel_id=inbound.channel_id, external_id=nearest)
    for model in (Rating, Recommendation):
        asked: Asked | None = (
            _rows(model).filter(message__in=sent.values("delivery__message")).first()
        )
        if asked is not None and _is_theirs(asked, identity):
            return asked
    return None


def _pressed(inbound: InboundMessage, identity: ContactIdentity) -> Asked | None:
    """Return the newest rating of the place, where the text is that of one of its buttons."""
    if normalise(inbound.text) not in _labels():
        return None
    rows = _rows(Rating).filter(_here(inbound, identity), message__isnull=False)
    newest: Rating | None = rows.filter(asked_at__gte=timezone.now() - GOOD_FOR).first()
    return newest


def _typed_for(inbound: InboundMessage, identity: ContactIdentity) -> Asked | None:
    """Return the question that a typed number can be meant for: nothing was said since it."""
    since = timezone.now() - _TYPED_WITHIN
    place = _named(inbound, identity) if _names_a_place(inbound) else _here(inbound, identity)
    found: list[Asked] = [
        row
        for model in (Rating, Recommendation)
        for row in _rows(model).filter(
            place,
            message__isnull=False,
            asked_at__gte=since,
            conversation__status=Status.RESOLVED,
        )[:1]
    ]
    asked = max(found, key=lambda one: one.message_id or 0, default=None)
    if asked is None or asked.conversation is None or not is_open(asked):
        return None
    later = Conversation.objects.filter(
        identity_id=asked.conversation.identity_id,
        thread=asked.conversation.thread,
        pk__gt=asked.conversation.pk,
    )
    return None if later.exists() else asked


def _names_a_place(inbound: InboundMessage) -> bool:
    # Each mail that answers nothing we know has a thread of its own.
    is_mail = capabilities(_kind_of(inbound)).machines
    return is_mail or inbound.conversation_id is not None or bool(inbound.references)


def _kind_of(inbound: InboundMessage) -> str:
    return str(Channel.objects.values_list("kind", flat=True).get(pk=inbound.channel_id))


def _named(inbound: InboundMessage, identity: ContactIdentity) -> Q:
    """Return the condition for the conversation that a message names, if its sender's contact's."""
    theirs = Q(conversation__contact_id=identity.contact_id)
    if inbound.conversation_id is not None:
        return theirs & Q(conversation_id=inbound.conversation_id)
    nearest = inbound.references[-1] if inbound.references else ""
    sent = SentPart.objects.filter(channel_id=inbound.channel_id, external_id=nearest)
    said = Message.objects.filter(channel_id=inbound.channel_id, external_id=nearest)
    return theirs & (
        Q(conversation__in=sent.values("delivery__message__conversation"))
        | Q(conversation__in=said.values("conversation"))
    )


def _here(inbound: InboundMessage, identity: ContactIdentity) -> Q:
    """Return the condition for the sender's own conversations in the same place."""
    return Q(conversation__identity=identity, conversation__thread=inbound.thread)


def _is_theirs(asked: Asked, identity: ContactIdentity) -> bool:
    return asked.conversation is not None and asked.conversation.contact_id == identity.contact_id


def _rows(model: Any) -> "QuerySet[Any]":
    rows: QuerySet[Any] = model.objects.select_related(
        *(f"conversation__{name}" for name in ("channel", "contact", "identity__channel")),
        "conversation__answer_to__channel",
    ).order_by("-pk")
    return rows


def _names(conversation: Conversation | None) -> Sequence[str]:
    """Return the first names of those who wrote to the customer."""
    agents = Message.objects.filter(conversation=conversation, author=Message.Author.AGENT)
    names = agents.order_by().values_list("author_name", flat=True).distinct()
    return [name.split()[0] for name in names if name.split()]


@functools.cache
def _labels() -> frozenset[str]:
    """Return the texts of a rating's buttons in all our languages, as they are compared."""
    return frozenset(
        f"{number} {normalise(word)}" for words in _all_words() for number, word in words
    )


@functools.cache
def _words() -> frozenset[str]:
    return frozenset(normalise(word) for words in _all_words() for _number, word in words)


@functools.cache
def _all_words() -> tuple[tuple[tuple[int, str], ...], ...]:
    found = []
    for language in wording.OURS:
        with wording.in_language(language):
            found.append(tuple(enumerate(wording.rating_words(), start=1)))
    return tuple(found)
