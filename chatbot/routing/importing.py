"""Closed tickets of a helpdesk as outcomes, so that who is good at what is known on the first day.

docs/routing-import.md describes the columns and the rules. A ticket is taken over whole or not at
all, and once: its helpdesk's name and its number make it known when a file is read again.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

from chatbot.background import enqueue
from chatbot.conversations.wording import our_language
from chatbot.routing.models import Outcome
from chatbot.routing.tickets.cells import Order
from chatbot.routing.tickets.export import Choices, Export, Summary, Ticket
from chatbot.routing.tickets.files import Unreadable
from chatbot.routing.tickets.names import Unknown

__all__ = [
    "Choices",
    "Look",
    "Summary",
    "Ticket",
    "Unknown",
    "Unreadable",
    "helpdesks",
    "look",
    "take_back",
    "take_over",
]

logger = logging.getLogger(__name__)
MOST_BYTES = 200 * 1024 * 1024
_BATCH = 1_000
_SHOWN = 5  # tickets in a preview


@dataclass(frozen=True, slots=True)
class Look:
    """What is in a file, before anything is taken over."""

    header: Sequence[str]
    columns: Mapping[str, str]
    missing: Sequence[str]  # fields without which nothing can be taken over
    helpdesk: str
    order: Order
    order_is_a_guess: bool
    zone: str
    agents: Sequence[tuple[str, int]]  # names that are nobody's, with how many tickets
    topics: Sequence[tuple[str, int]]  # words that are no topic of ours, likewise
    without_topic: int
    shown: Sequence[Ticket]
    summary: Summary


def look(*, file: BinaryIO, choices: Choices | None = None) -> Look:
    """Return how a file is understood and what taking it over would do.

    Raises Unreadable, and Unknown where a choice names what there is not.
    """
    export = Export(file, choices or Choices())
    summary, without = Summary(), 0
    shown: list[Ticket] = []
    for batch in _batches(export.tickets(summary)):
        known = _known(batch)
        for ticket in batch:
            if ticket.external_id in known:
                summary.known += 1
                continue
            summary.taken += 1
            without += not ticket.topic
            if len(shown) < _SHOWN:
                shown.append(ticket)
    return Look(
        header=export.table.header,
        columns=export.columns,
        missing=export.missing(),
        helpdesk=export.helpdesk,
        order=export.order,
        order_is_a_guess=export.dates.is_a_guess and not export.choices.order,
        zone=export.zone.key,
        agents=export.people.unknown.most_common(),
        topics=export.topics.unknown.most_common(),
        without_topic=without,
        shown=shown,
        summary=summary,
    )


def take_over(*, file: BinaryIO, choices: Choices | None = None) -> Summary:
    """Take the closed tickets of a file over as outcomes; what was learned follows.

    Nothing is written before the whole file was read once. Raises Unreadable, and Unknown where
    a choice names what there is not or a column is missing.
    """
    export = Export(file, choices or Choices())
    if export.missing():
        raise Unknown(
            _("No column holds this, which is needed: %(names)s.")
            % {"names": ", ".join(export.missing())}
        )
    summary = Summary()
    by_subject = export.topics_by_subject(summary)
    for batch in _batches(export.tickets(summary)):
        known = _known(batch)
        new = [ticket for ticket in batch if ticket.external_id not in known]
        rows = [_outcome(ticket, by_subject) for ticket in new]
        # Somebody may take the same file over at the same time: then theirs stay.
        Outcome.objects.bulk_create(rows, ignore_conflicts=True)
        summary.known += len(batch) - len(new)
        summary.taken += len(new)
        summary.read += sum(
            bool(row.topic) and not ticket.topic for row, ticket in zip(rows, new, strict=True)
        )
    if summary.taken:
        _learn()
    logger.info("imported %d tickets, %d skipped", summary.taken, summary.skips)
    return summary


def _outcome(ticket: Ticket, by_subject: Mapping[tuple[str, str], str]) -> Outcome:
    topic = ticket.topic or by_subject.get((ticket.subject, our_language(ticket.language)), "")
    return Outcome(
        agent_id=ticket.agent,
        topic=topic,
        language=ticket.language,
        channel=ticket.channel,
        minutes=ticket.minutes,
        solved=None if ticket.reopens is None else ticket.reopens == 0,
        reopened=bool(ticket.reopens),
        follow_ups=ticket.follow_ups,
        rating=ticket.rating,
        source=Outcome.Source.IMPORTED,
        external_id=ticket.external_id,
        at=ticket.solved_at,
    )


def _batches(tickets: Iterator[Ticket]) -> Iterator[list[Ticket]]:
    while batch := list(islice(tickets, _BATCH)):
        yield batch


def _known(batch: Sequence[Ticket]) -> set[str]:
    ids = [ticket.external_id for ticket in batch]
    found = Outcome.objects.filter(external_id__in=ids)
    return set(found.values_list("external_id", flat=True))


def helpdesks() -> list[tuple[str, int]]:
    """Return the helpdesks of which tickets were taken over, with how many of each."""
    found: Counter[str] = Counter()
    imported = Outcome.objects.filter(source=Outcome.Source.IMPORTED)
    for external_id in imported.values_list("external_id", flat=True).iterator():
        found[external_id.partition(":")[0]] += 1
    return found.most_common()


def take_back(*, helpdesk: str) -> int:
    """Take away all tickets of a helpdesk; return how many. What was learned follows."""
    imported = Outcome.objects.filter(source=Outcome.Source.IMPORTED)
    count, _rows = imported.filter(external_id__startswith=f"{helpdesk}:").delete()
    if count:
        _learn()
    return count


def _learn() -> None:
    if "learn" in settings.BACKGROUND_TASKS:
        enqueue("learn")
