"""Fit the confidence model on labelled sets."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chatbot.answering.fitting import RIDGE, Sites, fit
from chatbot.answering.labelled import BadFile, LabelledSet, read_sets
from chatbot.trials import site_of
from knowledge.embeddings import fingerprint
from knowledge.trial import alone


class Command(BaseCommand):
    help = (
        "Fit the confidence model on labelled files, and write it where --to says: one model of "
        "all files, and for each file one that never saw it, with which it can be evaluated."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path)
        parser.add_argument("--to", type=Path, default=settings.CONFIDENCE_MODEL)
        parser.add_argument("--ridge", type=float, default=RIDGE)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sets = read_sets(options["files"])
        except BadFile as error:
            raise CommandError(str(error)) from error
        sites = {}
        with alone():
            for data in sets:
                self.stdout.write(f"{data.name}: {len(data.messages)} messages ...")
                sites[data.name] = site_of(data)
        fitted = fitted_on(sets, sites, ridge=options["ridge"])
        options["to"].write_text(json.dumps(fitted, indent=1) + "\n", "utf-8")
        self.stdout.write(f"Written to {options['to']}. See how good: manage.py evaluate FILE...")


def fitted_on(sets: list[LabelledSet], sites: Sites, *, ridge: float) -> dict[str, Any]:
    """Return what `confidence.json` holds: the model, its provenance, and those left out."""
    without = {}
    if len(sets) > 1:
        for data in sets:
            others = {name: site for name, site in sites.items() if name != data.name}
            without[data.name] = fit(others, ridge=ridge)
    return {
        "model": fit(sites, ridge=ridge),
        "provenance": {
            "fitted": datetime.now(UTC).date().isoformat(),
            "embedding": fingerprint(),
            "ridge": ridge,
            "sets": {
                data.name: {
                    "messages": len(data.messages),
                    "out_of_scope": sum(m.expected is None for m in data.messages),
                    "right": sum(row.right for row in sites[data.name][0].rows),
                    "sketch": data.sketch,
                }
                for data in sets
            },
        },
        "without": without,
    }
