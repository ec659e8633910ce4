"""Part 9: webhooks at a constant rate, beside a server that only checks their signatures.

python -m tests.bench.channels '{"calls": 10000, "rate": 200, "data": path}', in its own process
with the settings of the tests, since it shares the server's rows.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.bench.measure import percentile, run_child
from tests.bench.report import Figure, Report
from tests.world import ROOT, Server, copy_shop, environment, free_port, wait_for

_SLOWEST_MS = 3_000.0  # after which Slack calls again
_KINDS = ("slack", "telegram", "http")
_SHARES = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999, "max": 1.0}


def measure(report: Report, shop: Path, folder: Path, *, quick: bool) -> None:
    """Have the three services call, and report how soon each was answered."""
    calls, rate = (1_000, 100) if quick else (10_000, 200)
    spec = {"calls": calls, "rate": rate, "data": str(copy_shop(shop, folder / "channels"))}
    measured = run_own("channels", spec, seconds=1_800)
    ours, bare = measured["ours"], measured["bare"]
    report.figures += [
        Figure(
            "channels",
            f"{kind} webhook -> 200, {name}",
            "ms",
            [percentile(ours["ms"][kind], share)],
            "bare daphne that verifies",
            [percentile(bare["ms"][kind], share)],
            _SLOWEST_MS if name == "p99.9" else None,
        )
        for kind in _KINDS
        for name, share in _SHARES.items()
    ]
    acknowledged = sum(map(len, ours["ms"].values()))
    report.figures += [
        Figure("channels", "acknowledged", "", [acknowledged], target=calls, at_least=True),
        Figure("channels", "missing, doubled or misplaced", "", [len(measured["wrong"])], target=0),
        Figure("channels", "all read, after the first call", "s", [measured["read_after"]]),
        Figure("channels", "all answered, after the first call", "s", [measured["quiet_after"]]),
    ]
    report.notes.append(
        f"{calls:,} webhooks at {rate} a second, {measured['different']:,} different ones, one in "
        f"five sent twice and one in twenty overtaken; not answered: {ours['failed'] or 'none'}, "
        f"bare {bare['failed'] or 'none'}. The caller was at most {ours['behind_ms']:.0f} ms late "
        f"({bare['behind_ms']:.0f} bare), on {ours['connections']} connections "
        f"({bare['connections']}). {measured['replies']:,} replies came to customers; "
        f"{measured['load']:.1f} was the load average before."
    )
    if measured["wrong"]:
        report.notes.append(f"INCOMPLETE: {measured['wrong'][:5]}")


def run_own(module: str, spec: dict[str, Any], *, seconds: float) -> dict[str, Any]:
    """Run `tests.bench.<module>` with the ORM of a server's data folder, `spec["data"]`."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{module}", json.dumps(spec)],
        cwd=ROOT,
        env=environment(Path(spec["data"]), DJANGO_SETTINGS_MODULE="tests.settings"),
        stdout=subprocess.PIPE,
        text=True,
        timeout=seconds,
        check=True,
    )
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


# --- In the process of its own ----------------------------------------------------------------
def main() -> None:
    """Measure as the argument says and print the figures as JSON."""
    import django

    django.setup()
    spec = json.loads(sys.argv[1])
    print(json.dumps(_measure(Path(spec["data"]), spec["calls"], spec["rate"])))


def _measure(data: Path, count: int, rate: float) -> dict[str, Any]:
    from tests.channels_adapters.storm import Services, is_quiet, waiting, wrong

    load = os.getloadavg()[0]
    server = Server(data)
    with ExitStack() as stack:
        stack.callback(server.stop)
        services = Services(server.start(), stack)
        spare = services.storm(30, first=12_000)  # uncounted: imports, connections, caches
        _call(server.port, spare, 100, data)
        wait_for(is_quiet, seconds=60)
        before = services.replies()
        calls = services.storm(count)
        with _bare(services.secrets) as port:
            bare = _call(port, calls, rate, data)
        began = time.monotonic()
        ours = _call(server.port, calls, rate, data)
        wait_for(lambda: not waiting()["read"], seconds=900, why=lambda: str(waiting()))
        read_after = time.monotonic() - began
        wait_for(is_quiet, seconds=900, why=lambda: str(waiting()))
        return {
            "ours": ours,
            "bare": bare,
            "read_after": read_after,
            "quiet_after": time.monotonic() - began,
            "different": len({call.external_id for call in calls}),
            "replies": services.replies() - before,
            "wrong": wrong(calls),
            "load": load,
        }


def _call(port: int, calls: Sequence[Any], rate: float, folder: Path) -> dict[str, Any]:
    from tests.channels_adapters.storm import write

    write(calls, file := folder / "calls.jsonl")
    spec = {"file": str(file), "host": "127.0.0.1", "port": port, "rate": rate}
    return run_child("callers", spec, seconds=120 + len(calls) / rate)


@contextmanager
def _bare(secrets: dict[str, str]) -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.bare_hooks", json.dumps({"port": port, **secrets})],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        if process.stdout is None or process.stdout.readline().strip() != "ready":
            raise RuntimeError("the bare server did not start")
        yield port
    finally:
        process.terminate()
        process.wait(timeout=10)


if __name__ == "__main__":
    main()
