"""Sends to website visitors: a push to their open sockets; who is away finds it in the history."""

from dataclasses import asdict
from typing import Any, cast

from chatbot.conversations.models import Channel
from chatbot.envelope import OutboundMessage
from chatbot.events import Author, CitationPart, MessagePart, MessageSent, QuickReplyPart
from chatbot.realtime import publish, visitor_group


class WebsiteAdapter:
    """`channels_adapters.base.ChannelAdapter` for the widget."""

    def send(self, message: OutboundMessage, channel: Channel) -> None:
        publish(
            MessageSent(message=_part(message)), visitor_group(channel.pk, message.recipient_id)
        )


def _part(message: OutboundMessage) -> MessagePart:
    return MessagePart(
        id=message.message_id,
        author=Author(kind=cast(Any, message.author), name=message.author_name or None),
        kind=cast(Any, message.kind),
        text=message.text,
        html=message.html,
        citations=[
            CitationPart(**{k: v for k, v in asdict(citation).items() if k != "entry"})
            for citation in message.citations
        ],
        quick_replies=[QuickReplyPart(**asdict(reply)) for reply in message.quick_replies],
        language=message.language,
        at=message.created_at,
    )
