"""A real server of its own process on loopback, and the people who talk to it."""

import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

ROOT = Path(__file__).resolve().parent.parent
KEY = "lund-og-lyng"
PASSWORD = "svar-demo"
# All is plain HTTP on loopback: reading the world's certificates takes 15 ms for each client.
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def manage(*command: str, data: Path, **env: str) -> str:
    """Run a management command on the data folder `data`; return what it printed."""
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=environment(data, **env),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def environment(data: Path, **env: str) -> dict[str, str]:
    """Return the environment of a server on the data folder `data`."""
    own = {name: value for name, value in os.environ.items() if "ASYNC_UNSAFE" not in name}
    return {
        **own,
        "DJANGO_SETTINGS_MODULE": "chatbot.settings",
        "SVAR_DATA_DIR": str(data),
        "SVAR_DEMO": "1",
        "SVAR_SESSION_RATE": "6000/min",
        "SVAR_LISTEN_SECONDS": "0.2",
        "SVAR_CLOSING_SECONDS": "0",
        **env,
    }


def build_shop(data: Path) -> None:
    """Make the data folder of a freshly installed demo shop."""
    for command in (
        ("migrate", "-v0"),
        ("load_demo",),
        ("collectstatic", "--noinput", "-v0"),
        ("reindex", "--if-needed"),
    ):
        manage(*command, data=data)


def copy_shop(source: Path, target: Path) -> Path:
    """Copy a data folder that no server is using."""
    shutil.copytree(source, target, dirs_exist_ok=True)
    (target / "chroma" / "owner.lock").unlink(missing_ok=True)
    return target


class Server:
    """`manage.py serve` in a process of its own."""

    def __init__(self, data: Path, port: int | None = None, **env: str) -> None:
        self.data = data
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.ws = f"ws://127.0.0.1:{self.port}"
        self.env = {"SVAR_BASE_URL": self.url, **env}
        self.log = data / "server.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Server":
        """Start, and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--port", str(self.port)],
                cwd=ROOT,
                env=environment(self.data, **self.env),
                stdout=log,
                stderr=log,
            )
        wait_for(self.answers, seconds=60, why=self.log.read_text)
        return self

    def answers(self) -> bool:
        """Return whether it answers HTTP."""
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        try:
            url = f"{self.url}/api/v1/widget/site"
            return httpx.get(url, params={"key": KEY}, verify=NO_CERTIFICATES).is_success
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Ask it to end, and wait."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill()


def wait_for(
    condition: Callable[[], Any], *, seconds: float = 20, why: Callable[[], str] = str
) -> Any:
    """Return the first truthy value of `condition`, polled; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"did not happen within {seconds} s: {why()}")


class Socket:
    """A WebSocket that keeps what it was sent until somebody asks for it."""

    def __init__(self, url: str, **options: Any) -> None:
        self.stack = ExitStack()
        self.connection = self.stack.enter_context(
            connect(url, compression=None, max_queue=None, **options)
        )
        self.unread: list[dict[str, Any]] = []

    def send(self, event: dict[str, Any] | str | bytes) -> None:
        """Send an event, or raw text, or raw bytes."""
        self.connection.send(json.dumps(event) if isinstance(event, dict) else event)

    def next(
        self, kind: str, where: Callable[[Any], bool] = lambda _: True, seconds: float = 20
    ) -> Any:
        """Return the next event of `kind` that fits, keeping the others."""
        for position, event in enumerate(self.unread):
            if event["type"] == kind and where(event):
                return self.unread.pop(position)
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            event = json.loads(self.connection.recv(timeout=left))
            if event["type"] == kind and where(event):
                return event
            self.unread.append(event)
        raise AssertionError(f"no {kind}, but {[e['type'] for e in self.unread]}")

    def message(self, author: str, kind: str = "text", seconds: float = 20) -> Any:
        """Return the next message by `author`."""
        return self.next(
            "message",
            lambda e: e["message"]["author"]["kind"] == author and e["message"]["kind"] == kind,
            seconds,
        )["message"]

    def quiet(self, kind: str, seconds: float = 0.4) -> None:
        """Check that no event of `kind` comes for a while."""
        try:
            event = self.next(kind, seconds=seconds)
        except (AssertionError, TimeoutError):
            return
        raise AssertionError(f"unexpected {event}")

    def closed_with(self, seconds: float = 5) -> int:
        """Return the code with which the server closes."""
        try:
            while True:
                self.connection.recv(timeout=seconds)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006

    def close(self) -> None:
        self.stack.close()


class Visitor:
    """A browser on a website, by the protocol of the widget."""

    def __init__(
        self, server: Server, language: str = "en", token: str = "", **session: Any
    ) -> None:
        self.server = server
        self.language = language
        self.token = token or self.session(**session)["token"]
        self.headers = {"Authorization": f"Visitor {self.token}"}
        self.http = httpx.Client(
            base_url=server.url, headers=self.headers, timeout=20, verify=NO_CERTIFICATES
        )
        self.sockets: list[Socket] = []

    def session(self, **more: Any) -> dict[str, Any]:
        """Ask for a new session."""
        answer = httpx.post(
            f"{self.server.url}/api/v1/widget/session",
            json={"key": KEY, **more},
            verify=NO_CERTIFICATES,
        )
        answer.raise_for_status()
        return answer.json()

    def open(self, **options: Any) -> Socket:
        """Open a socket, as a tab does: what is said is only sure to come once it is ready."""
        opened = Socket(
            f"{self.server.ws}/ws/chat/", subprotocols=["chat.v1", self.token], **options
        )
        self.sockets.append(opened)
        with suppress(ConnectionClosed):  # the test will see for itself why it was refused
            opened.unread.append(opened.next("ready", seconds=30))
        return opened

    def say(self, text: str, socket: Socket | None = None, client_id: str = "", **more: Any) -> str:
        """Send a message; return its client id."""
        socket = socket or (self.sockets[0] if self.sockets else self.open())
        client_id = client_id or uuid.uuid4().hex
        socket.send(
            {
                "type": "message.send",
                "client_id": client_id,
                "text": text,
                "language": self.language,
                **more,
            }
        )
        return client_id

    def ask(self, text: str, **more: Any) -> Any:
        """Send a message and return the bot's reply."""
        self.say(text, **more)
        return self.sockets[0].message("bot")

    def messages(self, **query: Any) -> list[dict[str, Any]]:
        """Return the history."""
        answer = self.http.get("/api/v1/widget/messages", params=query)
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()["messages"]
        return found

    def close(self) -> None:
        for opened in self.sockets:
            opened.close()
        self.http.close()


class Agent:
    """A person in the inbox, by its API."""

    # Those of the inbox stay logged in, as people do: a password takes long to check. (Not
    # admins, whose session remembers what they did.)
    _STAY = frozenset({"mette", "jonas", "anke", "freja"})
    _sessions: dict[tuple[str, str], list[Any]] = {}

    def __init__(self, server: Server, username: str, password: str = PASSWORD) -> None:
        self.server = server
        self.username = username
        self.http = httpx.Client(base_url=server.url, timeout=20, verify=NO_CERTIFICATES)
        if not self._is_still_logged_in():
            self._log_in(password)
        self.http.headers["X-CSRFToken"] = self.http.cookies["csrftoken"]
        self.http.headers["Origin"] = server.url
        self.socket: Socket | None = None

    def _is_still_logged_in(self) -> bool:
        for cookie in self._sessions.get((self.server.url, self.username), ()):
            self.http.cookies.jar.set_cookie(cookie)
        return bool(self.http.cookies) and self.http.get("/api/v1/inbox/me").is_success

    def _log_in(self, password: str) -> None:
        self.http.cookies.clear()
        page = self.http.get("/inbox/login/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None
        answer = self.http.post(
            "/inbox/login/",
            data={
                "username": self.username,
                "password": password,
                "csrfmiddlewaretoken": token.group(1),
            },
            headers={"Referer": self.server.url},
        )
        assert answer.status_code == 302, answer.status_code
        if self.username in self._STAY:
            self._sessions[self.server.url, self.username] = list(self.http.cookies.jar)

    def open(self) -> Socket:
        """Open the inbox: from now on this agent is here."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        self.socket = Socket(
            f"{self.server.ws}/ws/inbox/",
            origin=self.server.url,
            additional_headers={"Cookie": cookies},
        )
        self.socket.next("ready")
        return self.socket

    def get(self, path: str, **query: Any) -> Any:
        """Return the JSON of a call that must succeed."""
        answer = self.http.get(f"/api/v1/inbox/{path}", params=query)
        assert answer.is_success, answer.text
        return answer.json()

    def post(self, path: str, status: int = 200, **body: Any) -> Any:
        """Call, check the status, and return the JSON."""
        answer = self.http.post(f"/api/v1/inbox/{path}", json=body)
        assert answer.status_code == status, (answer.status_code, answer.text)
        return answer.json()

    def given(self, text: str = "I want to talk to a person") -> Any:
        """Return the conversation of this agent in which a customer last wrote `text`."""

        def found() -> Any:
            rows = self.get("conversations", view="mine")["results"]
            return next((row for row in rows if row["preview"]["text"] == text), None)

        return wait_for(found)

    def reply(self, conversation: int, text: str) -> Any:
        """Say something to the customer."""
        return self.post(
            f"conversations/{conversation}/reply", 201, client_id=uuid.uuid4().hex, text=text
        )["message"]

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
        self.http.close()


@contextmanager
def running(data: Path, **env: str) -> Iterator[Server]:
    """Run a server on `data` meanwhile."""
    server = Server(data, **env).start()
    try:
        yield server
    finally:
        server.stop()
