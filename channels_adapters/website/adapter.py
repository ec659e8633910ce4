"""Sends to website visitors: a push to their open sockets; who is away finds it in the history."""

from dataclasses import asdict
from typing import Any, ClassVar, cast

from django.forms import Form
from django.utils.translation import gettext_lazy as _

from chatbot.conversations.attachments import of_message
from chatbot.conversations.models import Channel
from chatbot.conversations.payloads import attachment_part, question_part
from chatbot.envelope import Capabilities, OutboundMessage, Sent
from chatbot.events import Author, CitationPart, MessagePart, MessageSent, QuickReplyPart
from chatbot.realtime import publish, visitor_group


class WebsiteAdapter:
    """`channels_adapters.base.ChannelAdapter` for the widget.

    What visitors write comes by their sockets and the API beside this file, not as events.
    """

    label = _("Website")
    about = _("A chat on your pages: one line to paste.")
    capabilities = Capabilities(
        buttons=20,
        button_length=200,
        files=True,
        typing=True,
        notices=True,
        keeps=True,
    )
    form: ClassVar[type[Form]] = Form  # all there is to set is in the channel's own columns
    secret_fields: ClassVar[tuple[str, ...]] = ()

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def send(self, message: OutboundMessage) -> Sent:
        publish(
            MessageSent(message=_part(message)),
            visitor_group(self.channel.pk, message.recipient_id),
        )
        return Sent()


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
        attachments=[
            attachment_part(row, door="widget")
            for row in (of_message(message_id=message.message_id) if message.files else ())
        ],
        asks=question_part(
            message_id=message.message_id,
            author=message.author,
            text=message.text,
            buttons=len(message.quick_replies),
            language=message.language,
        ),
        language=message.language,
        at=message.created_at,
    )
