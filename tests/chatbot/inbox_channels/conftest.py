"""The inbox in a browser of its own."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, ViewportSize, expect

from tests.world import PASSWORD, ROOT, Server

PICTURES = Path(os.environ.get("SVAR_PICTURES", ROOT / "build" / "pictures"))
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


def keep(page: Page, name: str) -> None:
    """Keep what the page shows now."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.wait_for_timeout(350)  # animations end; a picture has no event to wait for
    page.screenshot(path=PICTURES / f"{name}.png")


@pytest.fixture
def open_page(browser: Browser, server: Server, clean: None) -> Iterator[Callable[..., Page]]:
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
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("dialog", ran)
        page.on("console", complained)
        made.append(page)
        page.goto(path)
        if path.startswith("/inbox"):
            page.locator("input[name=username]").fill(username)
            page.locator("input[name=password]").fill(PASSWORD)
            page.locator("button[type=submit]").last.click()
            expect(page.locator("#count-all")).not_to_be_empty()  # connected
        return page

    def complained(said: ConsoleMessage) -> None:
        if said.type == "error" and not any(words in said.text for words in REFUSED):
            problems.append(said.text)

    def ran(dialog: Dialog) -> None:
        problems.append("a script ran")
        dialog.dismiss()

    problems: list[str] = []
    made: list[Page] = []
    yield make
    for page in made:
        page.context.close()
    assert problems == []


def violations(page: Page) -> Any:
    """Return axe's report, or None."""
    from axe_playwright_python.sync_playwright import Axe

    page.wait_for_timeout(300)  # transitions blend colours
    results = Axe().run(page)
    return results.generate_report() if results.violations_count else None
