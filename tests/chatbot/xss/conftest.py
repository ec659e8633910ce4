"""The browser of all tests in here."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.chatbot.xss.watching import watching
from tests.world import Server


@pytest.fixture
def watched(browser: Browser, server: Server) -> Iterator[BrowserContext]:
    """A browser in which nothing may run, nothing be asked of strangers, nothing be refused."""
    with watching(browser, server) as context:
        yield context
