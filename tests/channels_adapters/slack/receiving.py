"""What the core does with an adapter, at its smallest: records each event once, then reads it."""

import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from channels_adapters.base import HookRequest, RefusedHook
from channels_adapters.slack.adapter import SlackAdapter
from chatbot.conversations.models import Channel
from chatbot.envelope import Event, Inbound, InboundMessage


class Recorded:
    """Events by their ids: a second one of an id changes nothing."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.events: dict[str, Event] = {}
        self.calls = 0
        self._changed = threading.Condition()

    def __call__(self, events: Sequence[Event]) -> None:
        with self._changed:
            self.calls += 1
            for event in events:
                self.events.setdefault(event.event_id, event)
            self._changed.notify_all()

    def wait(self, count: int, seconds: float = 5.0) -> None:
        """Wait until so many events are recorded."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.events) >= count, seconds)

    def read(self) -> list[Inbound]:
        """Return what the events say, each message once, in their order."""
        adapter = SlackAdapter(self.channel)
        found: list[Inbound] = []
        for event in sorted(self.events.values(), key=lambda event: event.order):
            for inbound in adapter.parse(event):
                known = [each.external_id for each in found if isinstance(each, InboundMessage)]
                if not isinstance(inbound, InboundMessage) or inbound.external_id not in known:
                    found.append(inbound)
        return found

    def messages(self) -> list[InboundMessage]:
        """Return the messages alone."""
        return [each for each in self.read() if isinstance(each, InboundMessage)]


class Hook:
    """The address that Slack calls. `fails`: how many requests are answered with 500 first."""

    def __init__(self, channel: Channel) -> None:
        self.recorded = Recorded(channel)
        self.fails = 0
        self.requests: list[HookRequest] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_args: Any) -> None:
                pass

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                query = dict(parse_qsl(urlsplit(self.path).query))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, answer = hook.answer(HookRequest("POST", headers, query, body))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(answer)

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}/hooks/slack/k"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, request: HookRequest) -> tuple[int, bytes]:
        self.requests.append(request)
        try:
            accepted = SlackAdapter(self.recorded.channel).accept(request)
        except RefusedHook as refused:
            return refused.status, b""
        self.recorded(accepted.events)
        if self.fails:
            self.fails -= 1
            return 500, b""
        return 200, accepted.body

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
