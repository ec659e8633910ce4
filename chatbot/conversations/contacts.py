"""The writes of contacts and their identities: what they told, or what a channel tells of them."""

from django.db import transaction
from django.utils import timezone

from chatbot.conversations.models import Channel, Contact, ContactIdentity, Status
from chatbot.conversations.services import announce_change


def update_contact(*, contact: Contact, name: str = "", email: str = "") -> Contact:
    """Fill in what the customer told about themselves; empty values change nothing."""
    fields = []
    if name and name != contact.name:
        contact.name = name
        fields.append("name")
    if email and email != contact.email:
        contact.email = email
        fields.append("email")
    if fields:
        contact.save(update_fields=fields)
        for conversation in contact.conversations.exclude(status=Status.RESOLVED):
            announce_change(conversation=conversation)
    return contact


def describe_identity(*, identity: ContactIdentity, name: str, email: str = "") -> None:
    """Record what a service calls somebody; their contact's name only if it had none."""
    identity.name = name[:100]
    with transaction.atomic():
        identity.save(update_fields=["name"])
        contact = identity.contact
        update_contact(
            contact=contact,
            name="" if contact.name else identity.name,
            email="" if contact.email else email,
        )


def identity_by_email(*, contact: Contact, mailbox: Channel) -> ContactIdentity | None:
    """Return the address of `contact` as `mailbox` knows it, made now if need be."""
    if not contact.email:
        return None
    identity, _ = ContactIdentity.objects.select_related("channel").get_or_create(
        channel=mailbox,
        external_id=contact.email.casefold(),
        defaults={"contact": contact, "name": contact.name},
    )
    return identity


def note_present(*, channel_id: int, sender_id: str) -> None:
    """Note that a visitor has the website open, or just had."""
    ContactIdentity.objects.filter(channel_id=channel_id, external_id=sender_id).update(
        last_seen_at=timezone.now()
    )
