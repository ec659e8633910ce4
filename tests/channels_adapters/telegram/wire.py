"""HTTP of the Bot API: parameters in each of its four forms, answers, and the ways it fails."""

import json
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


class ApiError(Exception):
    """An answer with `ok: false`."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.parameters = parameters

    @property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": str(self)}
        return {**body, "parameters": self.parameters} if self.parameters else body


@dataclass(frozen=True)
class Upload:
    name: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Call:
    """A call of a method; values are decoded from JSON where they are JSON."""

    token: str
    method: str
    values: dict[str, Any]
    files: dict[str, Upload]

    def file(self, name: str) -> Upload | str:
        """Return what was uploaded for a parameter, else the file_id that it gives."""
        value = self.values.get(name, "")
        if isinstance(value, str) and value.startswith("attach://"):
            return self.files[value.removeprefix("attach://")]
        return self.files.get(name) or str(value)


@dataclass(frozen=True)
class Download:
    content: bytes


def handler(
    answer: Callable[[Call], Any],
    download: Callable[[str, str], bytes],
    fault: Callable[[str], str],
    hang: Callable[[], None],
) -> type[BaseHTTPRequestHandler]:
    """Return a handler: `answer` calls a method, `download` gives a file by token and path,
    `fault` names how a call of a method fails, "" for not at all."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *arguments: Any) -> None:
            """Nothing: tests read what was sent."""

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = unquote(urlsplit(self.path).path)
            try:
                if file := re.fullmatch(r"/file/bot([^/]+)/(.+)", path):
                    self._reply(200, download(file[1], file[2]), "application/octet-stream")
                    return
                called = re.fullmatch(r"/bot([^/]+)/(\w+)", path)
                if not called:
                    raise ApiError(404, "Not Found")
                if self._fails(fault(called[2])):
                    return
                call = Call(called[1], called[2], *self._parameters(body))
                self._reply(200, {"ok": True, "result": answer(call)})
            except ApiError as error:
                self._reply(error.code, error.body)
            except OSError:
                self.close_connection = True  # the client has left

        do_GET = do_POST = _handle

        def _fails(self, kind: str) -> bool:
            if kind == "timeout":
                hang()
                self.close_connection = True
            elif kind == "reset":
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
            elif kind == "500":
                self._reply(500, {"ok": False, "error_code": 500, "description": "Internal"})
            elif kind == "502":
                self._reply(502, b"<html>Bad Gateway</html>", "text/html")
            elif kind == "429":
                raise ApiError(429, "Too Many Requests: retry after 1", retry_after=1)
            return bool(kind)

        def _parameters(self, body: bytes) -> tuple[dict[str, Any], dict[str, Upload]]:
            given = {k: v[-1] for k, v in parse_qs(urlsplit(self.path).query).items()}
            files: dict[str, Upload] = {}
            kind = self.headers.get("Content-Type", "")
            if kind.startswith("application/json"):
                return {**given, **json.loads(body or b"{}")}, files
            if kind.startswith("multipart/form-data"):
                head = f"Content-Type: {kind}\r\n\r\n".encode()
                for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts():
                    name = part.get_param("name", header="content-disposition")
                    content = part.get_payload(decode=True)
                    if (file_name := part.get_filename()) is None:
                        given[name] = content.decode()
                    else:
                        files[name] = Upload(file_name, part.get_content_type(), content)
            else:
                given |= {k: v[-1] for k, v in parse_qs(body.decode()).items()}
            return {name: _decoded(name, value) for name, value in given.items()}, files

        def _reply(self, code: int, body: Any, kind: str = "application/json") -> None:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler


_TEXTS = frozenset({"text", "caption", "secret_token", "url", "file_id", "parse_mode"})


def _decoded(name: str, value: str) -> Any:
    if name in _TEXTS:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
