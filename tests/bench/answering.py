"""Parts 1 to 3, in interleaved rounds: bare embeddings and commits, bare echo, answers."""

import shutil
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.measure import echo_server, percentiles, run_child
from tests.bench.questions import LIMIT
from tests.bench.report import Figure, Report
from tests.world import Server, copy_shop, running

FREELY = {"SVAR_SESSION_RATE": "1000000/min"}
_P50_FACTOR, _SATURATION_SHARE = 1.5, 0.70


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything: rounds, questions one by one and by 50, echoes, commits."""

    rounds: int = 3
    one_by_one: int = 300
    by_many: int = 1_500
    echoes: int = 5_000
    commits: int = 2_000
    warm_up: int = 150
    each: int = 4  # questions a visitor asks; 20 in 10 s are allowed
    clients: int = 50
    seconds: float = 120.0  # the longest that any one measurement may last


QUICK = Sizes(rounds=1, one_by_one=60, by_many=250, echoes=1_000, commits=300, warm_up=50)


class Rounds:
    """Runs the rounds and keeps what they measured, by name."""

    def __init__(self, sizes: Sizes, shop: Path, folder: Path, parts: Sequence[str]) -> None:
        self.sizes, self.shop, self.folder = sizes, shop, folder
        self.parts = parts
        self.seen: dict[str, list[float]] = defaultdict(list)
        self.handed_off = self.answered = self.missing = self.cut_short = 0

    def run(self) -> None:
        """Run all rounds; every other one backwards, so that no part is always first."""
        steps = [
            step
            for part, step in (
                ("embedding", self._engine),
                ("echo", self._echo),
                ("answers", self._answers),
            )
            if part in self.parts
        ]
        for number in range(self.sizes.rounds):
            for step in steps if number % 2 == 0 else reversed(steps):
                print(f"  round {number + 1}: {step.__name__.strip('_')} ...", flush=True)
                step(number)

    def _slices(self, number: int) -> tuple[int, int, int]:
        """Where in the list this round's questions begin: one by one, by many, warm-up."""
        size = self.sizes
        start = number * (size.one_by_one + size.by_many)
        return start, start + size.one_by_one, LIMIT - (number + 1) * 2 * size.warm_up

    def _engine(self, number: int) -> None:
        one, many, _ = self._slices(number)
        measured = run_child(
            "engine",
            {
                "sequential": [one, self.sizes.one_by_one],
                "saturated": [many, self.sizes.by_many],
                "commits": self.sizes.commits,
                "folder": str(self.folder),
            },
            seconds=self.sizes.seconds * 2,
        )
        self._keep("embed", measured["sequential"])
        self._keep("commit", measured["commit"])
        self.seen["embed per_second"].append(measured["per_second"])
        self.seen["embed cpu_ms"].append(measured["cpu_ms"])

    def _echo(self, _number: int) -> None:
        with echo_server() as (url, _pid):
            for clients in (1, self.sizes.clients):
                measured = run_child(
                    "load",
                    {
                        "mode": "echo",
                        "url": url,
                        "clients": clients,
                        "count": self.sizes.echoes,
                        "seconds": self.sizes.seconds / 4,
                    },
                    seconds=self.sizes.seconds,
                )
                self._keep(f"echo {clients}", percentiles(measured["ms"]))
                self.seen[f"echo {clients} per_second"].append(measured["per_second"])

    def _answers(self, number: int) -> None:
        one, many, warm = self._slices(number)
        data = self.folder / f"answers-{number}"
        with running(copy_shop(self.shop, data), **FREELY) as server:
            # Uncounted: threads and their connections, caches, memory.
            self._ask(server, 1, warm, self.sizes.warm_up // 3)
            self._ask(server, self.sizes.clients, warm + self.sizes.warm_up, self.sizes.warm_up)
            for clients, first, count in (
                (1, one, self.sizes.one_by_one),
                (self.sizes.clients, many, self.sizes.by_many),
            ):
                self._count(clients, self._ask(server, clients, first, count))
        shutil.rmtree(data)

    def _ask(self, server: Server, clients: int, first: int, count: int) -> dict[str, Any]:
        assert server.process is not None
        return run_child(
            "load",
            {
                "mode": "ask",
                "http_url": server.url,
                "ws_url": f"{server.ws}/ws/chat/",
                "clients": clients,
                "first": first,
                "count": count,
                "each": self.sizes.each,
                # Some are handed off before they have asked everything.
                "visitors": count // 2 + clients,
                "seconds": self.sizes.seconds,
                "server_pid": server.process.pid,
            },
            seconds=self.sizes.seconds * 3,
        )

    def _count(self, clients: int, measured: dict[str, Any]) -> None:
        self._keep(f"answer {clients}", percentiles(measured["ms"]))
        for name in ("per_second", "server_cpu_ms", "generator_cpu_ms"):
            self.seen[f"answer {clients} {name}"].append(measured[name])
        self.answered += measured["answered"]
        self.handed_off += measured["handed_off"]
        self.missing += measured["missing"]
        self.cut_short += measured["cut_short"]

    def _keep(self, name: str, found: dict[str, float]) -> None:
        for share, value in found.items():
            self.seen[f"{name} {share}"].append(value)


def measure(report: Report, rounds: Rounds) -> None:
    """Run `rounds` and report their figures."""
    rounds.run()
    seen, many = rounds.seen, rounds.sizes.clients
    if "embedding" in rounds.parts:
        _report_engine(report, seen)
    if "echo" in rounds.parts:
        _report_echo(report, seen, many)
    if "answers" in rounds.parts:
        _report_answers(report, seen, many)
        _note(report, rounds)


def _report_engine(report: Report, seen: dict[str, list[float]]) -> None:
    report.figures += [
        Figure("embedding", "bare embedding, p50", "ms", seen["embed p50"]),
        Figure("embedding", "bare embedding, all cores", "/s", seen["embed per_second"]),
        Figure("embedding", "bare SQLite commit, p50", "ms", seen["commit p50"]),
    ]


def _report_echo(report: Report, seen: dict[str, list[float]], many: int) -> None:
    for clients in (1, many):
        report.figures += [
            Figure("echo", f"bare echo, {_clients(clients)}, {share}", "ms", seen[name])
            for share in ("p50", "p95", "p99")
            if (name := f"echo {clients} {share}")
        ]
        report.figures.append(
            Figure(
                "echo",
                f"bare echo, {_clients(clients)}, messages",
                "/s",
                seen[f"echo {clients} per_second"],
            )
        )


def _report_answers(report: Report, seen: dict[str, list[float]], many: int) -> None:
    floor = [e + c for e, c in zip(seen["embed p50"], seen["commit p50"], strict=True)]
    for share in ("p50", "p95", "p99"):
        base = [e + c for e, c in zip(seen[f"embed {share}"], seen[f"commit {share}"], strict=True)]
        target = Figure("", "", "", floor).value * _P50_FACTOR if share == "p50" else None
        report.figures.append(
            Figure(
                "answers",
                f"question -> answer, 1 client, {share}",
                "ms",
                seen[f"answer 1 {share}"],
                f"embedding + commit, {share}",
                base,
                target,
                target_rule=f"{_P50_FACTOR} x" if target else "",
            )
        )
    report.figures.append(
        Figure(
            "answers",
            "answers, 1 client",
            "/s",
            seen["answer 1 per_second"],
            "1 / (embedding + commit)",
            [1000 / value for value in floor],
        )
    )
    for share in ("p50", "p95", "p99"):
        report.figures.append(
            Figure(
                "answers",
                f"question -> answer, {many} clients, {share}",
                "ms",
                seen[f"answer {many} {share}"],
                f"{many} / bare embedding per s",
                [many / value * 1000 for value in seen["embed per_second"]],
            )
        )
    bare = Figure("", "", "", seen["embed per_second"]).value
    report.figures += [
        Figure(
            "answers",
            f"answers, {many} clients",
            "/s",
            seen[f"answer {many} per_second"],
            "bare embedding, all cores",
            seen["embed per_second"],
            bare * _SATURATION_SHARE,
            at_least=True,
            target_rule=f"{_SATURATION_SHARE:.0%}",
        ),
        Figure(
            "answers",
            f"server's CPU per answer, {many} clients",
            "ms",
            seen[f"answer {many} server_cpu_ms"],
            "bare embedding, all cores",
            seen["embed cpu_ms"],
        ),
    ]


def _note(report: Report, rounds: Rounds) -> None:
    generator = Figure("", "", "", rounds.seen[f"answer {rounds.sizes.clients} generator_cpu_ms"])
    report.notes += [
        f"{rounds.answered:,} answers counted, {rounds.handed_off:,} of them handoffs; "
        f"{rounds.missing} never came. Nobody is in the inbox, so handoffs wait in the queue.",
        f"The load generator shares the cores: {generator.value:.2f} ms of CPU per answer at "
        f"{rounds.sizes.clients} clients.",
        f"A visitor asks up to {rounds.sizes.each} questions and is then replaced by one already "
        "connected; every question is a different text, so no vector is cached.",
    ]
    if rounds.missing or rounds.cut_short:
        report.notes.append(
            f"INCOMPLETE: {rounds.missing} answers missing, {rounds.cut_short} measurement(s) "
            "ran out of visitors."
        )


def _clients(count: int) -> str:
    return "1 client" if count == 1 else f"{count} clients"
