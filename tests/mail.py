"""A mail server on loopback, and what arrived at it."""

import logging
import re
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from tests.world import free_port

logging.getLogger("mail.log").setLevel(logging.WARNING)  # it tells every line


class MailServer:
    """Speaks SMTP and keeps what it takes; `refuse` makes it turn everything down."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"smtp://127.0.0.1:{self.port}"
        self.refuse = ""
        self._refusals: list[str] = []
        self._came = threading.Condition()
        self._mails: list[tuple[str, EmailMessage]] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.refuse:
            return self.refuse
        if self._refusals:
            return self._refusals.pop()
        mail = message_from_bytes(envelope.content, policy=policy.default)
        with self._came:
            for recipient in envelope.rcpt_tos:
                self._mails.append((recipient.lower(), mail))
            self._came.notify_all()
        return "250 OK"

    def start(self) -> "MailServer":
        self._controller.start()
        return self

    def stop(self) -> None:
        self._controller.stop()

    def refuse_next(self, times: int, answer: str) -> None:
        """Turn the next mails down with `answer`."""
        self._refusals = [answer] * times

    def count(self) -> int:
        """Return how many mails came so far; the others' `after`."""
        return len(self._mails)

    def to(self, address: str, *, after: int = 0) -> list[EmailMessage]:
        """Return the mails to `address` since the count `after`, oldest first."""
        return [mail for to, mail in self._mails[after:] if to == address.lower()]

    def recipients(self, *, after: int) -> list[str]:
        """Return to whom mails went since the count `after`."""
        return [to for to, _ in self._mails[after:]]

    def wait(self, *, after: int, seconds: float = 10) -> EmailMessage:
        """Return the first mail after the first `after`, waiting for it."""
        with self._came:
            if not self._came.wait_for(lambda: len(self._mails) > after, timeout=seconds):
                raise AssertionError(f"no mail came within {seconds} s")
            return self._mails[after][1]


def text_of(mail: EmailMessage) -> str:
    """Return the plain text of a mail."""
    part = mail.get_body(preferencelist=("plain",))
    assert part is not None
    return str(part.get_content())


def code_in(mail: EmailMessage) -> str:
    """Return the six digits in a mail."""
    found = re.search(r"\b\d{6}\b", text_of(mail))
    assert found is not None
    return found.group()
