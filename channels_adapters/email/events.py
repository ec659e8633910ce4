"""Raw mails as events, however they came.

A payload is the mail's bytes. What the way in knows and the mail does not say is put before them
as header lines: to whom it was delivered (`Delivered-To`), or that part of it is missing
(`X-Svar-Cut`). The latter counts on the first line only, where no sender can write.
"""

import hashlib
import re
import time
from collections.abc import Iterable
from email.parser import BytesHeaderParser
from email.policy import compat32

from chatbot.envelope import Event

MAIL_BYTES = 25 * 1024 * 1024
CUT_BYTES = 256 * 1024  # how much is read of a mail that is larger

_CUT = b"X-Svar-Cut: "
_UNREADABLE = b"X-Svar-Unreadable: "
# What servers on the way add, with its folded lines.
_TRACE = re.compile(
    rb"^(?:Received|Return-Path|Delivered-To|X-Original-To):.*\n(?:[ \t].*\n?)*",
    re.IGNORECASE | re.MULTILINE,
)


class UnreadableMail(Exception):
    """Something came by this channel that is not a mail one could read."""


def mail_event(
    raw: bytes, *, recipients: Iterable[str] = (), arrived: float | None = None, size: int = 0
) -> Event:
    """Return the event of a mail; the same for each copy of it that is delivered.

    `recipients` are of the envelope; `arrived` is in seconds since 1970, by default now; `size`
    is the mail's true one in bytes if `raw` is only its beginning.
    """
    lines = [_CUT + str(size).encode() + b"\r\n"] if size else []
    for recipient in recipients:
        clean = "".join(character for character in recipient if character.isprintable())
        lines.append(b"Delivered-To: " + clean.encode() + b"\r\n")
    return Event(
        event_id=_identity(raw),
        payload=b"".join(lines) + raw,
        order=time.time() if arrived is None else arrived,
    )


def unreadable_event(body: bytes, why: str) -> Event:
    """Return the event of a verified request that no mail could be made of.

    It is recorded all the same, and its reading fails: so a person gets to see it.
    """
    payload = _UNREADABLE + why.encode() + b"\r\n\r\n" + body
    return Event(event_id=hashlib.sha256(body).hexdigest(), payload=payload, order=time.time())


def true_size(payload: bytes) -> int:
    """Return the size in bytes of a mail of which only the beginning is here, else 0.

    Raises UnreadableMail for what never was a mail.
    """
    if payload.startswith(_UNREADABLE):
        raise UnreadableMail("the request of the provider could not be read")
    if not payload.startswith(_CUT):
        return 0
    number = payload[len(_CUT) :].split(b"\r\n", 1)[0]
    return int(number) if number.isdigit() else 0


def _identity(raw: bytes) -> str:
    """Return what makes two deliveries the same mail.

    Its Message-ID is not enough, since broken programs use one for many mails; and all of its
    bytes are too much, since each way here adds lines to the head. Of a mail without one they
    count all the same, but for those lines: there may be nothing else.
    """
    head, body = _parted(raw)
    headers = BytesHeaderParser(policy=compat32).parsebytes(head)
    digest = hashlib.sha256()
    for name in ("Message-ID", "Date", "From", "Subject"):
        value = " ".join(str(headers.get(name, "")).split())
        digest.update(value.encode("utf-8", "surrogateescape") + b"\0")
    if not headers.get("Message-ID"):
        digest.update(_TRACE.sub(b"", head).replace(b"\r\n", b"\n").strip() + b"\0")
    digest.update(body.replace(b"\r\n", b"\n").strip())
    return digest.hexdigest()


def _parted(raw: bytes) -> tuple[bytes, bytes]:
    found = re.search(rb"\r?\n\r?\n", raw)
    return (raw[: found.end()], raw[found.end() :]) if found else (raw, b"")
