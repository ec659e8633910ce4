"""One person on several channels: contacts become one by proof or by an agent's hand.

What was merged can be taken apart again: each merge keeps what it moved.
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from chatbot.conversations import services
from chatbot.conversations.models import (
    Channel,
    Contact,
    ContactIdentity,
    ContactMerge,
    Conversation,
    Recommendation,
    Status,
)

_FILLED_IN = ("name", "email", "language", "is_vip")


class CannotMerge(ValueError):
    """A contact with itself, or one that is not there any more."""


class CannotUndo(ValueError):
    """A merge that was undone already, or whose contact is gone."""


# --- Writes -----------------------------------------------------------------------------------
def merge_contacts(
    *, kept: Contact, other: Contact, way: str, user_id: int | None = None
) -> ContactMerge:
    """Make `other` part of `kept`: identities and conversations move, empty fields are filled.

    Raises CannotMerge.
    """
    if kept.pk == other.pk:
        raise CannotMerge
    with transaction.atomic():
        # In one order, so that two merges at once cannot wait for each other.
        rows = {
            row.pk: row
            for row in Contact.objects.select_for_update()
            .filter(pk__in=[kept.pk, other.pk])
            .order_by("pk")
        }
        if len(rows) < 2:
            raise CannotMerge
        kept, other = rows[kept.pk], rows[other.pk]
        identities = list(other.identities.values_list("pk", flat=True))
        merge = ContactMerge.objects.create(
            kept=kept,
            **{name: getattr(other, name) for name in _FILLED_IN},
            since=other.created_at,
            before={name: getattr(kept, name) for name in _FILLED_IN},
            identities=identities,
            merges=list(other.merges.values_list("pk", flat=True)),
            way=way,
            user_id=user_id,
        )
        _move(identities, kept)
        ContactMerge.objects.filter(kept=other).update(kept=kept)
        for name in _FILLED_IN:
            if not getattr(kept, name):
                setattr(kept, name, getattr(other, name))
        # Nobody gets away from being blocked by becoming part of somebody else.
        kept.blocked_at = kept.blocked_at or other.blocked_at
        kept.blocked_by_id = kept.blocked_by_id or other.blocked_by_id
        kept.save(update_fields=[*_FILLED_IN, "blocked_at", "blocked_by"])
        other.delete()
        _announce(kept)
    return merge


def undo_merge(*, merge: ContactMerge) -> Contact:
    """Make two contacts of one again; return the one that comes back. Raises CannotUndo."""
    with transaction.atomic():
        merge = ContactMerge.objects.select_for_update().select_related("kept").get(pk=merge.pk)
        if merge.undone_at is not None:
            raise CannotUndo
        kept = merge.kept
        contact = Contact.objects.create(
            **{name: getattr(merge, name) for name in _FILLED_IN},
            created_at=merge.since,
            blocked_at=kept.blocked_at,
            blocked_by_id=kept.blocked_by_id,
        )
        _move(merge.identities, contact)
        ContactMerge.objects.filter(pk__in=merge.merges, kept=kept).update(kept=contact)
        changed = []
        for name, before in merge.before.items():
            # What somebody wrote since then stays.
            if getattr(kept, name) == getattr(merge, name) and before != getattr(merge, name):
                setattr(kept, name, before)
                changed.append(name)
        if changed:
            kept.save(update_fields=changed)
        merge.undone_at = timezone.now()
        merge.save(update_fields=["undone_at"])
        _announce(kept)
        _announce(contact)
    return contact


def _move(identities: Sequence[int], contact: Contact) -> None:
    ContactIdentity.objects.filter(pk__in=identities).update(contact=contact)
    Conversation.objects.filter(identity_id__in=identities).update(contact=contact)
    asked = Recommendation.objects.filter(conversation__identity_id__in=identities)
    asked.update(contact=contact)


def _announce(contact: Contact) -> None:
    for conversation in contact.conversations.select_related("channel", "identity").exclude(
        status=Status.RESOLVED
    ):
        services.announce_change(conversation=conversation)


def merge_proven(*, identity: ContactIdentity) -> ContactMerge | None:
    """Merge the contact of `identity` with another that proved the same person, if there is one.

    The same id, where it was signed with the same secret: another website counts its customers
    from one too. Or the same address, by a website's signed word or by a code. A mail's sender
    is no proof, nor is what somebody wrote of themselves.
    """
    same = ContactIdentity.objects.exclude(contact_id=identity.contact_id).select_related("contact")
    found = None
    if identity.verified_id:
        rows = same.select_related("channel").filter(verified_id=identity.verified_id)
        ours = (row for row in rows.order_by("pk") if _one_signer(row.channel, identity.channel))
        found = next(ours, None)
    for email in filter(None, (identity.verified_email, identity.proven_email)):
        if found is not None:
            break
        by_email = Q(verified_email__iexact=email) | Q(proven_email__iexact=email)
        found = same.filter(by_email).order_by("pk").first()
        if found and found.verified_id and identity.verified_id not in ("", found.verified_id):
            return None  # two accounts with one address are two customers
    if found is None:
        return None
    return merge_contacts(kept=found.contact, other=identity.contact, way=ContactMerge.Way.PROVEN)


def _one_signer(one: Channel, other: Channel) -> bool:
    # Secrets are sealed in their rows, so no query can compare them.
    return one.pk == other.pk or bool(
        one.identity_secret and one.identity_secret == other.identity_secret
    )


# --- Reads ------------------------------------------------------------------------------------
def merges_of(contact: Contact) -> Sequence[ContactMerge]:
    """Return what was merged into a contact and can be undone, the newest first."""
    return list(ContactMerge.objects.filter(kept=contact, undone_at=None).select_related("user"))


def likely_same(contact: Contact, most: int = 5) -> Sequence[Contact]:
    """Return other contacts with the same address: for a person to judge, it proves nothing."""
    if not contact.email:
        return []
    rows = Contact.objects.filter(email__iexact=contact.email).exclude(pk=contact.pk)
    return list(rows.order_by("-pk")[:most])
