"""What customers send with their messages: kept when uploaded, tied when sent, removed when not."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chatbot.conversations import pictures
from chatbot.conversations.models import Attachment, ContactIdentity, Conversation, Message

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
    """Remove what was uploaded a day ago and never sent; return how many there were."""
    due = (now or timezone.now()) - KEPT_UNSENT
    with transaction.atomic():
        count, _by_model = Attachment.objects.filter(message=None, created_at__lt=due).delete()
    return count


# --- Reads ------------------------------------------------------------------------------------
def uploaded_by(*, channel_id: int, sender_id: str, pk: int) -> Attachment | None:
    """Return the file `pk` if this customer uploaded it, sent or not."""
    return Attachment.objects.filter(
        pk=pk, identity__channel_id=channel_id, identity__external_id=sender_id
    ).first()


def sent(*, pk: int) -> Attachment | None:
    """Return the file `pk` if it was sent: what a customer only thought of sending is theirs."""
    return Attachment.objects.filter(pk=pk, message__isnull=False).first()


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
    return Attachment.objects.filter(message__conversation=conversation).count()
