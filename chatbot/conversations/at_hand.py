"""Rows that were just recorded, kept for the work that follows in this process.

The job that answers a message, and the one that delivers a reply, begin within a moment of the
commit. They take the row from here instead of reading it again with everything around it. That
it still waits they ask the database: a row that is no longer here is simply read.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Generic, TypeVar

from django.conf import settings
from django.db import transaction

from chatbot.conversations.models import Delivery, Message

_MOST = 500

Row = TypeVar("Row", Message, Delivery)


class AtHand(Generic[Row]):
    """The newest rows of one kind by primary key, each given out once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: OrderedDict[int, Row] = OrderedDict()

    def keep(self, row: Row) -> None:
        """Keep `row` once the current transaction has committed."""
        if settings.BACKGROUND_IN_PROCESS:  # else another process does the work
            transaction.on_commit(lambda: self._keep(row))

    def _keep(self, row: Row) -> None:
        with self._lock:
            self._rows[row.pk] = row
            if len(self._rows) > _MOST:
                self._rows.popitem(last=False)

    def take(self, pks: Sequence[int]) -> dict[int, Row]:
        """Return those of the rows `pks` that are here."""
        with self._lock:
            return {pk: self._rows.pop(pk) for pk in pks if pk in self._rows}


_with_person: OrderedDict[tuple[int, str], None] = OrderedDict()
_noting = threading.Lock()


def is_with_person(customer: tuple[int, str]) -> bool:
    """Return whether a person had the conversation of `customer` when we last looked."""
    return customer in _with_person


def note_who_has(customer: tuple[int, str], *, is_person: bool) -> None:
    """Remember who has the conversation of `customer`: (channel's id, their id there)."""
    with _noting:
        if is_person:
            _with_person[customer] = None
            if len(_with_person) > _MOST:
                _with_person.popitem(last=False)
        else:
            _with_person.pop(customer, None)


messages: AtHand[Message] = AtHand()
deliveries: AtHand[Delivery] = AtHand()
