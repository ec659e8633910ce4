"""Bots of python-telegram-bot for threads: one event loop in a process.

A bot's connections belong to the loop that opened them, so that all bots live on the loop of one
daemon thread, which starts with the first call.
"""

import asyncio
import concurrent.futures
import functools
import logging
import os
import re
import ssl
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
from telegram import Bot
from telegram.error import InvalidToken, TelegramError, TimedOut
from telegram.request import HTTPXRequest

from channels_adapters.telegram.failures import failure

Result = TypeVar("Result")

_LOOK = 0.25  # seconds between two looks at whether to stop
_MARGIN = 10.0  # seconds that a long poll may take beyond its own time


class _WithoutToken(logging.Filter):
    """Addresses of the Bot API have the token in them, and httpx logs addresses."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if "/bot" in text:
            record.msg = re.sub(r"/bot[0-9]+:[\w-]+", "/bot…", text)
            record.args = ()
        return True


logging.getLogger("httpx").addFilter(_WithoutToken())
# It logs tokens, and what customers wrote; all that fails is raised to us besides.
logging.getLogger("telegram").setLevel(logging.CRITICAL + 1)


class SvarBot(Bot):
    """A bot whose updates stay as they came: one that cannot be read must not hold up the rest."""

    async def updates(
        self, *, offset: int | None, seconds: int, allowed: list[str]
    ) -> list[dict[str, Any]]:
        """Return updates from `offset` on, after `seconds` at most; those before are confirmed."""
        data = {"offset": offset, "timeout": seconds, "allowed_updates": allowed}
        got: list[dict[str, Any]] = await self._post(
            "getUpdates", data, read_timeout=seconds + _MARGIN
        )
        return got


class _Loop:
    """An event loop on a thread of its own, and the bots that live on it."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.bots: dict[Remote, SvarBot] = {}
        threading.Thread(target=self.loop.run_forever, name="telegram", daemon=True).start()


_lock = threading.Lock()
_running: _Loop | None = None
# A loop of the parent process must not be collected in a child: closing it there would take
# the parent's sockets out of the poll that both share.
_of_parents: list[_Loop] = []


def _after_fork() -> None:
    global _lock, _running
    _lock = threading.Lock()
    if _running is not None:
        _of_parents.append(_running)
    _running = None


os.register_at_fork(after_in_child=_after_fork)


@functools.cache  # reading the certificate authorities takes longer than many a call
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()


@dataclass(frozen=True, slots=True)
class Remote:
    """A bot at a Bot API server, for any thread. `base_url` has no slash at its end."""

    token: str = field(repr=False)
    base_url: str

    @property
    def id(self) -> int:
        """The bot's own user id: the part of a token before its colon."""
        number = self.token.partition(":")[0]
        return int(number) if number.isascii() and number.isdigit() else 0

    def call(self, ask: Callable[[SvarBot], Awaitable[Result]], *, seconds: float = 30) -> Result:
        """Return what `ask` returns on the loop of the bots. Raises SendError."""
        future = self._start(ask)
        try:
            return future.result(max(seconds, 0))
        except TimeoutError:
            future.cancel()
            failed = failure(TimedOut())
        except TelegramError as error:
            failed = failure(error)
        # Outside of the except: the library's errors may tell the address, and so the token.
        raise failed

    def call_until(
        self, stopping: threading.Event, ask: Callable[[SvarBot], Awaitable[Result]]
    ) -> Result | None:
        """As `call`, without a limit; None as soon as `stopping` is set. Raises SendError."""
        future = self._start(ask)
        while not stopping.is_set():
            try:
                return future.result(_LOOK)
            except TimeoutError:
                continue
            except TelegramError as error:
                failed = failure(error)
            raise failed
        future.cancel()
        return None

    def _start(
        self, ask: Callable[[SvarBot], Awaitable[Result]]
    ) -> "concurrent.futures.Future[Result]":
        global _running
        if not self.token:
            raise failure(InvalidToken())
        with _lock:
            if _running is None:
                _running = _Loop()
            home = _running
            bot = home.bots.get(self) or home.bots.setdefault(self, self._bot())

        async def asking() -> Result:
            return await ask(bot)

        return asyncio.run_coroutine_threadsafe(asking(), home.loop)

    def _bot(self) -> SvarBot:
        def request() -> HTTPXRequest:
            return HTTPXRequest(
                httpx_kwargs={"verify": _tls()},
                connection_pool_size=64,
                connect_timeout=10,
                read_timeout=20,
                write_timeout=20,
                media_write_timeout=60,
                pool_timeout=10,
            )

        return SvarBot(
            self.token,
            base_url=f"{self.base_url}/bot",
            base_file_url=f"{self.base_url}/file/bot",
            request=request(),
            get_updates_request=request(),
        )
