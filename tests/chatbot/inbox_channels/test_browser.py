"""Mail, Telegram, files, failures and people, as agents and visitors see them."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from chatbot.envelope import InboundFile, Place
from tests.browsing import SCHEMES, picture, violations
from tests.chatbot.inbox_channels import rows
from tests.chatbot.inbox_channels.conftest import PHONE
from tests.world import Agent, Visitor

OpenPage = Callable[..., Page]
pytestmark = pytest.mark.browser


def telegram() -> Any:
    """Return a conversation with a place, a voice message and a file that is on its way."""
    made = rows.conversation(
        rows.identity(rows.channel("telegram", "Lund & Lyng Bot"), uuid.uuid4().hex, "Ida Krag")
    )
    rows.said(made, "Where is my parcel?", details={"username": "ida_k"})
    rows.said(
        made,
        "",
        files=(
            InboundFile("voice.oga", "audio/ogg", content=b"OggS" * 9_000),
            InboundFile("door.png", "image/png", content=rows.picture()),
            InboundFile("parcel.mp4", "video/mp4", size=9_000_000, reference="r"),
        ),
        place=Place(56.1567, 10.2108, "Jægergårdsgade 42"),
    )
    return made


def test_a_mail_is_read_with_all_that_came_with_it(open_page: OpenPage) -> None:
    made = rows.mail(html=rows.LETTER + rows.HOSTILE)
    inbox = open_page(f"/inbox/c/{made.pk}/")
    log = inbox.locator("#log")
    expect(inbox.locator("#talk-subject")).to_have_text("My broken bowl")
    expect(inbox.locator("#goes-to")).to_contain_text(made.identity.external_id)
    expect(log).to_contain_text("The receiving server could verify the sender")
    expect(log.locator("iframe")).to_have_count(0)
    expect(log.get_by_text("On Monday you wrote")).to_have_count(0)
    picture(inbox, "channels-mail")
    log.get_by_role("button", name="Quoted text").click()
    expect(log.get_by_text("On Monday you wrote")).to_be_visible()
    log.get_by_role("button", name="From, to").click()
    expect(log.locator(".mail-head")).to_contain_text("Bo <bo@example.com>")
    log.get_by_role("button", name="As it was written").click()
    expect(log.get_by_text("Pictures that are elsewhere are not loaded")).to_be_visible()
    letter = log.locator("iframe")
    assert letter.get_attribute("sandbox") == "allow-popups allow-popups-to-escape-sandbox"
    inside = inbox.frame_locator("#log iframe")
    expect(inside.get_by_text("my blue bowl came broken.")).to_be_visible()
    shown = inside.get_by_alt_text("the bowl")
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 320
    colour = inside.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    assert colour == "rgb(255, 255, 255)", "the stylesheet is there"
    picture(inbox, "channels-mail-letter")
    link = log.get_by_role("link", name="Download invoice.pdf")
    with inbox.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == "invoice.pdf"


def test_what_was_taken_back_or_edited_is_replaced_at_once(open_page: OpenPage) -> None:
    made = rows.conversation(rows.identity(rows.channel("http", "Shop app"), uuid.uuid4().hex))
    message = rows.said(made, "It is order 1", external_id=uuid.uuid4().hex)
    inbox = open_page(f"/inbox/c/{made.pk}/")
    log = inbox.locator("#log")
    expect(log).to_contain_text("It is order 1")
    from chatbot.conversations import changes
    from chatbot.envelope import MessageDeleted, MessageEdited

    known = str(message.external_id)
    changes.apply_edit(edit=MessageEdited(made.channel_id, known, "It is order 2"))
    inbox.reload()  # these tests' process is not the server's: its hints reach no socket there
    expect(log).to_contain_text("It is order 2")
    log.get_by_role("button", name="Earlier versions").click()
    expect(log.locator(".versions")).to_contain_text("It is order 1")
    changes.apply_deletion(deletion=MessageDeleted(made.channel_id, known))
    inbox.reload()
    expect(log).to_contain_text("The customer took this message back")
    expect(log).not_to_contain_text("order 2")


def test_telegram_has_places_voices_and_files_that_come(open_page: OpenPage) -> None:
    made = telegram()
    inbox = open_page(f"/inbox/c/{made.pk}/")
    log = inbox.locator("#log")
    place = log.get_by_role("link", name="Show Jægergårdsgade 42 on OpenStreetMap")
    href = place.get_attribute("href") or ""
    assert href.startswith("https://www.openstreetmap.org/?mlat=56.15670&mlon=10.21080")
    assert place.get_attribute("rel") == "noopener noreferrer"
    expect(log.get_by_role("link", name="Download voice.oga")).to_be_visible()
    expect(log.get_by_text("is being fetched")).to_be_visible()
    expect(log.get_by_role("link", name="Open door.png in a new tab")).to_be_visible()
    expect(inbox.locator("#person-body")).to_contain_text("@ida_k")
    expect(inbox.locator("#goes-to")).to_have_text("Goes to Telegram")
    picture(inbox, "channels-telegram")


def test_markup_in_names_subjects_and_addresses_is_text(open_page: OpenPage) -> None:
    made = rows.mail(
        subject=rows.HOSTILE,
        text=rows.HOSTILE,
        details={"subject": rows.HOSTILE, "from": rows.HOSTILE, "quoted": rows.HOSTILE},
        files=(InboundFile(rows.HOSTILE.replace("/", ""), "text/html", content=b"x"),),
    )
    inbox = open_page(f"/inbox/c/{made.pk}/")
    log = inbox.locator("#log")
    expect(inbox.locator("#talk-subject")).to_have_text(rows.HOSTILE)
    log.get_by_role("button", name="Quoted text").click()
    log.get_by_role("button", name="From, to").click()
    expect(log.locator(".mail-head")).to_contain_text(rows.HOSTILE)
    assert inbox.locator("#log img[src=x], .row img[src=x], #log script").count() == 0


def test_a_failure_is_found_and_sent_again(open_page: OpenPage) -> None:
    away = rows.channel("http", "Warehouse", config={"url": ""})
    made = rows.conversation(rows.identity(away, uuid.uuid4().hex, "Ida Krag"))
    rows.said(made, "When does it ship?")
    message = rows.said(made, "It ships today", author="agent", author_name="Mette")
    rows.failed(message, made.identity, "It answered with HTTP 410.")
    inbox = open_page("/inbox/")
    inbox.get_by_role("tab", name="Not delivered").click()
    row = inbox.locator(f"a.row[data-id='{made.pk}']")
    expect(row).to_contain_text("Not delivered")
    row.click()
    failure = inbox.locator("#log .aside.failed")
    expect(failure).to_contain_text("It did not reach the customer. It answered with HTTP 410.")
    picture(inbox, "channels-failed")
    assert violations(inbox) is None
    failure.get_by_role("button", name="Send again").click()
    # It fails for another reason now, which the server says by itself.
    expect(failure).to_contain_text("no address to send to")


def test_two_people_become_one_and_two_again(open_page: OpenPage) -> None:
    email = f"anna.{uuid.uuid4().hex[:6]}@example.com"
    made = rows.mail(email)
    bot = rows.channel("telegram", "Lund & Lyng Bot")
    ida = rows.identity(bot, uuid.uuid4().hex, "Anna L.", email=email)
    rows.said(rows.conversation(ida), "Hi there", details={"username": "anna_l"})
    inbox = open_page(f"/inbox/c/{made.pk}/")
    person = inbox.locator("#person")
    expect(person).to_contain_text("Probably the same person")
    picture(inbox, "channels-likely")
    person.get_by_role("button", name="Merge with Anna L.").click()
    dialog = inbox.locator("#merge")
    expect(dialog).to_contain_text("You can undo it here.")
    picture(inbox, "channels-merge")
    assert violations(inbox) is None
    dialog.get_by_role("button", name="Cancel").click()
    expect(person).to_contain_text("Probably the same person")
    person.get_by_role("button", name="Merge with Anna L.").click()
    dialog.get_by_role("button", name="Make them one").click()
    expect(person).to_contain_text("@anna_l")
    expect(person.locator(".past a")).to_have_count(1)
    picture(inbox, "channels-merged")
    person.get_by_role("button", name="Undo: take Anna L. apart again").click()
    expect(person).to_contain_text("Probably the same person")
    expect(person).not_to_contain_text("@anna_l")


def test_a_file_of_the_agent_arrives_in_the_widget(
    open_page: OpenPage, agent: Callable[[str], Agent]
) -> None:
    from chatbot.conversations.models import Conversation

    shop = open_page("/?lang=en")
    shop.get_by_role("button", name="Open chat").click()
    shop.get_by_label("Write a message").fill("I want to talk to a person")
    shop.get_by_label("Write a message").press("Enter")
    expect(shop.locator("svar-chat .message:not(.mine)").first).to_be_visible()
    made = Conversation.objects.latest("pk")
    agent("mette").post(f"conversations/{made.pk}/take", over=True)
    inbox = open_page(f"/inbox/c/{made.pk}/")
    composer = inbox.locator("#composer")
    expect(composer.locator("#goes-to")).to_contain_text("Goes to the chat on")
    with inbox.expect_file_chooser() as chooser:
        composer.get_by_role("button", name="Add files").click()
    chooser.value.set_files(
        [
            {"name": "offer.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 offer"},
            {"name": "bowl.png", "mimeType": "image/png", "buffer": rows.picture()},
            {"name": "empty.txt", "mimeType": "text/plain", "buffer": b""},
        ]
    )
    chips = composer.locator("#composer-files .file")
    expect(chips).to_have_count(3)
    expect(composer.get_by_role("alert").filter(has_text="The file is empty.")).to_be_visible()
    picture(inbox, "channels-files-to-send")
    assert violations(inbox) is None
    composer.get_by_role("button", name="Remove empty.txt").click()
    expect(chips).to_have_count(2)
    composer.locator("#send").click()
    expect(chips).to_have_count(0)
    expect(inbox.locator("#log .way-out").last).to_contain_text("Read")
    link = shop.get_by_role("link", name="Download offer.pdf")
    expect(link).to_be_visible()
    expect(shop.get_by_role("link", name="Open bowl.png in a new tab")).to_be_visible()
    picture(shop, "channels-widget-files")
    assert violations(shop) is None
    with shop.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == "offer.pdf"
    picture(inbox, "channels-files-sent")
    drop = """() => {
        const data = new DataTransfer();
        data.items.add(new File(["a,b"], "list.csv", { type: "text/csv" }));
        for (const type of ["dragover", "drop"])
            document.querySelector("#transcript").dispatchEvent(
                new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
        const paste = new DataTransfer();
        paste.items.add(new File(["x"], "pasted.txt", { type: "image/png" }));
        document.querySelector("#composer-text").dispatchEvent(
            new ClipboardEvent("paste", { clipboardData: paste, bubbles: true, cancelable: true }));
    }"""
    inbox.evaluate(drop)
    expect(chips).to_have_count(2)


# Gives a file to an element, as an agent pastes or drops it; returns whether the page took it.
GIVE = """([selector, kind]) => {
    const data = new DataTransfer();
    data.items.add(new File(["a,b"], `${kind}.csv`, { type: "text/csv" }));
    const options = { bubbles: true, cancelable: true };
    const event = kind === "paste"
        ? new ClipboardEvent(kind, { clipboardData: data, ...options })
        : new DragEvent(kind, { dataTransfer: data, ...options });
    return !document.querySelector(selector).dispatchEvent(event);
}"""


def test_files_that_cannot_go_are_refused_with_a_word_and_never_leave_the_page(
    open_page: OpenPage, agent: Callable[[str], Agent]
) -> None:
    mail = rows.conversation(rows.identity(rows.channel("email", "Files"), "ida@example.com"))
    rows.said(mail, "Hello")
    agent("mette").post(f"conversations/{mail.pk}/take", over=True)
    inbox = open_page("/inbox/")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    # The page knows the conversation from its list before it knows all about it.
    inbox.route(f"**/api/v1/inbox/conversations/{mail.pk}", hold)
    inbox.locator(f"a.row[data-id='{mail.pk}']").click()
    expect(inbox.locator("#composer-text")).to_be_visible()
    assert inbox.evaluate(GIVE, ["#composer-text", "paste"])
    chips = inbox.locator("#composer-files .file")
    expect(chips).to_have_count(0)
    held[0].continue_()
    expect(chips).to_have_text([re.compile("paste.csv")])
    assert inbox.evaluate(GIVE, ["#topbar, header", "drop"]), "else the browser opens the file"
    expect(chips).to_have_count(1)
    inbox.locator("#tab-note").click()
    inbox.evaluate(GIVE, ["#composer-text", "paste"])
    note = inbox.get_by_role("alert").filter(has_text="Files go with replies, not with notes.")
    expect(note).to_be_visible()
    inbox.locator("#tab-reply").click()
    expect(note).to_have_count(0)
    expect(chips).to_have_count(1)


@pytest.mark.parametrize("language", ["en", "da"])
def test_it_is_accessible_and_fits(
    open_page: OpenPage, agent: Callable[[str], Agent], language: str
) -> None:
    made = rows.mail(details={"authentication": {"dmarc": "fail"}, "why": "auto_reply"})
    mette = agent("mette")
    mette.post(f"conversations/{made.pk}/take")
    message = rows.said(made, "It ships today", author="agent", author_name="Mette")
    rows.failed(message, made.identity, "The mailbox is full.")
    other = telegram()
    inbox = open_page(f"/inbox/c/{made.pk}/", f"{language}-GB")

    def is_fine(name: str) -> None:
        assert inbox.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        for scheme in SCHEMES:
            inbox.emulate_media(color_scheme=scheme)
            picture(inbox, name.format(f"{language}-{scheme}"))
            if language == "en":  # the words change no colours and no roles
                assert violations(inbox) is None

    inbox.locator("#view-all").click()
    inbox.locator("#log .fold").first.click()
    expect(inbox.locator("#log iframe")).to_be_visible()
    row = inbox.locator(f"a.row[data-id='{made.pk}']")
    expect(row).to_be_visible()
    is_fine("channels-{}")
    assert row.evaluate("row => row.scrollWidth <= row.clientWidth + 1")
    inbox.set_viewport_size(PHONE)
    is_fine("channels-{}-phone")
    inbox.locator("#back").click()
    is_fine("channels-list-{}-phone")
    inbox.locator(f"a.row[data-id='{other.pk}']").click()
    expect(inbox.locator("#log .file").first).to_be_visible()
    picture(inbox, f"channels-telegram-{language}-phone")
    inbox.locator("#person-toggle").click()
    expect(inbox.locator(".identities").first).to_be_visible()
    is_fine("channels-person-{}-phone")


def test_a_visitor_who_waits_learns_nothing_of_notes(
    visitor: Callable[..., Visitor], agent: Callable[[str], Agent]
) -> None:
    anna, mette = visitor(), agent("mette")
    anna.open()
    anna.ask("I want to talk to a person")
    from chatbot.conversations.models import Attachment, Conversation, Message

    made = Conversation.objects.latest("pk")
    note = Message.objects.create(
        conversation=made, channel=made.channel, author="agent", kind="note", text="look"
    )
    row = Attachment.objects.create(message=note, name="a.txt", content_type="text/plain", size=1)
    assert anna.http.get(f"/api/v1/widget/attachments/{row.pk}").status_code == 404
    assert mette.get(f"conversations/{made.pk}/messages")
