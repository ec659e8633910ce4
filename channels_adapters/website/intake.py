"""What both doors of the website share, socket and HTTP: who may come in, and what they send."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from channels_adapters.website.tokens import Visitor
from chatbot.conversations import contacts, recording, selectors
from chatbot.conversations.models import Channel, ContactIdentity
from chatbot.conversations.recording import Recorded
from chatbot.conversations.validation import clean_text
from chatbot.envelope import InboundMessage, Intent
from chatbot.events import Page


@dataclass(frozen=True, slots=True)
class TooMany(Exception):
    """More messages than a person can write; `retry_after` is in seconds."""

    retry_after: int

    def __str__(self) -> str:
        return _("That was a lot at once. Please wait a moment.")


def origin_allowed(channel: Channel, origin: str) -> bool:
    """Return whether a page of `origin` may talk to the site's chat.

    Our own pages may; so may what is no browser (no Origin header), whom only the token admits.
    """
    origin = origin.rstrip("/").lower()
    return not origin or origin in channel.origins or _is_ours(origin)


def _is_ours(origin: str) -> bool:
    try:
        own, asked = urlsplit(settings.BASE_URL), urlsplit(origin)
        port = asked.port
    except ValueError:  # no address at all
        return False
    if (asked.scheme, asked.netloc) == (own.scheme, own.netloc):
        return True
    # 127.0.0.1 and localhost are the same machine to whoever tries Svar out on it.
    loopback = {"localhost", "127.0.0.1", "::1"}
    return {asked.hostname, own.hostname} <= loopback and port == own.port


def receive(
    visitor: Visitor,
    *,
    client_id: str,
    text: str,
    intent: Intent,
    language: str = "",
    page: Page | None = None,
    user_agent: str = "",
    origin: str = "",
    attachments: Sequence[int] = (),
) -> Recorded:
    """Record what a visitor sent. Raises InvalidText, TooMany and UnknownAttachments.

    With `attachments` (ids of pictures) the text may be empty.
    """
    cleaned = "" if attachments and not text.strip() else clean_text(text)
    external_id = f"{visitor.id}:{client_id}"
    try:
        _count(visitor)
    except TooMany:
        known = selectors.inbound_message(visitor.channel_id, external_id)
        if known is None:
            raise
        return Recorded(known, created=False)
    inbound = InboundMessage(
        channel_id=visitor.channel_id,
        sender_id=visitor.id,
        external_id=external_id,
        text=cleaned,
        intent=intent,
        language=language.lower(),
        page_url=_web_address(page.url) if page else "",
        page_title="".join(filter(str.isprintable, page.title)) if page else "",
        user_agent=user_agent[:400],
        attachment_ids=tuple(attachments),
    )
    return recording.record_inbound(inbound=inbound, origin=origin)


def _count(visitor: Visitor) -> None:
    """Count one message of the visitor in a sliding window. Raises TooMany."""
    most, seconds = settings.MESSAGE_LIMIT
    key = f"messages:{visitor.channel_id}:{visitor.id}"
    now = time.time()
    recent = [at for at in cache.get(key, ()) if at > now - seconds]
    if len(recent) >= most:
        raise TooMany(retry_after=max(1, int(recent[0] + seconds - now) + 1))
    cache.set(key, [*recent, now], timeout=seconds)


def _web_address(url: str) -> str:
    """Return `url` if agents may be shown it as a link."""
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        return ""
    return url if scheme in ("http", "https") and url.isprintable() else ""


def update_contact(visitor: Visitor, *, email: str = "", name: str = "") -> ContactIdentity:
    """Record who the visitor says they are. Raises ValidationError for what is no address."""
    email, name = email.strip(), " ".join(name.split())
    if email:
        validate_email(email)
    if any(not character.isprintable() for character in name):
        raise ValidationError(_("The name has characters we cannot show."))
    identity = recording.ensure_identity(channel_id=visitor.channel_id, sender_id=visitor.id)
    contacts.update_contact(contact=identity.contact, email=email, name=name)
    return identity
