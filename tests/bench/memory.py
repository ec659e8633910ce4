"""Part 4: memory, with the demo shop, after a load, and of sockets that wait."""

import shutil
from pathlib import Path

from tests.bench.answering import FREELY
from tests.bench.measure import MEGABYTE, Steps, echo_server, run_child, settled_rss
from tests.bench.report import Figure, Report
from tests.world import Server, copy_shop, running

_MOST_MB, _MOST_KB = 600, 60


def measure(report: Report, shop: Path, folder: Path, *, quick: bool) -> None:
    """Measure the server's memory and that of the bare echo; report both."""
    sockets = 200 if quick else 1_000
    print("  the bare echo ...", flush=True)
    with echo_server() as (url, pid):
        run_child(
            "load",
            {"mode": "echo", "url": url, "clients": 5, "count": 500, "seconds": 20},
            seconds=60,
        )
        echo_rss = settled_rss(pid) / MEGABYTE
        echo_kb = _per_socket(pid, sockets, url)
    print("  the server ...", flush=True)
    data = copy_shop(shop, folder / "memory")
    with running(data, **FREELY) as server:
        assert server.process is not None
        pid = server.process.pid
        _ask(server, 5, 20)  # so that everything is loaded
        started = settled_rss(pid) / MEGABYTE
        # Before the load: what that leaves free would hold the idle sockets for nothing.
        svar_kb = _per_socket(pid, sockets, f"{server.ws}/ws/chat/", server.url)
        _ask(server, 50, 200 if quick else 1_500)
        loaded = settled_rss(pid) / MEGABYTE
    shutil.rmtree(data)
    bare = "bare echo"
    report.figures += [
        Figure("memory", "RSS after start", "MB", [started], bare, [echo_rss], _MOST_MB),
        Figure("memory", "RSS after the load", "MB", [loaded], bare, [echo_rss], _MOST_MB),
        Figure(
            "memory",
            f"one of {sockets:,} idle visitors",
            "KB",
            [svar_kb],
            f"{bare}, idle",
            [echo_kb],
            _MOST_KB,
        ),
    ]


def _ask(server: Server, clients: int, count: int) -> None:
    run_child(
        "load",
        {
            "mode": "ask",
            "http_url": server.url,
            "ws_url": f"{server.ws}/ws/chat/",
            "clients": clients,
            "first": 20_000,
            "count": count,
            "each": 4,
            "visitors": count // 2 + clients,
            "seconds": 60,
        },
        seconds=180,
    )


def _per_socket(pid: int, count: int, ws_url: str, http_url: str = "") -> float:
    """Return by how many KB `count` idle sockets let a process grow, each."""
    child = Steps(
        "load",
        {"mode": "idle", "ws_url": ws_url, "http_url": http_url, "count": count},
        seconds=240,
    )
    try:
        child.reached("ready")
        before = settled_rss(pid)
        child.go_on()
        child.reached("open")
        grown = settled_rss(pid) - before
        child.go_on()
    finally:
        child.end()
    return grown / count / 1024
