"""Processes of their own, and the arithmetic of their figures."""

import json
import math
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psutil

from tests.world import ROOT, free_port, wait_for

# What the embedding engine reads as it loads; the server's settings say the same.
ENGINE = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
MEGABYTE = 1024 * 1024


def raise_open_files() -> None:
    """Allow this process and its children as many open sockets as the system lets them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, 20_000) if hard != resource.RLIM_INFINITY else 20_000
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of `values` lie, by nearest rank."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("nothing was measured")
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Return p50, p95 and p99 of `values`."""
    return {f"p{share}": percentile(values, share / 100) for share in (50, 95, 99)}


def run_child(module: str, spec: dict[str, Any], *, seconds: float) -> dict[str, Any]:
    """Run `tests.bench.<module>` on `spec` in a process of its own; return what it measured."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{module}", json.dumps(spec)],
        cwd=ROOT,
        env={**os.environ, **ENGINE},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{module} failed:\n{done.stderr[-4000:]}")
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


class Steps:
    """A child that goes on, step by step, when it is told to; killed after `seconds`."""

    def __init__(self, module: str, spec: dict[str, Any], *, seconds: float) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"tests.bench.{module}", json.dumps(spec)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._watch = threading.Timer(seconds, self._process.kill)
        self._watch.start()

    def reached(self, step: str) -> None:
        """Wait until the child says that it has reached `step`."""
        assert self._process.stdout is not None
        said = self._process.stdout.readline().strip()
        if said != step:
            raise RuntimeError(f"waited for {step!r}, got {said!r}")

    def go_on(self) -> None:
        """Let the child take its next step."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def end(self) -> None:
        """Let the child end, and wait for it."""
        try:
            self._process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        finally:
            self._watch.cancel()


@contextmanager
def echo_server() -> Iterator[tuple[str, int]]:
    """Run the bare echo consumer; yield its address and process id."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.echo", str(port)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        if process.stdout.readline().strip() != "ready":
            raise RuntimeError("the echo server did not start")
        yield f"ws://127.0.0.1:{port}/", process.pid
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def rss(pid: int) -> int:
    """Return the resident memory of a process in bytes."""
    return int(psutil.Process(pid).memory_info().rss)


def settled_rss(pid: int) -> int:
    """Return the resident memory once it no longer changes, or after 10 s."""
    seen = [rss(pid)]

    def still() -> bool:
        seen.append(rss(pid))
        return len(seen) > 50 and max(seen[-50:]) - min(seen[-50:]) < MEGABYTE // 4

    with suppress(AssertionError):
        wait_for(still, seconds=10)
    return seen[-1]


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)
