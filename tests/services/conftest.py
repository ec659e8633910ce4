"""The machines of these tests, started once, and the people who talk to them."""

from collections.abc import Callable, Iterator

import pytest

from tests.services.machines import DATABASE_URL, Machines, create_database, load_small_shop
from tests.world import Agent, Server, Visitor


@pytest.fixture(scope="session")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """Two web servers, two workers and the sweep, over PostgreSQL, Redis and Chroma."""
    assert DATABASE_URL, "run these by: make test-services"
    machines = Machines(tmp_path_factory.mktemp("machines"))
    try:
        load_small_shop(machines.folder / "operator", **machines.env)
        machines.manage("reindex", "--if-needed")
        create_database("one", template="many")  # for the mode of one process
        machines.serve("web-1")
        machines.serve("web-2")
        machines.worker("worker-1")
        machines.worker("worker-2")
        machines.program("sweep", "sweep").start()
        yield machines
    finally:
        machines.stop()


@pytest.fixture
def clean(machines: Machines) -> Iterator[None]:
    """Close, after a test, what was opened in it."""
    yield
    machines.write("UPDATE conversations_message SET state = 'handled' WHERE state = 'pending'")
    machines.write(
        "UPDATE conversations_conversation SET status = 'resolved' WHERE status <> 'resolved'"
        " AND identity_id NOT IN (SELECT id FROM conversations_contactidentity"
        " WHERE external_id LIKE 'demo-%')"
    )
    machines.write("DELETE FROM routing_agentconnection")
    machines.write("UPDATE routing_agentprofile SET capacity = 6")


@pytest.fixture
def visitor(clean: None) -> Iterator[Callable[..., Visitor]]:
    """Make visitors of a server: visitor(server, "da") writes Danish."""
    made: list[Visitor] = []

    def make(server: Server, language: str = "en", **options: str) -> Visitor:
        made.append(Visitor(server, language, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def agent(clean: None) -> Iterator[Callable[..., Agent]]:
    """Make agents who are logged in at a server: agent(server, "mette")."""
    made: list[Agent] = []

    def make(server: Server, username: str) -> Agent:
        made.append(Agent(server, username))
        return made[-1]

    yield make
    for one in made:
        one.close()
