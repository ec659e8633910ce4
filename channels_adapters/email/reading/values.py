"""What a mail says, once it is read: plain frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Reason = Literal["", "auto_reply", "bounce", "list", "loop", "own", "receipt"]


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox; `email` has its domain in lower case, `name` may be empty."""

    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class MailFile:
    """A file that came along; `content_id` (no angle brackets) is how the HTML shows a picture."""

    name: str
    content_type: str
    content: bytes = field(repr=False)
    content_id: str = ""
    is_inline: bool = False


@dataclass(frozen=True, slots=True)
class Bounce:
    """A mail of ours that was not delivered, by RFC 3464 or as far as its words say.

    `message_id` is that of our mail (with angle brackets), `status` an enhanced status code of
    RFC 3463 such as 5.1.1; each is empty where it was not said.
    """

    message_id: str = ""
    recipient: str = ""
    status: str = ""
    permanent: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as `read_mail` read it. Its strings have no NUL and no half surrogate pairs.

    Ids (`message_id`, `in_reply_to`, `references`: the nearest last) keep their angle brackets.
    Lengths: subject 300, names 100, file names 120, `text`, `full_text` and `quoted` 100,000
    characters each; `is_truncated` says that something was longer.

    text: what the sender wrote now, which the bot reads. quoted, signature: what was cut from
    `full_text` for it. html: sanitised, for people; nothing in it is loaded: pictures stand as
    `<img data-remote="https://...">` or `<img data-cid="...">`. calendar: an invitation in a line.
    automatic: why it must not be answered; empty: it may be. authentication: spf, dkim and dmarc,
    each with a result of RFC 8601 such as pass, where a trusted server checked.
    original_recipients: addresses that it was sent or delivered to, for signed reply addresses.

    is_readable: a sender or some content could be made out; else the whole mail is for a person.
    defects: words for what was wrong with it.
    """

    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    sender: Address = Address()
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    subject: str = ""
    date: datetime | None = None
    text: str = ""
    full_text: str = ""
    quoted: str = ""
    signature: str = ""
    html: str = ""
    files: tuple[MailFile, ...] = ()
    calendar: str = ""
    automatic: Reason = ""
    bounce: Bounce | None = None
    authentication: Mapping[str, str] = field(default_factory=dict)
    original_recipients: tuple[str, ...] = ()
    loop: str = ""
    is_readable: bool = True
    is_truncated: bool = False
    defects: tuple[str, ...] = ()
