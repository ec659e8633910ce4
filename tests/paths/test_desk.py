"""A shift at the desk: a supervisor and two agents, with customers on web, Telegram and email.

Everybody works in a real browser. Leaves the pictures of docs/inbox.md where SVAR_PICTURES says.
"""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browsing import enter, live, picture, settled
from tests.channels_adapters.worlds import wait_reply, world_of
from tests.world import Server, wait_for

DESKTOP: ViewportSize = {"width": 1360, "height": 850}
PHONE: ViewportSize = {"width": 390, "height": 780}
Open = Callable[..., Page]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def open_page(browser: Browser, server: Server, clean: None) -> Iterator[Open]:
    """Open a page in a profile of its own; an error in any of them fails the test."""
    errors: list[str] = []
    contexts = []

    def make(
        path: str, who: str = "", *, locale: str = "en-GB", viewport: ViewportSize = DESKTOP
    ) -> Page:
        context = browser.new_context(locale=locale, viewport=viewport, base_url=server.url)
        contexts.append(context)
        if who:
            enter(context, server, who)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(path)
        return live(page) if who else page

    yield make
    for context in contexts:
        context.close()
    assert not errors


def go_to(inbox: Page, words: str) -> None:
    """Go to the conversation that a few words name, by the bar."""
    inbox.keyboard.press("Control+k")
    inbox.get_by_role("combobox", name="What to find or do").fill(words)
    inbox.get_by_role("option", name=re.compile(r"^#\d+ ")).first.click()
    expect(inbox.locator("#conversation")).not_to_have_attribute("data-state", "none")
    inbox.locator("#contact-name").focus()


def take(inbox: Page) -> None:
    """Have the open conversation, once a person was given it."""
    line = inbox.locator("#status-line")
    expect(line).not_to_be_empty()
    expect(line).not_to_contain_text("The bot is answering")
    if "You have this" not in line.inner_text():
        inbox.keyboard.press("t")
    expect(line).to_contain_text("You have this")
    expect(inbox.locator("#composer-text")).to_be_enabled()


def colour(page: Page, name: str) -> None:
    """Keep pictures of a page in light and dark."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # of these two
        settled(page)
        picture(page, f"{name}-{scheme}")
    page.emulate_media(color_scheme="light")


def test_a_supervisor_and_two_agents_work_together(server: Server, open_page: Open) -> None:
    mette, jonas = open_page("/inbox/", "mette"), open_page("/inbox/", "jonas")
    anke = open_page("/inbox/", "anke", locale="da-DK", viewport=PHONE)
    shop = open_page("/")
    with world_of("telegram", server) as karl, world_of("email", server) as inger:
        shop.get_by_role("button", name="Open chat").click()
        box = shop.get_by_role("textbox", name="Write a message")
        box.fill("My lamp arrived broken, I want to talk to a person")
        box.press("Enter")
        karl.say("The website shows a blank page when I pay. Can I talk to a person?")
        inger.say("I want to talk to a person about my invoice")

        # The bot as a colleague: its draft is used, and sent as it is.
        go_to(mette, "My lamp arrived broken")
        take(mette)
        box.fill("How long does delivery take for a new one?")
        box.press("Enter")
        offer = mette.get_by_role("region", name="Svar suggests")
        expect(offer).to_contain_text("working days")
        colour(mette, "inbox-suggestion")
        mette.locator("#contact-name").focus()
        mette.keyboard.press("a")
        expect(mette.locator("#composer-text")).to_have_value(re.compile("working days"))
        mette.locator("#composer-text").press("Control+Enter")
        expect(shop.get_by_text("working days").first).to_be_visible()

        # Texts at hand, a macro, a label.
        go_to(jonas, "The website shows a blank page")
        take(jonas)
        jonas.keyboard.press("r")
        expect(jonas.locator("#composer-text")).to_be_focused()
        jonas.keyboard.type("/hel")
        expect(jonas.locator("#picker [role=option]").first).to_contain_text("/hello")
        picture(jonas, "inbox-canned")
        jonas.keyboard.press("Enter")
        expect(jonas.locator("#composer-text")).to_have_value(re.compile("I am Jonas"))
        jonas.locator("#composer-text").press("Control+Enter")
        wait_for(lambda: any("I am Jonas" in text for text in karl.replies()))
        jonas.locator("#contact-name").focus()
        jonas.keyboard.press("v")
        dialog = jonas.get_by_role("dialog", name="Macros")
        dialog.get_by_role("button", name=re.compile("Arrived damaged")).click()
        picture(jonas, "inbox-macro")
        dialog.get_by_role("button", name="Run").click()
        expect(jonas.locator("#status-line")).to_contain_text("Damaged")
        expect(jonas.locator("#composer-text")).to_have_value(re.compile("photo"))

        # On a phone, in Danish: a mail is answered, and a colleague named in a note.
        anke.locator("#view-all").click()
        anke.locator("a.row", has_text="invoice").first.click()
        if anke.locator("#take").is_visible():
            anke.locator("#take").click()
        field = anke.locator("#composer-text")
        expect(field).to_be_enabled()
        field.fill("Hej, jeg sender en ny faktura i dag.")
        colour(anke, "inbox-phone")
        anke.locator("#send").click()
        assert "ny faktura" in wait_reply(inger, len(inger.replies()) + 0 or 1) or wait_for(
            lambda: any("ny faktura" in text for text in inger.replies())
        )
        anke.locator("#tab-note").click()
        field.press_sequentially("@Met")
        expect(anke.locator("#picker [role=option]").first).to_contain_text("Mette")
        field.press("Enter")
        field.press_sequentially("skal vi give fri fragt?")
        anke.locator("#send").click()
        expect(mette.get_by_text("Anke named you in a note.")).to_be_visible()

        # Views, filters and search; snooze, several at once, and undo.
        mette.locator("#contact-name").focus()
        mette.keyboard.press("5")
        expect(mette.locator("a.row")).to_have_count(1)
        mette.keyboard.press("3")
        mette.keyboard.press("/")
        mette.keyboard.type("blank page")
        expect(mette.locator("a.row mark").first).to_have_text(re.compile("blank", re.I))
        picture(mette, "inbox-search")
        mette.keyboard.press("Escape")
        mette.keyboard.press("Escape")
        go_to(mette, "My lamp arrived broken")
        mette.keyboard.press("s")
        mette.get_by_role("button", name=re.compile("Tomorrow morning")).click()
        expect(mette.get_by_text("Snoozed.")).to_be_visible()
        mette.keyboard.press("6")
        expect(mette.locator("a.row")).to_have_count(1)
        mette.locator("a.row").first.focus()
        mette.keyboard.press("z")
        expect(mette.locator("a.row")).to_have_count(0)

        # What the team does.
        mette.keyboard.press("u")
        expect(mette.get_by_role("heading", name="Team")).to_be_visible()
        expect(mette.get_by_role("row", name=re.compile("Jonas"))).to_contain_text("Online")
        colour(mette, "inbox-team")
        mette.keyboard.press("Control+k")
        picture(mette, "inbox-bar")
