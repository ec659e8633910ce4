"""Take orders, products or accounts over from a CSV file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chatbot.systems.importing import KINDS, take_over


class Command(BaseCommand):
    help = "Take orders, products or accounts over from a CSV file; see docs/systems-csv.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=sorted(KINDS))
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read.") from error
        outcome = take_over(kind=options["kind"], content=content, dry_run=options["dry_run"])
        for trouble in outcome.troubles:
            self.stderr.write(f"line {trouble.line}: {trouble.text}")
        begin = "Would be: " if options["dry_run"] else ""
        self.stdout.write(
            f"{begin}{outcome.created} new, {outcome.changed} changed, {outcome.skipped} skipped."
        )
        if outcome.troubles:
            raise CommandError("Not everything was taken over.")
