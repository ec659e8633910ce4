"""How a place in Slack is written as the thread of a conversation.

A thread of a channel or of a direct message is `<channel>:<thread_ts>`; a group's direct messages
are `<channel>:`; the direct messages of one person are no thread, but that person's conversation.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message goes: `channel` is an ID, of a user for their direct messages."""

    channel: str
    thread_ts: str | None


def thread_of(*, channel: str, channel_type: str, ts: str, thread_ts: str, is_mention: bool) -> str:
    """Return the thread of a message that came.

    Outside of direct messages whoever begins is answered in a thread of their own. A mention in
    a group's direct messages does so too: `app_mention` does not tell them from channels.
    """
    if thread_ts:
        return f"{channel}:{thread_ts}"
    if is_direct(channel, channel_type):
        return ""
    if channel_type == "mpim" and not is_mention:
        return f"{channel}:"
    return f"{channel}:{ts}"


def is_direct(channel: str, channel_type: str = "") -> bool:
    """Return whether a channel is one person's direct messages with the bot."""
    return channel_type == "im" or (not channel_type and channel.startswith("D"))


def place_of(thread: str, recipient_id: str) -> Place:
    """Return where the conversation of a thread and a sender goes on."""
    if not thread:
        return Place(recipient_id.rpartition(":")[2], None)
    channel, _colon, thread_ts = thread.partition(":")
    return Place(channel, thread_ts or None)


def sender_id(account: str, user: str) -> str:
    """Return how the core knows a user: user IDs alone are unique only within a workspace."""
    return f"{account}:{user}"
