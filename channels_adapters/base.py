"""What an adapter is: it parses and it sends, and it says whether an error is worth a retry.

Inbound: verify the request, parse it into an `InboundMessage`, call
`chatbot.conversations.services.record_inbound`, answer 200. Outbound: `send`. No thinking.
"""

from typing import Protocol

from chatbot.conversations.models import Channel
from chatbot.envelope import OutboundMessage


class SendError(Exception):
    """A message could not be sent; `permanent` says that trying again will not help."""

    def __init__(self, detail: str, *, permanent: bool) -> None:
        super().__init__(detail)
        self.permanent = permanent


class ChannelAdapter(Protocol):
    """Sends messages on one kind of channel. Made anew for each delivery; keeps nothing."""

    def send(self, message: OutboundMessage, channel: Channel) -> None:
        """Send `message`. Raises SendError; any other error counts as worth a retry."""
        ...
