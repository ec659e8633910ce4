"""Part 5: the nearest texts and a decision, in indexes of three sizes, each in its own process.

python -m tests.bench.retrieval '[articles, questions an article, queries]', with SVAR_DATA_DIR set
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

SIZES = ((10, 10), (1_000, 10), (100_000, 1))  # articles, and questions of each
_DIMENSIONS, _BATCH, _NAME = 384, 2_000, "bench"
_SLOWEST_MS = 10.0
_SLOWEST_DECISION_MS = {1_000: 5.0, 100_000: 15.0}


def measure(report: Report, folder: Path, *, quick: bool) -> None:
    """Measure each size and report it."""
    for articles, each in SIZES[:2] if quick else SIZES:
        size = articles * each
        print(f"  {size:,} entries ...", flush=True)
        data = folder / f"retrieval-{size}"
        data.mkdir()
        measured = _run(data, articles, each, queries=150 if quick else 600)
        for share in ("p50", "p95"):
            report.figures += [
                Figure(
                    "retrieval",
                    f"nearest of {size:,} questions, {share}",
                    "ms",
                    [part[share] for part in measured["nearest"]],
                    "bare collection.query",
                    [part[share] for part in measured["bare"]],
                    _SLOWEST_MS if share == "p95" and articles == SIZES[-1][0] else None,
                ),
                Figure(
                    "retrieval",
                    f"decision among {articles:,} articles, {share}",
                    "ms",
                    [part[share] for part in measured["decision"]],
                    "bare collection.query",
                    [part[share] for part in measured["bare"]],
                    _SLOWEST_DECISION_MS.get(articles) if share == "p95" else None,
                ),
            ]
        if articles == SIZES[-1][0]:
            report.notes.append(
                f"Retrieval takes {measured['neighbours']} neighbours; of random vectors, which "
                "are harder to search than those of texts. A decision is both searches, the "
                "weighing and the confidence, without the embedding. "
                f"Inserting {size:,} took {measured['inserted_in']:.0f} s, and reading them into "
                f"memory {measured['read_in']:.0f} s."
            )


def _run(data: Path, articles: int, each: int, queries: int) -> dict[str, Any]:
    migrated = [sys.executable, "manage.py", "check"]  # makes the data folder's secret key
    env = {**environment(data), **ENGINE, "SVAR_CHROMA_DIR": str(data / "chroma")}
    subprocess.run(migrated, cwd=ROOT, env=env, capture_output=True, timeout=120, check=True)
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.retrieval", json.dumps([articles, each, queries])],
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

    from knowledge import field, store

    articles, each, queries = json.loads(sys.argv[1])
    chance = np.random.default_rng(20_250_101)
    vectors = _unit(chance.standard_normal((articles * each, _DIMENSIONS), dtype=np.float32))
    answers = _unit(chance.standard_normal((articles, _DIMENSIONS), dtype=np.float32))
    texts = _texts(len(vectors), chance)
    store.create(_NAME)
    bare = _bare_collection("questions")
    began = time.perf_counter()
    _insert(bare, "q", vectors, texts)
    _insert(_bare_collection("answers"), "a", answers, texts[: len(answers)])
    inserted_in = time.perf_counter() - began
    began = time.perf_counter()
    fields = _fields(vectors, answers, texts, each)
    read_in = time.perf_counter() - began
    # As far from a stored one as a customer's question is from its variant: cosine about .87.
    chosen = chance.integers(0, len(vectors), queries)
    noise = _unit(chance.standard_normal((queries, _DIMENSIONS), dtype=np.float32))
    asked = list(
        zip([texts[n] for n in chosen], _unit(vectors[chosen] + 0.55 * noise), strict=True)
    )
    warm, asked = asked[: queries // 6], asked[queries // 6 :]
    _in_turn(bare, fields, warm)
    measured = [_in_turn(bare, fields, asked[part::3]) for part in range(3)]
    found: dict[str, Any] = {
        name: [percentiles(part[name]) for part in measured]
        for name in ("nearest", "bare", "decision")
    }
    found |= {"neighbours": field.QUESTIONS, "inserted_in": inserted_in, "read_in": read_in}
    print(json.dumps(found))
    sys.stdout.flush()
    os._exit(0)  # nothing here is worth a tidy end


def _unit(vectors: Any) -> Any:
    import numpy as np

    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def _texts(count: int, chance: Any) -> list[str]:
    """Return questions of seven words out of 20,000, the first ones common, as in a language."""
    letters = chance.integers(97, 123, (20_000, 6), dtype="u1").tobytes().decode()
    words = [letters[start : start + 6] for start in range(0, len(letters), 6)]
    picked = (len(words) * chance.random((count, 7)) ** 3).astype(int)
    return [" ".join(words[n] for n in row) for row in picked]


def _bare_collection(kind: str) -> Any:
    import chromadb
    from chromadb.config import Settings
    from django.conf import settings

    client = chromadb.PersistentClient(
        path=str(settings.CHROMA_DIR), settings=Settings(anonymized_telemetry=False)
    )
    return client.get_collection(f"{_NAME}-{kind}", embedding_function=None)


def _insert(collection: Any, kind: str, vectors: Any, texts: Sequence[str]) -> None:
    for first in range(0, len(vectors), _BATCH):
        numbers = range(first, min(first + _BATCH, len(vectors)))
        collection.add(
            ids=[f"{kind}{number}" for number in numbers],
            embeddings=vectors[first : first + _BATCH],
            documents=[texts[number] for number in numbers],
            metadatas=[{"entry": str(number), "language": "en"} for number in numbers],
        )


def _fields(vectors: Any, answers: Any, texts: Sequence[str], each: int) -> Any:
    from knowledge.catalog import prior
    from knowledge.field import EntryTexts
    from knowledge.fields import Fields

    return Fields.of(
        {
            str(article): EntryTexts(
                questions=tuple((f"q{n}", texts[n], "en") for n in own),
                vectors=vectors[own.start : own.stop],
                answers=((f"a{article}", "en"),),
                answer_vectors=answers[article : article + 1],
                answer_words=frozenset(texts[article].split()),
            )
            for article in range(len(answers))
            if (own := range(article * each, (article + 1) * each))
        },
        prior(),
    )


def _in_turn(collection: Any, fields: Any, asked: Sequence[Any]) -> dict[str, list[float]]:
    """Ask for the neighbours bare and by us, and for a decision, in turn."""
    from django.conf import settings

    from chatbot.answering.confidence import load_model
    from knowledge import field, store

    model = load_model(settings.CONFIDENCE_MODEL)

    def bare(_text: str, vector: Any) -> None:
        collection.query(
            query_embeddings=[vector],
            n_results=field.QUESTIONS,
            include=["metadatas", "documents", "distances"],
        )

    def nearest(_text: str, vector: Any) -> None:
        store.nearest(_NAME, vector, field.QUESTIONS)

    def decision(text: str, vector: Any) -> None:
        near = store.nearest(_NAME, vector, fields.wanted)
        answers = store.nearest(_NAME, vector, field.ANSWERS, questions=False)
        ranking = fields.rank(text, vector, "en", near, answers)
        model.probability(ranking.evidence)

    steps = {"bare": bare, "nearest": nearest, "decision": decision}
    times: dict[str, list[float]] = {name: [] for name in steps}
    for position, (text, vector) in enumerate(asked):
        name = list(steps)[position % len(steps)]
        began = time.perf_counter()
        steps[name](text, vector)
        times[name].append((time.perf_counter() - began) * 1000)
    return times


if __name__ == "__main__":
    main()
