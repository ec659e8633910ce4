"""What the bot collected, and its correction, in the agent's browser."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Browser, Dialog, Page, Route, ViewportSize, expect

from tests.browsing import PAGES, SCHEMES, enter, live, picture, violations
from tests.world import Agent, Server, Visitor

DESKTOP: ViewportSize = {"width": 1360, "height": 850}
PHONE: ViewportSize = {"width": 390, "height": 780}
BROKEN = "The bowl arrived in two pieces and the box was crushed"
LONG = (
    "I paid on Thursday and the page stayed white after that. "
    "Then I tried with another card, and the same happened again.\n"
    "My bank says that the amount is reserved twice, which is why I would like to know whether "
    "you have two orders of mine now, or one, or none at all."
)
MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script><b>broken</b>"

pytestmark = pytest.mark.browser


def bowl() -> bytes:
    """Return the photo of a broken bowl."""
    from PIL import Image, ImageDraw

    photo = Image.new("RGB", (640, 420), "#d8c7b0")
    brush = ImageDraw.Draw(photo)
    brush.chord((120, 80, 520, 400), 0, 180, fill="#3b6c8f")
    brush.line((330, 240, 300, 300, 345, 330, 310, 400), fill="#f5f5f0", width=8)
    written = io.BytesIO()
    photo.save(written, "JPEG")
    return written.getvalue()


@pytest.fixture
def open_page(
    request: pytest.FixtureRequest, browser: Browser, server: Server, clean: None
) -> Iterator[Callable[..., Page]]:
    """Open the inbox in a browser of its own; an error or a script that ran fails the test."""

    def make(
        path: str,
        username: str = "mette",
        locale: str = "en-GB",
    ) -> Page:
        context = browser.new_context(
            locale=locale,
            viewport=DESKTOP,
            timezone_id="Europe/Copenhagen",
            base_url=server.url,
        )
        enter(context, server, username)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("dialog", ran)
        page.on(
            "console",
            lambda message: problems.append(message.text) if message.type == "error" else None,
        )
        made.append(page)
        page.goto(path)
        return live(page)

    def ran(dialog: Dialog) -> None:
        problems.append("a script ran")
        dialog.dismiss()

    problems: list[str] = []
    made: list[Page] = []
    request.node.stash[PAGES] = made
    yield make
    assert problems == []


@pytest.fixture
def complaint(
    server: Server, visitor: Callable[..., Visitor], agent: Callable[..., Agent]
) -> Iterator[int]:
    """Return a complaint with a picture, in the queue."""
    from chatbot.conversations.models import Conversation
    from chatbot.routing.services import resolve

    anna = visitor("en")
    anna.open()
    anna.ask("I want to make a complaint")
    anna.ask(BROKEN)
    anna.ask("10482")
    sent = anna.http.post(
        "/api/v1/widget/attachments", files={"file": ("bowl.jpg", bowl(), "image/jpeg")}
    )
    anna.ask("", attachments=[sent.json()["id"]])
    conversation = Conversation.objects.latest("pk")
    yield conversation.pk
    resolve(conversation=conversation)


def change(pk: int, **changes: Any) -> None:
    from chatbot.conversations.models import Conversation

    Conversation.objects.filter(pk=pk).update(**changes)


def collected(pk: int, action: str, *form: tuple[str, str]) -> None:
    """Let the conversation have been handed over with this form."""
    from chatbot.conversations.models import Conversation

    conversation = Conversation.objects.get(pk=pk)
    conversation.handoff |= {"action": action, "form": [list(pair) for pair in form]}
    conversation.save(update_fields=["handoff"])


def test_a_complaint_stands_above_the_transcript(
    open_page: Callable[..., Page], complaint: int
) -> None:
    inbox = open_page(f"/inbox/c/{complaint}/")
    brief = inbox.locator("#brief")
    expect(brief.locator(".brief-summary")).to_contain_text(f"Complaint {BROKEN} · order 10482")
    expect(brief.locator(".brief-summary")).to_contain_text("1 picture")
    expect(brief.locator(".form")).to_contain_text("What happened")
    expect(brief.locator(".unproven")).to_have_text("Not proven")
    first = inbox.locator("#brief > *:visible").nth(1)
    expect(first).to_have_id("brief-form")  # under the heading, before all else
    picture(inbox, "inbox-complaint")
    inbox.get_by_role("button", name="Go to bowl.jpg in the conversation").click()
    expect(inbox.locator("[data-picture]")).to_be_focused()
    inbox.locator("#brief-toggle").click()
    expect(inbox.locator("#brief-question")).to_contain_text("order 10482")
    expect(brief.locator(".form")).to_be_hidden()


def test_a_click_counts_though_the_summary_comes_meanwhile(
    open_page: Callable[..., Page], complaint: int
) -> None:
    def hold(route: Route) -> None:
        held.append(route)

    held: list[Route] = []
    inbox = open_page("/inbox/")
    inbox.route("**/summary", hold)
    inbox.goto(f"/inbox/c/{complaint}/")
    inbox.get_by_role("button", name="Go to bowl.jpg in the conversation").hover()
    inbox.mouse.down()
    while not held:
        inbox.wait_for_timeout(20)
    with inbox.expect_response("**/summary"):
        held[0].continue_()
    inbox.wait_for_timeout(50)  # nothing tells that nothing was drawn anew
    inbox.mouse.up()
    expect(inbox.locator("[data-picture]")).to_be_focused()


def test_the_keyboard_stays_on_the_person_while_the_customer_writes(
    open_page: Callable[..., Page], visitor: Callable[..., Visitor]
) -> None:
    from chatbot.conversations.models import Contact, Conversation

    anna = visitor("en")
    anna.open()
    anna.ask("I want to talk to a person")
    pk = Conversation.objects.latest("pk").pk
    shop = "https://shop.example/bowls"
    Conversation.objects.filter(pk=pk).update(page_url=shop, page_title="Bowls")
    inbox = open_page(f"/inbox/c/{pk}/")
    link = inbox.get_by_role("link", name="Bowls")
    link.focus()
    with inbox.expect_response(f"**/conversations/{pk}"):
        anna.say("One more thing")
    expect(inbox.locator("#log")).to_contain_text("One more thing")
    inbox.wait_for_timeout(50)  # nothing tells that nothing was drawn anew
    expect(link).to_be_focused()
    # Another link comes in above it.
    Contact.objects.filter(conversations=pk).update(email="anna@example.com")
    anna.say("That is all")
    expect(inbox.get_by_role("link", name="anna@example.com")).to_be_visible()
    expect(link).to_be_focused()


def test_markup_in_a_form_is_shown_and_never_run(
    open_page: Callable[..., Page], complaint: int
) -> None:
    collected(complaint, "complaint", ("what", MARKUP), (MARKUP, "x"), ("order", MARKUP))
    inbox = open_page(f"/inbox/c/{complaint}/")
    form = inbox.locator("#brief-form")
    expect(form.locator("dd", has_text=MARKUP)).to_have_count(2)
    expect(form.locator("dt", has_text=MARKUP)).to_have_count(1)
    expect(form.locator(".brief-summary")).to_contain_text(MARKUP)
    assert form.locator("script, b, img[src=x]").count() == 0


def test_a_long_value_folds(open_page: Callable[..., Page], complaint: int) -> None:
    collected(complaint, "technical_issue", ("error", LONG), ("browser", "Firefox 144"))
    inbox = open_page(f"/inbox/c/{complaint}/")
    form = inbox.locator("#brief-form")
    expect(form.locator(".brief-summary")).to_contain_text(
        "I paid on Thursday and the page stayed white after that · Firefox 144"
    )
    full = form.locator("details p")
    expect(full).to_be_hidden()
    form.locator("summary").press("Enter")
    expect(full).to_be_visible()
    assert full.inner_text() == LONG
    expect(form.get_by_text("Show less")).to_be_visible()
    form.locator("summary").press("Enter")
    expect(full).to_be_hidden()


def test_topic_and_priority_are_corrected_by_keyboard_and_seen_by_a_colleague(
    open_page: Callable[..., Page], complaint: int
) -> None:
    from chatbot.conversations.models import Classification, Contact

    Contact.objects.filter(conversations=complaint).update(is_vip=True)
    mette = open_page(f"/inbox/c/{complaint}/")
    freja = open_page(f"/inbox/c/{complaint}/", "freja")
    topic, priority = freja.locator("#matter-topic"), freja.locator("#matter-priority")
    expect(topic.locator("option").nth(1)).to_be_attached()
    mette.locator("#view-all").click()
    expect(mette.locator("#contact-vip")).to_have_text("VIP")
    expect(mette.locator(f"a.row[data-id='{complaint}'] .vip")).to_have_text("VIP")

    mette.locator("#contact-name").focus()
    mette.keyboard.press("c")
    expect(mette.locator("#matter-topic")).to_be_focused()
    expect(mette.locator("#matter-topic").locator("option").nth(1)).to_be_attached()
    options = mette.locator("#matter-topic").locator("option").all_inner_texts()
    assert options[0] == "No topic"
    before = mette.locator("#matter-topic").input_value()
    mette.keyboard.press("End")  # the last topic
    expect(mette.locator("#matter-saved")).to_have_text("Saved")
    expect(topic).not_to_have_value(before)
    mette.keyboard.press("Tab")
    mette.keyboard.press("End")
    expect(mette.locator("#status-line .priority")).to_have_text("Urgent")
    expect(mette.locator("#matter-priority")).to_be_focused()  # nothing jumped meanwhile
    expect(freja.locator("#status-line .priority")).to_have_text("Urgent")
    expect(priority).to_have_value("urgent")
    expect(topic).to_have_value(mette.locator("#matter-topic").input_value())
    label = Classification.objects.filter(conversation_id=complaint)[0]
    assert (label.priority, label.topic_before) == ("urgent", label.topic)


def test_what_could_not_be_saved_is_shown_as_it_was(
    open_page: Callable[..., Page], complaint: int
) -> None:
    inbox = open_page(f"/inbox/c/{complaint}/")
    priority = inbox.locator("#matter-priority")
    before = priority.input_value()
    inbox.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('offline')) }")
    priority.select_option("urgent" if before != "urgent" else "high")
    expect(inbox.locator("#notices")).to_contain_text("No connection")
    expect(priority).to_have_value(before)
    expect(inbox.locator("#matter-saved")).to_be_empty()


def test_what_happens_while_a_conversation_is_loaded_is_not_lost(
    open_page: Callable[..., Page], complaint: int, agent: Callable[..., Agent]
) -> None:
    held: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        if held:  # only the first answer takes so long
            route.continue_()
        else:
            held.append((route, route.fetch()))

    inbox = open_page("/inbox/")
    inbox.route(f"**/conversations/{complaint}", hold)
    inbox.locator("#view-all").click()
    row = inbox.locator(f"a.row[data-id='{complaint}']")
    row.click()
    while not held:
        inbox.wait_for_timeout(20)
    agent("freja").post(f"conversations/{complaint}/classify", priority="urgent")
    expect(row.locator(".priority")).to_have_text("Urgent")  # it came, and before the answer
    route, answer = held[0]
    assert answer.json()["priority"] != "urgent"
    route.fulfill(response=answer)
    expect(inbox.locator("#brief-form")).to_be_visible()
    expect(inbox.locator("#matter-priority")).to_have_value("urgent")


@pytest.mark.parametrize("language", ["en", "da", "sv", "de"])
def test_it_is_accessible_and_fits_in_every_language(
    open_page: Callable[..., Page], complaint: int, language: str
) -> None:
    from chatbot.conversations.models import Contact

    Contact.objects.filter(conversations=complaint).update(is_vip=True, name="Anna-Katharina Lund")
    change(complaint, priority="high")
    if language in ("da", "de"):
        form = [("error", LONG), ("system", "Windows"), ("browser", "Firefox 144")]
        form += [("tried", "Another browser"), ("since", "Monday"), ("often", "Every time")]
        collected(complaint, "technical_issue", *form)
    inbox = open_page(f"/inbox/c/{complaint}/", locale=language)

    def is_fine(name: str) -> None:
        assert inbox.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        for scheme in SCHEMES:
            inbox.emulate_media(color_scheme=scheme)
            picture(inbox, f"inbox-{name}-{language}-{scheme}")
            if language == "en":  # the words change no colours and no roles
                assert violations(inbox) is None

    expect(inbox.locator("#matter-topic option").nth(1)).to_be_attached()
    expect(inbox.locator(".brief-summary")).to_be_visible()
    is_fine("form")
    inbox.locator("#view-all").click()
    row = inbox.locator(f"a.row[data-id='{complaint}']")
    assert row.evaluate("row => row.scrollWidth <= row.clientWidth + 1")
    change(complaint, priority="urgent")
    inbox.reload()
    inbox.set_viewport_size(PHONE)
    expect(inbox.locator(".brief-summary")).to_be_visible()
    is_fine("form-phone")
    inbox.locator("#person-toggle").click()
    expect(inbox.locator("#matter-priority")).to_be_visible()
    expect(inbox.locator("#matter-topic option").nth(1)).to_be_attached()
    is_fine("person-phone")
