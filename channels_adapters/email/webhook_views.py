"""Two of django-anymail's views, changed where they do not fit."""

from typing import Any

from anymail.webhooks.base import AnymailBaseWebhookView
from anymail.webhooks.brevo import BrevoInboundWebhookView
from anymail.webhooks.sendgrid import SendGridInboundWebhookView


class SendGridView(SendGridInboundWebhookView):  # type: ignore[misc]  # its module has no types
    """Without the warning, at each request, that anymail's authors have no account to test with."""

    def __init__(self, **arguments: Any) -> None:
        AnymailBaseWebhookView.__init__(self, **arguments)


class BrevoView(BrevoInboundWebhookView):  # type: ignore[misc]  # its module has no types
    """Leaves attachments where they are: they are fetched later, off the event loop."""

    def esp_to_anymail_event(self, told: dict[str, Any]) -> Any:
        event = super().esp_to_anymail_event({**told, "Attachments": []})
        event.esp_event = told
        return event
