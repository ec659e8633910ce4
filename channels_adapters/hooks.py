"""`/hooks/<kind>/<key>`: what services call. Verify, record, 200; reading comes afterwards.

Beside Django's request handling, not in it: a service that is not answered within seconds
repeats itself, and hundreds of its requests a second must not wait for pages that are built.
"""

import asyncio
import logging
import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any
from urllib.parse import parse_qsl

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections, transaction

from channels_adapters.base import Accepted, AcceptsHooks, HookRequest, RefusedHook
from channels_adapters.intake import record_by_account
from channels_adapters.settling import settle
from chatbot.adapters import adapter_class
from chatbot.conversations import selectors
from chatbot.conversations.models import Channel
from chatbot.envelope import Event

logger = logging.getLogger(__name__)
_PLAIN = "text/plain; charset=utf-8"
_KNOWN_SECONDS = 2.0  # a channel that is switched off or changed is another one from then on
_MOST_KNOWN = 1_000
_MOST_AT_ONCE = 200


async def hooks(scope: Any, receive: Any, send: Any) -> None:
    """ASGI application: one request of a service."""
    route = scope["url_route"]["kwargs"]
    try:
        channel = await _channels.of(route["kind"], route["key"])
    except Exception:
        logger.exception("could not look up a channel")
        await _say(send, 503, b"please try again")
        return
    if channel is None:
        await _say(send, 404, b"there is no such channel")
        return
    body = await _body(receive)  # of nobody else
    if body is None:
        return  # it hung up
    if len(body) > settings.MAX_HOOK_BYTES:
        await _say(send, 413, b"too large")
        return
    status, answer = await _accept(channel, _request(scope, body))
    await _say(send, status, answer.body, answer.content_type)


async def _accept(channel: Channel, request: HookRequest) -> tuple[int, Accepted]:
    adapter = adapter_class(channel.kind)(channel)
    if not isinstance(adapter, AcceptsHooks):
        return 404, Accepted(body=b"this channel is not called")
    try:
        accepted = adapter.accept(request)
        if accepted.events:
            await asyncio.wrap_future(_recorder.record(channel, accepted.events))
    except RefusedHook as refusal:
        return refusal.status, Accepted(body=str(refusal).encode())
    except Exception:
        # Not recorded, so not acknowledged: the service will try again.
        logger.exception("a request to channel %s failed", channel.pk)
        return 500, Accepted(body=b"not recorded, please try again")
    return 200, accepted


def _request(scope: Any, body: bytes) -> HookRequest:
    return HookRequest(
        method=scope["method"],
        headers={
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in scope["headers"]
        },
        query=dict(parse_qsl(scope["query_string"].decode("latin-1"))),
        body=body,
    )


async def _body(receive: Any) -> bytes | None:
    """Return the body; at most one part more than may be. None where the client hung up."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        if size <= settings.MAX_HOOK_BYTES:
            parts.append(message.get("body", b""))
            size += len(parts[-1])
        if not message.get("more_body"):
            return b"".join(parts)


async def _say(send: Any, status: int, body: bytes, content_type: str = _PLAIN) -> None:
    headers = [
        (b"content-type", content_type.encode("latin-1")),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class _Channels:
    """Channels by the keys of their addresses, for a moment; also keys that there are none of."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], tuple[float, Channel | None]] = OrderedDict()

    async def of(self, kind: str, key: str) -> Channel | None:
        now = time.monotonic()
        at, channel = self._known.get((kind, key), (float("-inf"), None))
        if now - at > _KNOWN_SECONDS:
            channel = await sync_to_async(_look_up, thread_sensitive=False)(kind, key)
            self._known[kind, key] = (now, channel)
            self._known.move_to_end((kind, key))
            if len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
        return channel


def _look_up(kind: str, key: str) -> Channel | None:
    try:
        return selectors.active_channel(key=key, kind=kind) if key.isprintable() else None
    finally:
        close_old_connections()


_channels = _Channels()


class _Recorder:
    """Records events of many requests in one transaction: all that came during the last one."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[tuple[Channel, Sequence[Event], Future[None]]] = (
            queue.SimpleQueue()
        )
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def record(self, channel: Channel, events: Sequence[Event]) -> "Future[None]":
        """Have events recorded; the future is done once they are committed."""
        done: Future[None] = Future()
        self._waiting.put((channel, events, done))
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="svar-hooks", daemon=True)
                self._thread.start()
        return done

    def _run(self) -> None:
        while True:
            batch = [self._waiting.get()]
            while len(batch) < _MOST_AT_ONCE:
                try:
                    batch.append(self._waiting.get_nowait())
                except queue.Empty:
                    break
            self._record(batch)
            close_old_connections()

    def _record(self, batch: list[tuple[Channel, Sequence[Event], "Future[None]"]]) -> None:
        try:
            with transaction.atomic():
                for channel, events, _done in batch:
                    record_by_account(channel, events)
        except Exception as error:
            if len(batch) == 1:
                settle(batch[0][2], error)
                return
            for one in batch:  # what is wrong with one is not the others' fault
                self._record([one])
        else:
            for _channel, _events, done in batch:
                settle(done)


_recorder = _Recorder()
