"""Connections to public addresses only, within a time limit that holds for the whole fetch.

A name is resolved once per connection, all its addresses are checked, and the connection goes to
a checked address itself: a second look-up, which could answer otherwise ("DNS rebinding"), never
happens. TLS still names and verifies the host of the URL.
"""

import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any

import httpcore2
from django.utils.translation import gettext_noop as _

from knowledge.sources.addresses import is_public
from knowledge.sources.failures import Refused, Unreachable

_ADDRESSES_TRIED = 4  # of a name; more would use up the time


class Deadline:
    """The moment by which a fetch has to end."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends = time.monotonic() + seconds

    def at_most(self, seconds: float | None) -> float:
        """Return `seconds`, or what is left if that is less.

        Raises Unreachable (worth a retry) when nothing is left.
        """
        left = self._ends - time.monotonic()
        if left <= 0:
            raise Unreachable(
                _("The page took longer than %(seconds)s seconds."),
                retry=True,
                seconds=f"{self._seconds:g}",
            )
        return left if seconds is None else min(seconds, left)


def resolve(host: str, port: int, seconds: float) -> list[str]:
    """Return the addresses of `host`, in the order in which the system prefers them.

    Raises Unreachable: not worth a retry if there is no such name. The system's resolver knows no
    time limit, so it runs in a thread that is left behind when it does not answer.
    """
    answers: queue.SimpleQueue[list[str] | OSError | UnicodeError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            answers.put(error)
        else:
            answers.put(list(dict.fromkeys(str(entry[4][0]) for entry in found)))

    threading.Thread(target=ask, name="svar-resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise Unreachable(
            _("The name %(host)s was not resolved in time."), retry=True, host=host
        ) from None
    if isinstance(answer, list) and answer:
        return answer
    passing = isinstance(answer, OSError) and answer.errno == socket.EAI_AGAIN
    raise Unreachable(_("There is no host of the name %(host)s."), retry=passing, host=host)


def checked_addresses(
    host: str, port: int, seconds: float, allow_private: frozenset[str]
) -> list[str]:
    """Return the addresses of `host`, as `resolve` does. Raises Refused if one is private."""
    addresses = resolve(host, port, seconds)
    if f"{host}:{port}" not in allow_private and not all(map(is_public, addresses)):
        # One private address among public ones is refused too: no honest page needs it.
        raise Refused(
            _("The host %(host)s is in a private network, where we do not go."), host=host
        )
    return addresses


class PublicBackend(httpcore2.NetworkBackend):
    """Opens connections for httpcore to checked addresses, within the deadline.

    `allow_private` names `host:port` pairs that may be private, for tests.
    """

    def __init__(self, deadline: Deadline, allow_private: frozenset[str]) -> None:
        self._deadline = deadline
        self._allow_private = allow_private
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        seconds = self._deadline.at_most(timeout)
        addresses = checked_addresses(host, port, seconds, self._allow_private)
        last: Exception | None = None
        for address in addresses[:_ADDRESSES_TRIED]:
            try:
                stream = self._sockets.connect_tcp(
                    address,
                    port,
                    timeout=self._deadline.at_most(timeout),
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore2.NetworkError, httpcore2.TimeoutException) as error:
                last = error
            else:
                return _TimedStream(stream, self._deadline)
        raise Unreachable(_("The host %(host)s does not answer."), retry=True, host=host) from last

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore2.NetworkStream:
        raise Refused(_("Sockets of this machine are not fetched from."))


class _TimedStream(httpcore2.NetworkStream):
    """A connection whose every read and write ends by the deadline.

    A timeout per read alone would let a server hold us with a byte now and then, in headers too.
    """

    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.at_most(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.at_most(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        left = self._deadline.at_most(timeout)
        return _TimedStream(
            self._stream.start_tls(ssl_context, server_hostname, left), self._deadline
        )

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
