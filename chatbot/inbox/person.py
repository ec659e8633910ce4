"""Who a customer is: the ways to reach them, who may be the same, and where a reply goes."""

from datetime import datetime
from typing import Literal

from django.conf import settings

from chatbot.adapters import capabilities
from chatbot.agent_events import ChannelPart
from chatbot.conversations import merging
from chatbot.conversations.models import (
    EMAIL,
    WEBSITE,
    Contact,
    ContactIdentity,
    ContactMerge,
    Conversation,
    Message,
    Rating,
    Recommendation,
)
from chatbot.conversations.payloads import channel_part
from chatbot.conversations.wording import rating_words
from chatbot.events import Payload
from chatbot.routing.selectors import agent_name

TELEGRAM, HTTP = "telegram", "http"
_SAYS_ADDRESS = (EMAIL, HTTP)  # others' ids say nothing to people


class IdentityPart(Payload):
    """A customer as one channel knows them; `unreachable` is why nothing reaches them there."""

    channel: ChannelPart
    name: str
    address: str
    unreachable: str


class LikelyPart(Payload):
    """Another contact with the same address."""

    id: int
    name: str
    email: str
    since: datetime
    channels: list[ChannelPart]
    conversations: int


class MergePart(Payload):
    """A contact that became part of this one; `by` is the agent's name, or "" for a proof."""

    id: int
    name: str
    email: str
    way: Literal["proven", "agent"]
    by: str
    at: datetime


class PersonPart(Payload):
    """`recommends`: what they said last of whether they would recommend us, 0 to 10."""

    recommends: int | None
    identities: list[IdentityPart]
    likely: list[LikelyPart]
    merges: list[MergePart]


class RatingPart(Payload):
    """What the customer said of how a person helped; `score` is null until they have.

    word: what the score means.
    """

    score: int | None
    word: str
    comment: str
    asked_at: datetime
    answered_at: datetime | None


class RatingChanged(Payload):
    """A customer has rated a conversation, or changed what they said."""

    type: Literal["rating"] = "rating"
    conversation: int


class GoesToPart(Payload):
    """Where a reply goes. `by_email`: who has left the website gets it there, in `minutes`."""

    channel: ChannelPart
    address: str
    files: bool
    unreachable: str
    by_email: str
    minutes: int


def person_part(contact: Contact) -> PersonPart:
    """Return everything that is known of who a contact is."""
    identities = contact.identities.select_related("channel").order_by("pk")
    said = Recommendation.objects.filter(contact=contact, score__isnull=False)
    return PersonPart(
        recommends=said.order_by("-answered_at").values_list("score", flat=True).first(),
        identities=[_identity(identity) for identity in identities],
        likely=[_likely(other) for other in merging.likely_same(contact)],
        merges=[merge_part(merge) for merge in merging.merges_of(contact)],
    )


def _identity(identity: ContactIdentity) -> IdentityPart:
    return IdentityPart(
        channel=channel_part(identity.channel),
        name=identity.name,
        address=_address(identity),
        unreachable=identity.unreachable,
    )


def _address(identity: ContactIdentity) -> str:
    if identity.channel.kind in _SAYS_ADDRESS:
        return identity.external_id
    if identity.channel.kind != TELEGRAM:
        return ""
    said = Message.objects.filter(
        conversation__identity=identity,
        author=Message.Author.CONTACT,
        identity=None,
        details__has_key="username",
    )
    last = said.order_by("-pk").values_list("details", flat=True).first()
    username = (last or {}).get("username", "")
    return f"@{username}" if username else ""


def _likely(contact: Contact) -> LikelyPart:
    identities = contact.identities.select_related("channel").order_by("pk")
    return LikelyPart(
        id=contact.pk,
        name=str(contact),
        email=contact.email,
        since=contact.created_at,
        channels=[channel_part(identity.channel) for identity in identities],
        conversations=contact.conversations.count(),
    )


def merge_part(merge: ContactMerge) -> MergePart:
    """Return a merge as agents see it."""
    by_proof = merge.way == ContactMerge.Way.PROVEN
    return MergePart(
        id=merge.pk,
        name=merge.name or merge.email,
        email=merge.email,
        way="proven" if by_proof else "agent",
        by=agent_name(merge.user_id) if merge.user_id else "",
        at=merge.created_at,
    )


def rating_part(conversation: Conversation) -> RatingPart | None:
    """Return what the customer said of a conversation; None where they were not asked."""
    rating = Rating.objects.filter(conversation=conversation).first()
    if rating is None:
        return None
    return RatingPart(
        score=rating.score,
        word=rating_words()[rating.score - 1] if rating.score else "",
        comment=rating.comment,
        asked_at=rating.asked_at,
        answered_at=rating.answered_at,
    )


def goes_to_part(conversation: Conversation) -> GoesToPart:
    """Return where a reply in `conversation` goes now."""
    identity = conversation.answer_to or conversation.identity
    channel, mailbox = identity.channel, conversation.channel.mailbox
    goes_on = channel.kind == WEBSITE and mailbox is not None and mailbox.is_active
    return GoesToPart(
        channel=channel_part(channel),
        address=identity.external_id if channel.kind in _SAYS_ADDRESS else "",
        files=channel.kind in settings.CHANNEL_ADAPTERS and capabilities(channel.kind).files,
        unreachable=identity.unreachable,
        by_email=conversation.contact.email if goes_on else "",
        minutes=round(settings.FOLLOWUP_AFTER / 60),
    )
