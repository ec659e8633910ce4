"""An export with all that is known of how to read it, and the tickets in it."""

import hashlib
import heapq
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from chatbot.conversations.wording import our_language
from chatbot.routing.tickets import cells, subjects
from chatbot.routing.tickets.cells import Dates, Order, Scale
from chatbot.routing.tickets.columns import (
    DATES,
    FIELDS,
    NEEDED,
    bracketed,
    find_columns,
    helpdesk_of,
)
from chatbot.routing.tickets.files import Line, Table
from chatbot.routing.tickets.names import People, Topics, Unknown
from chatbot.text import normalise
from knowledge.sources.languages import detect

_MOST_TROUBLES = 200
_LONGEST_ID = 100
_LONGEST_CELL = 1_000  # characters that are looked at
_SLIP = 60.0  # seconds by which clocks may differ
_SHORTEST_SUBJECT = 8  # letters; "Re:" is about nothing


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person decided about a file; everything else is found out.

    columns: which column holds a field, "" for none. agents: a user name, or "" for nobody, by
    the name in the file. topics: a slug, or "" for none, by the word in the file. order: whether
    the day or the month comes first. zone: of times that have none. subjects: how many of the
    newest tickets without a topic have it read from their subject.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    agents: Mapping[str, str] = field(default_factory=dict)
    topics: Mapping[str, str] = field(default_factory=dict)
    helpdesk: str = ""
    order: Order | None = None
    zone: str = ""
    subjects: int = 0


@dataclass(frozen=True, slots=True)
class Ticket:
    """A closed ticket as it was understood."""

    line: int
    external_id: str
    agent: int
    topic: str
    subject: str
    language: str
    channel: str
    minutes: float
    reopens: int | None
    follow_ups: int
    rating: int | None
    solved_at: datetime


@dataclass(slots=True)
class Summary:
    """What an import did, or would do. skipped: how many tickets, by the reason."""

    taken: int = 0
    known: int = 0
    read: int = 0  # topics that were read from subjects
    skipped: Counter[str] = field(default_factory=Counter)
    troubles: list[tuple[int, str]] = field(default_factory=list)  # line, reason
    told: list[str] = field(default_factory=list)  # what else is to be known

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why tickets were skipped, the most frequent reason first."""
        return self.skipped.most_common()

    @property
    def skips(self) -> int:
        """How many were skipped."""
        return self.skipped.total()

    def skip(self, line: int, reason: str) -> None:
        """Count a ticket that is not taken over."""
        self.skipped[reason] += 1
        if len(self.troubles) < _MOST_TROUBLES:
            self.troubles.append((line, reason))


class _Skip(Exception):
    """Why a ticket is not taken over, in the reader's language."""


class Export:
    """A file with all that is known of how to read it."""

    def __init__(self, file: BinaryIO, choices: Choices) -> None:
        self.choices = choices
        self.table = Table(file)
        header = self.table.header
        self.columns = self._chosen_columns(header)
        self._places = {name: header.index(column) for name, column in self.columns.items()}
        self.helpdesk = normalise(choices.helpdesk).replace(" ", "-")[:30] or helpdesk_of(header)
        self.zone = _zone(choices.zone)
        self._zones = {
            name: ZoneInfo(bracketed(column)) if cells.is_zone(bracketed(column)) else self.zone
            for name, column in self.columns.items()
            if name in DATES
        }
        self.people, self.topics = People(choices.agents), Topics(choices.topics)
        self.dates, self.scale = Dates(), Scale()
        for line in self.table.rows():
            for name in DATES:
                self.dates.note(self._cell(line, name))
            self.scale.note(self._cell(line, "rating"))
        self.order: Order = choices.order or self.dates.order

    def _chosen_columns(self, header: Sequence[str]) -> dict[str, str]:
        found = find_columns(header)
        for name, column in self.choices.columns.items():
            if name not in FIELDS:
                raise Unknown(
                    _("“%(name)s” is nothing that a ticket has: %(all)s.")
                    % {"name": name[:60], "all": ", ".join(FIELDS)}
                )
            if column and column not in header:
                raise Unknown(_("There is no column “%(name)s”.") % {"name": column[:60]})
            found[name] = column
        return {name: column for name, column in found.items() if column}

    def missing(self) -> list[str]:
        """Return the fields without which no ticket can be taken over, and that have no column."""
        missing = [name for name in NEEDED if name not in self.columns]
        if "created" not in self.columns and "assigned" not in self.columns:
            missing.append("created")
        return missing

    def _cell(self, line: Line, name: str) -> str:
        place = self._places.get(name)
        if place is None or place >= len(line.cells):
            return ""
        return line.cells[place][:_LONGEST_CELL]

    def tickets(self, summary: Summary) -> Iterator[Ticket]:
        """Yield the tickets that can be taken over; the others are counted in `summary`."""
        if self.missing():
            return
        self.people.forget_unknown()
        self.topics.forget_unknown()
        seen: set[str] = set()
        for line in self.table.rows():
            try:
                ticket = self._ticket(line)
                if ticket.external_id in seen:
                    raise _Skip(_("its number stands in the file twice"))
            except _Skip as skip:
                summary.skip(line.number, str(skip))
            else:
                seen.add(ticket.external_id)
                yield ticket

    def _ticket(self, line: Line) -> Ticket:
        if any(line.cells[len(self.table.header) :]):
            raise _Skip(_("it has more cells than there are columns"))
        number = self._cell(line, "id")
        if not number:
            raise _Skip(_("it has no number"))
        begin, solved = self._times(line)
        topic = self._topic(line)  # before its agent: who maps the one can map the other at once
        agent = self.people.find(self._cell(line, "agent"))
        if agent is None:
            named = self._cell(line, "agent")
            raise _Skip(_("its agent is nobody here") if named else _("nobody had it"))
        subject = self._cell(line, "subject")[:300]
        language = self._language(line, subject)
        channel = cells.channel(self._cell(line, "channel"))
        return Ticket(
            line=line.number,
            external_id=_external_id(self.helpdesk, number),
            agent=agent,
            topic=topic,
            subject=subject,
            language=language,
            channel=channel,
            # Who solved it outside the hours has worked on it all the same.
            minutes=max(round(self.people.clock(agent, channel).minutes(begin, solved), 2), 1.0),
            reopens=self._count(line, "reopens"),
            # The first message is the question itself.
            follow_ups=min(max((self._count(line, "messages") or 0) - 1, 0), 30_000),
            rating=self._rating(line),
            solved_at=solved,
        )

    def _times(self, line: Line) -> tuple[datetime, datetime]:
        """Return when it was given to the agent, or else made, and when it was solved."""
        state = self._cell(line, "status")
        if cells.is_none(state) or "closed_by_merge" in self._cell(line, "tags"):
            raise _Skip(_("it was spam, deleted or merged with another one"))
        if cells.is_open(state) or not self._cell(line, "solved"):
            raise _Skip(_("it is not solved yet"))
        if "replied" in self.columns and not self._cell(line, "replied"):
            raise _Skip(_("nobody replied to it"))
        solved = self._moment(line, "solved")
        begin = self._moment(line, "assigned" if self._cell(line, "assigned") else "created")
        if (begin - solved).total_seconds() > _SLIP:
            raise _Skip(_("it was solved before it began"))
        if (solved - timezone.now()).total_seconds() > _SLIP:
            raise _Skip(_("it was solved in the future"))
        return begin, solved

    def _moment(self, line: Line, name: str) -> datetime:
        cell = self._cell(line, name)
        found = cells.moment(cell, order=self.order, zone=self._zones.get(name, self.zone))
        if found is None:
            raise _Skip(
                _("the column “%(column)s” holds no date and time")
                % {"column": self.columns.get(name, name)}
            )
        return found

    def _topic(self, line: Line) -> str:
        category = self._cell(line, "topic")
        found = self.topics.find(category) if category else ""
        if found or "tags" not in self.columns:
            return found
        written = cells.tags(self._cell(line, "tags"))
        return next((slug for tag in written if (slug := self.topics.find(tag))), "")

    def _language(self, line: Line, subject: str) -> str:
        told = cells.language(self._cell(line, "language"))
        return told or detect(subject)

    def _count(self, line: Line, name: str) -> int | None:
        found = cells.number(self._cell(line, name))
        return None if found is None else int(found)

    def _rating(self, line: Line) -> int | None:
        cell = self._cell(line, "rating")
        return cells.rating(cell, self.scale) if cell else None

    def topics_by_subject(self, summary: Summary) -> Mapping[tuple[str, str], str]:
        """Return topics by subject and language, for the newest tickets that have no topic."""
        if not self.choices.subjects or "subject" not in self.columns:
            return {}
        newest: dict[tuple[str, str], datetime] = {}
        for ticket in self.tickets(Summary()):
            letters = sum(character.isalpha() for character in ticket.subject)
            if not ticket.topic and letters >= _SHORTEST_SUBJECT:
                key = (ticket.subject, our_language(ticket.language))
                newest[key] = max(newest.get(key, ticket.solved_at), ticket.solved_at)
        chosen = heapq.nlargest(self.choices.subjects, newest, key=newest.__getitem__)
        if len(newest) > len(chosen):
            summary.told.append(
                _("Topics were read from the %(count)d newest subjects alone.")
                % {"count": len(chosen)}
            )
        try:
            return subjects.topics_of(chosen)
        except subjects.NothingToSearch:
            summary.told.append(
                _(
                    "No topics were read from subjects: the index of the knowledge is not built "
                    "yet, or the running server has it. The page in the admin can read them."
                )
            )
            return {}


def _external_id(helpdesk: str, number: str) -> str:
    whole = f"{helpdesk}:{number}"
    if len(whole) <= _LONGEST_ID:
        return whole
    return f"{helpdesk}:{hashlib.sha256(number.encode()).hexdigest()}"


def _zone(name: str) -> ZoneInfo:
    if name and not cells.is_zone(name):
        raise Unknown(
            _("“%(name)s” is no time zone: Europe/Copenhagen is one.") % {"name": name[:60]}
        )
    return ZoneInfo(name or settings.TIME_ZONE)
