"""Svar on several machines: processes that share only PostgreSQL, Redis and a Chroma server."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import httpx

from tests.world import ROOT, Server, environment, free_port, manage, wait_for

if TYPE_CHECKING:
    from redis import Redis

DATABASE_URL = os.environ.get("SVAR_TEST_DATABASE_URL", "")
REDIS_URL = os.environ.get("SVAR_TEST_REDIS_URL", "")
# Indexing the whole shop takes a minute; these articles are enough to be asked about.
ARTICLES = (
    "delivery-time",
    "delivery-price",
    "pay-later",
    "payment-methods",
    "return-deadline",
    "gift-card",
    "opening-hours",
    "warranty-period",
)
QUESTION = "How long does delivery take?"


def database_url(name: str) -> str:
    """Return the URL of a database on the server of these tests."""
    return urlunsplit(urlsplit(DATABASE_URL)._replace(path=f"/{name}"))


def create_database(name: str, template: str = "template1") -> str:
    """Create a database, empty or like `template`; return its URL."""
    import psycopg  # only where these tests run, not where they are merely collected

    with psycopg.connect(DATABASE_URL, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return database_url(name)


def load_small_shop(data: Path, **env: str) -> None:
    """Fill an empty database with the demo shop, of a few articles only."""
    manage("migrate", "-v0", data=data, **env)
    manage("load_demo", data=data, **env)
    few = f"from knowledge.models import *; Article.objects.exclude(slug__in={ARTICLES}).delete()"
    manage("shell", "--no-imports", "-c", few, data=data, **env)


class Program:
    """A process of ours, or Chroma's server, with a log."""

    def __init__(self, name: str, command: list[str], data: Path, **env: str) -> None:
        self.name = name
        self.command = command
        self.data = data
        self.env = env
        self.log = data / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, ready: Callable[[], object] | None = None) -> "Program":
        """Start, and wait until it is `ready`."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=environment(self.data, **self.env),
                stdout=log,
                stderr=log,
            )
        if ready is not None:
            wait_for(ready, seconds=60, why=self.log.read_text)
        return self

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Ask it to end, and wait."""
        if self.process is None or not self.is_running:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()


class Machines:
    """Two web servers, workers, the sweep and a Chroma server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "operator").mkdir()
        self.programs: list[Program] = []
        self.servers: list[Server] = []
        port = free_port()
        self.env = {
            "SVAR_SECRET_KEY": "the-same-on-every-machine-" * 3,
            "SVAR_DATABASE_URL": create_database("many"),
            "SVAR_REDIS_URL": REDIS_URL,
            "SVAR_CHROMA_URL": f"http://127.0.0.1:{port}",
            "SVAR_TASKS_BACKEND": "django_tasks_rq.RQBackend",
        }
        self._chroma(port)

    def _machine(self, name: str) -> Path:
        """Return the data folder of a machine: nothing in it is shared with the others."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return folder

    def _chroma(self, port: int) -> None:
        data = self._machine("chroma")
        command = [str(Path(sys.executable).parent / "chroma"), "run", "--host", "127.0.0.1"]
        command += ["--port", str(port), "--path", str(data / "index")]

        def answers() -> bool:
            try:
                return httpx.get(f"http://127.0.0.1:{port}/api/v2/heartbeat").is_success
            except httpx.TransportError:
                return False

        chroma = Program("chroma", command, data)
        self.programs.append(chroma)
        chroma.start(answers)

    def program(self, name: str, *command: str) -> Program:
        """Return a management command as a machine's program, not yet started."""
        made = Program(
            name, [sys.executable, "manage.py", *command], self._machine(name), **self.env
        )
        self.programs.append(made)
        return made

    def worker(self, name: str) -> Program:
        """Start a worker."""
        worker = self.program(name, "rqworker")
        return worker.start(lambda: "Listening on" in worker.log.read_text())

    def serve(self, name: str) -> Server:
        """Start a web server."""
        data = self._machine(name)
        manage("collectstatic", "--noinput", "-v0", data=data, **self.env)
        server = Server(data, **self.env)
        self.servers.append(server)
        return server.start()

    def manage(self, *command: str) -> str:
        """Run a management command, as on an operator's machine."""
        return manage(*command, data=self._machine("operator"), **self.env)

    def run(self, *command: str, **env: str) -> str:
        """Run a script of these tests in a process of this installation."""
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=environment(self._machine("operator"), **{**self.env, **env}),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """Return what the database says."""
        import psycopg

        with psycopg.connect(self.env["SVAR_DATABASE_URL"]) as connection:
            return connection.execute(query.encode(), values or None).fetchall()

    def redis(self) -> "Redis":
        """Return a client of the machines' Redis."""
        from redis import Redis

        return Redis.from_url(REDIS_URL)

    def write(self, query: str) -> None:
        """Change rows behind everybody's back."""
        import psycopg

        with psycopg.connect(self.env["SVAR_DATABASE_URL"]) as connection:
            connection.execute(query.encode())

    def stop(self) -> None:
        for server in self.servers:
            server.stop()
        for program in reversed(self.programs):
            program.stop()
