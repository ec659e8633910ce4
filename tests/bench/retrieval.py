"""Part 5: the nearest texts in indexes of three sizes, in a process of its own.

python -m tests.bench.retrieval '{"size": count, "queries": count}', with SVAR_DATA_DIR set
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.bench.measure import ENGINE, percentiles
from tests.bench.report import Figure, Report
from tests.world import ROOT, environment

SIZES = (100, 10_000, 100_000)
_DIMENSIONS, _BATCH, _NAME = 384, 2_000, "bench"
_SLOWEST_MS = 10.0


def measure(report: Report, folder: Path, *, quick: bool) -> None:
    """Measure each size and report it."""
    for size in SIZES[:2] if quick else SIZES:
        print(f"  {size:,} entries ...", flush=True)
        data = folder / f"retrieval-{size}"
        data.mkdir()
        measured = _run(data, size, queries=150 if quick else 600)
        for share in ("p50", "p95"):
            report.figures.append(
                Figure(
                    "retrieval",
                    f"nearest of {size:,} entries, {share}",
                    "ms",
                    [part[share] for part in measured["nearest"]],
                    "bare collection.query",
                    [part[share] for part in measured["bare"]],
                    _SLOWEST_MS if share == "p95" and size == SIZES[-1] else None,
                )
            )
        if size == SIZES[-1]:
            report.notes.append(
                f"Retrieval takes {measured['neighbours']} neighbours; of random vectors, which "
                "are harder to search than those of texts. "
                f"Inserting {size:,} took {measured['inserted_in']:.0f} s."
            )


def _run(data: Path, size: int, queries: int) -> dict[str, Any]:
    migrated = [sys.executable, "manage.py", "check"]  # makes the data folder's secret key
    env = {**environment(data), **ENGINE, "SVAR_CHROMA_DIR": str(data / "chroma")}
    subprocess.run(migrated, cwd=ROOT, env=env, capture_output=True, timeout=120, check=True)
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.retrieval", json.dumps([size, queries])],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"retrieval failed:\n{done.stderr[-4000:]}")
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


# --- In the process of its own ----------------------------------------------------------------
def main() -> None:
    """Build an index and time queries on it, ours and the bare ones in turn."""
    import django

    django.setup()
    import numpy as np

    from knowledge import search, store

    size, queries = json.loads(sys.argv[1])
    chance = np.random.default_rng(20_250_101)
    vectors = _unit(chance.standard_normal((size, _DIMENSIONS), dtype=np.float32))
    store.create(_NAME)
    bare = _bare_collection()
    began = time.perf_counter()
    for start in range(0, size, _BATCH):
        _insert(bare, vectors[start : start + _BATCH], start)
    inserted_in = time.perf_counter() - began
    # As far from a stored one as a customer's question is from its variant: cosine about .87.
    chosen = vectors[chance.integers(0, size, queries)]
    noise = _unit(chance.standard_normal(chosen.shape, dtype=np.float32))
    asked = _unit(chosen + 0.55 * noise).tolist()
    warm, asked = asked[: queries // 6], asked[queries // 6 :]
    for vector in warm:
        _ask_bare(bare, vector, search.NEIGHBOURS)
        store.nearest(_NAME, vector, search.NEIGHBOURS)
    rounds = [asked[part::3] for part in range(3)]
    ours, theirs = [], []
    for vectors_asked in rounds:
        mine, other = _in_turn(bare, vectors_asked, search.NEIGHBOURS)
        ours.append(percentiles(mine))
        theirs.append(percentiles(other))
    print(
        json.dumps(
            {
                "nearest": ours,
                "bare": theirs,
                "neighbours": search.NEIGHBOURS,
                "inserted_in": inserted_in,
            }
        )
    )
    sys.stdout.flush()
    os._exit(0)  # nothing here is worth a tidy end


def _unit(vectors: Any) -> Any:
    import numpy as np

    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def _bare_collection() -> Any:
    import chromadb
    from chromadb.config import Settings
    from django.conf import settings

    client = chromadb.PersistentClient(
        path=str(settings.CHROMA_DIR), settings=Settings(anonymized_telemetry=False)
    )
    return client.get_collection(_NAME, embedding_function=None)


def _insert(collection: Any, vectors: Any, first: int) -> None:
    numbers = range(first, first + len(vectors))
    collection.add(
        ids=[f"q{number}" for number in numbers],
        embeddings=vectors,
        documents=[f"what does article {number // 30} say of case {number}?" for number in numbers],
        metadatas=[{"article": number // 30, "language": "en"} for number in numbers],
    )


def _ask_bare(collection: Any, vector: Sequence[float], count: int) -> None:
    collection.query(
        query_embeddings=[vector],
        n_results=count,
        include=["metadatas", "documents", "distances"],
    )


def _in_turn(collection: Any, asked: Any, count: int) -> tuple[list[float], list[float]]:
    """Ask for the neighbours of each vector of `asked`, alternately here and there."""
    from knowledge import store

    ours: list[float] = []
    bare: list[float] = []
    for position, vector in enumerate(asked):
        began = time.perf_counter()
        if position % 2:
            store.nearest(_NAME, vector, count)
        else:
            _ask_bare(collection, vector, count)
        (ours if position % 2 else bare).append((time.perf_counter() - began) * 1000)
    return ours, bare


if __name__ == "__main__":
    main()
