"""The only place that sends to sockets, always after commit.

What is sent here is a hint: a client that missed it fetches the rows by its last message id.
"""

import asyncio
import logging
import time
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.db import transaction

from chatbot.events import Payload

logger = logging.getLogger(__name__)

INBOX = "inbox"
_serving_loop: asyncio.AbstractEventLoop | None = None


def visitor_group(channel_id: int, visitor_id: str) -> str:
    """Return the group of all sockets of one visitor of a site."""
    return f"visitor.{channel_id}.{visitor_id}"


def agent_group(user_id: int) -> str:
    """Return the group of all sockets of one agent."""
    return f"agent.{user_id}"


class LocalChannelLayer(InMemoryChannelLayer):
    """Channels' in-memory layer, with expiry swept once a second.

    The original walks all groups and channels at every send and receive: with 1,000 idle
    sockets that costs more than the message.
    """

    _cleaned_at = 0.0

    def _clean_expired(self) -> None:
        now = time.monotonic()
        if now - self._cleaned_at >= 1.0:
            self._cleaned_at = now
            super()._clean_expired()


def bind_serving_loop() -> None:
    """Remember the running event loop as the one that serves this process's sockets.

    Queues of the in-memory layer belong to the serving loop and are not thread-safe: a put
    from another thread would not wake the socket that waits there.
    """
    global _serving_loop
    _serving_loop = asyncio.get_running_loop()


def publish(event: Payload, *groups: str, skip: str = "") -> None:
    """Send `event` to every socket in `groups` once the current transaction has committed.

    `skip` is the channel name of a socket that already knows.
    """
    transaction.on_commit(lambda: _send(event, groups, skip))


def _send(event: Payload, groups: tuple[str, ...], skip: str) -> None:
    message = {"type": "push", "json": event.model_dump_json(), "skip": skip}
    loop = _serving_loop
    if loop is not None and loop.is_running():
        future = asyncio.run_coroutine_threadsafe(_send_to(groups, message), loop)
        future.add_done_callback(_log_failure)
        return
    try:
        async_to_sync(_send_to)(groups, message)
    except Exception:  # a hint may be lost; the rows are not
        logger.exception("could not send a realtime event")


async def _send_to(groups: tuple[str, ...], message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    for group in groups:
        await layer.group_send(group, message)


def _log_failure(future: Any) -> None:
    if not future.cancelled() and future.exception() is not None:
        logger.error("could not send a realtime event", exc_info=future.exception())
