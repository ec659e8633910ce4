"""The core's side of a webhook in short: a server that hands requests to an adapter."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from channels_adapters.base import HookRequest, RefusedHook
from channels_adapters.telegram.adapter import TelegramAdapter
from chatbot.envelope import Event


class HookServer:
    """Records what `adapter` accepts; `down` answers 503 that many times first."""

    def __init__(self) -> None:
        self.adapter: TelegramAdapter | None = None
        self.down = 0
        self.refused: list[int] = []
        self.events: dict[str, Event] = {}
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/hooks/telegram/k"

    def __enter__(self) -> "HookServer":
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._http.server_close()

    def handle(self, request: HookRequest) -> tuple[int, bytes, str]:
        if self.down:
            self.down -= 1
            return 503, b"", "text/plain"
        assert self.adapter is not None
        try:
            accepted = self.adapter.accept(request)
        except RefusedHook as refused:
            self.refused.append(refused.status)
            return refused.status, b"", "text/plain"
        self.events |= {event.event_id: event for event in accepted.events}
        return 200, accepted.body, accepted.content_type


def _handler(hooks: HookServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *arguments: Any) -> None:
            """Nothing."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            code, content, kind = hooks.handle(HookRequest("POST", headers, {}, body))
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler
