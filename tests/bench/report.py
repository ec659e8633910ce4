"""Figures, each beside its baseline and its target, as a table and as JSON."""

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.world import ROOT

_HEADINGS = ("what", "figure", "min - max", "baseline", "its value", "target", "met")


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured in each round, and what it is measured against."""

    part: str
    name: str
    unit: str
    values: Sequence[float]
    baseline_name: str = ""
    baseline: Sequence[float] = ()
    target: float | None = None
    at_least: bool = False  # else at most
    target_rule: str = ""

    @property
    def value(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.values)

    @property
    def baseline_value(self) -> float | None:
        """The median of the baseline's rounds."""
        return statistics.median(self.baseline) if self.baseline else None

    @property
    def met(self) -> bool | None:
        """Whether the target was met; None without a target."""
        if self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target

    def as_json(self) -> dict[str, Any]:
        """Return the figure as the JSON file holds it."""
        return {
            "part": self.part,
            "name": self.name,
            "unit": self.unit,
            "value": self.value,
            "min": min(self.values),
            "max": max(self.values),
            "rounds": list(self.values),
            "baseline": {
                "name": self.baseline_name,
                "value": self.baseline_value,
                "rounds": list(self.baseline),
            }
            if self.baseline
            else None,
            "target": {
                "value": self.target,
                "comparison": ">=" if self.at_least else "<=",
                "rule": self.target_rule,
                "met": self.met,
            }
            if self.target is not None
            else None,
        }

    def as_row(self) -> tuple[str, ...]:
        """Return the figure as a row of the table."""
        spread = f"{_number(min(self.values))} - {_number(max(self.values))}"
        sign = ">=" if self.at_least else "<="
        rule = f" ({self.target_rule})" if self.target_rule else ""
        return (
            self.name,
            f"{_number(self.value)} {self.unit}",
            spread if len(self.values) > 1 else "",
            self.baseline_name,
            _number(self.baseline_value) if self.baseline_value is not None else "",
            f"{sign} {_number(self.target)}{rule}" if self.target is not None else "",
            {None: "", True: "yes", False: "NO"}[self.met],
        )


@dataclass(slots=True)
class Report:
    """All figures of a run, with what is to be said about them."""

    quick: bool
    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def table(self) -> str:
        """Return the figures as one table, with a line between parts."""
        rows = [_HEADINGS, *(figure.as_row() for figure in self.figures)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
        rule = "  ".join("-" * width for width in widths)
        lines = [_line(_HEADINGS, widths), rule]
        for position, figure in enumerate(self.figures):
            if position and figure.part != self.figures[position - 1].part:
                lines.append("")
            lines.append(_line(figure.as_row(), widths))
        lines += ["", *(f"* {note}" for note in self.notes)]
        return "\n".join(lines)

    def write(self, path: Path) -> None:
        """Write the figures and where they were measured as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = {
            **surroundings(),
            "quick": self.quick,
            "figures": [figure.as_json() for figure in self.figures],
            "notes": self.notes,
        }
        path.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", "utf-8")


def surroundings() -> dict[str, Any]:
    """Return when, where and of what revision this is measured."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "machine": _processor(),
        "python": platform.python_version(),
        "revision": _revision(),
        "load_average": os.getloadavg(),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _revision() -> str | None:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    return done.stdout.strip() or None


def _number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.4f}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
