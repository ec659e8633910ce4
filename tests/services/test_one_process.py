"""PostgreSQL instead of SQLite and nothing else changed: one process, embedded Chroma."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.machines import QUESTION, Machines, database_url
from tests.world import Agent, Server, Visitor, manage, running

pytestmark = [pytest.mark.services, pytest.mark.timeout(240)]


@pytest.fixture
def server(machines: Machines, tmp_path: Path) -> Iterator[Server]:
    """A server with a database in PostgreSQL, that knows nothing of the other machines."""
    env = {"SVAR_DATABASE_URL": database_url("one")}
    manage("reindex", "--if-needed", data=tmp_path, **env)
    manage("collectstatic", "--noinput", "-v0", data=tmp_path, **env)
    with running(tmp_path, **env) as server:
        yield server


def test_a_question_is_answered_and_a_person_takes_over(server: Server) -> None:
    freja = Agent(server, "freja")
    freja.open()
    anna = Visitor(server)
    tab = anna.open()
    assert anna.ask(QUESTION)["citations"][0]["title"] == QUESTION
    anna.ask("I want to talk to a person")
    tab.next("conversation", lambda e: e["conversation"]["status"] == "assigned")
    row = freja.get("conversations", view="mine")["results"][0]
    freja.reply(row["id"], "Hello, Freja here")
    assert tab.message("agent")["text"] == "Hello, Freja here"
    anna.close()
    freja.close()
