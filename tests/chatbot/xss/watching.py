"""A browser in which nothing that strangers wrote may run, ask, open, or lead away."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Frame, Page

from tests.world import PASSWORD, Server

# A letter's closed frame refuses what it should: that is its work, and no error of the page.
CLOSED = ("Blocked script execution in 'about:srcdoc'", "img-src data:")
# What payloads call to show that they run, in every frame, before any script of the page.
HOOKS = """for (const name of ["alert", "confirm", "prompt", "print"]) {
    window[name] = (...said) => { window.__ran = 1; window.__tell(`${name}(${said})`); };
}"""


@contextmanager
def watching(browser: Browser, server: Server) -> Iterator[BrowserContext]:
    """Open a browser; check, when it is done, that nothing happened in it."""
    context = browser.new_context(base_url=server.url, locale="en-GB")
    seen: list[str] = []
    own = urlsplit(server.url).netloc

    def asked(request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about") and parts.netloc != own:
            seen.append(f"asks {request.url}")

    def said(message: Any) -> None:
        refused = "Content Security Policy" in message.text or "Refused to" in message.text
        if refused and not any(words in message.text for words in CLOSED):
            seen.append(message.text)

    def went(frame: Frame) -> None:
        away = frame.url not in ("about:blank", "about:srcdoc", "")
        if away and urlsplit(frame.url).netloc != own:
            seen.append(f"went to {frame.url}")

    context.expose_binding("__tell", lambda source, text: seen.append(f"{text} {source['page']}"))
    context.add_init_script(HOOKS)
    context.on("request", asked)
    context.on("dialog", lambda dialog: (seen.append(f"dialog {dialog.message}"), dialog.dismiss()))
    context.on("weberror", lambda error: seen.append(str(error.error)))
    context.on("console", said)
    opened: list[Page] = []

    def new(page: Page) -> None:
        page.on("framenavigated", went)
        page.on("popup", lambda popup: seen.append(f"opened {popup.url}"))
        opened.append(page)

    context.on("page", new)
    yield context
    for page in context.pages:
        checked(page)
    context.close()
    assert seen == []


def checked(page: Page) -> None:
    """Check that nothing ran so far, and that nothing pushes the page apart.

    A page's memory goes with it, so before it is left.
    """
    for frame in page.frames:
        assert not frame.evaluate("'__ran' in window"), frame.url
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide"


def log_in(context: BrowserContext, path: str, username: str) -> Page:
    page = context.new_page()
    page.goto(path)
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("button[type=submit]").last.click()
    return page
