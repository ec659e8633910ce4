"""The reading of mail: from bytes to what a person wrote. Pure; it never raises.

What a customer's mail program quotes and signs with is cut from what the bot reads, but kept.
"""

from collections.abc import Collection

from . import automatic as automatics
from .bodies import Content, is_stub, keep_raw, read_content
from .headers import (
    Headers,
    decode_words,
    message_ids,
    parse_address,
    parse_addresses,
    parse_date,
)
from .html_lines import read_html
from .html_safe import clean_html
from .lines import Line, from_plain, to_text
from .mime import Dissector
from .phrases import FORWARD_SUBJECT, MARKER_END, MARKER_START
from .printable import SUBJECT_LENGTH, clean_line
from .sifting import Sifted, Source, sift
from .trust import authentication
from .values import Address, Bounce, Mail, MailFile, Reason

__all__ = [
    "LOOP_HEADER",
    "MARKER_END",
    "MARKER_START",
    "Address",
    "Bounce",
    "Mail",
    "MailFile",
    "Reason",
    "read_mail",
]

LOOP_HEADER = automatics.LOOP_HEADER
TEXT_LENGTH = 100_000
MOST_BYTES = 64 * 1024 * 1024
_RECIPIENTS = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to")


def read_mail(
    raw: bytes, *, own_addresses: Collection[str] = (), trusted_hosts: Collection[str] = ()
) -> Mail:
    """Return what a mail says, whatever its bytes are.

    own_addresses: ours, so that we never answer ourselves. trusted_hosts: names of the servers
    whose Authentication-Results are believed.
    """
    own = frozenset(address.strip().lower() for address in own_addresses)
    try:
        return _read(raw, own, trusted_hosts)
    except Exception as error:  # a mail that breaks us must still reach a person
        return Mail(is_readable=False, defects=("failed", type(error).__name__))


def _read(raw: bytes, own: frozenset[str], trusted_hosts: Collection[str]) -> Mail:
    dissector = Dissector()
    root = dissector.dissect(raw[:MOST_BYTES])
    headers = root.headers
    defects = dissector.defects
    sender = _sender(headers, own, defects)
    subject = clean_line(decode_words(headers.get("subject")), SUBJECT_LENGTH)
    content = read_content(root)
    if content.is_empty and (defects or content.defects) and not automatics.report_kind(root):
        keep_raw(root, content)
    defects += [defect for defect in content.defects if defect not in defects]
    in_reply_to = message_ids(headers.get("in-reply-to"))
    references = message_ids(headers.get("references"))
    sifted = _sift(content, sender, subject, is_reply=bool(in_reply_to or references))
    why = automatics.reason(headers, root, sender, own, subject)
    date = parse_date(headers.get("date"))
    if headers.get("date") and date is None:
        defects.append("date")
    if len(raw) > MOST_BYTES:
        defects.append("too_large")
    html = clean_html("\n<hr>\n".join(piece.html for piece in content.pieces if piece.html))
    has_content = bool(sifted.full_text or content.files or html)
    if not sender.email:
        defects.append("no_sender")
    if not has_content:
        defects.append("no_body")
    recipients = (
        address.email
        for name in _RECIPIENTS
        for value in headers.all(name)
        for address in parse_addresses(value)
    )
    return Mail(
        message_id=(*message_ids(headers.get("message-id")), "")[0],
        in_reply_to=(*in_reply_to, "")[0],
        references=references,
        sender=sender,
        reply_to=parse_addresses(headers.get("reply-to")),
        to=_addresses(headers, "to"),
        cc=_addresses(headers, "cc"),
        subject=subject,
        date=date,
        text=sifted.text[:TEXT_LENGTH],
        full_text=sifted.full_text[:TEXT_LENGTH],
        quoted=sifted.quoted[:TEXT_LENGTH],
        signature=sifted.signature[:10_000],
        html=html,
        files=tuple(content.files),
        calendar=content.calendar,
        automatic=why,
        bounce=automatics.read_bounce(headers, root, sifted.full_text, own)
        if why == "bounce"
        else None,
        authentication=authentication(headers, trusted_hosts),
        original_recipients=tuple(dict.fromkeys(recipients)),
        loop=clean_line(headers.get(LOOP_HEADER.lower()), 300),
        is_readable=bool(sender.email) or has_content,
        is_truncated=content.is_truncated
        or len(sifted.full_text) > TEXT_LENGTH
        or len(raw) > MOST_BYTES,
        defects=tuple(dict.fromkeys(defects)),
    )


def _addresses(headers: Headers, name: str) -> tuple[Address, ...]:
    return tuple(address for value in headers.all(name) for address in parse_addresses(value))[:500]


def _sender(headers: Headers, own: frozenset[str], defects: list[str]) -> Address:
    """Return who wrote; where a group of ours wrote its own address over it, who it was before."""
    sender = Address()
    for name in ("from", "sender", "reply-to", "return-path"):
        given = list(headers.all(name))[:5]
        found = [address for value in given for address in parse_addresses(value)[:1]]
        found += [parse_address(value[:2000]) for value in given]
        sender = next((address for address in found if address.email), Address())
        if sender.email:
            break
        if "no_from" not in defects:
            defects.append("no_from")
    if sender.email.lower() in own and automatics.is_own_list(headers, own):
        for name in ("x-original-from", "x-original-sender", "reply-to"):
            before = next(iter(parse_addresses(headers.get(name))), Address())
            if before.email and before.email.lower() not in own:
                return before if before.name else Address(sender.name, before.email)
    return sender


def _sift(content: Content, sender: Address, subject: str, *, is_reply: bool) -> Sifted:
    plain: list[Line] = []
    marked: list[Line] = []
    is_marked, is_plain = False, False
    for piece in content.pieces:
        lines, piece_marked = read_html(piece.html) if piece.html else ([], False)
        is_marked = is_marked or piece_marked
        if piece.plain and not (piece.html and is_stub(piece.plain, to_text(lines))):
            is_plain = True
            plain += from_plain(piece.plain)
        else:
            plain += lines
        marked += lines or from_plain(piece.plain)
        plain.append(Line(""))
        marked.append(Line(""))
    return sift(
        Source(
            lines=plain if is_plain else marked,
            hints=marked if is_plain and is_marked else None,
            sender=sender,
            is_forward=FORWARD_SUBJECT.match(subject) is not None,
            is_reply=is_reply
            or subject[:4].lower().startswith(("re:", "sv:", "aw:", "vs:", "ant:")),
            has_files=any(
                not file.is_inline or file.content_type.startswith("image/")
                for file in content.files
            ),
        )
    )
