"""A proxy in front of a language model that counts what goes through, as it goes through."""

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


class CountingProxy(ThreadingHTTPServer):
    """Passes POST on to `target`; `pieces` are lines of `data:` in the answers."""

    daemon_threads = True

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = target
        self.requests = 0
        self.pieces = 0
        self.first_piece = 0.0  # seconds after the last request

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def is_up(self) -> bool:
        """Return whether the model behind it has been loaded."""
        try:
            with urllib.request.urlopen(f"{self.target}/health", timeout=2) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except OSError:
            return False

    def summary(self) -> str:
        return f"{self.requests} requests, {self.pieces} pieces, first {self.first_piece:.2f} s"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: CountingProxy

    def log_message(self, format: str, *args: Any) -> None:  # the base's name
        """Keep quiet."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests += 1
        start = time.monotonic()
        onward = urllib.request.Request(  # noqa: S310  loopback
            self.server.target + self.path, body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(onward, timeout=60) as answer:  # noqa: S310
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.headers["Content-Type"])
            self.end_headers()
            first = True
            for line in answer:
                if line.startswith(b"data:") and b"[DONE]" not in line:
                    self.server.pieces += 1
                    if first:
                        self.server.first_piece, first = time.monotonic() - start, False
                self.wfile.write(line)
                self.wfile.flush()


@contextmanager
def counting_proxy(target: str) -> Iterator[CountingProxy]:
    """Serve on a free port of loopback, before `target`."""
    server = CountingProxy(target)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
