"""Our messages in Block Kit. Limits: docs.slack.dev/reference/block-kit/blocks."""

from collections.abc import Sequence
from typing import Any

from channels_adapters.slack import markup, richtext
from channels_adapters.slack.parsing import REPLY
from chatbot.envelope import Citation, OutboundMessage, QuickReply

Block = dict[str, Any]  # one of Slack's, as it goes out

BUTTONS = 25  # of one actions block
BUTTON_TEXT = 75
BUTTON_VALUE = 2_000
SECTION_TEXT = 3_000
CONTEXT_ELEMENTS = 10
FALLBACK_TEXT = 4_000  # advised for `text`; shown in notifications, read by screen readers


def blocks_of(message: OutboundMessage) -> list[Block]:
    """Return a message: its text as rich text, its sources as small print, its buttons.

    Rich text, because in mrkdwn somebody's `*`, `_`, `~` or backtick would be formatting, and
    there is no way to escape them.
    """
    parts = richtext.of_html(message.html) if message.html else []
    parts = parts or richtext.of_text(message.text)
    blocks: list[Block] = [{"type": "rich_text", "elements": parts}] if parts else []
    for first in range(0, len(message.citations), CONTEXT_ELEMENTS):
        some = message.citations[first : first + CONTEXT_ELEMENTS]
        blocks.append({"type": "context", "elements": [_source(each) for each in some]})
    if message.quick_replies:
        blocks.append({"type": "actions", "elements": _buttons(message.quick_replies)})
    return blocks


def fallback(text: str) -> str:
    """Return what notifications show instead of blocks."""
    return markup.escaped(text[:FALLBACK_TEXT])


def notice(text: str, url: str, button_text: str) -> list[Block]:
    """Return a line for agents with a button that opens `url`."""
    button = {
        "type": "button",
        "action_id": "open",  # Slack tells us of presses, which say nothing
        "text": _plain(button_text[:BUTTON_TEXT]),
        "url": url,
    }
    return [
        {
            "type": "section",
            "text": {"type": "plain_text", "text": text[:SECTION_TEXT], "emoji": False},
        },
        {"type": "actions", "elements": [button]},
    ]


def _source(citation: Citation) -> Block:
    title = f"[{citation.number}] {citation.title}"[:500]
    if not citation.url:
        return _plain(title)
    # In the label of a link Slack reads no formatting.
    return {"type": "mrkdwn", "text": markup.link(citation.url, title), "verbatim": True}


def _buttons(replies: Sequence[QuickReply]) -> list[Block]:
    return [
        {
            "type": "button",
            "action_id": REPLY.format(index=index, intent=reply.intent),
            "text": _plain(reply.text[:BUTTON_TEXT]),
            "value": reply.text[:BUTTON_VALUE],
        }
        for index, reply in enumerate(replies[:BUTTONS])
    ]


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}
