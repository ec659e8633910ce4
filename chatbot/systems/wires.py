"""Connections whose every step ends by the deadline of the call that they serve.

A timeout per read alone would let a server hold us with a byte now and then. Connections are kept
and shared, so the deadline belongs to the thread that makes the call, not to the connection.
"""

import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore2

_ADDRESSES_TRIED = 3  # of a name; more would use up the time
_current = threading.local()


class Deadline:
    """The moment by which a call to a system has to end, `seconds` from now."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left; negative when it has passed."""
        return self._ends - time.monotonic()

    def at_most(self, seconds: float | None) -> float:
        """Return `seconds`, or what is left if that is less. Raises ReadTimeout."""
        left = self.left()
        if left <= 0:
            raise httpcore2.ReadTimeout("The deadline has passed.")
        return left if seconds is None else min(seconds, left)


@contextmanager
def ending_by(deadline: Deadline) -> Iterator[None]:
    """Have all that this thread sends and receives in the block end by `deadline`."""
    before = getattr(_current, "deadline", None)
    _current.deadline = deadline
    try:
        yield
    finally:
        _current.deadline = before


def _at_most(seconds: float | None) -> float | None:
    deadline: Deadline | None = getattr(_current, "deadline", None)
    return seconds if deadline is None else deadline.at_most(seconds)


def _addresses(host: str, port: int, seconds: float | None) -> list[str]:
    """Return the addresses of `host`. The system's resolver knows no time limit, so it runs in a
    thread that is left behind when it does not answer. Raises ConnectError or ConnectTimeout.
    """
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

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
        raise httpcore2.ConnectTimeout("The name was not resolved in time.") from None
    if isinstance(answer, Exception) or not answer:
        raise httpcore2.ConnectError("There is no host of that name.")
    return answer


class TimedBackend(httpcore2.NetworkBackend):
    """Opens connections for httpcore within the current deadline."""

    def __init__(self) -> None:
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        last: Exception = httpcore2.ConnectError("No address answers.")
        for address in _addresses(host, port, _at_most(timeout))[:_ADDRESSES_TRIED]:
            try:
                return TimedStream(
                    self._sockets.connect_tcp(
                        address,
                        port,
                        timeout=_at_most(timeout),
                        local_address=local_address,
                        socket_options=socket_options,
                    )
                )
            except (httpcore2.NetworkError, httpcore2.TimeoutException) as error:
                last = error
        raise last

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore2.NetworkStream:
        raise httpcore2.UnsupportedProtocol("Systems are not reached over sockets of this machine.")


class TimedStream(httpcore2.NetworkStream):
    """A connection whose every read and write ends by the current deadline."""

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _at_most(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _at_most(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        return TimedStream(self._stream.start_tls(ssl_context, server_hostname, _at_most(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
