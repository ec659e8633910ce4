"""Measure answers and their confidences on labelled files."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chatbot.answering.confidence import ConfidenceModel
from chatbot.answering.evaluation import Figures, Scored, figures_of
from chatbot.answering.labelled import POOLED, BadFile, LabelledSet, read_sets
from chatbot.answering.pictures import reliability
from chatbot.answering.refitting import Label, refit
from chatbot.trials import rank_all
from knowledge.field import Ranking
from knowledge.trial import alone


@dataclass(frozen=True, slots=True)
class Result:
    """One file, scored: by which model, how, and how fast."""

    name: str
    model: str
    scored: Sequence[Scored]
    per_second: float | None
    peers: Mapping[str, Sequence[Scored]]


class Command(BaseCommand):
    help = (
        "Build a throw-away index of each file's entries, answer its messages, and print how "
        "good the answers and their confidences are, beside the file's peers. A file that the "
        "shipped model has seen is scored by the one that was fitted without it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path)
        parser.add_argument("--json", type=Path, help="write the figures and the bins here")
        parser.add_argument("--plot", type=Path, help="write the reliability diagram here (SVG)")
        parser.add_argument("--labels", type=int, default=0, metavar="N")
        parser.add_argument("--seed", type=int, default=0, metavar="S")
        parser.add_argument("--threshold", type=float, default=settings.CONFIDENCE_THRESHOLD)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sets = read_sets(options["files"])
        except BadFile as error:
            raise CommandError(str(error)) from error
        for written in (options["json"], options["plot"]):
            if written and not written.parent.is_dir():
                raise CommandError(f"There is no folder {written.parent}.")
        if options["labels"] < 0:
            raise CommandError("--labels is a number of messages, 0 or more.")
        results = []
        with alone():
            for data in sets:
                self.stderr.write(f"{data.name}: {len(data.messages)} messages ...")
                results.append(self._score(data, options["labels"], options["seed"]))
        figures = {
            row: figures_of(scored, threshold=options["threshold"])
            for row, scored in _rows(results).items()
        }
        self._print(results, figures)
        if options["json"]:
            written = json.dumps(_as_json(results, figures), indent=1) + "\n"
            options["json"].write_text(written, "utf-8")
        if options["plot"]:
            scored = [one for result in results for one in result.scored]
            title = results[0].name if len(results) == 1 else f"{len(results)} sets"
            options["plot"].write_text(
                reliability(scored, title=title, threshold=options["threshold"]) + "\n", "utf-8"
            )

    def _score(self, data: LabelledSet, labels: int, seed: int) -> Result:
        used, model = model_for(data)
        found, seconds = rank_all(data)
        rows = list(zip(data.messages, found, strict=True))
        picked: set[int] = set()
        if labels:
            # Of two classes of message: those refitted on, and the rest, which are scored.
            chosen = random.Random(seed).sample(range(len(rows)), min(labels, len(rows) - 1))  # noqa: S311
            picked = set(chosen)
            refitted = refit(
                model,
                [
                    Label(rows[i][1].evidence, _is_right(rows[i][1], rows[i][0].expected))
                    for i in chosen
                ],
            )
            model = refitted.model
            used += f", refitted on {len(picked)}" if refitted.is_kept else ", refit not kept"
        scored = [
            _scored(message.expected, ranking, model)
            for number, (message, ranking) in enumerate(rows)
            if number not in picked
        ]
        peers = {
            name: [one for number, one in enumerate(peer) if number not in picked]
            for name, peer in data.peers.items()
        }
        return Result(data.name, used, scored, len(rows) / seconds, peers)

    def _print(self, results: Sequence[Result], figures: Mapping[tuple[str, str], Figures]) -> None:
        speed = {result.name: result.per_second for result in results}
        at = next(iter(figures.values())).at_threshold.threshold
        table: list[tuple[str, ...]] = [_headings(at)]
        for (name, who), found in figures.items():
            label = name if who == "svar" else f"  {who}"
            per_second = speed.get(name) if who == "svar" else None
            table.append((label, *_cells(found), f"{per_second:.0f}" if per_second else ""))
        widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
        for row in table:
            first, *others = row
            cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
            self.stdout.write("  ".join([first.ljust(widths[0]), *cells]))
        for result in results:
            self.stdout.write(f"{result.name}: scored by the model {result.model}.")
        pooled = figures[POOLED, "svar"] if len(results) > 1 else figures[results[0].name, "svar"]
        self.stdout.write("\nconfidence  messages  promised  right")
        for found_bin in pooled.bins:
            self.stdout.write(
                f"{found_bin.low:.1f} - {found_bin.high:.1f}   {found_bin.count:8d}"
                f"     {found_bin.confidence:.3f}  {found_bin.accuracy:.3f}"
            )


def model_for(data: LabelledSet) -> tuple[str, ConfidenceModel]:
    """Return the shipped model that has not seen the set's messages, and what to call it."""
    raw = json.loads(settings.CONFIDENCE_MODEL.read_text("utf-8"))
    seen = [
        name for name, about in raw["provenance"]["sets"].items() if data.has_seen(about["sketch"])
    ]
    if not seen:
        return "that is shipped", ConfidenceModel.of(raw["model"])
    if len(seen) > 1 or seen[0] not in raw["without"]:
        raise CommandError(f"{data.name}: no model was fitted without {', '.join(seen)}")
    return f"fitted without {seen[0]}", ConfidenceModel.of(raw["without"][seen[0]])


def _scored(expected: str | None, ranking: Ranking, model: ConfidenceModel) -> Scored:
    if not ranking.entries:
        return Scored(expected, None, 0.0)
    return Scored(expected, ranking.entries[0].entry, model.probability(ranking.evidence))


def _is_right(ranking: Ranking, expected: str | None) -> bool:
    return bool(ranking.entries) and ranking.entries[0].entry == expected


def _rows(results: Sequence[Result]) -> dict[tuple[str, str], Sequence[Scored]]:
    """Return what is counted: each file and its peers, then all together."""
    rows: dict[tuple[str, str], Sequence[Scored]] = {}
    for result in results:
        rows[result.name, "svar"] = result.scored
        rows |= {(result.name, peer): scored for peer, scored in result.peers.items()}
    if len(results) > 1:
        rows[POOLED, "svar"] = [one for result in results for one in result.scored]
        everywhere = set.intersection(*(set(result.peers) for result in results))
        for peer in sorted(everywhere):
            rows[POOLED, peer] = [one for result in results for one in result.peers[peer]]
    return rows


def _headings(threshold: float) -> tuple[str, ...]:
    at = f"@{threshold:.2f}".replace("@0.", "@.")
    return (
        "",
        "messages",
        "top-1",
        f"right {at}",
        f"cov. {at}",
        "cov. @80%",
        "cov. @90%",
        "o.o.s. off",
        "calib. err.",
        "per s",
    )


def _cells(found: Figures) -> tuple[str, ...]:
    return (
        str(found.messages),
        _percent(found.top_1),
        _percent(found.at_threshold.precision),
        _percent(found.at_threshold.coverage),
        _percent(found.coverage_80),
        _percent(found.coverage_90),
        _percent(found.out_of_scope_handed_off),
        f"{found.calibration_error:.3f}",
    )


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share * 100:.1f}"


def _as_json(
    results: Sequence[Result], figures: Mapping[tuple[str, str], Figures]
) -> dict[str, Any]:
    about = {result.name: result for result in results}
    written: dict[str, Any] = {}
    for (name, who), found in figures.items():
        row = written.setdefault(name, {"peers": {}})
        if who != "svar":
            row["peers"][who] = asdict(found)
            continue
        row |= asdict(found)
        if name in about:
            row |= {"model": about[name].model, "questions_per_second": about[name].per_second}
    return written
