"""Part 6: from starting the server to its first answer."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

from websockets.sync.client import connect

from tests.bench.answering import FREELY
from tests.bench.measure import echo_server
from tests.bench.report import Figure, Report
from tests.world import ROOT, Server, Visitor, copy_shop, environment

_SLOWEST = 5.0


def measure(report: Report, shop: Path, folder: Path, *, quick: bool) -> None:
    """Start several times, the baselines in between; report seconds."""
    ours: list[float] = []
    echoes: list[float] = []
    checks: list[float] = []
    for number in range(1 if quick else 3):
        print(f"  start {number + 1} ...", flush=True)
        data = copy_shop(shop, folder / f"start-{number}")
        checks.append(_check(data))
        echoes.append(_first_echo())
        ours.append(_first_answer(data))
        shutil.rmtree(data)
    report.figures += [
        Figure(
            "start",
            "start to first answer",
            "s",
            ours,
            "bare echo, first echo",
            echoes,
            _SLOWEST,
        ),
        Figure("start", "manage.py check of the same settings", "s", checks),
    ]


def _first_answer(data: Path) -> float:
    server = Server(data, **FREELY)
    began = time.perf_counter()
    try:
        server.start()
        visitor = Visitor(server)
        visitor.open()
        visitor.ask("Do you sell gift cards?")
        took = time.perf_counter() - began
        visitor.close()
        return took
    finally:
        server.stop()


def _first_echo() -> float:
    began = time.perf_counter()
    with echo_server() as (url, _pid), connect(url, compression=None, proxy=None) as socket:
        socket.send("hello")
        socket.recv(timeout=10)
        return time.perf_counter() - began


def _check(data: Path) -> float:
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=environment(data),
        capture_output=True,
        timeout=120,
        check=True,
    )
    return time.perf_counter() - began
