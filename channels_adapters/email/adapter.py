"""Email: a mailbox read by IMAP, delivered by SMTP or by a provider's webhook; answers as mails."""

import threading
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.forms import Form
from django.utils.translation import gettext_lazy as _

from channels_adapters.base import Accepted, Connection, HookRequest
from channels_adapters.email.forms import EmailForm
from channels_adapters.email.options import options_of
from chatbot.conversations.models import Channel
from chatbot.envelope import Capabilities, Event, Inbound, OutboundMessage, Sent


class EmailAdapter:
    """`AcceptsHooks`, `Listens`, `Fetches` and `Connects` for a mailbox.

    Conversations are told apart by References (RFC 5322) and by signed reply addresses. What reads
    and sends mail is imported when it is first used.
    """

    label: ClassVar[Any] = _("Email")
    about: ClassVar[Any] = _("A mailbox: by IMAP, by SMTP, or through a mail provider.")
    where_from: ClassVar[Any] = _("Your mail provider has these values: docs/channels.md, Email.")
    capabilities: ClassVar[Capabilities] = Capabilities(files=True, machines=True)
    form: ClassVar[type[Form]] = EmailForm
    secret_fields: ClassVar[tuple[str, ...]] = (
        "imap_password",
        "webhook_secret",
        "webhook_api_key",
        "out_password",
    )
    account_field: ClassVar[str] = "address"  # known before anything is connected

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    @property
    def is_listening(self) -> bool:
        """Whether mail is fetched or received here, and not by webhook."""
        return options_of(self._channel).way_in in ("imap", "smtp")

    def listen(self, record: Callable[[Sequence[Event]], None], stopping: threading.Event) -> None:
        """Record mails as they come. Raises SendError."""
        options = options_of(self._channel)
        if options.way_in == "imap":
            from channels_adapters.email import imap

            imap.listen(options, record, stopping)
        elif options.way_in == "smtp":
            from channels_adapters.email import smtp

            smtp.listen(options, record, stopping)

    def accept(self, request: HookRequest) -> Accepted:
        """Return the mails of a provider's request. Raises RefusedHook."""
        from channels_adapters.email import webhooks

        return webhooks.accept(options_of(self._channel), request)

    def parse(self, event: Event) -> Sequence[Inbound]:
        """Return what a mail says; raises where it cannot be read."""
        from channels_adapters.email import parsing

        return parsing.parse(self._channel, event)

    def fetch(self, reference: str) -> bytes:
        """Return an attachment that the provider has kept. Raises SendError."""
        from channels_adapters.email import references

        return references.fetch(options_of(self._channel), reference)

    def send(self, message: OutboundMessage) -> Sent:
        """Send a message as a mail, and return its Message-ID. Raises SendError."""
        from channels_adapters.email import sending

        return sending.send(self._channel, message)

    def connect(self, hook_url: str) -> Connection:
        """Try the ways in and out. Raises SendError with what does not work."""
        from channels_adapters.email import checking

        return checking.connect(options_of(self._channel), hook_url)
