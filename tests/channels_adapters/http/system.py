"""Another system on loopback: it signs what it posts to Svar, and checks what Svar posts to it."""

import base64
import json
import socket
import threading
import time
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from channels_adapters.http import signing


class OtherSystem:
    """Keeps each message once by its id, as a receiver is told to.

    `attempts` counts every call, `taken` has the id of every message that was taken, repeats too.
    `fail` says what becomes of the next one: None, or a status, or "reset", "lost" (taken, but
    the answer never arrives).
    """

    def __init__(self) -> None:
        self.secret = signing.new_secret()
        self.messages: dict[str, dict[str, Any]] = {}
        self.bad: list[str] = []
        self.attempts = 0
        self.taken: list[str] = []
        self.fail: Callable[[], Any] = lambda: None
        self.came = threading.Condition()
        system = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                system._take(self)

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/svar"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    # --- From Svar ----------------------------------------------------------------------------
    def _take(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["content-length"]))
        headers = {name.lower(): value for name, value in request.headers.items()}
        failure = self.fail()
        with self.came:
            self.attempts += 1
        if failure == "reset":
            linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
            request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            request.connection.close()
            return
        if isinstance(failure, int):
            request.send_response(failure)
            if failure == 429:
                request.send_header("Retry-After", "1")
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        try:
            signing.check(headers, body, signing.key_of(self.secret), now=time.time())
        except signing.BadSignature as error:
            self.bad.append(str(error))
            request.send_error(401)
            return
        said = json.loads(body)
        with self.came:
            key = headers["webhook-id"]
            if said["type"] == "message":
                self.taken.append(key)
                self.messages.setdefault(key, said)
            self.came.notify_all()
        if failure == "lost":
            request.connection.close()
            return
        answer = json.dumps({"id": f"their-{key}"}).encode()
        request.send_response(200)
        request.send_header("Content-Length", str(len(answer)))
        request.end_headers()
        request.wfile.write(answer)

    def wait(self, count: int, seconds: float = 30.0) -> list[dict[str, Any]]:
        """Return the messages once there are `count` of them."""
        with self.came:
            there = self.came.wait_for(lambda: len(self.messages) >= count, timeout=seconds)
            assert there, list(self.messages.values())
            return list(self.messages.values())

    # --- To Svar ------------------------------------------------------------------------------
    def post(self, hook: str, said: Any, *, secret: str = "", at: float = 0) -> httpx.Response:
        """Post `said` to Svar, signed."""
        body = json.dumps(said).encode()
        key = signing.key_of(secret or self.secret)
        headers = signing.sign(uuid.uuid4().hex, body, key, now=at or time.time())
        return httpx.post(hook, content=body, headers=headers, timeout=30)


def message(text: str, sender: str = "c-1", **more: Any) -> dict[str, Any]:
    """Return what a customer says, as the other system posts it."""
    return {
        "type": "message",
        "id": uuid.uuid4().hex,
        "sender": {"id": sender, "name": "Karen Holm"},
        "text": text,
        **more,
    }


def file(name: str, content: bytes, content_type: str = "text/plain") -> dict[str, str]:
    """Return a file as the other system posts it."""
    return {
        "name": name,
        "content_type": content_type,
        "content": base64.b64encode(content).decode(),
    }
