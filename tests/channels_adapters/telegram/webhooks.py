"""The side of Telegram that calls webhooks, one update after the other, until each is taken."""

import http.client
import json
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.channels_adapters.telegram.wire import ApiError, Call

if TYPE_CHECKING:
    from tests.channels_adapters.telegram.server import TelegramServer

_AGAIN = 0.05  # seconds before an update that was not taken is sent again; Telegram waits longer


class Deliverer(threading.Thread):
    """Sends what waits to the webhook, while there is one."""

    def __init__(self, server: "TelegramServer") -> None:
        super().__init__(name="telegram-webhooks", daemon=True)
        self._server = server

    def run(self) -> None:
        server = self._server
        while not server.stopping.is_set():
            with server.changed:
                server.changed.wait_for(
                    lambda: server.stopping.is_set() or (server.hook.url and server.pending)
                )
                if server.stopping.is_set():
                    return
                hook, update = server.hook, server.pending[0]
            problem = self._deliver(hook.url, hook.secret_token, update)
            with server.changed:
                if problem:
                    hook.last_error = problem
                    hook.last_error_at = int(time.time())
                elif server.pending and server.pending[0] is update:
                    server.pending.pop(0)
                server.changed.notify_all()
            if problem:
                server.stopping.wait(_AGAIN)

    def _deliver(self, url: str, secret_token: str, update: dict[str, Any]) -> str:
        """Return what went wrong, "" where it was taken."""
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        headers = {"Content-Type": "application/json"}
        if secret_token:
            headers["X-Telegram-Bot-Api-Secret-Token"] = secret_token
        try:
            connection.request("POST", parts.path or "/", json.dumps(update), headers)
            response = connection.getresponse()
            body = response.read()
        except OSError as error:
            return f"Connection failed: {type(error).__name__}"
        finally:
            connection.close()
        if not 200 <= response.status < 300:
            return f"Wrong response from the webhook: {response.status} {response.reason}"
        self._call_back(body, response.getheader("Content-Type", ""))
        return ""

    def _call_back(self, body: bytes, kind: str) -> None:
        """Call the method that the answer names; nobody learns what comes of it."""
        if not kind.startswith("application/json") or not body:
            return
        values = json.loads(body)
        method = values.pop("method", "")
        try:
            self._server.answer(Call(self._server.token, method, values, {}))
        except ApiError:
            return
