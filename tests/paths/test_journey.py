"""The whole path in a real browser, with two people, in Danish and in English.

Leaves the pictures that the README shows where SVAR_PICTURES says.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browsing import SCHEMES, live, picture, violations
from tests.world import PASSWORD, Server, wait_for

DESKTOP: ViewportSize = {"width": 1360, "height": 850}
PHONE: ViewportSize = {"width": 390, "height": 780}
NARROW: ViewportSize = {"width": 320, "height": 640}

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Words:
    """What the two people read and write, by language."""

    language: str
    locale: str
    open: str
    question: str
    source: str
    unknown: str
    handoff: str
    joined: str
    reply: str
    thanks: str
    write: str
    send: str
    mine: str


DANISH = Words(
    language="da",
    locale="da-DK",
    open="Åbn chat",
    question="Hvor lang er leveringstiden?",
    source="Fra: Hvor lang er leveringstiden?",
    unknown="sponserer i fodboldklubber i de lavere rækker?",
    handoff="Det har jeg ikke et sikkert svar på",
    joined="Freja er nu med i samtalen",
    reply="Ja, det gør vi i Aarhus. Fortæl lidt om klubben?",
    thanks="Fedt, det er FC Viby",
    write="Skriv en besked",
    send="Send",
    mine="Mine",
)
ENGLISH = Words(
    language="en",
    locale="en-GB",
    open="Open chat",
    question="How long does delivery take?",
    source="From: How long does delivery take?",
    unknown="do you sponsor football clubs in lower leagues?",
    handoff="I don't have a sure answer to that",
    joined="Freja joined the conversation",
    reply="We do, in Aarhus. Tell me about your club?",
    thanks="Great, it is FC Viby",
    write="Write a message",
    send="Send",
    mine="Mine",
)


@pytest.fixture
def open_page(browser: Browser, server: Server, clean: None) -> Callable[..., Page]:
    """Open a page in a fresh browser profile; a page error or console error fails the test."""

    def make(
        path: str, locale: str, viewport: ViewportSize = DESKTOP, scheme: str = "light"
    ) -> Page:
        context = browser.new_context(
            locale=locale,
            viewport=viewport,
            color_scheme=scheme,  # type: ignore[arg-type]
            timezone_id="Europe/Copenhagen",
            base_url=server.url,
        )
        page = context.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console",
            lambda message: problems.append(message.text) if message.type == "error" else None,
        )
        made.append((page, problems))
        page.goto(path)
        return page

    made: list[tuple[Page, list[str]]] = []
    yield make  # type: ignore[misc]
    for page, problems in made:
        page.context.close()
        assert problems == []


def log_in(page: Page, username: str) -> None:
    """Log in to the inbox."""
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("button[type=submit]").last.click()
    live(page)


def say(page: Page, words: Words, text: str) -> None:
    """Type a message into the widget and send it."""
    page.get_by_label(words.write).fill(text)
    page.get_by_label(words.write).press("Enter")


@pytest.mark.parametrize("words", [DANISH, ENGLISH], ids=["danish", "english"])
def test_a_question_is_answered_and_the_unknown_reaches_a_person(
    open_page: Callable[..., Page], words: Words
) -> None:
    name = words.language
    inbox = open_page("/inbox/", words.locale)
    picture(inbox, f"login-{name}")
    log_in(inbox, "freja")
    inbox.get_by_role("tab", name=words.mine).click()

    shop = open_page(f"/?lang={name}", words.locale)
    shop.get_by_role("button", name=words.open).click()
    suggestion = shop.get_by_role("button", name=words.question)
    expect(suggestion).to_be_visible()
    picture(shop, f"widget-{name}-greeting")
    suggestion.click()
    source = shop.get_by_role("button", name=words.source)
    expect(source).to_be_visible()
    source.click()
    picture(shop, f"widget-{name}-answer")

    say(shop, words, words.unknown)
    expect(shop.get_by_text(words.handoff)).to_be_visible()
    expect(shop.get_by_text(words.joined)).to_be_visible()
    picture(shop, f"widget-{name}-handoff")

    row = inbox.locator("a.row").first
    expect(row).to_be_visible()
    row.click()
    expect(inbox.locator("#transcript").get_by_text(words.unknown)).to_be_visible()
    expect(inbox.locator("#brief")).to_contain_text(words.unknown)
    picture(inbox, f"inbox-{name}")
    composer = inbox.locator("textarea").first
    composer.fill(words.reply)
    composer.press("Control+Enter")
    expect(shop.get_by_text(words.reply)).to_be_visible()
    picture(shop, f"widget-{name}-reply")

    # The chat lives on when the visitor goes to another page.
    shop.goto(f"/shop/hede/?lang={name}")
    expect(shop.get_by_text(words.reply)).to_be_visible()
    say(shop, words, words.thanks)
    expect(inbox.locator("#transcript").get_by_text(words.thanks)).to_be_visible()
    expect(inbox.locator("#person")).to_contain_text("/shop/hede/")


def test_the_widget_works_on_a_narrow_phone_in_the_dark(open_page: Callable[..., Page]) -> None:
    for viewport, locale, label, name in (
        (NARROW, "sv-SE", "Öppna chatten", "widget-sv-narrow-dark"),
        (PHONE, "de-DE", "Chat öffnen", "widget-de-phone-dark"),
    ):
        shop = open_page(f"/?lang={locale[:2]}", locale, viewport, "dark")
        shop.get_by_role("button", name=label).click()
        question = {"sv": "Hur lång är leveranstiden?", "de": "Wie lange dauert die Lieferung?"}
        shop.get_by_role("button", name=question[locale[:2]]).click()
        expect(shop.get_by_role("button", name=question[locale[:2]])).to_be_visible()
        overflow = shop.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0
        picture(shop, name)


def test_what_was_typed_while_the_server_was_away_is_sent_once(
    browser: Browser, shop: Path, tmp_path: Path
) -> None:
    from tests.world import copy_shop

    data = copy_shop(shop, tmp_path / "shop")
    server = Server(data).start()
    context = browser.new_context(locale="en-GB", base_url=server.url, viewport=DESKTOP)
    page = context.new_page()
    try:
        page.goto("/?lang=en")
        page.get_by_role("button", name=ENGLISH.open).click()
        say(page, ENGLISH, "hi")
        expect(page.get_by_text("Hi, I'm Lyng")).to_be_visible()
        server.kill()
        expect(page.get_by_text("Connecting again")).to_be_visible(timeout=15_000)
        say(page, ENGLISH, "How long does delivery take?")
        say(page, ENGLISH, "thanks")
        picture(page, "widget-en-offline")
        server.start()
        expect(page.get_by_text("You're welcome")).to_be_visible(timeout=45_000)
        import sqlite3

        with sqlite3.connect(data / "svar.sqlite3") as database:
            said = database.execute(
                "SELECT text FROM conversations_message WHERE external_id IS NOT NULL ORDER BY id"
            ).fetchall()
        assert [text for (text,) in said] == ["hi", "How long does delivery take?", "thanks"]
        expect(page.get_by_text("How long does delivery take?", exact=True)).to_have_count(1)
    finally:
        context.close()
        server.stop()


def test_two_tabs_of_a_visitor_stay_in_step(open_page: Callable[..., Page]) -> None:
    first = open_page("/?lang=en", "en-GB")
    first.get_by_role("button", name=ENGLISH.open).click()
    say(first, ENGLISH, "hi")
    expect(first.get_by_text("Hi, I'm Lyng")).to_be_visible()
    second = first.context.new_page()
    second.goto("/shop/hede/?lang=en")
    second.get_by_role("button", name=ENGLISH.open).click()
    expect(second.get_by_text("Hi, I'm Lyng")).to_be_visible()
    say(second, ENGLISH, "How do gift cards work?")
    expect(first.get_by_text("valid for 3 years", exact=False).first).to_be_visible()
    wait_for(
        lambda: first.locator("svar-chat").inner_text() == second.locator("svar-chat").inner_text()
    )


def test_markup_is_shown_and_never_run(open_page: Callable[..., Page]) -> None:
    shop = open_page("/?lang=en", "en-GB")
    shop.on("dialog", lambda dialog: pytest.fail("a script ran"))
    shop.get_by_role("button", name=ENGLISH.open).click()
    inbox = open_page("/inbox/", "en-GB")
    inbox.on("dialog", lambda dialog: pytest.fail("a script ran"))
    log_in(inbox, "mette")
    # She alone, or the conversation could go to who was here before.
    expect(inbox.get_by_text("1 online")).to_be_visible(timeout=30_000)
    payload = "<img src=x onerror=alert(1)> I want to talk to a person <script>alert(2)</script>"
    say(shop, ENGLISH, payload)
    expect(shop.get_by_text(payload)).to_be_visible()
    inbox.get_by_role("tab", name="Mine").click()
    inbox.locator("a.row", has_text="I want to talk to a person").click()
    expect(inbox.locator("#transcript").get_by_text(payload)).to_be_visible()


def test_accessibility_rules_hold(open_page: Callable[..., Page]) -> None:
    shop = open_page("/?lang=en", "en-GB")
    shop.get_by_role("button", name=ENGLISH.open).click()
    shop.get_by_role("button", name=ENGLISH.question).click()
    expect(shop.get_by_role("button", name=ENGLISH.source)).to_be_visible()
    inbox = open_page("/inbox/", "en-GB")
    log_in(inbox, "mette")
    inbox.get_by_role("tab", name="All").click()
    inbox.locator("a.row").first.click()
    expect(inbox.locator("#log")).to_contain_text(ENGLISH.question)
    for page in (shop, inbox):
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            picture(page, f"{'inbox' if page is inbox else 'widget'}-en-{scheme}")
            assert violations(page) is None
