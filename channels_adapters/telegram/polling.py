"""Asking Telegram for updates (https://core.telegram.org/bots/api#getupdates)."""

import asyncio
import json
import threading
from collections.abc import Callable, Sequence

from channels_adapters.base import SendError
from channels_adapters.telegram.bot import Remote, SvarBot
from channels_adapters.telegram.updates import ALLOWED, UpdateHead
from chatbot.envelope import Event

_SECONDS = 25  # that Telegram waits for something to happen


def poll(
    remote: Remote, record: Callable[[Sequence[Event]], None], stopping: threading.Event
) -> None:
    """Record updates until `stopping` is set. Raises SendError, also where another one polls."""
    # Telegram answers 409 while there is a webhook.
    remote.call_until(stopping, lambda bot: bot.delete_webhook())
    offset: int | None = None
    while not stopping.is_set():
        asked = offset
        try:
            updates = remote.call_until(
                stopping,
                lambda bot, asked=asked: bot.updates(  # type: ignore[misc]  # mypy infers no lambda with defaults
                    offset=asked, seconds=_SECONDS, allowed=ALLOWED
                ),
            )
        except SendError as error:
            if error.retry_after is None:
                raise
            stopping.wait(error.retry_after)
            continue
        if not updates:
            continue
        heads = [UpdateHead.model_validate(update) for update in updates]
        record(
            [
                head.event(json.dumps(update).encode())
                for head, update in zip(heads, updates, strict=True)
            ]
        )
        offset = heads[-1].update_id + 1
        _answer(remote, [head.callback_query.id for head in heads if head.callback_query], stopping)


def _answer(remote: Remote, queries: Sequence[str], stopping: threading.Event) -> None:
    """Have the pressed buttons stop their spinning; nobody minds where that fails."""
    if not queries:
        return

    async def answering(bot: SvarBot) -> None:
        await asyncio.gather(
            *(bot.answer_callback_query(query) for query in queries), return_exceptions=True
        )

    remote.call_until(stopping, answering)
