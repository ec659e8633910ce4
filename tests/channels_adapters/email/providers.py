"""Providers' requests with a mail in them, written after the providers' documentation."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from channels_adapters.base import HookRequest
from chatbot.conversations.models import Channel
from tests.channels_adapters.email.world import ADDRESS, mail, mailbox

SECRET = "letters4and9digits"
HOOK = "https://svar.lund.example/hooks/email/k"


def hooked(provider: str, **config: Any) -> Channel:
    secrets = {"webhook_secret": SECRET, "webhook_api_key": "key"}
    given = {"way_in": "webhook", "webhook_provider": provider, "hook_url": HOOK}
    return mailbox(secrets=secrets, **{**given, **config})


def basic(password: str = SECRET) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"svar:{password}".encode()).decode()}


def posted(body: bytes, content_type: str, **headers: str) -> HookRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HookRequest("POST", {"content-type": content_type, **named}, {}, body)


def as_json(payload: Any, headers: dict[str, str] | None = None) -> HookRequest:
    body = json.dumps(payload).encode()
    return posted(body, "application/json", **(basic() if headers is None else headers))


def as_form(fields: dict[str, bytes | str], files: dict[str, Any] | None = None) -> HookRequest:
    """Return a form as multipart; `files` are (name, type, content) by field."""
    parts = []
    for name, value in fields.items():
        data = value.encode() if isinstance(value, str) else value
        parts.append((f'form-data; name="{name}"', "", data))
    for name, (filename, kind, content) in (files or {}).items():
        disposition = f'form-data; name="{name}"; filename="{filename}"'
        parts.append((disposition, f"Content-Type: {kind}\r\n", content))
    body = b"".join(
        f"--frontier\r\nContent-Disposition: {disposition}\r\n{kind}\r\n".encode() + data + b"\r\n"
        for disposition, kind, data in parts
    )
    return posted(body + b"--frontier--\r\n", "multipart/form-data; boundary=frontier")


def with_headers(request: HookRequest, headers: dict[str, str]) -> HookRequest:
    return HookRequest(request.method, {**request.headers, **headers}, {}, request.body)


def mailgun_signature(key: str = SECRET) -> dict[str, bytes | str]:
    timestamp, token = "1795166400", "f" * 50
    digest = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256)
    return {"timestamp": timestamp, "token": token, "signature": digest.hexdigest()}


def postmark(**values: Any) -> dict[str, Any]:
    return {
        "FromFull": {"Email": "karl.olsen@mail.example", "Name": "Karl Olsen", "MailboxHash": ""},
        "ToFull": [{"Email": ADDRESS, "Name": "", "MailboxHash": ""}],
        "CcFull": [],
        "BccFull": [],
        "OriginalRecipient": ADDRESS,
        "Subject": "Parcel 1",
        "MessageID": "73e6d360-66eb-11e1-8e72-a8904824019b",
        "Date": "Fri, 20 Nov 2026 09:31:00 +0000",
        "TextBody": "Where is my parcel? It is late.",
        "HtmlBody": "",
        "StrippedTextReply": "",
        "Headers": [
            {"Name": "Return-Path", "Value": "<karl.olsen@mail.example>"},
            {"Name": "Message-ID", "Value": "<parcel-1@mail.example>"},
        ],
        "Attachments": [],
        **values,
    }


def brevo(**values: Any) -> dict[str, Any]:
    item = {
        "Uuid": ["8d79f9f5-0d0c-4d5e-8a6f-2b6c1e0c3f11"],
        "Recipients": [ADDRESS],
        "MessageId": "<parcel-1@mail.example>",
        "Headers": {
            "Delivered-To": ADDRESS,
            "From": "Karl Olsen <karl.olsen@mail.example>",
            "To": ADDRESS,
            "Subject": "Parcel 1",
            "Message-ID": "<parcel-1@mail.example>",
            "Date": "Fri, 20 Nov 2026 09:31:00 +0000",
            "Received": ["from a.example", "from b.example"],
        },
        "RawTextBody": "Where is my parcel? It is late.",
        "RawHtmlBody": None,
        "SpamScore": 0.5,
        "Attachments": [],
        **values,
    }
    return {"items": [item]}


def sendgrid_envelope() -> str:
    return json.dumps({"to": [ADDRESS], "from": "karl.olsen@mail.example"})


def mandrill_request(raw: str) -> HookRequest:
    events = json.dumps([{"event": "inbound", "msg": {"raw_msg": raw, "email": ADDRESS}}])
    signed = f"{HOOK}mandrill_events{events}"
    digest = hmac.new(SECRET.encode(), signed.encode(), hashlib.sha1).digest()
    return posted(
        urlencode({"mandrill_events": events}).encode(),
        "application/x-www-form-urlencoded",
        x_mandrill_signature=base64.b64encode(digest).decode(),
    )


def mailersend_request() -> HookRequest:
    data = {
        "id": "5f1",
        "created_at": "2026-11-20T09:31:00.000000Z",
        "raw": mail(1).decode(),
        "sender": {"email": "karl.olsen@mail.example"},
        "recipients": {"rcptTo": [{"email": ADDRESS}]},
    }
    body = json.dumps({"type": "inbound.message", "data": data}).encode()
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return posted(body, "application/json", signature=digest)


def sparkpost_request() -> HookRequest:
    content = {"email_rfc822": mail(1).decode(), "email_rfc822_is_base64": False}
    relay = {
        "protocol": "smtp",
        "content": content,
        "rcpt_to": ADDRESS,
        "msg_from": "karl.olsen@mail.example",
    }
    return as_json([{"msys": {"relay_message": relay}}])


def mailjet_request() -> HookRequest:
    return as_json(
        {
            "Sender": "karl.olsen@mail.example",
            "Recipient": ADDRESS,
            "Headers": {
                "From": "Karl Olsen <karl.olsen@mail.example>",
                "To": ADDRESS,
                "Subject": "Parcel 1",
                "Message-ID": "<parcel-1@mail.example>",
                "Received": ["from a.example", "from b.example"],
            },
            "Parts": [{"Headers": {"Content-Type": "text/plain"}, "ContentRef": "Text-part"}],
            "Text-part": "Where is my parcel? It is late.",
        }
    )


def mailgun_parsed() -> HookRequest:
    headers = [
        ["From", "Karl Olsen <karl.olsen@mail.example>"],
        ["To", ADDRESS],
        ["Subject", "Parcel 1"],
        ["Message-Id", "<parcel-1@mail.example>"],
    ]
    return as_form(
        {
            **mailgun_signature(),
            "sender": "karl.olsen@mail.example",
            "recipient": ADDRESS,
            "message-headers": json.dumps(headers),
            "body-plain": "Where is my parcel? It is late.",
        }
    )


def mailgun_raw() -> HookRequest:
    return as_form({**mailgun_signature(), "recipient": ADDRESS, "body-mime": mail(1)})


REQUESTS: dict[str, tuple[str, Callable[[], HookRequest]]] = {
    "mailgun, parsed": ("mailgun", mailgun_parsed),
    "mailgun, raw": ("mailgun", mailgun_raw),
    "postmark, parsed": ("postmark", lambda: as_json(postmark())),
    "postmark, raw": ("postmark", lambda: as_json(postmark(RawEmail=mail(1).decode()))),
    "sendgrid, raw": (
        "sendgrid",
        lambda: with_headers(as_form({"email": mail(1), "envelope": sendgrid_envelope()}), basic()),
    ),
    "brevo": ("brevo", lambda: as_json(brevo())),
    "mandrill": ("mandrill", lambda: mandrill_request(mail(1).decode())),
    "mailersend": ("mailersend", mailersend_request),
    "sparkpost": ("sparkpost", sparkpost_request),
    "mailjet": ("mailjet", mailjet_request),
}
