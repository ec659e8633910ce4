"""The mails that this server kept as files instead of sending them, for who tries the shop."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as POLICY
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

_FILES = "django.core.mail.backends.filebased.EmailBackend"
_BETWEEN = b"\n" + b"-" * 79 + b"\n"  # as that backend writes it
_NAME = re.compile(r"[\w-]{1,80}\.log")
_MOST_FILES = 50


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail: the `index`th of the file `file`; `text` is safe to show, with our own links."""

    file: str
    index: int
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")

    @property
    def to(self) -> str:
        return str(self.message["To"] or "")

    @property
    def sender(self) -> str:
        return str(self.message["From"] or "")

    @property
    def at(self) -> object:
        """When it was sent, if it says."""
        return parsedate_to_datetime(str(self.message["Date"])) if self.message["Date"] else None

    @property
    def text(self) -> SafeString:
        part = self.message.get_body(("plain",))
        return _linked(str(part.get_content()).strip()) if part else mark_safe("")

    @property
    def attachments(self) -> list[str]:
        """The names of what is attached."""
        return [part.get_filename() or "" for part in self.message.iter_attachments()]


def keeps_mail() -> bool:
    """Return whether mails are kept as files."""
    return bool(settings.EMAIL_BACKEND == _FILES and getattr(settings, "EMAIL_FILE_PATH", ""))


def mails() -> list[Mail]:
    """Return the kept mails, newest first."""
    files = [path for path in Path(settings.EMAIL_FILE_PATH).glob("*.log") if path.stat().st_size]
    newest = sorted(files, key=lambda path: path.stat().st_mtime_ns, reverse=True)[:_MOST_FILES]
    return [mail for path in newest for mail in reversed(list(_in(path)))]


def attachment(file: str, index: int, number: int) -> EmailMessage | None:
    """Return an attachment by where it is, if it is there."""
    path = Path(settings.EMAIL_FILE_PATH) / file
    if not _NAME.fullmatch(file) or not path.is_file():
        return None
    found = dict(enumerate(_in(path))).get(index)
    parts = dict(enumerate(found.message.iter_attachments())) if found else {}
    return parts.get(number)


def _in(path: Path) -> Iterator[Mail]:
    for index, raw in enumerate(path.read_bytes().split(_BETWEEN)):
        if raw.strip():
            yield Mail(path.name, index, message_from_bytes(raw, policy=POLICY))


def _linked(text: str) -> SafeString:
    """Return `text` escaped, with links to this server alone."""
    ours = re.compile(re.escape(settings.BASE_URL) + r"/[^\s<>\"']*[^\s<>\"'.,;:!?)]")
    parts, end = [], 0
    for found in ours.finditer(text):
        parts += [escape(text[end : found.start()])]
        parts += [format_html('<a href="{}">{}</a>', found[0], found[0])]
        end = found.end()
    return mark_safe("".join([*parts, escape(text[end:])]))  # noqa: S308  each part is escaped
