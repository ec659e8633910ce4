"""A database of our own beside the server's: Svar's shop needs no server to be tested."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connections
from django.test import Client as DjangoClient

from chatbot.systems.models import Account, Case, Return, ShopOrder, ShopProduct


@contextmanager
def database_in(folder: Path) -> Iterator[None]:
    """Make all threads use a new database in `folder`, as an installation has it."""
    default = connections["default"]
    kept = default.settings_dict["NAME"]
    default.close()
    default.settings_dict["NAME"] = str(folder / "svar.sqlite3")
    try:
        call_command("migrate", verbosity=0)
        yield
    finally:
        default.close()
        default.settings_dict["NAME"] = kept


def empty_tables() -> None:
    """Take away what a test kept."""
    for model in (Return, Case, ShopOrder, ShopProduct, Account):
        model.objects.all().delete()


class Client(DjangoClient):
    """Django's client on a thread of its own: another test's browser may own this one's loop."""

    def request(self, **request: Any) -> Any:
        with ThreadPoolExecutor(max_workers=1) as thread:
            return thread.submit(super().request, **request).result()
