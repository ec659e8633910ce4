"""What customers send with their messages: kept when uploaded, tied when sent, removed when not."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from chatbot.background import enqueue
from chatbot.conversations import pictures
from chatbot.conversations.models import Attachment, ContactIdentity, Conversation, Message
from chatbot.envelope import InboundFile, InboundMessage, Place

KEPT_UNSENT = timedelta(days=1)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class TooManyAttachments(Exception):
    """More pictures than a person sends; `retry_after` is in seconds."""

    retry_after: int

    def __str__(self) -> str:
        return _("That was a lot of pictures at once. Please send these first, or wait a while.")


class UnknownAttachments(ValueError):
    """Files that are not the sender's, were sent before, or do not exist any more."""

    def __str__(self) -> str:
        return _("A picture is not here any more. Please add it again.")


def keep_picture(*, identity: ContactIdentity, name: str, content: bytes) -> Attachment:
    """Keep a clean copy of a picture that a customer is about to send.

    Raises `pictures.UnfitPicture` and TooManyAttachments.
    """
    _check_quota(identity)  # before the work of decoding
    picture = pictures.clean_picture(content)
    with transaction.atomic():
        ContactIdentity.objects.select_for_update().get(pk=identity.pk)
        _check_quota(identity)  # and again, for those who upload at once
        attachment = Attachment(
            identity=identity,
            name=_shown(name, picture.content_type),
            content_type=picture.content_type,
            size=len(picture.content),
            width=picture.width,
            height=picture.height,
        )
        attachment.file.save("", ContentFile(picture.content), save=False)
        try:
            attachment.save(force_insert=True)
        except BaseException:
            attachment.file.storage.delete(attachment.file.name or "")
            raise
    return attachment


def _check_quota(identity: ContactIdentity) -> None:
    now = timezone.now()
    rows = Attachment.objects.filter(identity=identity)
    if rows.filter(message=None).count() >= settings.UNSENT_ATTACHMENTS:
        raise TooManyAttachments(retry_after=60)
    recent = rows.filter(created_at__gt=now - _HOUR)
    if recent.count() >= settings.ATTACHMENTS_AN_HOUR:
        oldest = recent.earliest("created_at").created_at
        raise TooManyAttachments(retry_after=max(1, int((oldest + _HOUR - now).total_seconds())))


def _shown(name: str, content_type: str) -> str:
    """Return `name` as it may be shown: a name alone, with the ending of what it now is."""
    last = name.replace("\\", "/").rpartition("/")[2]
    stem = "".join(filter(str.isprintable, last)).strip(". ")
    stem = stem.rpartition(".")[0] or stem or "picture"
    ending = "jpg" if content_type == "image/jpeg" else content_type.rpartition("/")[2]
    return f"{stem[:100].strip()}.{ending}"


# --- With messages that bring their files -------------------------------------------------------
def keep_inbound(inbound: InboundMessage) -> list[Attachment]:
    """Keep the files of `inbound`, before it is recorded: rows that are not saved yet.

    Pictures are painted anew; whatever else there is stays as it is, never to be shown inline.
    A file that has to be fetched is only noted.
    """
    kept = [_kept(file) for file in inbound.files[: settings.MAX_INBOUND_FILES]]
    if inbound.place is not None:
        kept.append(_place(inbound.place))
    return kept


def _kept(file: InboundFile) -> Attachment:
    row = Attachment(
        name=_printable(file.name) or "file",
        content_type=file.content_type[:127],
        size=min(max(file.size, 0), 2**31 - 1),
        content_id=file.content_id[:200],
    )
    if file.content is None:
        row.reference = file.reference
        row.state = Attachment.State.WAITING
        row.next_at = timezone.now()
    else:
        _store(row, file.content)
    return row


def _place(place: Place) -> Attachment:
    return Attachment(
        name=_printable(place.name) or f"{place.latitude:.5f}, {place.longitude:.5f}",
        content_type="application/geo+json",
        size=0,
        latitude=place.latitude,
        longitude=place.longitude,
    )


def _store(row: Attachment, content: bytes) -> None:
    """Give `row` its file: a clean copy of a picture, or the content as it is."""
    try:
        picture = pictures.clean_picture(content)
    except pictures.UnfitPicture:
        row.width = row.height = 0
        row.content_type = row.content_type or "application/octet-stream"
    else:
        content = picture.content
        row.name = _shown(row.name, picture.content_type)
        row.content_type = picture.content_type
        row.width, row.height = picture.width, picture.height
    row.size = len(content)
    row.state, row.reference, row.error = Attachment.State.READY, "", ""
    row.file.save("", ContentFile(content), save=False)


def drop(kept: Sequence[Attachment]) -> None:
    """Remove the files of rows that are not in the database after all.

    Whether a row believes that it is says nothing: it may have been rolled back since.
    """
    for row in kept:
        if row.file:
            row.file.storage.delete(row.file.name or "")


def add_kept(*, message: Message, kept: Sequence[Attachment]) -> list[Attachment]:
    """Make kept files part of `message`, in the transaction that records it."""
    for row in kept:
        # After a transaction that was rolled back, its number may be another file's by now.
        row.pk, row._state.adding = None, True
        row.message = message
        row.identity_id = message.identity_id or message.conversation.identity_id
        row.save(force_insert=True)
        if row.state == Attachment.State.WAITING:
            enqueue("fetch", row.pk)
    return list(kept)


def keep_raw(*, message: Message, name: str, content_type: str, content: bytes) -> Attachment:
    """Add what a service sent, as it was, to the message that tells a person of it."""
    row = Attachment(name=name, content_type=content_type, size=len(content), message=message)
    row.identity_id = message.conversation.identity_id
    row.file.save("", ContentFile(content), save=False)
    try:
        row.save(force_insert=True)
    except BaseException:
        drop([row])
        raise
    return row


def fill(*, attachment: Attachment, content: bytes) -> None:
    """Record the content of a file that was fetched."""
    _store(attachment, content)
    attachment.next_at = None
    try:
        attachment.save()
    except BaseException:
        attachment.file.storage.delete(attachment.file.name or "")
        raise


def record_unfetched(*, attachment: Attachment, error: str, retry_at: datetime | None) -> None:
    """Record that a file could not be fetched, and when to try again; None: never."""
    attachment.attempts += 1
    attachment.error = error[:300]
    attachment.next_at = retry_at
    # It may say that it is here, where it could be fetched but not stored.
    states = Attachment.State
    attachment.state = states.FAILED if retry_at is None else states.WAITING
    attachment.save(update_fields=["attempts", "error", "next_at", "state"])


def waiting_files(*, now: datetime) -> Sequence[int]:
    """Return the files that are due to be fetched."""
    return list(
        Attachment.objects.filter(state=Attachment.State.WAITING, next_at__lte=now).values_list(
            "pk", flat=True
        )[:200]
    )


# --- Of agents ----------------------------------------------------------------------------------
def keep_own(*, user_id: int, name: str, content_type: str, content: bytes) -> Attachment:
    """Keep a file that an agent is about to send. Raises TooManyAttachments."""
    unsent = Attachment.objects.filter(user_id=user_id, message=None)
    if unsent.count() >= settings.UNSENT_ATTACHMENTS:
        raise TooManyAttachments(retry_after=60)
    row = Attachment(
        user_id=user_id, name=_printable(name) or "file", content_type=content_type[:127], size=0
    )
    _store(row, content)
    row.save(force_insert=True)
    return row


def tie_own(*, message: Message, ids: Collection[int]) -> list[Attachment]:
    """Make an agent's uploaded files part of `message`. Raises UnknownAttachments."""
    if message.user_id is None:  # no user: those are customers' files
        raise UnknownAttachments
    unsent = Attachment.objects.filter(pk__in=ids, user_id=message.user_id, message=None)
    if len(set(ids)) != len(ids) or unsent.update(message=message) != len(ids):
        raise UnknownAttachments
    return list(Attachment.objects.filter(message=message))


def keep_with_draft(*, user_id: int, conversation_id: int, ids: Collection[int]) -> None:
    """Keep these of an agent's unsent files with their draft for a conversation, and no others."""
    unsent = Attachment.objects.filter(user_id=user_id, message=None)
    unsent.filter(kept_for_id=conversation_id).exclude(pk__in=ids).update(kept_for=None)
    unsent.filter(pk__in=ids).update(kept_for_id=conversation_id)


def of_draft(*, user_id: int, conversation_id: int) -> Sequence[Attachment]:
    """Return the files that stay with an agent's draft, in order."""
    rows = Attachment.objects.filter(user_id=user_id, message=None, kept_for_id=conversation_id)
    return list(rows.order_by("pk"))


def _printable(name: str) -> str:
    """Return a file's name as it may be shown: without folders and characters that mislead."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(filter(str.isprintable, last)).strip()[:120]


def tie(*, message: Message, ids: Collection[int]) -> list[Attachment]:
    """Make the files of `ids` part of `message`, in the transaction that records it.

    Raises UnknownAttachments unless all are its sender's and unsent.
    """
    if not ids:
        return []
    unsent = Attachment.objects.filter(
        pk__in=ids, identity_id=message.conversation.identity_id, message=None
    )
    if len(set(ids)) != len(ids) or unsent.update(message=message) != len(ids):
        raise UnknownAttachments
    return list(Attachment.objects.filter(message=message))


def discard(*, attachment: Attachment) -> bool:
    """Remove a file that its customer does not want to send; return whether it was unsent."""
    with transaction.atomic():
        _count, deleted = Attachment.objects.filter(pk=attachment.pk, message=None).delete()
    return bool(deleted)


def remove_unsent(*, now: datetime | None = None) -> int:
    """Remove what was uploaded a day ago and never sent; return how many there were.

    What stays with an agent's draft is not touched.
    """
    due = (now or timezone.now()) - KEPT_UNSENT
    left = Attachment.objects.filter(message=None, kept_for=None, created_at__lt=due)
    with transaction.atomic():
        count, _by_model = left.delete()
    return count


# --- Reads ------------------------------------------------------------------------------------
def uploaded_by(*, channel_id: int, sender_id: str, pk: int) -> Attachment | None:
    """Return the file `pk` if this customer uploaded it, sent or not."""
    return Attachment.objects.filter(
        pk=pk, identity__channel_id=channel_id, identity__external_id=sender_id
    ).first()


def shown_to(*, channel_id: int, sender_id: str, pk: int) -> Attachment | None:
    """Return the file `pk` if a customer may read it: their own, or of what they were told."""
    told = Q(
        message__conversation__identity__channel_id=channel_id,
        message__conversation__identity__external_id=sender_id,
    ) & ~Q(message__kind=Message.Kind.NOTE)
    sent_here = Q(
        message__deliveries__identity__channel_id=channel_id,
        message__deliveries__identity__external_id=sender_id,
    )
    own = Q(identity__channel_id=channel_id, identity__external_id=sender_id)
    told |= sent_here  # of another conversation that goes on for a merged one of theirs
    return Attachment.objects.filter(own | told, pk=pk).first()


def for_agent(*, user_id: int, pk: int) -> Attachment | None:
    """Return the file `pk` if it was sent, or is the agent's own: other drafts are others'."""
    return Attachment.objects.filter(Q(message__isnull=False) | Q(user_id=user_id), pk=pk).first()


def of_message(*, message_id: int) -> Sequence[Attachment]:
    """Return the files of a message, in order."""
    return list(Attachment.objects.filter(message_id=message_id))


def is_picture(attachment: Attachment) -> bool:
    """Return whether a file is a picture that we painted anew, which may be shown."""
    return attachment.width > 0 and attachment.content_type in pictures.PAINTED


def content_of(attachment: Attachment) -> bytes | None:
    """Return the file's bytes, or None where it is gone from the disk."""
    try:
        with attachment.file.open("rb") as file:
            content: bytes = file.read()
    except FileNotFoundError:
        return None
    return content


def sent_pictures(*, conversation: Conversation) -> int:
    """Return how many pictures the customer sent in a conversation."""
    return Attachment.objects.filter(message__conversation=conversation, user=None).count()
