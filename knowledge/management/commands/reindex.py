"""Rebuild the index of knowledge."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from knowledge import ingest, services, store
from knowledge.models import IndexRun

_OWNER_SECONDS = 600


class Command(BaseCommand):
    help = "Rebuild the index from all published articles, here or in the server that owns it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-needed", action="store_true", help="only where it is missing, stale or foreign"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not store.own():
            self._ask_owner()
            return
        if options["if_needed"] and ingest.usable_run() is not None:
            ingest.index_stale.call()
            return
        run = ingest.rebuild(progress=self._show)
        self.stdout.write(f"\rIndexed {run.texts} texts.          ")

    def _show(self, done: int, of: int) -> None:
        if self.stdout.isatty() or done == of:
            self.stdout.write(f"\rIndexing article {done} of {of}", ending="")
            self.stdout.flush()

    def _ask_owner(self) -> None:
        """Let the running server do it: it owns the embedded index."""
        run = services.request_rebuild()
        self.stdout.write("The running server owns the index and rebuilds it now.")
        deadline = time.monotonic() + _OWNER_SECONDS
        while time.monotonic() < deadline:
            run.refresh_from_db()
            if run.status == IndexRun.Status.FAILED:
                raise CommandError(f"The server could not rebuild the index: {run.error}")
            if run.status in (IndexRun.Status.ACTIVE, IndexRun.Status.RETIRED):
                self.stdout.write(f"Indexed {run.texts} texts.")
                return
            time.sleep(0.2)  # another process's progress can only be polled
        raise CommandError("The server did not answer. Is its background work running?")
