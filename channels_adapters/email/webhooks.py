"""Mail from providers' webhooks: verified and taken apart by django-anymail's views.

Amazon SES, Resend and Mailtrap are left out: each mail would have to be fetched from their APIs
before it could be recorded.
"""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from email import encoders
from email.policy import default as default_policy
from typing import Any

from django.utils.module_loading import import_string

from channels_adapters.base import Accepted, HookRequest, RefusedHook
from channels_adapters.email.events import CUT_BYTES, MAIL_BYTES, mail_event, unreadable_event
from channels_adapters.email.options import MailOptions
from channels_adapters.email.references import BREVO, header_line
from channels_adapters.email.webhook_requests import ProviderRequest
from chatbot.envelope import Event

logger = logging.getLogger(__name__)

USER = "svar"  # of the basic authentication in a provider's address
_POLICY = default_policy.clone(linesep="\r\n", refold_source="none", cte_type="8bit")


@dataclass(frozen=True, slots=True)
class Provider:
    """How a provider is spoken with.

    argument: the view's for the secret; webhook_secret is basic authentication in the address, the
    others are keys that the provider shows. raw_field: the form field with the mail as it was.
    """

    name: str
    view: str
    argument: str
    raw_field: str = ""
    suffix: str = ""  # of the address

    @property
    def is_basic(self) -> bool:
        """Whether the secret is a password in the address."""
        return self.argument == "webhook_secret"


PROVIDERS = {
    "mailgun": Provider(
        "Mailgun",
        "anymail.webhooks.mailgun.MailgunInboundWebhookView",
        "webhook_signing_key",
        raw_field="body-mime",
        suffix="?format=mime",  # Mailgun sends raw mails to addresses that end with mime
    ),
    "postmark": Provider(
        "Postmark",
        "anymail.webhooks.postmark.PostmarkInboundWebhookView",
        "webhook_secret",
    ),
    "sendgrid": Provider(
        "SendGrid",
        "channels_adapters.email.webhook_views.SendGridView",
        "webhook_secret",
        raw_field="email",
    ),
    BREVO: Provider("Brevo", "channels_adapters.email.webhook_views.BrevoView", "webhook_secret"),
    "mailersend": Provider(
        "MailerSend",
        "anymail.webhooks.mailersend.MailerSendInboundWebhookView",
        "inbound_secret",
    ),
    "mailjet": Provider(
        "Mailjet", "anymail.webhooks.mailjet.MailjetInboundWebhookView", "webhook_secret"
    ),
    "mandrill": Provider(
        "Mandrill",
        "anymail.webhooks.mandrill.MandrillCombinedWebhookView",
        "webhook_key",
    ),
    "postal": Provider("Postal", "anymail.webhooks.postal.PostalInboundWebhookView", "webhook_key"),
    "sparkpost": Provider(
        "SparkPost",
        "anymail.webhooks.sparkpost.SparkPostInboundWebhookView",
        "webhook_secret",
    ),
}


def accept(options: MailOptions, request: HookRequest) -> Accepted:
    """Verify a provider's request and return its mails as events. Raises RefusedHook.

    A refusal is a 401 and not a 403, after which Postmark would not try again.
    """
    from anymail.exceptions import AnymailConfigurationError, AnymailWebhookValidationFailure

    provider = PROVIDERS.get(options.webhook_provider)
    if options.way_in != "webhook" or provider is None:
        raise RefusedHook(400, "this mailbox takes no webhooks")
    if request.method.upper() == "HEAD":
        return Accepted()  # Mandrill looks whether the address is there
    if request.method.upper() != "POST":
        raise RefusedHook(400, "mails are posted")
    if not options.webhook_secret:
        raise RefusedHook(401, "this mailbox has no webhook secret yet")
    try:
        view, given = _view(provider, options), ProviderRequest(request)
    except (ValueError, RecursionError) as error:
        raise RefusedHook(400, "this is no form of a provider") from error
    try:
        view.run_validators(given)
    except AnymailWebhookValidationFailure as error:
        raise RefusedHook(401, "the request is not signed with this mailbox's secret") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RefusedHook(401, "the request is not signed as it should be") from error
    try:
        return Accepted(events=list(_events(provider, view, given)))
    except AnymailConfigurationError as error:
        raise RefusedHook(400, "this is not the provider's webhook for inbound mail") from error
    except Exception as error:  # verified, and so never to be lost
        logger.warning("a mail from %s is not readable: %s", provider.name, type(error).__name__)
        return Accepted(events=[unreadable_event(request.body, "no mail in this request")])


def _view(provider: Provider, options: MailOptions) -> Any:
    secret = options.webhook_secret
    # Always said, since the view would take the server's own ANYMAIL settings otherwise.
    arguments: dict[str, Any] = {"webhook_secret": []}
    arguments[provider.argument] = f"{USER}:{secret}" if provider.is_basic else secret
    if options.webhook_provider == "mandrill":
        arguments["webhook_url"] = options.hook_url  # which its signature covers
    if options.webhook_provider == BREVO:
        arguments["api_key"] = options.webhook_api_key
    return import_string(provider.view)(**arguments)


def _events(provider: Provider, view: Any, request: ProviderRequest) -> Iterator[Event]:
    raw = request.fields.get(provider.raw_field, b"")
    if raw:
        recipients = _envelope_of(request)
        yield _event(raw, recipients)
        return
    for event in view.parse_events(request):
        message = getattr(event, "message", None)
        if event is None or event.event_type != "inbound" or message is None:
            continue
        recipient = message.envelope_recipient
        yield _event(_bytes_of(message), [recipient] if recipient else [], _lines(event))


def _event(raw: bytes, recipients: list[str], lines: bytes = b"") -> Event:
    if len(raw) > MAIL_BYTES:
        return mail_event(raw[:CUT_BYTES], recipients=recipients, size=len(raw))
    return mail_event(lines + raw, recipients=recipients)


def _envelope_of(request: ProviderRequest) -> list[str]:
    """Return to whom a raw mail of Mailgun or SendGrid was sent."""
    if "recipient" in request.POST:
        return [one.strip() for one in request.POST["recipient"].split(",")]
    try:
        told = json.loads(request.POST.get("envelope", "{}"))
        return [str(one) for one in told.get("to", [])]
    except (ValueError, AttributeError, TypeError):
        return []


def _lines(event: Any) -> bytes:
    stored = event.esp_event.get("Attachments") if isinstance(event.esp_event, dict) else None
    if not isinstance(stored, list) or not any("DownloadToken" in one for one in stored):
        return b""
    return b"".join(header_line(one) for one in stored)


def _bytes_of(message: Any) -> bytes:
    """Return a mail that a view made as bytes.

    The views keep files as the bytes they are, which a mail cannot have in it.
    """
    for part in message.walk():
        named = part.get("Content-Transfer-Encoding")
        if not part.is_multipart() and part.get_content_maintype() != "text" and named is None:
            encoders.encode_base64(part)
    raw: bytes = message.as_bytes(policy=_POLICY)
    return raw
