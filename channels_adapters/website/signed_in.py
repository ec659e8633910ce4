"""A browser whose website says who is logged in: one visitor is one person, never two."""

import logging
from typing import Literal

from django.utils import timezone

from channels_adapters.website import proofs, tokens
from channels_adapters.website.tokens import Visitor
from chatbot.conversations import identity, recording
from chatbot.conversations.models import Channel, ContactIdentity
from chatbot.events import Proof

logger = logging.getLogger(__name__)

Outcome = Literal["verified", "refused"]


def identify(channel: Channel, visitor: Visitor, proof: Proof) -> tuple[Visitor, Outcome]:
    """Return who the browser is from now on, and what came of the proof.

    A new visitor where the proof names somebody else than before, proven or not: nobody is shown
    what another wrote. A proof that is refused changes nothing else.
    """
    known = _known(visitor)
    try:
        person = proofs.read(proof, secret=channel.identity_secret or "", now=timezone.now())
    except proofs.Refused as refused:
        logger.info("channel %s: an identity was refused: %s", channel.pk, refused)
        email, external_id = proofs.named(proof)
        return _same_or_new(visitor, known, email, external_id), "refused"
    visitor = _same_or_new(visitor, known, person.email, person.external_id)
    identity.verify_identity(
        identity=recording.ensure_identity(channel_id=visitor.channel_id, sender_id=visitor.id),
        email=person.email,
        external_id=person.external_id,
        until=person.until,
        name=person.name,
    )
    return visitor, "verified"


def log_out(visitor: Visitor) -> Visitor:
    """End what was proven of `visitor`; return whom the browser is from now on."""
    known = _known(visitor)
    if known is not None:
        identity.forget_identity(identity=known)
    return tokens.new_visitor(visitor.channel_id)


def _known(visitor: Visitor) -> ContactIdentity | None:
    return identity.known_identity(channel_id=visitor.channel_id, sender_id=visitor.id)


def _same_or_new(
    visitor: Visitor, known: ContactIdentity | None, email: str, external_id: str
) -> Visitor:
    names_somebody = bool(email or external_id)
    if (
        known
        and names_somebody
        and identity.is_another(known, email=email, external_id=external_id)
    ):
        return tokens.new_visitor(visitor.channel_id)
    return visitor
