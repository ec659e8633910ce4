"""The replies of the YAML files as mails, and how far a reading of them is right."""

from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "replies"


@dataclass(frozen=True, slots=True)
class Reply:
    """A mail as a program writes it, and what of it is new."""

    name: str
    raw: bytes
    plain: str
    text: str


def replies() -> list[Reply]:
    """Return all of them, in the order of their files."""
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        found += [_reply(given) for given in yaml.safe_load(path.read_text("utf-8"))]
    return found


def squeezed(text: str) -> str:
    """Return a text with all white space alike."""
    return " ".join(text.split())


def _reply(given: dict[str, Any]) -> Reply:
    mail = EmailMessage()
    mail["From"] = given.get("from", "Anna Berg <anna@kunde.example>")
    mail["To"] = "Support <support@shop.example>"
    mail["Subject"] = given.get("subject", "Re: Your order")
    mail["Date"] = "Tue, 3 Nov 2026 11:30:00 +0100"
    mail["Message-ID"] = "<reply-1@kunde.example>"
    if given.get("reply", True):
        mail["In-Reply-To"] = mail["References"] = "<first-1@shop.example>"
    plain, html = given.get("plain"), given.get("html")
    if plain is not None:
        mail.set_content(plain, cte="quoted-printable")
        if given.get("flowed"):
            mail.set_param("format", "flowed")
    if html is not None and plain is not None:
        mail.add_alternative(html, subtype="html", cte="base64")
    elif html is not None:
        mail.set_content(html, subtype="html", cte="base64")
    return Reply(given["name"], bytes(mail), plain or "", given["text"])
