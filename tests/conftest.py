"""One server and one cast for all tests; each test has visitors of its own."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.browsing import LAUNCH, PAGES
from tests.mail import MailServer
from tests.world import Agent, Server, Visitor, build_shop, copy_shop, wait_for


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """The tests use the server's own database, not one that pytest-django makes."""


@pytest.fixture(scope="session", autouse=True)
def _database(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a freshly installed demo shop; copy it, don't use it."""
    built = os.environ.get("SVAR_TEST_SHOP")  # by tools/run-tests, for several at once
    if built:
        return Path(built)
    folder: Path = tmp_path_factory.mktemp("shop")
    build_shop(folder)
    return folder


@pytest.fixture(scope="session")
def mails() -> Iterator[MailServer]:
    """The mail server through which `server` sends."""
    running = MailServer().start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def server(shop: Path, mails: MailServer) -> Iterator[Server]:
    """The server that most tests talk to. Its rows are visible to the ORM in here."""
    server = Server(copy_shop(shop, Path(settings.DATA_DIR)), SVAR_EMAIL_URL=mails.url).start()
    yield server
    server.stop()


@contextmanager
def cleaned() -> Iterator[None]:
    """Take away, afterwards, what was said meanwhile."""
    from django.db.models import Max

    from chatbot.conversations.models import Contact, Conversation, Message

    before = Contact.objects.aggregate(Max("pk"))["pk__max"] or 0
    yield
    Message.objects.filter(conversation__contact_id__gt=before).delete()
    Conversation.objects.filter(contact_id__gt=before).delete()
    Contact.objects.filter(pk__gt=before).delete()


@pytest.fixture
def clean(server: Server) -> Iterator[None]:
    """Take away, after a test, what was said in it."""
    with cleaned():
        yield


@pytest.fixture
def visitor(server: Server, clean: None) -> Iterator[Callable[..., Visitor]]:
    """Make visitors: visitor("da") writes Danish."""
    made: list[Visitor] = []

    def make(language: str = "en", **options: Any) -> Visitor:
        made.append(Visitor(server, language, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def agent(server: Server, clean: None) -> Iterator[Callable[..., Agent]]:
    """Make agents: agent("mette") is logged in, and here once its inbox is open."""
    made: list[Agent] = []

    def make(username: str) -> Agent:
        made.append(Agent(server, username))
        return made[-1]

    yield make
    for one in made:
        one.close()
    # Else somebody of this test would get what is asked in the next one. A browser of theirs may
    # still be open.
    with suppress(AssertionError):
        wait_for(lambda: not here(made), seconds=3)


def here(agents: list[Agent]) -> bool:
    """Return whether the server has not yet noticed that these have closed their inboxes."""
    from chatbot.routing.models import AgentConnection

    names = [one.username for one in agents if one.socket is not None]
    return AgentConnection.objects.filter(agent__user__username__in=names).exists()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Close pages before what they show is taken away: they would still ask for it."""
    for page in item.stash.get(PAGES, ()):
        page.context.close()


@pytest.fixture(scope="session", autouse=True)
def _patience() -> None:
    """Let pages take their time: where others compute beside, a second is nothing."""
    from playwright.sync_api import expect

    expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use Debian's Chromium where it is, quietly."""
    return {**browser_type_launch_args, **LAUNCH}
