"""Mail from providers' webhooks."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import override_settings

from channels_adapters.base import HookRequest, RefusedHook, SendError
from channels_adapters.email import webhooks
from channels_adapters.email.adapter import EmailAdapter
from channels_adapters.email.addresses import reply_address
from channels_adapters.email.events import UnreadableMail, mail_event
from chatbot.conversations.models import Channel
from chatbot.envelope import Event, InboundMessage
from tests.channels_adapters.email.providers import (
    REQUESTS,
    SECRET,
    as_form,
    as_json,
    basic,
    brevo,
    hooked,
    mailgun_raw,
    mailgun_signature,
    posted,
    postmark,
    sendgrid_envelope,
    with_headers,
)
from tests.channels_adapters.email.world import ADDRESS, mail, mailbox

LATIN = mail(1).replace(b"\r\n\r\n", b"\r\nX: y\r\n\r\n").replace(b"It is late", b"P\xe5 gensyn")


def accepted(channel: Channel, request: HookRequest) -> tuple[Event, InboundMessage]:
    (event,) = EmailAdapter(channel).accept(request).events
    (message,) = EmailAdapter(channel).parse(event)
    assert isinstance(message, InboundMessage)
    return event, message


@pytest.mark.parametrize("name", REQUESTS)
def test_a_mail_of_a_provider_is_a_message(name: str) -> None:
    provider, made = REQUESTS[name]
    _event, message = accepted(hooked(provider), made())
    assert message.sender_id == "karl.olsen@mail.example"
    assert message.sender_name == "Karl Olsen"
    assert message.text == "Where is my parcel? It is late."
    assert message.subject == "Parcel 1"
    assert message.external_id == "<parcel-1@mail.example>"
    assert message.answer


@pytest.mark.parametrize("name", REQUESTS)
def test_a_provider_with_another_secret_is_refused(name: str) -> None:
    provider, made = REQUESTS[name]
    channel = hooked(provider)
    channel.secrets["webhook_secret"] = "another"
    with pytest.raises(RefusedHook) as refused:
        EmailAdapter(channel).accept(made())
    assert refused.value.status == 401
    assert SECRET not in str(refused.value)


def test_the_servers_own_anymail_settings_do_not_count_here() -> None:
    with override_settings(ANYMAIL={"WEBHOOK_SECRET": "some:body", "MAILGUN_API_KEY": "else"}):
        _event, message = accepted(hooked("mailgun"), mailgun_raw())
    assert message.answer


@pytest.mark.parametrize("provider", sorted(webhooks.PROVIDERS))
def test_a_request_without_any_secret_is_refused(provider: str) -> None:
    channel = hooked(provider)
    for request in (as_json({}, headers={}), as_form({"email": b"x"}), posted(b"\xff", "")):
        with pytest.raises(RefusedHook) as refused:
            EmailAdapter(channel).accept(request)
        assert refused.value.status in (400, 401)
    channel.secrets.clear()
    with pytest.raises(RefusedHook) as refused:
        EmailAdapter(channel).accept(as_json({}))
    assert refused.value.status == 401


def test_postal_is_known_by_its_public_key() -> None:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    channel = hooked("postal")
    channel.secrets["webhook_secret"] = "".join(pem.decode().splitlines()[1:-1])
    encoded = base64.b64encode(mail(1)).decode()
    body = json.dumps({"id": 1, "rcpt_to": ADDRESS, "message": encoded, "base64": True}).encode()
    sha1 = hashes.SHA1()  # noqa: S303  Postal's own choice
    signature = base64.b64encode(key.sign(body, padding.PKCS1v15(), sha1)).decode()
    request = posted(body, "application/json", x_postal_signature=signature)
    assert accepted(channel, request)[1].text == "Where is my parcel? It is late."


def test_the_same_mail_by_webhook_and_by_imap_is_one_event() -> None:
    for name in ("mailgun, raw", "sendgrid, raw", "postmark, raw", "sparkpost", "mandrill"):
        provider, made = REQUESTS[name]
        (event,) = EmailAdapter(hooked(provider)).accept(made()).events
        assert event.event_id == mail_event(mail(1)).event_id, name


def test_a_raw_mail_in_a_form_keeps_its_bytes() -> None:
    raw = as_form({**mailgun_signature(), "recipient": ADDRESS, "body-mime": LATIN})
    (event,) = EmailAdapter(hooked("mailgun")).accept(raw).events
    assert event.payload.endswith(LATIN)
    fields = {**mailgun_signature(), "recipient": ADDRESS, "body-mime": LATIN}
    encoded = posted(urlencode(fields).encode(), "application/x-www-form-urlencoded")
    (event,) = EmailAdapter(hooked("mailgun")).accept(encoded).events
    assert event.payload.endswith(LATIN)


def test_to_whom_a_mail_was_delivered_is_kept() -> None:
    channel = hooked("postmark")
    signed = reply_address(channel, 42)
    _event, message = accepted(channel, as_json(postmark(OriginalRecipient=signed)))
    assert message.conversation_id == 42


def test_files_in_forms_and_in_json_come_unchanged() -> None:
    content = b"\x89PNG\r\n\x1a\n\x00\n\r--frontie\xff"
    fields = {
        **mailgun_signature(),
        "recipient": ADDRESS,
        "message-headers": '[["From", "k@mail.example"], ["Message-Id", "<a@b.c>"]]',
        "body-plain": "Here it is, as a picture.",
        "attachment-count": "1",
    }
    form = as_form(fields, {"attachment-1": ("j.png", "image/png", content)})
    (file,) = accepted(hooked("mailgun"), form)[1].files
    assert (file.name, file.content_type, file.content) == ("j.png", "image/png", content)
    stored = {
        "Name": "j.png",
        "ContentType": "image/png",
        "Content": base64.b64encode(content).decode(),
        "ContentLength": len(content),
    }
    (file,) = accepted(hooked("postmark"), as_json(postmark(Attachments=[stored])))[1].files
    assert (file.name, file.content_type, file.content) == ("j.png", "image/png", content)


def test_sendgrids_parsed_fields_have_charsets_of_their_own() -> None:
    head = mail(1).partition(b"\r\n\r\n")[0]
    form = as_form(
        {
            "headers": head,
            "text": "Hvor er pakken på vej hen?".encode("latin-1"),
            "charsets": json.dumps({"text": "iso-8859-1"}),
            "envelope": sendgrid_envelope(),
        }
    )
    message = accepted(hooked("sendgrid"), with_headers(form, basic()))[1]
    assert message.text == "Hvor er pakken på vej hen?"


def test_a_mail_of_many_megabytes_is_taken() -> None:
    big = mail(1, text="\n".join(["x" * 76] * 120_000))
    form = as_form({**mailgun_signature(), "recipient": ADDRESS, "body-mime": big})
    (event,) = EmailAdapter(hooked("mailgun")).accept(form).events
    assert event.payload.endswith(big)


def test_a_mail_that_is_too_large_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "MAIL_BYTES", 1_000)
    big = mail(1, text="\n".join(["x" * 76] * 5_000))
    form = as_form({**mailgun_signature(), "recipient": ADDRESS, "body-mime": big})
    _event, message = accepted(hooked("mailgun"), form)
    assert (message.answer, message.why) == (False, "too_large")


def test_a_verified_request_that_is_not_readable_reaches_a_person() -> None:
    channel = hooked("sparkpost")
    relay = {"protocol": "smtp", "content": {"email_rfc822": "/w==", "email_rfc822_is_base64": 1}}
    (event,) = EmailAdapter(channel).accept(as_json([{"msys": {"relay_message": relay}}])).events
    with pytest.raises(UnreadableMail):
        EmailAdapter(channel).parse(event)


@pytest.mark.parametrize(
    ("provider", "payload"),
    [("postmark", {"RecordType": "Bounce", "Type": "HardBounce"}), ("brevo", {"event": "opened"})],
)
def test_a_webhook_of_another_kind_is_told_apart(provider: str, payload: Any) -> None:
    with pytest.raises(RefusedHook) as refused:
        EmailAdapter(hooked(provider)).accept(as_json(payload))
    assert refused.value.status == 400


def test_only_posts_are_mails() -> None:
    channel = hooked("mandrill")
    assert EmailAdapter(channel).accept(HookRequest("HEAD", {}, {}, b"")).events == ()
    with pytest.raises(RefusedHook):
        EmailAdapter(channel).accept(HookRequest("GET", {}, {}, b""))
    with pytest.raises(RefusedHook):
        EmailAdapter(mailbox(way_in="imap")).accept(mailgun_raw())


# --- Brevo keeps attachments --------------------------------------------------------------------
class _BrevoApi(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.headers["api-key"] != "key":
            self.send_response(401)
            self.end_headers()
        elif self.path == "/v3/inbound/attachments/t%2F1":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"\x89PNG")
        else:
            self.send_response(500)
            self.end_headers()

    def log_message(self, *_given: Any) -> None:
        pass


@pytest.fixture
def brevo_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _BrevoApi)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
    yield f"http://127.0.0.1:{server.server_port}/v3/"
    server.shutdown()
    server.server_close()


def test_attachments_that_brevo_keeps_are_fetched_afterwards(brevo_url: str) -> None:
    stored = {
        "Name": "jåkke.png",
        "ContentType": "image/png",
        "ContentLength": 4,
        "ContentID": "<c1>",
        "DownloadToken": "t/1",
    }
    channel = hooked("brevo", webhook_api_url=brevo_url)
    _event, message = accepted(channel, as_json(brevo(Attachments=[stored])))
    (file,) = message.files
    assert (file.name, file.content_type, file.size, file.content_id) == (
        "jåkke.png",
        "image/png",
        4,
        "c1",
    )
    assert file.content is None
    assert EmailAdapter(channel).fetch(file.reference) == b"\x89PNG"


def test_failures_of_brevos_api_say_whether_a_retry_helps(brevo_url: str) -> None:
    channel = hooked("brevo", webhook_api_url=brevo_url)
    with pytest.raises(SendError) as failed:
        EmailAdapter(channel).fetch("unknown")
    assert not failed.value.permanent
    channel.secrets["webhook_api_key"] = "wrong"
    with pytest.raises(SendError, match="API key") as failed:
        EmailAdapter(channel).fetch("t/1")
    assert failed.value.permanent
