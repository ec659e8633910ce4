"""Attachments that a provider keeps and hands out for a token: Brevo does so.

The token stands in a line at the top of the mail's payload until the file is fetched.
"""

import json
from collections.abc import Iterator
from email.parser import BytesHeaderParser
from email.policy import compat32
from typing import Any
from urllib.parse import quote, urljoin

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from channels_adapters.base import SendError
from channels_adapters.email.events import MAIL_BYTES
from channels_adapters.email.options import MailOptions
from chatbot.envelope import InboundFile

HEADER = "X-Svar-File"
BREVO = "brevo"
_API = "https://api.brevo.com/v3/"
_SECONDS = 20


class StoredFile(BaseModel):
    """A file of Brevo's inbound webhook: developers.brevo.com, inbound parse webhooks."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    token: str = Field(alias="DownloadToken", max_length=4000)
    name: str | None = Field(default=None, alias="Name")
    content_type: str | None = Field(default=None, alias="ContentType")
    size: int | None = Field(default=None, alias="ContentLength")
    content_id: str | None = Field(default=None, alias="ContentID")


def header_line(stored: Any) -> bytes:
    """Return the line that keeps a stored file. Raises ValidationError for what is none."""
    file = StoredFile.model_validate(stored)
    return f"{HEADER}: {json.dumps(file.model_dump(by_alias=True))}\r\n".encode("ascii")


def fetchable_files(payload: bytes, options: MailOptions) -> Iterator[InboundFile]:
    """Yield the files of a payload that its provider still has."""
    if options.way_in != "webhook" or options.webhook_provider != BREVO:
        return
    head = BytesHeaderParser(policy=compat32).parsebytes(payload.partition(b"\r\n\r\n")[0])
    for line in head.get_all(HEADER, []):
        try:
            file = StoredFile.model_validate_json(str(line))
        except ValidationError:
            continue
        yield InboundFile(
            name=file.name or "",
            content_type=file.content_type or "application/octet-stream",
            size=file.size or 0,
            reference=file.token,
            content_id=(file.content_id or "").strip("<>"),
        )


def fetch(options: MailOptions, reference: str) -> bytes:
    """Return a file's content. Raises SendError."""
    import requests

    url = urljoin(options.webhook_api_url or _API, f"inbound/attachments/{quote(reference, '')}")
    headers = {"api-key": options.webhook_api_key}
    try:
        with requests.get(url, headers=headers, timeout=_SECONDS, stream=True) as answer:
            if answer.status_code in (401, 403):
                detail = _("Brevo did not accept the API key: attachments cannot be fetched.")
                raise SendError(detail, permanent=True)
            if answer.status_code != 200:
                detail = _("Brevo did not hand out an attachment (HTTP %(status)s).")
                passing = answer.status_code == 429 or answer.status_code >= 500
                values = {"status": answer.status_code}
                raise SendError(detail % values, permanent=not passing)
            content = bytearray()
            for part in answer.iter_content(64 * 1024):
                content += part
                if len(content) > MAIL_BYTES:
                    raise SendError(_("The attachment is too large."), permanent=True)
    except requests.RequestException as error:
        raise SendError(_("Brevo could not be reached."), permanent=False) from error
    return bytes(content)
