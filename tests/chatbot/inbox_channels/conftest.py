"""The inbox in a browser of its own."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, ViewportSize

from tests.browsing import PAGES, enter, live
from tests.world import Server

DESKTOP: ViewportSize = {"width": 1360, "height": 900}
# As it should be: a letter's frame runs and loads nothing, and an empty file is not taken.
REFUSED = (
    "Blocked script execution",
    'directive: "img-src data:"',
    "400 (Bad Request)",
    "409 (Conflict)",
    "ERR_INTERNET_DISCONNECTED",
)
PHONE: ViewportSize = {"width": 390, "height": 780}


@pytest.fixture
def open_page(
    request: pytest.FixtureRequest, browser: Browser, server: Server, clean: None
) -> Iterator[Callable[..., Page]]:
    """Open a page in a browser of its own; an error or a script that ran fails the test."""

    def make(
        path: str,
        locale: str = "en-GB",
        viewport: ViewportSize = DESKTOP,
        scheme: str = "light",
        username: str = "mette",
    ) -> Page:
        context = browser.new_context(
            locale=locale,
            viewport=viewport,
            color_scheme=scheme,  # type: ignore[arg-type]
            timezone_id="Europe/Copenhagen",
            base_url=server.url,
        )
        if path.startswith("/inbox"):
            enter(context, server, username)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("dialog", ran)
        page.on("console", complained)
        made.append(page)
        page.goto(path)
        return live(page) if path.startswith("/inbox") else page

    def complained(said: ConsoleMessage) -> None:
        if said.type == "error" and not any(words in said.text for words in REFUSED):
            problems.append(f"{said.text} {said.location.get('url', '')}")

    def ran(dialog: Dialog) -> None:
        problems.append("a script ran")
        dialog.dismiss()

    problems: list[str] = []
    made: list[Page] = []
    request.node.stash[PAGES] = made
    yield make
    assert problems == []
