"""Mails as the core knows them: a customer's message, or what became of one of ours."""

import re
from collections.abc import Sequence
from typing import Any

from channels_adapters.email.addresses import conversation_of, is_own
from channels_adapters.email.events import UnreadableMail, true_size
from channels_adapters.email.identifiers import is_ours, kept_id
from channels_adapters.email.options import MailOptions, options_of
from channels_adapters.email.reading import read_mail
from channels_adapters.email.reading.values import Address, Mail
from channels_adapters.email.references import fetchable_files
from channels_adapters.email.subjects import bare_subject
from chatbot.conversations.models import Channel
from chatbot.envelope import Event, Inbound, InboundFile, InboundMessage, Receipt

DETAIL_CHARACTERS = 20_000
PEOPLE = 50
FEW_WORDS = 3
REASON_CHARACTERS = 300

# Of reports: RFC 8098, section 3.2, and RFC 3464, section 2.3.3.
_ORIGINAL = re.compile(rb"^Original-Message-ID:\s*(<[^<>\s]{1,500}>)", re.IGNORECASE | re.MULTILINE)
_DISPLAYED = re.compile(rb"^Disposition:[^;]{0,200};\s*displayed", re.IGNORECASE | re.MULTILINE)
_AUTO_SUBMITTED = re.compile(rb"^auto-submitted:\s*auto", re.IGNORECASE | re.MULTILINE)
_FAILED = re.compile(rb"^Action:\s*failed", re.IGNORECASE | re.MULTILINE)


def parse(channel: Channel, event: Event) -> Sequence[Inbound]:
    """Return what a mail says. Raises UnreadableMail for one that a person has to look at.

    The sender is who stands in From, also where there is a Reply-To: only From is what SPF, DKIM
    and DMARC speak for.
    """
    size = true_size(event.payload)
    options = options_of(channel)
    mail = read_mail(
        event.payload, own_addresses=(options.address,), trusted_hosts=options.trusted_hosts
    )
    if not mail.is_readable:
        raise UnreadableMail("neither a sender nor a text was found in it")
    if not mail.sender.email:
        raise UnreadableMail("it does not say who sent it")
    if mail.automatic in ("bounce", "receipt"):
        return _told(channel, options, mail, event, size)
    return [_message(channel, options, mail, event, size)]


def _told(
    channel: Channel, options: MailOptions, mail: Mail, event: Event, size: int
) -> Sequence[Inbound]:
    """Return what an automatic mail says about one of ours."""
    bounce = mail.bounce
    ours = _named_of_ours(options, mail, event.payload)
    if mail.automatic == "receipt":
        was_read = _DISPLAYED.search(event.payload) is not None
        return [Receipt(channel.pk, ours, "read")] if ours and was_read else []
    if bounce is None:
        return [_message(channel, options, mail, event, size)]
    # A last failure may have a passing status, such as 4.4.7 for a mail that has expired.
    if not bounce.permanent and _FAILED.search(event.payload) is None:
        return []  # its server goes on trying, and tells when it gives up
    if ours:
        reason = " ".join(f"{bounce.status} {bounce.text}".split())
        return [Receipt(channel.pk, ours, "failed", reason[:REASON_CHARACTERS])]
    if bounce.message_id or mail.references:
        return []  # somebody else's mail: usually one that spammers sent in our name
    return [_message(channel, options, mail, event, size)]


def _named_of_ours(options: MailOptions, mail: Mail, payload: bytes) -> str:
    """Return which of our mails a report is about; empty: none."""
    original = _ORIGINAL.search(payload)
    named = (
        mail.bounce.message_id if mail.bounce else "",
        original.group(1).decode("latin-1") if original else "",
        mail.in_reply_to,
        *reversed(mail.references),
    )
    return next((one for one in named if one and is_ours(one, options.domain)), "")


def _message(
    channel: Channel, options: MailOptions, mail: Mail, event: Event, size: int
) -> InboundMessage:
    subject = bare_subject(mail.subject)
    near = (*mail.references, mail.in_reply_to)
    references = tuple(dict.fromkeys(kept_id(one) for one in reversed(near) if one))[::-1]
    writer = _writer_of_form(options, mail)
    why = _why(options, mail, size, event.payload if writer else b"")
    writer = writer or mail.sender
    sender = writer.email.lower()
    return InboundMessage(
        channel_id=channel.pk,
        sender_id=sender,
        sender_name=writer.name,
        sender_email=sender,
        external_id=kept_id(mail.message_id, otherwise=event.event_id),
        text=_text(mail, subject, is_first=not references),
        html=mail.html,
        subject=subject,
        references=references,
        conversation_id=conversation_of(channel, mail.original_recipients),
        files=() if size else (*_files(mail), *fetchable_files(event.payload, options)),
        details=_details(mail, size),
        sent_at=mail.date,
        answer=not why,
        why=why,
    )


def _writer_of_form(options: MailOptions, mail: Mail) -> Address | None:
    """Return who filled in a form of the company's website, whose mail this is; None: it is none.

    Such mails come from the company itself and name the writer in Reply-To. Elsewhere Reply-To
    does not change who writes: anybody can write anything there.
    """
    if not mail.reply_to or mail.in_reply_to or mail.references:
        return None
    domain = mail.sender.email.rpartition("@")[2].lower()
    writer = mail.reply_to[0]
    theirs = writer.email.rpartition("@")[2].lower()
    if domain != options.domain.lower() or not theirs or theirs == domain:
        return None
    return writer


def _why(options: MailOptions, mail: Mail, size: int, form: bytes) -> str:
    """Return why a mail is not for the bot to answer, in a word; empty: it is.

    `form` is the mail where it is that of a form: it comes from the company, and from an address
    that takes no replies, and a person wrote it all the same.
    """
    by_its_sender = mail.automatic in ("own", "auto_reply") and not _AUTO_SUBMITTED.search(form)
    if mail.automatic and not (form and by_its_sender):
        return mail.automatic
    if mail.loop:
        return "loop"
    if not form and is_own(mail.sender.email, options.address):
        return "own"
    return "too_large" if size else ""


def _text(mail: Mail, subject: str, *, is_first: bool) -> str:
    """Return what the bot reads: often all of a first mail's question is its subject."""
    text = "\n\n".join(part for part in (mail.text.strip(), mail.calendar) if part)
    is_short = len(text.split()) < FEW_WORDS
    if subject and is_short and (is_first or not text) and subject.lower() not in text.lower():
        return f"{subject}\n\n{text}".strip()
    return text


def _files(mail: Mail) -> list[InboundFile]:
    return [
        InboundFile(
            name=file.name,
            content_type=file.content_type,
            size=len(file.content),
            content=file.content,
            content_id=file.content_id,
        )
        for file in mail.files
    ]


def _details(mail: Mail, size: int) -> dict[str, Any]:
    """Return what people may want to see besides, as JSON.

    truncated: something is missing; size: the mail's own in bytes, where most of it is.
    """
    return {
        "subject": mail.subject,
        "from": mail.sender.email,
        "to": _people(mail.to),
        "cc": _people(mail.cc),
        "reply_to": _people(mail.reply_to),
        "quoted": mail.quoted[:DETAIL_CHARACTERS],
        "signature": mail.signature[:DETAIL_CHARACTERS],
        "authentication": dict(mail.authentication),
        "defects": list(mail.defects)[:PEOPLE],
        "truncated": bool(size) or mail.is_truncated or len(mail.quoted) > DETAIL_CHARACTERS,
        **({"size": size} if size else {}),
    }


def _people(addresses: Sequence[Address]) -> list[dict[str, str]]:
    return [{"name": one.name, "email": one.email} for one in addresses[:PEOPLE]]
