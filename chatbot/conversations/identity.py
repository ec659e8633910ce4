"""Who a customer is by their website's word: kept while it holds, and no longer."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from chatbot.conversations import contacts, merging, services
from chatbot.conversations.models import ContactIdentity, Conversation, Status


# --- Writes -----------------------------------------------------------------------------------
def verify_identity(
    *,
    identity: ContactIdentity,
    email: str = "",
    external_id: str = "",
    until: datetime,
    name: str = "",
) -> None:
    """Record that the website named this customer, and until when that counts.

    `email` or `external_id` (the customer's id on the website) is given, or both.
    """
    was = is_verified(identity)
    identity.verified_email = email
    identity.verified_id = external_id
    identity.verified_until = until
    with transaction.atomic():
        identity.save(update_fields=["verified_email", "verified_id", "verified_until"])
        contacts.update_contact(contact=identity.contact, name=name, email=email)
        merging.merge_proven(identity=identity)
        if not was:
            _announce(identity)


def prove_email(*, identity: ContactIdentity, email: str) -> None:
    """Record that a customer read a code that was sent to `email`: it is theirs."""
    if identity.proven_email.casefold() == email.casefold():
        return
    identity.proven_email = email
    with transaction.atomic():
        identity.save(update_fields=["proven_email"])
        merging.merge_proven(identity=identity)


def forget_identity(*, identity: ContactIdentity) -> None:
    """Let the website's word count no longer. Whom it named stays, to tell others apart."""
    if not is_verified(identity):
        return
    identity.verified_until = None
    with transaction.atomic():
        identity.save(update_fields=["verified_until"])
        _announce(identity)


def _announce(identity: ContactIdentity) -> None:
    for conversation in identity.conversation_set.exclude(status=Status.RESOLVED):
        services.announce_change(conversation=conversation)


# --- Reads ------------------------------------------------------------------------------------
def known_identity(*, channel_id: int, sender_id: str) -> ContactIdentity | None:
    """Return a customer's identity on a channel, if they have one yet."""
    return (
        ContactIdentity.objects.select_related("contact")
        .filter(channel_id=channel_id, external_id=sender_id)
        .first()
    )


def is_verified(identity: ContactIdentity) -> bool:
    """Return whether the website's word about this customer counts now."""
    return identity.verified_until is not None and timezone.now() < identity.verified_until


def is_another(identity: ContactIdentity, *, email: str, external_id: str) -> bool:
    """Return whether these name somebody else than the website named here before.

    Also where it cannot be told, as for an address after an id: better begin anew than show one
    person's messages to another.
    """
    if not identity.verified_id and not identity.verified_email:
        return False
    if identity.verified_id and external_id:
        return identity.verified_id != external_id
    if identity.verified_email and email:
        return identity.verified_email.casefold() != email.casefold()
    return True


def verified_email(conversation: Conversation) -> str:
    """Return the address that the website vouches for now, or an empty string."""
    identity = conversation.identity
    return identity.verified_email if is_verified(identity) else ""
