"""The command that takes closed tickets over, for files too large for a page."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.chatbot.routing_reports.conftest import EXPORTS
from tests.world import Server, manage


def imported(*arguments: str) -> str:
    """Run the command in this process; return what it printed."""
    printed = io.StringIO()
    call_command("import_tickets", *arguments, stdout=printed)
    return printed.getvalue()


def test_it_shows_first_and_then_takes_over_once(server: Server, rows: None) -> None:
    from chatbot.routing.models import Outcome

    file = str(EXPORTS / "zendesk.csv")
    options = ["--agent", "Lotte Gammel=anke", "--agent", "freja@lundlyng.example=freja"]
    told = imported(file, "--dry-run", *options)
    assert "Helpdesk: zendesk." in told
    assert "agent     Assignee" in told
    assert "No topic here is called “rechnungen” (1 tickets)" in told
    assert "Would be: 4 taken over, 0 known before, 3 skipped." in told
    assert Outcome.objects.count() == 0
    options += ["--topic", "rechnungen=payment", "--column", "subject="]
    told = imported(file, *options)
    assert "4 taken over, 0 known before, 3 skipped." in told
    assert "0 taken over, 4 known before" in imported(file, *options)
    assert set(Outcome.objects.values_list("topic", flat=True)) == {
        *("delivery", "returns", "payment", "products"),
    }


def test_subjects_are_left_to_the_server_that_has_the_index(
    server: Server, rows: None, tmp_path: Path
) -> None:
    file = tmp_path / "t.csv"
    file.write_text(
        "Id,Agent,Subject,Created,Solved\n"
        "1,mette,How long does delivery take?,2026-03-02,2026-03-02\n"
    )
    told = manage("import_tickets", str(file), data=server.data)
    assert "No topics were read from subjects" in told


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--column", "price=Id"], "is nothing that a ticket has"),
        (["--column", "agent=Nope"], "There is no column “Nope”."),
        (["--column", "agent="], "needed: agent"),
        (["--agent", "x=nobody"], "no agent with the user name “nobody”"),
        (["--topic", "x=nothing"], "There is no topic “nothing”."),
        (["--agent", "x"], "an equals sign between"),
        (["--zone", "Mars"], "is no time zone"),
    ],
)
def test_wrong_options_are_told(server: Server, rows: None, options: list[str], told: str) -> None:
    with pytest.raises(CommandError) as refused:
        imported(str(EXPORTS / "zendesk.csv"), *options)
    assert told in str(refused.value)
