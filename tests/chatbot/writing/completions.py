"""A server on loopback that speaks OpenAI's chat completions, as documented, and its failures.

With `text` empty it writes the first two sentences of the first entry of the prompt.

POST /v1/chat/completions with "stream": true answers `text/event-stream`: `data: {chunk}` lines,
the text in choices[0].delta.content, and `data: [DONE]` at the end. Errors are JSON with a status.
"""

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from chatbot.answering.sentences import plain, split_sentences


class CompletionsServer(ThreadingHTTPServer):
    """`behave`: stream, refuse (with `status`), hang, stall (after a piece), break or garble.

    A piece has four characters and comes each `pause` seconds.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behave = "stream"
        self.status = 200
        self.pause = 0.002
        self.text = "You have 60 days to return an item [1]."
        self.requests: list[dict[str, Any]] = []
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: CompletionsServer

    def log_message(self, format: str, *args: Any) -> None:  # the base's name
        """Keep quiet."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append({"path": self.path, "headers": dict(self.headers), **body})
        if self.server.behave == "hang":
            self.server.released.wait(30)
            return
        if self.server.behave == "refuse":
            self._refuse()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self._chunk({"role": "assistant", "content": ""})
        text = self.server.text or quotation(body["messages"][-1]["content"])
        for start in range(0, len(text), 4):
            self._chunk({"content": text[start : start + 4]})
            if self.server.behave == "stall" and start:
                self.server.released.wait(30)
            if self.server.behave == "break" and start:
                return  # without finish_reason or [DONE]
            if self.server.behave == "garble" and start:
                self.wfile.write(b"data: {not json\n\n")
            time.sleep(self.server.pause)
        self._chunk({}, finish="stop")
        self.wfile.write(b"data: [DONE]\n\n")

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> None:
        chunk = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "test",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        }
        self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.flush()

    def _refuse(self) -> None:
        error = {"error": {"message": "no", "type": "error", "code": str(self.server.status)}}
        body = json.dumps(error).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if self.server.status == 429:
            self.send_header("Retry-After", "30")
        self.end_headers()
        self.wfile.write(body)


def quotation(prompt: str) -> str:
    """Return the first two sentences of the first entry of the prompt, cited."""
    entry = re.search(r'kind="entry" number="1">\n.*?\n(.*?)\n</data', prompt, re.DOTALL)
    assert entry is not None, prompt
    said = [one.strip() for one in split_sentences(plain(entry[1]))[:2]]
    return " ".join(f"{one.rstrip('.:')} [1]." for one in said)


@contextmanager
def completions_server() -> Iterator[CompletionsServer]:
    """Serve on a free port of loopback."""
    server = CompletionsServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
