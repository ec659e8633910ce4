"""A real HTTP server on loopback that a fake system answers from, and the ways it fails."""

import json
import ssl
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

Reply = tuple[int, Any, Mapping[str, str]]


@dataclass(frozen=True)
class Seen:
    """A request as it arrived; `target` is not decoded."""

    method: str
    target: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Status:
    """An answer of any kind: bytes are sent as they are, anything else as JSON."""

    code: int
    body: Any = field(default_factory=lambda: {"error": "no"})
    headers: Mapping[str, str] = field(default_factory=dict)


MALFORMED = Status(200, b'{"orders": [', {"Content-Type": "application/json"})
A_WORD = Status(200, "hello")
ANOTHER_OBJECT = Status(200, {"unexpected": True})
HALF_A_LETTER = Status(200, b'{"number": "\\ud83d"}')
OVERSIZE = Status(200, b'"' + b"x" * (8 * 1024 * 1024) + b'"')
HANG, DRIP, CUT, CLOSE, DRIP_HEADERS = "hang", "drip", "cut", "close", "drip headers"
Fault = Status | str


class FakeSystem:
    """A system; subclasses say in `answer` what it answers while it is well."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.latency = 0.0
        self._next: deque[Fault] = deque()
        self._always: Fault | None = None
        self.stopping = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.002}, daemon=True
        )

    def __enter__(self) -> "FakeSystem":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def wrap(self, context: ssl.SSLContext) -> None:
        """Speak TLS from now on."""
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )

    def answer(self, seen: Seen) -> Reply:
        """Return status, body (bytes, or what becomes JSON) and headers."""
        raise NotImplementedError

    def fails_with(self, *faults: Fault) -> None:
        """Answer the next requests so, one after the other, and then well again."""
        self._next = deque(faults)

    def fails_always(self, fault: Fault | None) -> None:
        """Answer every request so, until it is taken back by None."""
        self._always = fault

    def fault(self) -> Fault | None:
        """Return how the request at hand fails."""
        return self._next.popleft() if self._next else self._always


def _handler(system: FakeSystem) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *arguments: Any) -> None:
            """Nothing: tests read what was seen."""

        def _handle(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            seen = Seen(
                self.command,
                self.path,
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(length),
            )
            system.seen.append(seen)
            fault = system.fault()
            if system.latency:
                system.stopping.wait(system.latency)
            try:
                if isinstance(fault, str):
                    self._break(fault)
                elif fault is not None:
                    self._reply((fault.code, fault.body, fault.headers))
                else:
                    self._reply(system.answer(seen))
            except OSError:
                self.close_connection = True  # the client has left

        do_GET = do_POST = do_PUT = _handle

        def _reply(self, reply: Reply) -> None:
            status, body, headers = reply
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _break(self, how: str) -> None:
            self.close_connection = True
            if how == HANG:
                system.stopping.wait(20)
            elif how == CUT:
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self.wfile.write(b'{"orders": [')
            elif how == DRIP:
                self.send_response(200)
                self.send_header("Content-Length", "100000")
                self.end_headers()
                while not system.stopping.wait(0.02):
                    self.wfile.write(b" ")
            elif how == DRIP_HEADERS:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while not system.stopping.wait(0.02):
                    self.wfile.write(b"x")

    return Handler
