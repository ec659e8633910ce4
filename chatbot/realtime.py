"""The only place that sends to sockets, always after commit.

What is sent here is a hint: a client that missed it fetches the rows by its last message id.
"""

import asyncio
import contextlib
import functools
import logging
import os
import threading
import time
from concurrent.futures import Future
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.db import transaction

from chatbot.events import Payload

logger = logging.getLogger(__name__)

INBOX = "inbox"
_SEND_SECONDS = 5  # longer, and Redis is away: what was to be told can be fetched
_WITHOUT_A_WORD = 1006  # the close code of a line that broke


def visitor_group(channel_id: int, visitor_id: str) -> str:
    """Return the group of all sockets of one visitor of a site."""
    return f"visitor.{channel_id}.{visitor_id}"


def agent_group(user_id: int) -> str:
    """Return the group of all open inboxes of one agent: what nobody else is told."""
    return f"agent.{user_id}"


class _Gone(Exception):
    """The client left before it could be told something."""


class SocketConsumer(AsyncWebsocketConsumer):
    """A socket whose `disconnect` is called however it ends.

    Channels calls it when the client's leaving comes in as a message. What is sent between the
    client's close frame and that message raises, which would end the consumer before: whoever
    had the socket would still be here, until they were silent for too long.
    """

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def tell(message: Any) -> None:
            try:
                await send(message)
            except Exception as error:  # each server has one of its own for it
                raise _Gone from error

        try:
            await super().__call__(scope, receive, tell)
        except _Gone:
            await self.disconnect(_WITHOUT_A_WORD)
        except Exception:
            await self.disconnect(_WITHOUT_A_WORD)
            raise


class LocalChannelLayer(InMemoryChannelLayer):
    """Channels' in-memory layer, with expiry swept once a second.

    The original walks all groups and channels at every send and receive: with 1,000 idle
    sockets that costs more than the message.
    """

    _cleaned_at = 0.0

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Put `message` into the queues of the group, without a task and a deep copy for each."""
        self.put(group, message)

    def put(self, group: str, message: dict[str, Any]) -> None:
        """Do what `group_send` does, at once; on the serving loop only."""
        self._clean_expired()
        for channel in list(self.groups.get(group, ())):
            queue = self.channels.setdefault(
                channel, asyncio.Queue(maxsize=self.get_capacity(channel))
            )
            with contextlib.suppress(asyncio.QueueFull):
                queue.put_nowait((time.time() + self.expiry, dict(message)))

    def _clean_expired(self) -> None:
        now = time.monotonic()
        if now - self._cleaned_at >= 1.0:
            self._cleaned_at = now
            super()._clean_expired()


class _Sender:
    """Sends on one event loop, one event after the other.

    Queues of the in-memory layer belong to the serving loop and are not thread-safe: a put
    from another thread would not wake the socket that waits there. Connections to Redis belong
    to the loop that opened them, and two sends at once could change places there.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._turn = asyncio.Lock()

    def send(self, groups: tuple[str, ...], message: dict[str, Any]) -> "Future[None]":
        """Send `message` to `groups`, from any thread."""
        layer = get_channel_layer()
        if isinstance(layer, LocalChannelLayer):  # nothing to wait for, so no task either
            sent: Future[None] = Future()
            self.loop.call_soon_threadsafe(self._put, layer, groups, message, sent)
            return sent
        return asyncio.run_coroutine_threadsafe(self._send(groups, message), self.loop)

    @staticmethod
    def _put(
        layer: LocalChannelLayer,
        groups: tuple[str, ...],
        message: dict[str, Any],
        sent: "Future[None]",
    ) -> None:
        try:
            for group in groups:
                layer.put(group, message)
        except Exception as error:
            sent.set_exception(error)
        else:
            sent.set_result(None)

    async def _send(self, groups: tuple[str, ...], message: dict[str, Any]) -> None:
        layer = get_channel_layer()
        async with asyncio.timeout(_SEND_SECONDS), self._turn:
            for group in groups:
                await layer.group_send(group, message)


_serving: _Sender | None = None


def bind_serving_loop() -> None:
    """Remember the running event loop as the one that serves this process's sockets."""
    global _serving
    loop = asyncio.get_running_loop()
    if _serving is None or _serving.loop is not loop:
        _serving = _Sender(loop)


@functools.cache
def _own_sender() -> _Sender:
    """Return the sender of a process that serves no sockets: a loop on a thread of its own."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="svar-realtime", daemon=True).start()
    return _Sender(loop)


os.register_at_fork(after_in_child=_own_sender.cache_clear)  # threads stay with the parent


def listens(group: str, beside: str = "") -> bool:
    """Return whether a socket other than `beside` may be in `group`: else nobody need be told.

    Always true where other processes may have sockets.
    """
    layer = get_channel_layer()
    if not isinstance(layer, LocalChannelLayer):
        return True
    return bool(layer.groups.get(group, {}).keys() - {beside})


def publish(event: Payload, *groups: str, skip: str = "") -> None:
    """Send `event` to every socket in `groups` once the current transaction has committed.

    `skip` is the channel name of a socket that already knows.
    """
    transaction.on_commit(lambda: _send(event, groups, skip))


def _send(event: Payload, groups: tuple[str, ...], skip: str) -> None:
    message = {"type": "push", "json": event.model_dump_json(), "skip": skip}
    serving = _serving
    if serving is not None and serving.loop.is_running():
        serving.send(groups, message).add_done_callback(_log_failure)
        return
    try:
        # A worker may end after its work, so it waits.
        _own_sender().send(groups, message).result()
    except Exception:  # a hint may be lost; the rows are not
        logger.exception("could not send a realtime event")


def _log_failure(future: "Future[None]") -> None:
    if not future.cancelled() and future.exception() is not None:
        logger.error("could not send a realtime event", exc_info=future.exception())
