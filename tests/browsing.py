"""What all tests in a real browser need: people who are logged in, pictures, accessibility."""

import os
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.world import Agent, Server

# Where pictures of the pages go; without it none are taken.
PICTURES = os.environ.get("SVAR_PICTURES", "")

# Debian's Chromium where it is, quietly.
_CHROMIUM = Path("/usr/bin/chromium")
LAUNCH: dict[str, Any] = {
    "args": [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
    ],
    **({"executable_path": str(_CHROMIUM)} if _CHROMIUM.exists() else {}),
}

# The pages of a test that are closed before its fixtures take anything away.
PAGES: pytest.StashKey[list[Page]] = pytest.StashKey()

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

_SETTLED = """async () => {
    const roots = [document, ...[...document.querySelectorAll("*")].map((one) => one.shadowRoot)];
    const running = roots.flatMap((root) => root?.getAnimations() ?? [])
        .filter((one) => one.playState === "running")
        .filter((one) => one.effect?.getComputedTiming().endTime < 2000);
    await Promise.allSettled(running.map((one) => one.finished));
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


def enter(context: BrowserContext, server: Server, username: str) -> None:
    """Let `username` be logged in in a browser, before it opens a page."""
    agent = Agent(server, username)
    context.add_cookies(
        [
            {"name": name, "value": value, "url": server.url}
            for name, value in agent.http.cookies.items()
        ]
    )
    agent.close()


def live(inbox: Page) -> Page:
    """Wait until what happens at the server reaches an inbox."""
    expect(inbox.locator("#connection")).to_have_attribute("data-state", "open")
    return inbox


def settled(page: Page) -> None:
    """Wait until nothing moves: transitions blend colours."""
    page.evaluate(_SETTLED)


def picture(page: Page, name: str, **options: Any) -> None:
    """Keep what the page shows now, where pictures are asked for."""
    if PICTURES:
        settled(page)
        page.screenshot(path=Path(PICTURES) / f"{name}.png", **options)


def violations(page: Page, context: str | None = None, **options: Any) -> Any:
    """Return axe's report on the page, or on the part `context` of it; None without violations."""
    from axe_playwright_python.sync_playwright import Axe

    settled(page)
    found = Axe().run(page, context=context, options=options or None)
    return found.generate_report() if found.violations_count else None
