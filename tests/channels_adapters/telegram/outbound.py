"""Messages on their way to a customer, as the core makes them."""

from datetime import UTC, datetime
from typing import Any

from chatbot.envelope import OutboundFile, OutboundMessage
from tests.channels_adapters.telegram.people import Person


def outbound(recipient: Person, text: str, **more: Any) -> OutboundMessage:
    given: dict[str, Any] = {
        "message_id": 1,
        "recipient_id": str(recipient.id),
        "identity_id": 1,
        "author": "bot",
        "author_name": "Svar",
        "kind": "text",
        "text": text,
        "language": "en",
        "created_at": datetime.now(UTC),
        "key": "1:0",
    }
    return OutboundMessage(**{**given, **more})


def file(name: str, content_type: str, content: bytes) -> OutboundFile:
    return OutboundFile(name, content_type, len(content), lambda: content)
