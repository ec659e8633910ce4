"""Take a helpdesk's closed tickets over from a CSV file, to learn who is good at what."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chatbot.routing.importing import Choices, Look, Summary, Unknown, Unreadable, look, take_over
from chatbot.routing.tickets.columns import FIELDS

_MOST_NAMES = 30


class Command(BaseCommand):
    help = (
        "Take a helpdesk's closed tickets over from a CSV file, so that routing knows on the first "
        "day who is good at what; see docs/routing-import.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--dry-run", action="store_true", help="only show how the file is understood"
        )
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar='agent="Assignee"',
            help=f"which column holds a field; empty: none. Fields: {', '.join(FIELDS)}",
        )
        parser.add_argument(
            "--agent",
            action="append",
            default=[],
            metavar='"Old name=mette"',
            help="whose a name in the file is, by user name; empty: nobody's",
        )
        parser.add_argument(
            "--topic",
            action="append",
            default=[],
            metavar='"Billing=payment"',
            help="which topic a category or tag is, by its slug; empty: none",
        )
        parser.add_argument(
            "--helpdesk", default="", help="its name, by which tickets are known again"
        )
        parser.add_argument(
            "--dates", choices=("day", "month"), help="which comes first in 3/4/2026"
        )
        parser.add_argument("--zone", default="", help="time zone of times that have none")
        parser.add_argument(
            "--subjects",
            type=int,
            default=5_000,
            help="so many of the newest tickets without a topic have it read from their subject",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        choices = Choices(
            columns=_pairs(options["column"], "--column"),
            agents=_pairs(options["agent"], "--agent"),
            topics=_pairs(options["topic"], "--topic"),
            helpdesk=options["helpdesk"],
            order=options["dates"],
            zone=options["zone"],
            subjects=max(0, options["subjects"]),
        )
        try:
            with options["file"].open("rb") as file:
                if options["dry_run"]:
                    self._show(look(file=file, choices=choices))
                else:
                    self._tell(take_over(file=file, choices=choices), "")
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read.") from error
        except (Unreadable, Unknown) as error:
            raise CommandError(str(error)) from error

    def _show(self, found: Look) -> None:
        self.stdout.write(f"Helpdesk: {found.helpdesk}. Times without a zone: {found.zone}.")
        guess = ", a guess: see --dates" if found.order_is_a_guess else ""
        self.stdout.write(f"Dates like 3/4/2026: the {found.order} first{guess}.")
        for name in FIELDS:
            self.stdout.write(f"  {name:9} {found.columns.get(name, '-')}")
        if found.missing:
            raise CommandError(f"Name a column for: {', '.join(found.missing)}.")
        self._names("Nobody here is called", found.agents, "--agent")
        self._names("No topic here is called", found.topics, "--topic")
        for ticket in found.shown:
            self.stdout.write(
                f"line {ticket.line}: {ticket.external_id}, topic {ticket.topic or '-'}, "
                f"{ticket.language or '-'}, {ticket.channel or '-'}, {ticket.minutes:.0f} min, "
                f"rating {ticket.rating or '-'}, solved {ticket.solved_at:%Y-%m-%d %H:%M} UTC"
            )
        self.stdout.write(f"Without a topic: {found.without_topic}.")
        self._tell(found.summary, "Would be: ")

    def _names(self, begin: str, names: Sequence[tuple[str, int]], option: str) -> None:
        for name, count in names[:_MOST_NAMES]:
            self.stdout.write(f'{begin} “{name}” ({count} tickets): {option} "{name}=..."')
        if len(names) > _MOST_NAMES:
            self.stdout.write(f"... and {len(names) - _MOST_NAMES} more.")

    def _tell(self, summary: Summary, begin: str) -> None:
        for line, reason in summary.troubles:
            self.stderr.write(f"line {line}: {reason}")
        for reason, count in summary.reasons:
            self.stdout.write(f"  {count} skipped: {reason}")
        for told in summary.told:
            self.stdout.write(told)
        self.stdout.write(
            f"{begin}{summary.taken} taken over, {summary.known} known before, "
            f"{summary.skips} skipped."
        )


def _pairs(options: Sequence[str], name: str) -> dict[str, str]:
    """Return what stands before and after each option's last equals sign."""
    pairs = {}
    for option in options:
        key, sign, value = option.rpartition("=") if name != "--column" else option.partition("=")
        if not sign or not key.strip():
            raise CommandError(f"{name} wants two names with an equals sign between: {option}")
        pairs[key.strip()] = value.strip()
    return pairs
