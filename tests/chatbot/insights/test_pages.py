"""The pages in a real browser: one key a verdict, and room enough at 800 px in the dark."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import SCHEMES, enter, picture, violations
from tests.chatbot.insights.conftest import ask
from tests.world import Server

pytestmark = pytest.mark.browser


@pytest.fixture
def opened(browser: Browser, server: Server, rows: None) -> Iterator[Page]:
    """The admin's browser; an error on a page fails the test."""
    context = browser.new_context(
        base_url=server.url,
        locale="en-GB",
        viewport={"width": 1280, "height": 900},
    )
    enter(context, server, "admin")
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto("/admin/insights/test/")
    page.on("request", lambda r: problems.append(r.url) if server.url not in r.url else None)
    yield page
    context.close()
    assert [problem for problem in problems if not problem.startswith("data:")] == []


def test_one_key_judges_and_the_next_question_is_there(opened: Page) -> None:
    from chatbot.conversations.models import Verdict

    first = ask("the first question", strength=0.1)
    second = ask("the second question", strength=2.0)
    third = ask("the third question", strength=4.0)
    opened.goto("/admin/insights/review/")
    expect(opened.locator(".question")).to_have_text("the first question")
    opened.keyboard.press("j")
    expect(opened.locator(".question")).to_have_text("the second question")
    opened.keyboard.press("ArrowLeft")
    expect(opened.locator(".question")).to_have_text("the third question")
    opened.keyboard.press("u")
    expect(opened.locator(".question")).to_have_text("the second question")
    opened.keyboard.press("ArrowRight")
    expect(opened.locator(".question")).to_have_text("the third question")
    opened.keyboard.press("s")
    expect(opened.get_by_text("Only what you skipped is left")).to_be_visible()
    said = dict(Verdict.objects.values_list("message_id", "right"))
    assert said == {first.pk: True, second.pk: True}
    assert third.pk not in said


def test_the_test_box_is_worked_by_keys(opened: Page) -> None:
    expect(opened.locator("#question")).to_be_focused()
    opened.keyboard.type("how long does delivery take?")
    opened.keyboard.press("Enter")
    expect(opened.get_by_role("heading", name="Answers", exact=True)).to_be_visible()
    opened.keyboard.press("/")
    expect(opened.locator("#question")).to_be_focused()


def test_the_pages_have_room_and_can_be_read(opened: Page) -> None:
    for number in range(12):
        ask(f"question {number}", strength=number / 3 - 1, right=number % 3 > 0)
    ask("do you have a piano", reason="low_confidence", reply="Yes, a Petrof from 1962.")
    opened.locator("#question").fill("can I send my sofa back?")
    opened.keyboard.press("Enter")
    expect(opened.locator(".verdict")).to_be_visible()
    addresses = [opened.url.removeprefix(opened.url.partition("/admin")[0])]
    addresses += [f"/admin/insights/{n}/" for n in ("reliability", "review", "gaps", "duplicates")]
    for address in addresses:
        opened.goto(address)
        for scheme, width in zip(SCHEMES, (1280, 800), strict=True):
            opened.emulate_media(color_scheme=scheme)
            opened.set_viewport_size({"width": width, "height": 900})
            assert opened.evaluate("document.documentElement.scrollWidth") <= width, address
            assert violations(opened, ".insights", runOnly=["wcag2a", "wcag2aa"]) is None, address
            picture(opened, f"insights-{address.strip('/').split('/')[2]}-{scheme}")
