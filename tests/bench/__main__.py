"""python -m tests.bench [--quick] [--only part[,part]] [part ...]"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench import (
    actions,
    answering,
    channels,
    deliveries,
    desk,
    inbox,
    mails,
    memory,
    retrieval,
    routing,
    start,
    widget,
)
from tests.bench.measure import raise_open_files
from tests.bench.report import Report, surroundings
from tests.world import ROOT, build_shop

_CHANNELS = {
    "channels": channels,
    "delivery": deliveries,
    "mails": mails,
    "routing": routing,
    "desk": desk,
    "inbox": inbox,
}
PARTS = (
    *("embedding", "echo", "answers", "memory", "retrieval", "start", "actions", "widget"),
    *_CHANNELS,
)
_NEED_SHOP = {"answers", "memory", "start", "actions", *_CHANNELS}


def main() -> int:
    """Measure the parts that were asked for; print the table and write build/bench.json."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--only", default="", help=f"of {', '.join(PARTS)}; with commas between")
    parser.add_argument("parts", nargs="*", metavar="part", help="the same, with blanks between")
    parser.add_argument("--quick", action="store_true", help="smaller counts, for development")
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "bench.json")
    options = parser.parse_args()
    named = [part.strip() for part in options.only.split(",") if part.strip()] + options.parts
    parts = named or list(PARTS)
    unknown = set(parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    raise_open_files()
    report = Report(quick=options.quick)
    where = surroundings()
    print(
        f"{where['cores']} cores ({where['machine']}), Python {where['python']}, "
        f"load {where['load_average'][0]:.1f}, revision {where['revision']}",
        flush=True,
    )
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="svar-bench-"))
    try:
        _measure(report, parts, folder, quick=options.quick)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report.notes.append(
        f"Figures of several rounds are medians, beside the lowest and the highest. It took "
        f"{time.monotonic() - began:.0f} s; load average before {where['load_average'][0]:.1f}."
    )
    print(f"\n{report.table()}")
    report.write(options.json)
    print(f"\nWritten to {options.json}")
    return 0


def _measure(report: Report, parts: Sequence[str], folder: Path, *, quick: bool) -> None:
    shop = folder / "shop"
    if _NEED_SHOP & set(parts):
        print("the demo shop ...", flush=True)
        shop.mkdir()
        build_shop(shop)
    rounds = [part for part in PARTS[:3] if part in parts]
    if "answers" in rounds and "embedding" not in rounds:
        rounds.insert(0, "embedding")  # its baseline, of the same run
    if rounds:
        print(f"{', '.join(rounds)}:", flush=True)
        sizes = answering.QUICK if quick else answering.Sizes()
        answering.measure(report, answering.Rounds(sizes, shop, folder, rounds))
    if "memory" in parts:
        print("memory:", flush=True)
        memory.measure(report, shop, folder, quick=quick)
    if "retrieval" in parts:
        print("retrieval:", flush=True)
        retrieval.measure(report, folder, quick=quick)
    if "start" in parts:
        print("start:", flush=True)
        start.measure(report, shop, folder, quick=quick)
    if "actions" in parts:
        print("actions:", flush=True)
        actions.measure(report, shop, folder, quick=quick)
    if "widget" in parts:
        widget.measure(report)
    for part in [part for part in _CHANNELS if part in parts]:
        print(f"{part}:", flush=True)
        _CHANNELS[part].measure(report, shop, folder, quick=quick)


if __name__ == "__main__":
    sys.exit(main())
