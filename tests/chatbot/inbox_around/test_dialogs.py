"""Every dialog and menu of the inbox, in each language, on a phone and at 200 %: readable, no rule
of accessibility broken, nothing outside the window."""

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browsing import SCHEMES, picture, violations
from tests.chatbot.inbox_channels import rows
from tests.chatbot.inbox_deeds.conftest import assigned

pytestmark = pytest.mark.browser

# How each is opened: a key, or what is pressed. From the list, or with a conversation open.
KEYS = {
    "bar": "Control+k",
    "help": "?",
    "settings": ",",
    "filters": "f",
    "snooze-dialog": "s",
    "label-dialog": "l",
    "join-dialog": "m",
    "macro-dialog": "v",
    "pass-on-dialog": "d",
    "more-menu": ".",
}
BUTTONS = {
    "canned-dialog": "#canned-open",
    "account": "[popovertarget=account], #account-button",
    "views": "#views-button",
}
WIDTHS: dict[str, ViewportSize] = {
    "desktop": {"width": 1360, "height": 850},
    "phone": {"width": 360, "height": 740},
    "zoomed": {"width": 640, "height": 400},  # 1280 by 800 at 200 %
}
# Outside of the window where nothing can be scrolled to it.
OUTSIDE = """(id) => {
    const box = document.getElementById(id).getBoundingClientRect();
    const wide = document.documentElement.scrollWidth > innerWidth;
    return wide || box.left < 0 || box.right > innerWidth + 1 || box.top < 0
        || box.bottom > innerHeight + 1 ? JSON.stringify([wide, box, innerWidth, innerHeight]) : "";
}"""


@pytest.mark.parametrize(
    ("language", "width"),
    [("en", "phone"), ("en", "zoomed"), ("da", "desktop"), ("sv", "phone"), ("de", "zoomed")],
)
def test_every_dialog_can_be_read(
    open_page: Callable[..., Page], language: str, width: str
) -> None:
    made = assigned("mette", "Annelise Bergström-Christensen")
    where = rows.channel("email", "Lund & Lyng")
    who = rows.identity(where, f"{uuid.uuid4().hex[:6]}@example.com", "Anna")
    who.contact = made.contact
    who.save()
    rows.said(rows.conversation(who, subject="My broken lamp", status="resolved"), "It hums.")
    inbox = open_page(f"/inbox/c/{made.pk}/", f"{language}-DE", WIDTHS[width])
    expect(inbox.locator("#composer-text")).to_be_enabled()
    expect(inbox.locator("#pass-on")).not_to_have_attribute("hidden", "")
    found = {}
    for name, key in {**KEYS, **BUTTONS}.items():
        if not inbox.locator("#contact-name").is_visible():
            inbox.go_back()  # where only the list has room
            expect(inbox.locator("#pass-on")).to_be_visible()
        inbox.evaluate("document.activeElement?.blur()")
        if name in BUTTONS:
            if not inbox.locator(key).first.is_visible():
                inbox.locator("#back").click()
            inbox.locator(key).first.click()
        else:
            inbox.keyboard.press(key)
        shown = inbox.locator(f"#{name}")
        expect(shown, name).to_be_visible(timeout=5_000)
        for scheme in SCHEMES:
            inbox.emulate_media(color_scheme=scheme)
            picture(inbox, f"dialogs-{name}-{language}-{width}-{scheme}")
            if problem := violations(inbox):
                found[f"{name} {scheme}"] = problem
        if outside := inbox.evaluate(OUTSIDE, name):
            found[f"{name} outside"] = outside
        inbox.keyboard.press("Escape")
        expect(shown).to_be_hidden()
    assert not found, "\n".join(f"{name}: {problem}" for name, problem in found.items())
