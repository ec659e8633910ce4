"""The page and the inbox in a real browser: read, decided and found by keys, light and dark."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import SCHEMES, enter, live, picture
from tests.browsing import violations as found_by_axe
from tests.chatbot.problems.conftest import (
    PATH,
    RESELLERS,
    VOTE,
    case_of,
    conversation_of,
    is_kept,
    settled,
)
from tests.world import Agent, Server, Visitor, wait_for

pytestmark = pytest.mark.browser
HOSTILE = "will you sponsor our chess club <img src=x onerror=alert(1)><script>alert(2)</script>"
WRONG = "my invoice has the wrong company name on it"
WRONG_DA = "der står et forkert firmanavn på min faktura"
Ask = Callable[..., Visitor]


@pytest.fixture
def open_page(browser: Browser, server: Server, rows: None) -> Iterator[Callable[..., Page]]:
    """Open a page as `username`; an error or a script that ran fails the test."""
    problems: list[str] = []
    contexts = []

    def make(path: str, username: str, **options: Any) -> Page:
        context = browser.new_context(
            base_url=server.url, locale="en-GB", timezone_id="Europe/Copenhagen", **options
        )
        contexts.append(context)
        enter(context, server, username)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("dialog", lambda dialog: (problems.append("a script ran"), dialog.dismiss()))
        page.goto(path)
        return live(page) if path.startswith("/inbox") else page

    yield make
    for context in contexts:
        context.close()
    assert problems == []


def violations(page: Page, context: str) -> Any:
    return found_by_axe(page, context, runOnly=["wcag2a", "wcag2aa"])


def test_a_problem_becomes_a_topic_by_keys_alone(
    open_page: Callable[..., Page], problem: Any, ask: Ask
) -> None:
    from knowledge.models import Category

    ask(VOTE)
    case_of(VOTE)
    page = open_page(PATH, "admin", viewport={"width": 1280, "height": 900})
    for scheme, width in zip(SCHEMES, (1280, 800), strict=True):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page, ".insights") is None, (scheme, width)
        picture(page, f"insights-problems-{scheme}")
    german = page.get_by_role("checkbox", name=RESELLERS["de"])
    german.focus()
    page.keyboard.press("Space")
    expect(german).not_to_be_checked()
    name = page.get_by_label("English")
    name.fill("Selling our lamps")
    button = page.get_by_role("button", name="Make it a topic")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("“Selling our lamps” is a topic now.")).to_be_visible()
    assert Category.objects.filter(slug="selling-our-lamps").exists()
    expect(page.get_by_role("link", name=RESELLERS["de"])).to_be_visible()  # alone again


def test_the_empty_page_says_so(open_page: Callable[..., Page]) -> None:
    from chatbot.routing.models import UnknownCase

    UnknownCase.objects.all().delete()
    page = open_page(PATH, "admin")
    expect(page.get_by_role("heading", name="Nothing new")).to_be_visible()
    assert violations(page, ".insights") is None


def test_similar_cases_stand_beside_the_conversation(
    open_page: Callable[..., Page], ask: Ask
) -> None:
    ask(WRONG_DA, "da")
    past = settled(WRONG_DA, by="freja", minutes=25, rating=4)
    ask(WRONG)
    wait_for(lambda: is_kept(WRONG))
    path = f"/inbox/c/{conversation_of(WRONG).pk}/"
    page = open_page(path, "mette", viewport={"width": 1360, "height": 900})
    panel = page.locator("#similar")
    expect(panel.get_by_role("heading", name="Similar cases")).to_be_visible()
    expect(panel).to_contain_text("Solved by Freja · in 25 min")
    expect(panel.get_by_role("img", name="Rated 4 of 5")).to_be_visible()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert violations(page, "#person") is None
        picture(page, f"inbox-similar-{scheme}")
    panel.get_by_role("link", name=WRONG_DA).click()
    page.wait_for_url(f"**/inbox/c/{past.pk}/")


def test_a_new_kind_stands_above_all_and_its_markup_is_text(
    open_page: Callable[..., Page], ask: Ask, agent: Callable[..., Agent]
) -> None:
    ask(HOSTILE)
    case = case_of(HOSTILE)
    page = open_page(f"/inbox/c/{case.conversation_id}/", "mette")
    panel = page.locator("#similar")
    expect(panel.get_by_role("heading", name="A new kind of question")).to_be_visible()
    order = page.evaluate(
        "document.getElementById('similar').compareDocumentPosition("
        "document.getElementById('matter')) & Node.DOCUMENT_POSITION_FOLLOWING"
    )
    assert order, "above what it is about"
    assert violations(page, "#person") is None
    # Its topic chosen, it is of that topic, and the panel no more of a new kind.
    page.locator("#matter-topic").select_option("store")
    expect(panel.get_by_role("heading", name="A new kind of question")).to_have_count(0)
    supervisor = open_page(PATH, "admin")
    expect(supervisor.locator(".insights")).not_to_contain_text("chess club")


def test_markup_of_past_cases_is_text_too(open_page: Callable[..., Page], ask: Ask) -> None:
    ask(HOSTILE)
    settled(HOSTILE)
    again = "will you sponsor our local chess club?"
    ask(again)
    wait_for(lambda: is_kept(again))
    page = open_page(f"/inbox/c/{conversation_of(again).pk}/", "mette")
    expect(page.locator("#similar .similar-text").first).to_contain_text("<img src=x")
    assert page.locator("#similar img, #similar script").count() == 0
