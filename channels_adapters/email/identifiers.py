"""Message-IDs: those of our mails, and what stands for one that is missing or too long."""

import hashlib
import re
from collections.abc import Iterable

LENGTH = 300  # characters that the core keeps of an id
_OURS = re.compile(r"<svar\.[0-9a-f]{32}@[^@<>\s]+>")


def our_message_id(key: str, domain: str) -> str:
    """Return the Message-ID of the mail that `key` stands for: each attempt is the same mail."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    return f"<svar.{digest}@{domain or 'localhost'}>"


def is_ours(message_id: str, domain: str) -> bool:
    """Say whether a Message-ID is of the form of ours."""
    found = _OURS.fullmatch(message_id)
    return found is not None and message_id.lower().endswith(f"@{domain.lower()}>")


def kept_id(message_id: str, otherwise: str = "") -> str:
    """Return the id by which a mail is known to the core, at most 300 characters.

    `otherwise` stands for a missing one; what is no Message-ID has no @.
    """
    if not message_id:
        return otherwise
    if len(message_id) <= LENGTH:
        return message_id
    return "long-" + hashlib.sha256(message_id.encode("utf-8", "replace")).hexdigest()


def sendable(ids: Iterable[str]) -> list[str]:
    """Return those ids that may stand in References: RFC 5322, section 3.6.4."""
    return [one for one in ids if re.fullmatch(r"<[^<>\s@]+@[^<>\s@]+>", one) and one.isascii()]
