"""Socket Mode on loopback: docs.slack.dev/apis/events-api/using-socket-mode."""

import contextlib
import json
import socket
import threading
import time
import uuid
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve


class SocketMode:
    """Connections of an app. An envelope that is not acknowledged in time is sent again."""

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self.connections: list[ServerConnection] = []
        self.acknowledged: list[str] = []
        self.sent: list[str] = []
        self._changed = threading.Condition()
        self._tickets: set[str] = set()
        self._server: Server | None = None

    def start(self) -> None:
        """Listen on a port of the system's choice."""
        self._server = serve(self._serve, "127.0.0.1", 0, close_timeout=0.5)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """End, with all connections."""
        if self._server is not None:
            self._server.shutdown()
        for each in list(self.connections):
            each.close()

    def new_url(self) -> str:
        """Return an address that is good for one connection."""
        assert self._server is not None
        ticket = uuid.uuid4().hex
        self._tickets.add(ticket)
        return f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}/link/?ticket={ticket}"

    def wait_connected(self, count: int = 1, seconds: float = 5.0) -> None:
        """Wait until there are so many connections."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.connections) == count, seconds)

    def wait_moved(self, old: ServerConnection, seconds: float = 5.0) -> None:
        """Wait until there is another connection instead of `old`."""
        with self._changed:
            assert self._changed.wait_for(
                lambda: self.connections and old not in self.connections, seconds
            )

    def disconnect(self, reason: str) -> None:
        """Ask the oldest connection to go: warning, refresh_requested, link_disabled."""
        info = {"type": "disconnect", "reason": reason, "debug_info": {"host": "test"}}
        self.connections[0].send(json.dumps(info))

    def drop(self) -> None:
        """End all connections without a goodbye, as a broken network does."""
        for each in list(self.connections):
            with contextlib.suppress(OSError):
                each.socket.shutdown(socket.SHUT_RDWR)

    def deliver(self, payload: dict[str, Any], kind: str, attempts: int) -> tuple[int, ...]:
        """Send an envelope until it is acknowledged; 200 is an acknowledgement, 0 none."""
        statuses: list[int] = []
        for attempt in range(attempts):
            envelope_id = str(uuid.uuid4())
            envelope = {
                "envelope_id": envelope_id,
                "payload": payload,
                "type": kind,
                "accepts_response_payload": kind == "interactive",
                "retry_attempt": attempt,
                "retry_reason": "timeout" if attempt else "",
            }
            statuses.append(200 if self._sent(envelope_id, json.dumps(envelope)) else 0)
            if statuses[-1] == 200:
                break
        return tuple(statuses)

    def _sent(self, envelope_id: str, frame: str) -> bool:
        deadline = time.monotonic() + self.timeout
        with self._changed:
            if not self._changed.wait_for(lambda: self.connections, self.timeout):
                return False
            connection = self.connections[-1]
        try:
            connection.send(frame)
        except ConnectionClosed:
            return False
        with self._changed:
            self.sent.append(envelope_id)
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: envelope_id in self.acknowledged or connection not in self.connections,
                max(0.0, deadline - time.monotonic()),
            )
            return envelope_id in self.acknowledged

    def _serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        ticket = connection.request.path.rpartition("=")[2]
        if ticket not in self._tickets:
            connection.close(4001, "unknown ticket")
            return
        self._tickets.discard(ticket)
        connection.send(json.dumps({"type": "hello", "num_connections": 1}))
        with self._changed:
            self.connections.append(connection)
            self._changed.notify_all()
        try:
            for frame in connection:
                with self._changed:
                    self.acknowledged.append(json.loads(frame)["envelope_id"])
                    self._changed.notify_all()
        except ConnectionClosed:
            pass
        finally:
            with self._changed:
                self.connections.remove(connection)
                self._changed.notify_all()
