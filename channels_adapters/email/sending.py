"""Answers as mails: what stands in their head, and the way out."""

from datetime import UTC
from email.charset import QP, Charset
from email.utils import format_datetime, formataddr
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.utils import translation

from channels_adapters.email import layout, wording
from channels_adapters.email.addresses import reply_address
from channels_adapters.email.identifiers import our_message_id, sendable
from channels_adapters.email.options import MailOptions, options_of
from channels_adapters.email.outgoing import deliver
from channels_adapters.email.subjects import bare_subject, reply_subject
from chatbot.conversations.models import Channel
from chatbot.envelope import OutboundMessage, Sent

LOOP_HEADER = "X-Svar-Loop"
REFERENCES = 21  # the first, and the newest 20
AUTHOR_AGENT = "agent"


def send(channel: Channel, message: OutboundMessage) -> Sent:
    """Send a message as a mail; its Message-ID is the same at each attempt. Raises SendError."""
    options = options_of(channel)
    mail = written(channel, options, message)
    deliver(options, mail)
    # A provider's backend may have given it an id of its own, to which replies will refer.
    given = getattr(getattr(mail, "anymail_status", None), "message_id", None)
    others = sendable([given]) if isinstance(given, str) else []
    return Sent(tuple(dict.fromkeys([mail.extra_headers["Message-ID"], *others])))


def written(
    channel: Channel, options: MailOptions, message: OutboundMessage
) -> EmailMultiAlternatives:
    """Return the mail that says a message.

    Its sender is the mailbox in any case, so that SPF, DKIM and DMARC hold; who wrote is in the
    name alone.
    """
    with translation.override(message.language or "en"):
        shop = _line(options.display_name or channel.name)
        subject = _subject(message, shop)
        name = shop
        if message.author == AUTHOR_AGENT and message.author_name:
            name = wording.from_shop(person=_line(message.author_name), shop=shop)
        text, html = layout.plain(message), layout.page(message, subject)
    mail = EmailMultiAlternatives(
        subject=subject,
        body=text,
        from_email=_address(name, options.address),
        to=[message.recipient_id],
        cc=_copies(message),
        reply_to=[_address(shop, reply_address(channel, message.conversation_id))],
        headers=_headers(channel, options, message),
    )
    mail.encoding = _quoted_printable()
    mail.attach_alternative(html, "text/html")
    for file in message.files:
        mail.attach(_line(file.name) or "file", file.read(), file.content_type)
    return mail


def _headers(channel: Channel, options: MailOptions, message: OutboundMessage) -> dict[str, str]:
    key = message.key or f"{message.message_id}-{message.part}"
    headers = {
        "Message-ID": our_message_id(f"{channel.key} {key}", options.domain),
        "Date": format_datetime(message.created_at.astimezone(UTC)),
        LOOP_HEADER: channel.key,
    }
    if not options.out_host:
        headers["X-PM-KeepID"] = "true"  # Postmark would set an id of its own
    thread = sendable(message.references)
    if thread:
        headers["In-Reply-To"] = thread[-1]
        kept = thread if len(thread) <= REFERENCES else [thread[0], *thread[1 - REFERENCES :]]
        headers["References"] = " ".join(kept)
    if message.author != AUTHOR_AGENT:
        headers["Auto-Submitted"] = "auto-replied"  # RFC 3834, section 5
        # Exchange knows this one instead.
        headers["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    return headers


def _subject(message: OutboundMessage, shop: str) -> str:
    bare = _line(bare_subject(message.subject))
    if not sendable(message.references):
        return bare or wording.message_from(shop=shop)
    return reply_subject(bare or wording.your_message(shop=shop))


def _copies(message: OutboundMessage) -> list[str]:
    known = {message.recipient_id.lower(): ""}
    for copy in message.copies:
        known.setdefault(copy.lower(), copy)
    return [copy for copy in known.values() if copy]


def _address(name: str, address: str) -> str:
    return formataddr((name, address))


def _line(text: str) -> str:
    """Return text without what could begin another header line."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.split())


def _quoted_printable() -> Any:
    """Return an encoding that passes servers of 7 bits unchanged, as DKIM needs it."""
    charset = Charset("utf-8")
    charset.body_encoding = QP
    return charset
