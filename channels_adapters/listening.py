"""Keeps a listener running for every channel that asks its service by itself.

One process listens to a channel at a time: it holds a lease, which another takes over once it
has run out.
"""

import logging
import threading
import uuid
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import close_old_connections
from django.db.models import Q
from django.utils import timezone

from channels_adapters.base import Listens
from channels_adapters.intake import record_by_account
from chatbot.adapters import adapter_class
from chatbot.conversations import received
from chatbot.conversations.models import Channel, ChannelHealth
from chatbot.envelope import Event

logger = logging.getLogger(__name__)
_LEASE = timedelta(seconds=30)
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 300.0  # seconds, after an error


class Listeners:
    """The listeners of this process."""

    def __init__(self) -> None:
        self._name = uuid.uuid4().hex
        self._running: dict[int, _Listener] = {}

    def run(self, stopping: threading.Event) -> None:
        """Start and stop listeners as channels come, change and go, until `stopping` is set."""
        while True:
            try:
                self._look()
            except Exception:
                logger.exception("could not look after the listeners")
            finally:
                close_old_connections()
            if stopping.wait(settings.LISTEN_SECONDS):
                break
        for listener in self._running.values():
            listener.stop()
        for pk, listener in self._running.items():
            listener.join()
            self._let_go(pk)

    def _look(self) -> None:
        wanted = {channel.pk: channel for channel in _listening_channels()}
        for pk, listener in list(self._running.items()):
            channel = wanted.get(pk)
            if channel is None or listener.is_other_than(channel) or not self._hold(pk):
                listener.stop()
                listener.join()
                del self._running[pk]
                self._let_go(pk)
        for pk, channel in wanted.items():
            if pk not in self._running and self._hold(pk):
                self._running[pk] = _Listener(channel, received.last_error(channel_id=pk))
                self._running[pk].start()

    def _hold(self, channel_id: int) -> bool:
        """Take or renew the lease of a channel; return whether it is ours."""
        now = timezone.now()
        ChannelHealth.objects.get_or_create(channel_id=channel_id)
        free = Q(listener=self._name) | Q(listens_until=None) | Q(listens_until__lt=now)
        return bool(
            ChannelHealth.objects.filter(free, channel_id=channel_id).update(
                listener=self._name, listens_until=now + _LEASE
            )
        )

    def _let_go(self, channel_id: int) -> None:
        ChannelHealth.objects.filter(channel_id=channel_id, listener=self._name).update(
            listens_until=None
        )


def _listening_channels() -> list[Channel]:
    found = []
    for channel in Channel.objects.filter(is_active=True):
        adapter = adapter_class(channel.kind)(channel)
        if isinstance(adapter, Listens) and adapter.is_listening:
            found.append(channel)
    return found


class _Listener:
    """One channel's listener, on a thread of its own, called again whenever it ends.

    `error` is the channel's when it begins: its own from then on, as the one before it, which
    had other settings or another process, will not clear it any more.
    """

    def __init__(self, channel: Channel, error: str) -> None:
        self._channel = channel
        self._error = error
        self._stopping = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name=f"svar-listener-{channel.pk}", daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def join(self) -> None:
        self._thread.join(timeout=10)

    def is_other_than(self, channel: Channel) -> bool:
        """Return whether the channel's settings are others than those we listen with."""
        mine = self._channel
        return (mine.config, mine.secrets, mine.account) != (
            channel.config,
            channel.secrets,
            channel.account,
        )

    def _run(self) -> None:
        pause = _FIRST_PAUSE
        recorded = threading.Event()
        while not self._stopping.is_set():
            recorded.clear()
            try:
                adapter: Listens = adapter_class(self._channel.kind)(self._channel)
                adapter.listen(lambda events: self._record(events, recorded), self._stopping)
            except Exception as error:
                permanent = bool(getattr(error, "permanent", False))
                detail = str(error) if hasattr(error, "permanent") else type(error).__name__
                logger.warning("listener %s failed: %s", self._channel.pk, type(error).__name__)
                self._note(detail)
                if recorded.is_set():
                    pause = _FIRST_PAUSE
                wanted = float(getattr(error, "retry_after", None) or 0.0)
                # What will not get better by itself is looked at again all the same: a password
                # may be changed back.
                self._stopping.wait(max(wanted, _LONGEST_PAUSE if permanent else pause))
                pause = min(pause * 2, _LONGEST_PAUSE)
            finally:
                close_old_connections()

    def _note(self, error: str) -> None:
        self._error = error
        try:
            received.note_health(channel_id=self._channel.pk, error=error)
        except Exception:  # the database is away: no reason never to listen again
            logger.exception("could not note the error of listener %s", self._channel.pk)

    def _record(self, events: Sequence[Event], recorded: threading.Event) -> None:
        record_by_account(self._channel, events)
        if self._error:
            received.clear_error(channel_id=self._channel.pk, error=self._error)
            self._error = ""
        recorded.set()
        close_old_connections()


_thread: threading.Thread | None = None
_starting = threading.Lock()


def start_listening() -> None:
    """Start this process's listeners, if they have not been started yet."""
    global _thread
    with _starting:
        if _thread is None:
            _thread = threading.Thread(
                target=lambda: Listeners().run(threading.Event()),
                name="svar-listeners",
                daemon=True,
            )
            _thread.start()
