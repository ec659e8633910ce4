"""The pages in a real browser: pictures drawn, room enough, and readable in light and dark."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.chatbot.routing_reports.conftest import EXPORTS, assigned, handed_off, profile
from tests.world import PASSWORD, Server

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("SVAR_PICTURES", "")


@pytest.fixture
def opened(browser: Browser, server: Server, rows: None) -> Iterator[Page]:
    """The admin's browser; an error on a page fails the test."""
    context = browser.new_context(
        base_url=server.url, locale="en-GB", viewport={"width": 1280, "height": 900}
    )
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto("/inbox/login/?next=/admin/insights/competence/")
    page.locator("input[name=username]").fill("admin")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("button[type=submit]").last.click()
    page.wait_for_url("**/insights/competence/")
    page.on("request", lambda r: problems.append(r.url) if server.url not in r.url else None)
    yield page
    context.close()
    assert [problem for problem in problems if not problem.startswith("data:")] == []


def some_work() -> None:
    """Make a month of conversations."""
    from chatbot.routing.models import Expertise

    for number in range(12):
        for topic, slow in (("delivery", 1), ("privacy", 2)):
            days = 1 + 7 * (number % 4)
            assigned("mette", suggested="mette", minutes=10 * slow + number, topic=topic, rating=5, days_ago=days)  # fmt: skip  # noqa: E501
            assigned("jonas", suggested="mette", minutes=19 * slow + number, topic=topic, rating=3, days_ago=days)  # fmt: skip  # noqa: E501
    handed_off(topic="privacy", language="de")
    for username, minutes in (("mette", 12.0), ("jonas", 25.0), ("anke", 18.0), ("freja", 16.0)):
        for topic in ("delivery", "privacy"):
            Expertise.objects.update_or_create(
                agent=profile(username),
                topic=topic,
                defaults={
                    "cases": 12,
                    "minutes": minutes,
                    "log_minutes": 2.5,
                    "doubt": 0.1,
                    "solves": 0.8,
                    "quality": 0.8,
                    "rating": 4,
                },
            )


def check(page: Page, name: str, scheme: str) -> None:
    """Check room and readability, wide and narrow."""
    from axe_playwright_python.sync_playwright import Axe

    for width in (1280, 800):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
        found = Axe().run(page, context=".insights", options={"runOnly": ["wcag2a", "wcag2aa"]})
        assert found.violations_count == 0, (name, width, found.generate_report())
        if PICTURES and width == 1280:
            page.screenshot(path=Path(PICTURES) / f"routing-{name}-{scheme}.png", full_page=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_have_room_and_can_be_read(opened: Page, scheme: str) -> None:
    opened.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened.goto("/admin/insights/suggestions/")
    check(opened, "suggestions-empty", scheme)
    some_work()
    opened.goto("/admin/insights/competence/")
    expect(opened.get_by_role("heading", name="Where the team is thin", exact=True)).to_be_visible()
    check(opened, "competence", scheme)
    opened.goto("/admin/insights/suggestions/")
    for picture in ("by week", "by topic"):
        plot = opened.get_by_role("img", name=picture)
        expect(plot).to_be_visible()
        drawn = plot.locator("canvas").evaluate(
            "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v > 0)"
        )
        assert drawn, picture
    check(opened, "suggestions", scheme)
    opened.goto("/admin/insights/tickets/")
    check(opened, "tickets", scheme)
    opened.locator("input[type=file]").set_input_files(EXPORTS / "zendesk.csv")
    opened.get_by_role("button", name="Look at the file").click()
    expect(opened.get_by_role("heading", name="What zendesk.csv would do")).to_be_visible()
    check(opened, "tickets-check", scheme)


def test_a_file_is_taken_over_by_hand(opened: Page) -> None:
    from chatbot.routing.models import Outcome

    opened.goto("/admin/routing/outcome/")
    opened.get_by_role("link", name="Import closed tickets").first.click()
    opened.locator("input[type=file]").set_input_files(EXPORTS / "zendesk.csv")
    opened.get_by_role("button", name="Look at the file").click()
    opened.get_by_label("Agent here for Lotte Gammel").select_option("anke")
    opened.get_by_label("Topic here for rechnungen").select_option("payment")
    opened.get_by_role("button", name="Look again").last.click()
    expect(opened.get_by_label("Agent here for Lotte Gammel")).to_have_value("anke")
    opened.get_by_role("button", name="tickets over").click()
    expect(opened.get_by_role("heading", name="tickets were taken over")).to_be_visible()
    assert Outcome.objects.filter(topic="payment", agent=profile("anke")).count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_working_hours_can_be_read_and_filled_in_by_keys(opened: Page, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    opened.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened.goto(f"/admin/routing/agentprofile/{profile('mette').pk}/change/")
    opened.get_by_label("Monday, from, 1").fill("09:00")
    opened.get_by_label("Monday, to, 1").fill("15:30")
    found = Axe().run(opened, context=".field-hours", options={"runOnly": ["wcag2a", "wcag2aa"]})
    assert found.violations_count == 0, found.generate_report()
    opened.get_by_role("button", name="Save", exact=True).click()
    opened.wait_for_url("**/routing/agentprofile/")
    assert profile("mette").hours == {"0": [["09:00", "15:30"]]}
