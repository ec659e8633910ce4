"""The queue as a visitor sees it, and opening hours as an admin fills them in: a real browser."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import SCHEMES, enter, picture, violations
from tests.queue.conftest import fill
from tests.world import Agent, Server

pytestmark = pytest.mark.browser


@pytest.fixture
def mette(agent: Callable[[str], Agent]) -> Iterator[Agent]:
    mette = agent("mette")
    before = mette.get("me")["capacity"]
    mette.open()
    yield mette
    mette.http.patch("/api/v1/inbox/me", json={"capacity": before})


@pytest.fixture
def page_in(server: Server, browser: Browser, clean: None) -> Iterator[Callable[..., Page]]:
    """Open a page: page_in("/", username="admin")."""
    made: list[Page] = []

    def make(path: str, username: str = "") -> Page:
        context = browser.new_context(
            base_url=server.url,
            locale="en-GB",
            viewport={"width": 1200, "height": 900},
        )
        if username:
            enter(context, server, username)
        made.append(context.new_page())
        made[-1].goto(path)
        return made[-1]

    yield make
    for page in made:
        page.context.close()


# The admin's theme has no landmark for the main part of its pages.
_THEME = {"rules": {"landmark-one-main": {"enabled": False}, "region": {"enabled": False}}}


def can_be_read(page: Page, name: str, **options: Any) -> None:
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert violations(page, **options) is None
        picture(page, f"{name}-{scheme}", full_page=True)


def test_a_visitor_sees_their_place_and_chooses(
    page_in: Callable[..., Page], channel: Callable[..., Any], mette: Agent
) -> None:
    channel(people_first=50, opening_hours={}, holidays="", closed_days=[])
    fill(mette)
    page = page_in("/")
    page.get_by_role("button", name="Open chat").click()
    page.get_by_role("textbox").fill("How long does delivery take?")
    page.keyboard.press("Enter")
    keep = page.get_by_role("button", name="Keep my place")
    expect(keep).to_be_visible()
    expect(page.get_by_role("button", name="Talk to me now")).to_be_visible()
    standing = page.locator("svar-chat .standing")
    expect(standing).to_contain_text("You are number 1 in line. Expected wait:")
    can_be_read(page, "queue-offer")
    keep.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your place is kept: you are next")).to_be_visible()
    expect(keep).to_have_count(0)
    page.get_by_role("textbox").fill("talk to me now")
    page.keyboard.press("Enter")
    expect(page.get_by_text("working days").first).to_be_visible()
    expect(standing).to_be_empty()


def test_the_form_of_opening_hours_is_for_everybody(
    page_in: Callable[..., Page], channel: Callable[..., Any]
) -> None:
    row = channel(closed_days=["2026-12-24", "2026-12-25"], holidays="DK")
    page = page_in(f"/admin/conversations/channel/{row.pk}/change/", "admin")
    expect(page.locator("input[name=opening_hours_0_0_from]")).to_have_value("09:00")
    expect(page.locator("textarea[name=closed_days]")).to_have_value("2026-12-24 – 2026-12-25")
    expect(page.get_by_label("German", exact=True)).to_be_visible()
    can_be_read(page, "queue-hours", **_THEME)
