"""Broken mails through the whole path, by SMTP into a server, and what became of each."""

import smtplib
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from channels_adapters.email.adapter import EmailAdapter
from channels_adapters.email.events import mail_event
from chatbot.conversations.models import Attachment, Message, ReceivedEvent
from chatbot.envelope import InboundMessage
from tests.channels_adapters.email.reading.fuzzing import damaged

_CONNECTIONS, _OF_EACH = 4, 200  # at once, and mails before the next; 1,000 are allowed


@dataclass(frozen=True, slots=True)
class Sent:
    """A mail as its sender has it, and the answer to its delivery."""

    raw: bytes
    status: int


def send(port: int, address: str, count: int, seed: int = 20261103) -> list[Sent]:
    """Send `count` broken mails, line ends as SMTP has them, over a few connections."""
    mails = [
        # Sound ones have a Message-ID each; so do these, where that is not what is broken.
        _lines(raw.replace(b"<reply-1@", b"<reply-%d@" % number))
        for number, raw in enumerate(damaged(count, seed))
    ]

    def some(first: int) -> list[Sent]:
        part = mails[first : first + _OF_EACH]
        with smtplib.SMTP("127.0.0.1", port, timeout=60) as smtp:
            smtp.ehlo()
            return [_deliver(smtp, address, raw) for raw in part]

    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        return [one for part in pool.map(some, range(0, count, _OF_EACH)) for one in part]


def _deliver(smtp: smtplib.SMTP, address: str, raw: bytes) -> Sent:
    smtp.mail("somebody@mail.example")
    smtp.rcpt(address)
    return Sent(raw, smtp.data(raw)[0])


def _lines(raw: bytes) -> bytes:
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


def outcomes(channel: Any, address: str, sent: Sequence[Sent]) -> Counter[str]:
    """Return what became of the mails, by what they are when they are read here.

    Of a mail that says nothing to anybody, such as a bounce of somebody else's, nothing is left
    but its event. "lost" is what nobody will ever see though it was taken.
    """
    told: Counter[str] = Counter()
    states = dict(ReceivedEvent.objects.filter(channel=channel).values_list("event_id", "state"))
    rows = Message.objects.filter(channel=channel, author=Message.Author.CONTACT)
    messages = {
        ((external_id or "").partition("#")[0], text)  # behind the #: what tells equal ids apart
        for external_id, text in rows.values_list("external_id", "text")
    }
    kept = [
        bytes(row.file.read())
        for row in Attachment.objects.filter(
            message__channel=channel, message__external_id__startswith="unreadable:"
        )
    ]
    adapter = EmailAdapter(channel)
    for one in sent:
        if one.status != 250:
            told[f"turned away with {one.status}"] += 1
            continue
        lines = b"Return-Path: <somebody@mail.example>\r\nReceived: from here\r\n\tby here\r\n"
        event = mail_event(lines + _ended(one.raw), recipients=[address])
        state = states.get(event.event_id, "unknown")
        try:
            said = adapter.parse(event)
        except Exception:
            whole = any(_ended(one.raw) in content for content in kept)
            told["shown to a person, whole" if whole else f"lost ({state}, unreadable)"] += 1
            continue
        if state != "read":
            told[f"lost ({state})"] += 1
        elif not said:
            told["automatic, says nothing"] += 1
        elif isinstance(said[0], InboundMessage):
            is_there = (said[0].external_id.partition("#")[0], said[0].text) in messages
            kind = "automatic" if said[0].why else "message"
            told[kind if is_there else f"lost ({said[0].external_id}, {event.event_id})"] += 1
        else:
            told["about one of ours"] += 1
    return told


def _ended(raw: bytes) -> bytes:
    return raw if raw.endswith(b"\r\n") else raw + b"\r\n"
