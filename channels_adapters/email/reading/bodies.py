"""Which parts are what the sender wrote, and which are files."""

import mimetypes
import re
from dataclasses import dataclass, field

from .calendars import read_calendar
from .charsets import charset_decode
from .flowed import unflow
from .headers import decode_words, split_headers
from .mime import Part
from .phrases import STUB
from .printable import clean_file_name, clean_line, clean_text
from .values import MailFile

SOURCE_LENGTH = 400_000  # bytes of one text that are looked at
_REPORTS = frozenset(
    {"message/delivery-status", "message/global-delivery-status", "text/rfc822-headers",
     "message/disposition-notification", "message/feedback-report", "text/x-amp-html",
     "text/watch-html"}
)  # fmt: skip
_SHOWN = frozenset({"text/plain", "text/html", "text/enriched", "application/xhtml+xml"})
_ENCRYPTED = frozenset({"application/pgp-encrypted", "application/pkcs7-mime"})


@dataclass(slots=True)
class Piece:
    """A piece of what was written, as plain text, as HTML, or both."""

    plain: str = ""
    html: str = ""


@dataclass(slots=True)
class Content:
    """What a mail contains."""

    pieces: list[Piece] = field(default_factory=list)
    files: list[MailFile] = field(default_factory=list)
    calendar: str = ""
    defects: list[str] = field(default_factory=list)
    is_truncated: bool = False
    is_empty: bool = False


def read_content(root: Part) -> Content:
    """Return the texts and files of a mail."""
    content = Content()
    _walk(root, content, root, into=None)
    if not content.files and not any(
        (piece.plain + piece.html).strip() for piece in content.pieces
    ):
        content.is_empty = True
    return content


def keep_raw(root: Part, content: Content) -> None:
    """Take a body as it stands, where nothing could be made out of its damaged parts."""
    _note(content, "raw")
    text, _ = charset_decode(root.body[:SOURCE_LENGTH])
    content.pieces = [Piece(plain=clean_text(text))]


def _walk(part: Part, content: Content, root: Part, *, into: Piece | None) -> None:
    if part.kind == "multipart/alternative":
        piece = Piece()
        content.pieces.append(piece)
        for child in part.children:
            _walk(child, content, root, into=piece)
    elif part.children:
        if part.kind == "multipart/encrypted":
            _note(content, "encrypted")
        for child in part.children:
            _walk(child, content, root, into=into)
    elif _is_shown(part, root):
        _add_text(part, content, into)
    elif part.kind not in _REPORTS:
        _add_file(part, content)


def _is_shown(part: Part, root: Part) -> bool:
    if part.kind not in _SHOWN:
        return False
    if part is root:
        return part.disposition != "attachment" or not part.file_name
    if part.disposition == "attachment":
        return False
    return not part.file_name or (part.kind == "text/html" and part.disposition != "inline")


def _add_text(part: Part, content: Content, into: Piece | None) -> None:
    text, defects = part.text(SOURCE_LENGTH)
    for defect in defects:
        _note(content, defect)
    content.is_truncated = content.is_truncated or len(part.body) > SOURCE_LENGTH
    text = _without_armour(clean_text(text))
    is_html = part.kind in ("text/html", "application/xhtml+xml") or _looks_like_html(text)
    if not is_html and part.parameters.get("format", "").lower() == "flowed":
        text = unflow(text, delsp=part.parameters.get("delsp", "").lower() == "yes")
    if into is None:
        into = Piece()
        content.pieces.append(into)
    if is_html:
        into.html = f"{into.html}\n{text}" if into.html else text
    elif part.kind != "text/enriched" or not into.plain:
        into.plain = f"{into.plain}\n{text}" if into.plain else text


def _without_armour(text: str) -> str:
    """Return text that was signed in place (RFC 9580, 7) without what signs it."""
    if not text.lstrip().startswith("-----BEGIN PGP SIGNED MESSAGE-----"):
        return text
    signed = text.partition("\n\n")[2].partition("-----BEGIN PGP SIGNATURE-----")[0]
    return re.sub(r"^- (?=-)", "", signed, flags=re.MULTILINE) or text


def _looks_like_html(text: str) -> bool:
    head = text[:500].lstrip().lower()
    return head.startswith(("<!doctype html", "<html", "<body", "<div", "<p>")) and "</" in text


def _add_file(part: Part, content: Content) -> None:
    data, damaged = part.content()
    if damaged:
        _note(content, "encoding")
    if part.kind in _ENCRYPTED and part.parameters.get("smime-type", "") != "signed-data":
        _note(content, "encrypted")
    if not data.strip() and not part.file_name:
        return
    if part.kind == "text/calendar":
        content.calendar = content.calendar or read_calendar(part.text(100_000)[0])
    name = part.file_name or _name_for(part, data, len(content.files) + 1)
    is_inline = part.disposition == "inline" or bool(
        part.content_id and part.disposition != "attachment" and part.kind.startswith("image/")
    )
    content.files.append(
        MailFile(name, clean_line(part.kind, 100), data, part.content_id, is_inline)
    )


def _name_for(part: Part, data: bytes, number: int) -> str:
    if part.kind.startswith("message/"):
        headers, _, _ = split_headers(data[:100_000])
        subject = clean_file_name(decode_words(headers.get("subject")).replace("/", "-"))
        return f"{subject[:100] or f'mail-{number}'}.eml"
    ending = {"text/calendar": ".ics", "application/ms-tnef": ".dat"}.get(part.kind)
    return f"file-{number}{ending or mimetypes.guess_extension(part.kind) or '.bin'}"


def _note(content: Content, defect: str) -> None:
    if defect not in content.defects:
        content.defects.append(defect)


def is_stub(plain: str, html_text: str) -> bool:
    """Whether a plain text only says that there is HTML to read."""
    plain = plain.strip()
    if not plain:
        return True
    return bool(html_text) and len(plain) < 600 and STUB.search(plain) is not None
