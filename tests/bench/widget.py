"""Part 7: what a page loads for the chat."""

import gzip
from collections.abc import Iterable
from pathlib import Path

from tests.bench.report import Figure, Report
from tests.world import ROOT

_FOLDER = ROOT / "widget" / "v1"
_LOADER_KB, _ALL_KB = 2.0, 20.0


def measure(report: Report) -> None:
    """Report the sizes of the loader and of everything, compressed as servers do."""
    loader, everything = [_FOLDER / "loader.js"], sorted(_FOLDER.glob("*.js"))
    # Loaded with the first picture only.
    everything = [file for file in everything if file.name != "attachments.js"]
    for name, files, most in (
        ("widget's loader, gzipped", loader, _LOADER_KB),
        ("whole widget, gzipped", everything, _ALL_KB),
    ):
        report.figures.append(
            Figure("widget", name, "KB", [_zipped(files)], "as written", [_plain(files)], most)
        )


def _zipped(files: Iterable[Path]) -> float:
    return sum(len(gzip.compress(file.read_bytes(), 6, mtime=0)) for file in files) / 1024


def _plain(files: Iterable[Path]) -> float:
    return sum(file.stat().st_size for file in files) / 1024
