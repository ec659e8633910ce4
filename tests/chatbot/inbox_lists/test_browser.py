"""Searching, filtering and saved views, by keyboard alone, as an agent sees them."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chatbot.inbox.models import SavedView
from tests.browsing import picture, violations
from tests.chatbot.inbox_channels import rows
from tests.world import Agent

pytestmark = pytest.mark.browser


def matter(text: str, **more: Any) -> Any:
    """Return a conversation with one message."""
    who = rows.identity(rows.channel("email", "Lists"), f"{uuid.uuid4().hex[:8]}@example.com", "Bo")
    made = rows.conversation(who, **more)
    rows.said(made, text)
    return made


def test_finding_by_keyboard_and_sharing_the_address(
    open_page: Callable[..., Page], agent: Callable[[str], Agent]
) -> None:
    teapot = matter("the teapot <b>leaks</b>", language="sv", status="resolved")
    lamp = matter("the lamp flickers", language="da")
    inbox = open_page("/inbox/?view=all", scheme="light")
    listed = inbox.locator("#rows a.row")
    row = inbox.locator(f"a.row[data-id='{teapot.pk}']")
    shown = inbox.locator(f"a.row[data-id='{lamp.pk}']")
    expect(shown).to_be_visible()
    expect(row).to_have_count(0)

    inbox.keyboard.press("/")
    inbox.keyboard.type("teapo")
    expect(row.locator("mark")).to_have_text("teapot")
    expect(row).to_contain_text("<b>leaks</b>")
    expect(inbox).to_have_url(re.compile(r"q=teapo"))
    inbox.keyboard.press("ArrowDown")
    expect(row).to_be_focused()
    inbox.keyboard.press("Enter")
    expect(inbox).to_have_url(re.compile(rf"/c/{teapot.pk}/\?view=all&q=teapo"))
    inbox.reload()
    expect(row.locator("mark")).to_have_text("teapot")
    expect(inbox.locator("#search")).to_have_value("teapo")
    assert violations(inbox) is None
    inbox.keyboard.press("/")
    inbox.keyboard.type("quetzal")
    expect(inbox.get_by_text("Nothing found")).to_be_visible()
    inbox.keyboard.press("Escape")
    expect(shown).to_be_visible()
    inbox.keyboard.press("Escape")

    inbox.keyboard.press("f")
    expect(inbox.locator("#filter-status-open")).to_be_focused()
    inbox.locator("#filter-languages").select_option("sv")
    expect(shown).to_have_count(0)
    inbox.get_by_role("checkbox", name="Resolved").check()
    expect(row).to_be_visible()
    inbox.emulate_media(color_scheme="dark")
    assert violations(inbox) is None
    picture(inbox, "lists-filters-dark")
    inbox.keyboard.press("Escape")
    chips = inbox.locator("#filter-chips")
    expect(chips).to_contain_text("Language: Swedish")

    chips.get_by_role("button", name="Save as view").click()
    inbox.keyboard.type("Swedish, done")
    inbox.keyboard.press("Enter")
    expect(inbox.locator("#views-name")).to_have_text("Swedish, done")
    expect(inbox).to_have_url(re.compile(r"saved=\d+"))
    expect(row).to_be_visible()
    # What the page cannot know by itself, it asks: the conversation leaves the view, and is back.
    mette = agent("mette")
    mette.post(f"conversations/{teapot.pk}/take")
    expect(row).to_have_count(0)
    mette.post(f"conversations/{teapot.pk}/resolve")
    expect(row).to_be_visible()
    inbox.go_back()
    expect(chips).to_contain_text("Language: Swedish")

    inbox.locator("#views-button").focus()
    inbox.keyboard.press("Enter")
    expect(inbox.get_by_role("button", name="Mentions")).to_be_focused()
    assert violations(inbox) is None
    inbox.keyboard.press("End")
    expect(inbox.get_by_role("button", name="Swedish, done", exact=True)).to_be_focused()
    picture(inbox, "lists-views-dark")
    inbox.get_by_role("button", name="Change Swedish, done").click()
    inbox.get_by_role("button", name="Remove", exact=True).click()
    expect(inbox.get_by_text("The view is removed")).to_be_visible()
    assert not SavedView.objects.filter(name="Swedish, done").exists()
    inbox.keyboard.press("6")
    expect(inbox.get_by_text("Nothing is snoozed")).to_be_visible()
    inbox.set_viewport_size({"width": 360, "height": 740})
    inbox.goto("/inbox/?view=all&languages=da,sv&status=open,resolved")
    expect(listed.first).to_be_visible()
    assert inbox.evaluate("document.documentElement.scrollWidth") <= 360
    picture(inbox, "lists-phone-dark")
