"""The pages in a real browser: pictures drawn, room enough, and readable in light and dark."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import SCHEMES, enter, picture, violations
from tests.chatbot.routing_reports.conftest import EXPORTS, assigned, handed_off, profile
from tests.world import Server

pytestmark = pytest.mark.browser


@pytest.fixture
def opened(browser: Browser, server: Server, rows: None) -> Iterator[Page]:
    """The admin's browser; an error on a page fails the test."""
    context = browser.new_context(
        base_url=server.url, locale="en-GB", viewport={"width": 1280, "height": 900}
    )
    enter(context, server, "admin")
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto("/admin/insights/competence/")
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


def check(page: Page, name: str) -> None:
    """Check room and readability, wide and narrow, light and dark."""
    for scheme, width in zip(SCHEMES, (1280, 800), strict=True):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
        assert violations(page, ".insights", runOnly=["wcag2a", "wcag2aa"]) is None, (name, width)
        picture(page, f"routing-{name}-{scheme}", full_page=True)


def test_the_pages_have_room_and_can_be_read(opened: Page) -> None:
    opened.goto("/admin/insights/suggestions/")
    check(opened, "suggestions-empty")
    some_work()
    opened.goto("/admin/insights/competence/")
    expect(opened.get_by_role("heading", name="Where the team is thin", exact=True)).to_be_visible()
    check(opened, "competence")
    opened.goto("/admin/insights/suggestions/")
    for name in ("by week", "by topic"):
        plot = opened.get_by_role("img", name=name)
        expect(plot).to_be_visible()
        drawn = plot.locator("canvas").evaluate(
            "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v > 0)"
        )
        assert drawn, name
    check(opened, "suggestions")
    opened.goto("/admin/insights/tickets/")
    check(opened, "tickets")
    opened.locator("input[type=file]").set_input_files(EXPORTS / "zendesk.csv")
    opened.get_by_role("button", name="Look at the file").click()
    expect(opened.get_by_role("heading", name="What zendesk.csv would do")).to_be_visible()
    check(opened, "tickets-check")


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


def test_working_hours_can_be_read_and_filled_in_by_keys(opened: Page) -> None:
    opened.goto(f"/admin/routing/agentprofile/{profile('mette').pk}/change/")
    opened.get_by_label("Monday, from, 1").fill("09:00")
    opened.get_by_label("Monday, to, 1").fill("15:30")
    for scheme in SCHEMES:
        opened.emulate_media(color_scheme=scheme)
        assert violations(opened, ".field-hours", runOnly=["wcag2a", "wcag2aa"]) is None
    opened.get_by_role("button", name="Save", exact=True).click()
    opened.wait_for_url("**/routing/agentprofile/")
    assert profile("mette").hours == {"0": [["09:00", "15:30"]]}
