"""Deeds in the inbox, by keyboard: what an agent sees of them."""

import re
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from tests.browsing import picture, violations
from tests.chatbot.inbox_channels import rows
from tests.chatbot.inbox_channels.conftest import PHONE
from tests.chatbot.inbox_deeds.conftest import assigned, do, fresh, waiting
from tests.world import Agent, wait_for

OpenPage = Callable[..., Page]
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("no_labels")]
HOSTILE = "<img src=x onerror=alert(1)>"


def test_snoozing_labelling_and_undoing_by_keyboard(open_page: OpenPage) -> None:
    now = timezone.now()
    made = assigned(
        "mette",
        HOSTILE,
        reply_due_at=now - timedelta(minutes=4),
        resolve_due_at=now + timedelta(hours=2),
    )
    inbox = open_page(f"/inbox/c/{made.pk}/")
    inbox.locator("#view-mine").click()
    row = inbox.locator(f"li:has(a.row[data-id='{made.pk}'])")
    expect(row).to_contain_text("Reply late by 4 min")
    expect(inbox.locator("#status-line")).to_contain_text("Resolve in")
    # Labels: typed, made, put on; shown in row and head.
    inbox.keyboard.press("l")
    dialog = inbox.get_by_role("dialog", name="Labels")
    expect(dialog.get_by_role("combobox")).to_be_focused()
    inbox.keyboard.type(HOSTILE[:38])
    inbox.keyboard.press("Enter")
    expect(dialog.get_by_role("option", selected=True)).to_have_count(1)
    inbox.keyboard.type("Refund")
    inbox.keyboard.press("Enter")
    expect(dialog.get_by_role("option", selected=True)).to_have_count(2)
    assert violations(inbox) is None
    picture(inbox, "deeds-labels")
    inbox.keyboard.press("Escape")
    expect(row.locator(".label", has_text="Refund")).to_be_visible()
    expect(inbox.locator("#status-line .label", has_text="Refund")).to_be_visible()
    picture(inbox, "deeds-head")
    inbox.keyboard.press("z")
    expect(row.locator(".label", has_text="Refund")).to_have_count(0)
    # Snooze: out of the own list, and back by Z.
    inbox.keyboard.press("s")
    dialog = inbox.get_by_role("dialog", name="Snooze until")
    expect(dialog.locator(".choice").first).to_be_focused()
    is_monday = timezone.localdate(timezone=ZoneInfo("Europe/Copenhagen")).weekday() == 0
    expect(dialog).to_contain_text("Monday" if is_monday else "In a week")  # each time once
    assert violations(inbox) is None
    picture(inbox, "deeds-snooze")
    dialog.get_by_label("A date and time of your own").fill("2030-01-01T09:00")
    dialog.get_by_role("button", name="Snooze", exact=True).click()
    expect(inbox.get_by_role("alert").get_by_text("Choose a time that is ahead")).to_be_visible()
    inbox.keyboard.press("s")
    expect(dialog.locator(".choice").first).to_be_focused()
    inbox.keyboard.press("Enter")
    expect(row).to_have_count(0)
    expect(inbox.locator("#status-line .snoozed")).to_contain_text("Until")
    picture(inbox, "deeds-snoozed")
    inbox.keyboard.press("z")
    expect(row).to_be_visible()
    expect(inbox.get_by_role("alert").get_by_text("Undone.")).to_be_visible()
    # The menu has them all; blocking says what it means.
    inbox.keyboard.press(".")
    menu = inbox.locator("#more-menu")
    expect(menu.get_by_role("button", name="Snooze")).to_be_focused()
    inbox.keyboard.press("ArrowUp")
    expect(menu.get_by_role("button", name="Block this customer")).to_be_focused()
    assert violations(inbox) is None
    picture(inbox, "deeds-menu")
    inbox.keyboard.press("Enter")
    dialog = inbox.get_by_role("dialog", name=re.compile("^Block "))
    expect(dialog.get_by_label("Why? Your colleagues see it")).to_be_focused()
    inbox.keyboard.type(HOSTILE)
    picture(inbox, "deeds-block")
    inbox.keyboard.press("Enter")
    expect(inbox.locator("#related")).to_contain_text(HOSTILE)
    expect(inbox.locator("#status-line .blocked")).to_be_visible()
    inbox.emulate_media(color_scheme="dark")
    assert violations(inbox) is None
    picture(inbox, "deeds-blocked-dark")
    inbox.locator("#related").get_by_role("button", name="Unblock").click()
    expect(inbox.locator("#related")).to_be_hidden()
    assert inbox.locator("img[src=x]").count() == 0


def test_many_at_once_with_the_keyboard_and_by_range(open_page: OpenPage) -> None:
    made = [assigned("mette", f"Customer {n}") for n in range(4)]
    theirs = assigned("jonas", "Not mine")
    inbox = open_page("/inbox/")
    inbox.locator("#view-all").click()
    bar = inbox.get_by_role("toolbar", name="Selected conversations")
    expect(bar).to_be_hidden()
    inbox.locator(f"a.row[data-id='{made[0].pk}']").focus()
    inbox.keyboard.press("x")
    expect(bar).to_contain_text("1 selected")
    box = inbox.get_by_role("checkbox", name="Select Customer 3")
    box.click(modifiers=["Shift"])
    expect(bar).to_contain_text("4 selected")
    inbox.get_by_role("checkbox", name="Select Not mine").check()
    picture(inbox, "deeds-bulk")
    assert violations(inbox) is None
    inbox.emulate_media(color_scheme="dark")
    assert violations(inbox) is None
    picture(inbox, "deeds-bulk-dark")
    bar.get_by_role("button", name="More").click()
    menu = inbox.locator("#bulk-menu")
    menu.get_by_label("Priority").select_option("urgent")
    alert = inbox.get_by_role("alert").filter(has_text="Priority changed.")
    expect(alert).to_contain_text("5 conversations")
    expect(bar).to_be_hidden()
    assert fresh(theirs).priority == "urgent"
    alert.get_by_role("button", name="Undo").click()
    expect(inbox.get_by_role("alert").get_by_text("Undone.")).to_be_visible()
    assert fresh(theirs).priority == "normal"
    inbox.keyboard.press("Shift+X")
    expect(bar).to_contain_text(re.compile(r"\d+ selected"))
    inbox.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    for one in made[:2]:
        inbox.get_by_role("checkbox", name=f"Select {one.contact.name}").check()
    inbox.keyboard.press("e")
    alert = inbox.get_by_role("alert").filter(has_text="Resolved.")
    expect(alert).to_contain_text("2 conversations")
    assert {fresh(one).status for one in made[:2]} == {"resolved"}
    inbox.keyboard.press("z")
    expect(inbox.get_by_role("alert").get_by_text("Undone.")).to_be_visible()
    assert {fresh(one).status for one in made[:2]} == {"assigned"}


def test_what_can_be_undone_stands_beside_what_comes_meanwhile(
    open_page: OpenPage, agent: Callable[[str], Agent]
) -> None:
    made, comes = assigned("mette", "Anna Lund"), waiting("Bo")
    inbox = open_page(f"/inbox/c/{made.pk}/")
    expect(inbox.locator("#contact-name")).to_have_text("Anna Lund")
    inbox.locator("#contact-name").focus()
    inbox.keyboard.press("e")
    notices = inbox.locator("#notices")
    expect(notices).to_contain_text("Resolved.")
    agent("mette").post(f"conversations/{comes.pk}/take")
    expect(notices).to_contain_text("Bo is yours now.")
    expect(notices).to_contain_text("Resolved.")
    picture(inbox, "deeds-two-notices")
    assert violations(inbox) is None
    expect(notices).not_to_contain_text("Bo is yours now.")
    inbox.keyboard.press("z")
    expect(notices).to_contain_text("Undone.")
    expect(notices).not_to_contain_text("Resolved.")
    assert fresh(made).status == "assigned"


def test_keys_pressed_while_a_step_is_on_its_way_are_not_lost(
    open_page: OpenPage, agent: Callable[[str], Agent]
) -> None:
    first, second = (waiting(name, status="bot") for name in ("Anna Lund", "Bo Lind"))
    inbox = open_page(f"/inbox/c/{first.pk}/")
    expect(inbox.locator("#gate")).to_be_visible()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    inbox.route("**/take", hold)
    inbox.keyboard.press("t")
    agent("mette").post(f"conversations/{first.pk}/take")  # the answer takes longer than the news
    decline = inbox.locator("#pass-on")
    expect(decline).to_be_visible()
    expect(decline).to_be_disabled()
    inbox.keyboard.press("d")
    held.pop().continue_()
    dialog = inbox.locator("#pass-on-dialog")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("Anna Lund")
    inbox.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    inbox.keyboard.press("b")
    expect(inbox.locator("#gate")).to_be_visible()
    # The next one is taken, and a note begun, while the first is on its way.
    inbox.locator("#gate-take").click()
    inbox.keyboard.press("Control+k")
    inbox.locator("#bar-input").fill(f"#{second.pk}")
    option = inbox.get_by_role("option", name=re.compile(rf"^#{second.pk} "))
    expect(option).to_have_attribute("aria-selected", "true")
    inbox.keyboard.press("Enter")
    expect(inbox.locator("#contact-name")).to_have_text("Bo Lind")
    inbox.keyboard.press("t")
    inbox.keyboard.press("n")
    inbox.keyboard.type("Asked before")
    assert fresh(second).status == "bot"
    held.pop().continue_()
    wait_for(lambda: held or inbox.wait_for_timeout(20))
    held.pop().continue_()
    expect(inbox.locator("#resolve")).to_be_visible()
    expect(inbox.locator("#resolve")).to_be_enabled()
    assert {fresh(one).assignee.username for one in (first, second)} == {"mette"}
    expect(inbox.locator("#tab-note")).to_have_attribute("aria-selected", "true")
    expect(inbox.locator("#composer-text")).to_have_value("Asked before")


def test_two_conversations_are_read_as_one_and_on_a_phone(open_page: OpenPage) -> None:
    made = assigned("mette", "Anna Lund")
    who = rows.identity(rows.channel("email", "Lund & Lyng"), f"anna{made.pk}@example.com", "Anna")
    who.contact = made.contact
    who.save()
    letter = rows.conversation(who, subject="My broken lamp", status="assigned")
    type(letter).objects.filter(pk=letter.pk).update(assignee=made.assignee)
    rows.said(letter, "It hums at night.")
    other = waiting("Bo")
    inbox = open_page(f"/inbox/c/{made.pk}/", locale="da-DK")
    inbox.locator("#contact-name").focus()
    expect(inbox.locator("#person-body")).to_contain_text("My broken lamp")
    inbox.keyboard.press("m")
    dialog = inbox.get_by_role("dialog", name="Flet eller forbind")
    expect(dialog.get_by_role("button", name="Flet ind i denne")).to_be_focused()
    assert violations(inbox) is None
    picture(inbox, "deeds-join-danish")
    inbox.keyboard.press("Enter")
    expect(inbox.locator("#log")).to_contain_text("It hums at night.")
    expect(inbox.locator("#log .merged")).to_have_text("I den flettede samtale")
    expect(inbox.locator("#related")).to_contain_text("Flettet ind i denne")
    expect(inbox.locator("#goes-to")).to_contain_text("anna")
    picture(inbox, "deeds-merged-danish")
    inbox.keyboard.press("m")
    dialog.get_by_label("Forbind en samtale ud fra dens nummer").fill(str(other.pk))
    inbox.keyboard.press("Enter")
    expect(inbox.locator("#related")).to_contain_text("Bo")
    inbox.locator("#related").get_by_role("button", name="Skil ad").click()
    expect(inbox.locator("#log")).not_to_contain_text("It hums at night.")
    inbox.set_viewport_size(PHONE)
    expect(inbox.locator("#more")).to_be_visible()
    width = inbox.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    assert violations(inbox) is None
    picture(inbox, "deeds-phone-danish")


def test_who_has_either_open_sees_that_two_were_merged(open_page: OpenPage, mette: Agent) -> None:
    made = assigned("mette", "Anna Lund")
    who = rows.identity(rows.channel("email", "Lund & Lyng"), f"two{made.pk}@example.com", "Anna")
    who.contact = made.contact
    who.save()
    letter = rows.conversation(who, subject="My broken lamp", status="assigned")
    type(letter).objects.filter(pk=letter.pk).update(assignee=made.assignee)
    rows.said(letter, "It hums at night.")
    one = open_page(f"/inbox/c/{made.pk}/", username="jonas")
    other = open_page(f"/inbox/c/{letter.pk}/", username="anke")
    log = one.locator("#log")
    note = other.locator("#merged-note")
    expect(log).to_contain_text("The lamp hums.")
    expect(other.locator("#log")).to_contain_text("It hums at night.")

    merged = do(mette, "merge", made, other=letter.pk)
    expect(log).to_contain_text("It hums at night.")
    expect(one.locator("#related")).to_contain_text("My broken lamp")
    expect(note).to_contain_text("This was merged into another conversation")
    mette.post(f"deeds/{merged['id']}/undo")
    expect(log).not_to_contain_text("It hums at night.")
    expect(log).to_contain_text("The lamp hums.")
    expect(note).to_be_hidden()

    do(mette, "merge", made, other=letter.pk)
    expect(log).to_contain_text("It hums at night.")
    mette.post(f"conversations/{letter.pk}/take-apart")
    expect(log).not_to_contain_text("It hums at night.")
    expect(log).to_contain_text("The lamp hums.")
