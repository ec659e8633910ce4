"""A customer's HTML, ready for a frame that runs nothing and loads nothing."""

import base64
import re
from html import unescape

from chatbot.agent_events import MoreOfMessagePart
from chatbot.conversations.attachments import content_of, is_picture
from chatbot.conversations.models import Message

_CID = re.compile(r' data-cid="([^"]*)"')
_MOST = 8 * 1024**2  # bytes of pictures in one letter


def more_of(message: Message) -> MoreOfMessagePart:
    """Return what of a customer's message is shown on demand."""
    html = message.html if message.author == Message.Author.CONTACT else ""
    details = message.details
    return MoreOfMessagePart(
        html=_with_pictures(html, message),
        remote_pictures=" data-remote=" in html,
        quoted=str(details.get("quoted", "")),
        signature=str(details.get("signature", "")),
        before=[str(text) for text in details.get("before", ())],
    )


def _with_pictures(html: str, message: Message) -> str:
    """Return `html` with the pictures that came along in it.

    As data: a frame without an origin has no cookie with which it could ask for them.
    """
    if not _CID.search(html):
        return html
    room = _MOST
    sources: dict[str, str] = {}
    for row in message.pictures:
        if row.content_id and is_picture(row) and row.size <= room:
            content = content_of(row) or b""
            room -= len(content)
            encoded = base64.b64encode(content).decode()
            sources[row.content_id] = f' src="data:{row.content_type};base64,{encoded}"'
    return _CID.sub(lambda found: sources.get(unescape(found[1]), found[0]), html)
