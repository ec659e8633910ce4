"""Fit the confidence model on evaluation files."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from chatbot.answering.confidence import ConfidenceModel, gather_evidence
from chatbot.answering.fitting import Example, fit
from chatbot.answering.retrieval import Candidate, Match
from chatbot.answering.understanding import without_greeting
from knowledge.embeddings import StoredEmbeddings, fingerprint
from knowledge.search import NEIGHBOURS


class Command(BaseCommand):
    help = "Fit the confidence model on evaluation files, and write it where --to says."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path)
        parser.add_argument("--to", type=Path, default=settings.CONFIDENCE_MODEL)
        parser.add_argument("--ridge", type=float, default=1.0)

    def handle(self, *args: Any, **options: Any) -> None:
        sets = {path.stem: examples_of(path) for path in options["files"]}
        for name, examples in sets.items():
            others = [e for other, rows in sets.items() if other != name for e in rows]
            if others:
                held_out = ConfidenceModel(**fit(others, ridge=options["ridge"]))
                self.stdout.write(f"{name}, fitted on the others: {report(held_out, examples)}")
        every = [example for rows in sets.values() for example in rows]
        fitted = fit(every, ridge=options["ridge"])
        fitted["provenance"] = {
            "fitted": datetime.now(UTC).date().isoformat(),
            "embedding": fingerprint(),
            "sets": {name: len(rows) for name, rows in sets.items()},
            "right": sum(example.right for example in every),
        }
        options["to"].write_text(json.dumps(fitted, indent=1) + "\n", "utf-8")
        self.stdout.write(
            f"all, fitted on all: {report(ConfidenceModel(**_numbers(fitted)), every)}"
        )


def _numbers(fitted: dict[str, Any]) -> dict[str, Any]:
    return {name: fitted[name] for name in ("bias", "weights", "means", "scales")}


def report(model: ConfidenceModel, examples: list[Example], threshold: float = 0.80) -> str:
    """Return precision and coverage at `threshold`, and the calibration error in 10 bins."""
    p = np.array([model.probability(example.evidence) for example in examples])
    right = np.array([example.right for example in examples], dtype=float)
    given = p >= threshold
    precision = right[given].mean() if given.any() else float("nan")
    bins = np.minimum((p * 10).astype(int), 9)
    error = sum(
        abs(p[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean()
        for b in range(10)
        if (bins == b).any()
    )
    return (
        f"precision {precision:.3f} at coverage {given.mean():.3f}, "
        f"calibration error {error:.3f}, {len(p)} messages"
    )


def examples_of(path: Path) -> list[Example]:
    """Return the evidence for each message of an evaluation file, over its own entries."""
    data = json.loads(path.read_text("utf-8"))
    texts = [
        (entry["id"], question)
        for entry in data["entries"]
        for question in (entry["questions"] or [entry["title"]])
    ]
    embeddings = StoredEmbeddings(as_query=True)
    vectors = np.array(embeddings.embed_documents([text for _, text in texts]))
    examples = []
    for message in data["messages"]:
        question = without_greeting(message["text"])
        asked = np.array(embeddings.embed_documents([question])[0])
        similar = vectors @ asked
        found: dict[str, list[Match]] = {}
        for i in np.argsort(-similar)[:NEIGHBOURS]:
            entry, text = texts[i]
            found.setdefault(str(entry), []).append(Match(text, "", float(similar[i])))
        candidates = [Candidate(entry, tuple(matches)) for entry, matches in found.items()]
        evidence = gather_evidence(question, candidates)
        if evidence is not None:
            right = message["expected"] is not None and candidates[0].entry == str(
                message["expected"]
            )
            examples.append(Example(evidence, right))
    return examples
