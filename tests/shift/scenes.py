"""What happens in a shift: each scene uses some of the inbox, with customers of its own."""

import re

from playwright.sync_api import Route, expect

from tests.shift.desk import Desk, Scene
from tests.shift.writing import (
    an_article,
    mail_on_a_phone,
    texts_and_macros,
    the_bot_drafts,
    translated,
)


def lists(desk: Desk) -> None:
    """Views, search, filters, a view that is kept and shared, walking by key."""
    from chatbot.inbox.models import SavedView

    mette = desk.mette
    _karl, pk = desk.telegram("My parcel has not come. I want to talk to a person", "Jytte")
    mine = mette[f"a.row[data-id='{pk}']"]
    mette.take(pk)
    mette.press("3")
    expect(mine).to_be_visible()
    mette.press("Shift+S")
    expect(mette["#sort"]).to_be_focused()
    mette["#sort"].select_option("due")
    expect(mine).to_be_visible()
    mette.press("1")
    expect(mette["#view-queue"]).to_have_attribute("aria-selected", "true")
    mette.press("2")
    expect(mine).to_be_visible()
    mette.press("J")
    first = mette.page.url
    if mette["a.row"].count() > 1:
        mette.press("J")
        expect(mette.page).not_to_have_url(first)
    mette.press("K")
    expect(mette.page).to_have_url(first)
    mette.press("/")
    mette.page.keyboard.type("parcel has not")
    expect(mette["a.row mark"].first).to_have_text(re.compile("parcel", re.I))
    mine.click()
    expect(mette["#contact-name"]).to_have_text("Jytte")
    expect(mette["#goes-to"]).to_be_visible()
    mette.tidy()
    mette.picture("inbox-search")
    mette.press("/")
    mette.page.keyboard.press("Escape")
    mette.page.keyboard.press("Escape")
    mette.press("3")
    mette.press("F")
    expect(mette["#filter-status-open"]).to_be_focused()
    mette["#filter-languages"].select_option("en")
    mette["#filters-close"].click()
    chips = mette["#filter-chips"]
    expect(chips).to_contain_text("English")
    expect(mine).to_be_visible()
    chips.get_by_role("button", name="Save as view").click()
    mette["#save-view-name"].fill("English")
    mette["#save-view-shared"].check()
    mette["#save-view-shared"].press("Enter")
    expect(mette["#views-name"]).to_have_text("English")
    expect(mine).to_be_visible()
    jonas = desk.jonas
    for view in ("English", "Money back"):
        jonas["#views-button"].click()
        jonas["#views-list"].get_by_role("button", name=view, exact=True).click()
        expect(jonas["#views-name"]).to_have_text(view)
        desk.used.add(f"view: {view}")
    jonas.press("2")
    SavedView.objects.filter(name="English").delete()
    mette.take(pk)
    mette.reply("It is with the carrier and comes tomorrow.")
    mette.leave()
    mette.press("E")


def deeds(desk: Desk) -> None:
    """Snooze, labels, topic, the person, to the bot and back, merge, link, block; and undo."""
    jonas = desk.jonas
    karl, first = desk.telegram(
        "Mit glas er gået i stykker. Jeg vil gerne tale med et menneske", "Birthe"
    )
    jonas.take(first)
    line = jonas["#status-line"]
    jonas.press("S")
    expect(jonas["#snooze-dialog .choice"].first).to_be_focused()
    jonas.picture("inbox-snooze-da")
    jonas.page.keyboard.press("Enter")
    expect(line.locator(".snoozed")).to_be_visible()
    jonas.press("6")
    expect(jonas[f"a.row[data-id='{first}']"]).to_be_visible()
    jonas.press("Z")
    expect(line.locator(".snoozed")).to_have_count(0)
    jonas.press("2")
    jonas.press("L")
    expect(jonas["#label-input"]).to_be_focused()
    jonas.page.keyboard.type("Damaged")
    jonas.page.keyboard.press("Enter")
    expect(jonas["#label-list [aria-selected=true]"]).to_have_count(1)
    jonas.page.keyboard.press("Escape")
    expect(line).to_contain_text("Damaged")
    jonas.press("C")
    chooser = jonas["#matter select"].first
    expect(chooser).to_be_focused()
    chooser.select_option("returns")
    expect(jonas[f"a.row[data-id='{first}']"]).to_contain_text("Returnering")
    shown = jonas["#person"].is_visible()
    jonas.press("P")
    expect(jonas["#person"]).to_be_visible(visible=not shown)
    jonas.press("P")
    expect(jonas["#person"]).to_be_visible(visible=shown)
    jonas.press("B")
    expect(jonas["#gate"]).to_be_visible()
    expect(jonas["#gate-take"]).to_be_enabled()
    jonas.press("T")
    expect(jonas["#gate"]).to_be_hidden()
    jonas.press("E")
    expect(jonas["#gate"]).to_be_visible()
    expect(jonas["#gate-take"]).to_be_enabled()
    jonas.press("T")  # reopened
    expect(jonas["#gate"]).to_be_hidden()
    jonas.press("E")
    expect(jonas["#gate"]).to_be_visible()

    second = desk.after(karl, "Lige en ting til: Jeg vil gerne tale med et menneske om låget")
    assert second != first, "what was resolved is not begun again"
    jonas.take(second)
    jonas.press("M")
    expect(jonas["#join-dialog"]).to_be_visible()
    jonas.picture("inbox-merge-da")
    jonas["#join-list"].get_by_role("button").first.click()
    expect(jonas["#log"]).to_contain_text("Mit glas er gået i stykker")
    expect(jonas["#log .merged"].first).to_be_visible()
    jonas.press("Z")
    expect(jonas["#log"]).not_to_contain_text("Mit glas er gået i stykker")
    jonas.press("M")
    jonas["#join-number"].fill(str(first))
    jonas["#join-number"].press("Enter")
    expect(jonas["#related"]).to_be_visible()
    jonas.press(".")
    expect(jonas["#more-menu"]).to_be_visible()
    jonas["#more-menu [data-deed=block]"].click()
    jonas["#block-reason"].fill("Skriver for en anden")
    jonas["#block-reason"].press("Enter")
    expect(line.locator(".blocked")).to_be_visible()
    expect(jonas["#gate"]).to_be_visible()
    jonas.press("Z")
    expect(line.locator(".blocked")).to_have_count(0)
    expect(jonas["#gate"]).to_be_hidden()
    jonas.reply("Vi sender dig et nyt.")
    desk.hears(karl, "et nyt")
    jonas.leave()
    jonas.press("E")


def several_at_once(desk: Desk) -> None:
    """Selected by key, labelled, resolved, and taken back."""
    mette = desk.mette
    made = [desk.mail(f"I want to talk to a person about table {n}")[1] for n in range(2)]
    mette.press("3")
    for pk in made:
        row = mette[f"a.row[data-id='{pk}']"]
        row.focus()
        desk.used.add("X")
        mette.page.keyboard.press("x")
    bar = mette["#bulk-said"]
    expect(bar).to_contain_text("2")
    mette.tidy()
    mette.picture("inbox-bulk")
    mette.press("L")
    expect(mette["#label-input"]).to_be_focused()
    mette.page.keyboard.type("Feedback")
    mette.page.keyboard.press("Enter")
    expect(mette["#label-list [aria-selected=true]"]).to_have_count(1)
    mette["#label-done"].click()
    expect(mette[f"a.row[data-id='{made[0]}']"]).to_contain_text("Feedback")
    mette.press("Shift+X")
    mette["#bulk-none"].click()
    for pk in made:
        mette[f"a.row[data-id='{pk}']"].focus()
        mette.page.keyboard.press("x")
    mette.press("E")
    for pk in made:
        expect(mette[f"a.row[data-id='{pk}']"]).to_have_count(0)
    mette.press("Z")
    for pk in made:
        expect(mette[f"a.row[data-id='{pk}']"]).to_be_visible()
    for pk in made:
        mette.take(pk)
        mette.reply("Yes, we have it.")
        mette.leave()
        mette.press("E")
        expect(mette["#gate"]).to_be_visible()


def two_at_one(desk: Desk) -> None:
    """A colleague who writes is seen; a reply that would cross theirs asks first."""
    mette, jonas = desk.mette, desk.jonas
    anna, pk = desk.web("I want to talk to a person about two lamps")
    jonas.take(pk)
    mette.go(pk)
    expect(jonas["#viewers"]).to_contain_text("Mette")
    jonas.text.press_sequentially("Hej, jeg")
    expect(mette["#viewers"]).to_contain_text("Jonas")
    mette.press("T")  # over from Jonas
    expect(mette["#gate"]).to_be_hidden()
    # Her network is slow: Jonas has answered before what she sends is there.
    held: list[Route] = []
    mette.page.route("**/reply", lambda route: held.append(route))  # noqa: PLW0108 it is inspected
    mette.text.fill("Hello, we look into it.")
    mette.text.press("Control+Enter")
    jonas.take(pk)
    jonas.text.press("Control+a")
    jonas.page.keyboard.insert_text("Hej, vi ser på det.")
    jonas.send()
    desk.hears(anna, "vi ser på det")
    jonas.press("Ctrl+K")
    jonas["#bar-input"].fill("Giv til Mette")
    jonas.page.get_by_role("option", name=re.compile("Giv til Mette")).first.click()
    expect(mette["#gate"]).to_be_hidden()
    held[0].continue_()
    mette.page.unroute("**/reply")
    anyway = mette.page.get_by_role("button", name="Send anyway")
    expect(anyway).to_be_visible(timeout=30_000)
    mette.picture("inbox-collision")
    anyway.click()
    desk.hears(anna, "we look into it")
    desk.used.add("send anyway")
    mette.leave()
    mette.press("E")


def people_decide(desk: Desk) -> None:
    """Given as routing suggests, by a key; declined with a reason; passed on."""
    mette, jonas = desk.mette, desk.jonas
    desk.routes("suggest")
    try:
        karl, pk = desk.telegram("My bowl leaks. I want to talk to a person", "Ove")
        jonas.go(pk)
        expect(jonas["#suggestion"]).to_be_visible(timeout=30_000)
        jonas.picture("inbox-suggested-da")
        jonas.press("G")
        expect(jonas["#suggestion"]).to_be_hidden()
    finally:
        desk.routes("automatic")
    mette.take(pk)
    jonas.go(pk)  # who gave it to somebody else is back at their list
    expect(jonas["#gate"]).to_be_visible()
    expect(mette["#pass-on"]).to_be_visible()
    mette.press("D")
    dialog = mette["#pass-on-dialog"]
    expect(dialog).to_be_visible()
    dialog.locator("input[name=cause]").first.check()
    dialog.locator("#pass-on-why").fill("You know the bowls best.")
    whom = dialog.locator("#pass-on-to option", has_text="Jonas").get_attribute("value")
    dialog.locator("#pass-on-to").select_option(whom)
    mette.picture("inbox-pass-on")
    dialog.get_by_role("button").last.click()
    expect(dialog).to_be_hidden()
    expect(jonas["#gate"]).to_be_hidden()
    jonas.reply("En ny skål er på vej.")
    desk.hears(karl, "En ny skål")
    jonas.leave()
    jonas.press("E")


def not_delivered(desk: Desk) -> None:
    """A customer has blocked the bot: it is seen, and sent again once they are back."""
    mette = desk.mette
    karl, pk = desk.telegram("The door sticks. I want to talk to a person", "Aage")
    mette.take(pk)
    karl.telegram.block(karl.person)
    mette.reply("Have you tried to oil it?")
    failed = mette["#log .aside.failed"]
    expect(failed).to_be_visible(timeout=30_000)
    expect(mette["#view-failed"]).to_be_visible()
    mette.tidy()
    mette.picture("inbox-not-delivered")
    mette.leave()
    mette.press("4")
    expect(mette[f"a.row[data-id='{pk}']"]).to_be_visible()
    karl.telegram.unblock(karl.person)
    failed.get_by_role("button").first.click()
    desk.hears(karl, "oil it")
    expect(failed).to_have_count(0)
    mette.press("2")
    mette.press("E")


def the_team(desk: Desk) -> None:
    """What the team does, and stepping in; presence, settings, and the list of keys."""
    mette, jonas = desk.mette, desk.jonas
    jonas.press("O")
    mette.press("U")
    row = mette.page.get_by_role("row").filter(has_text="Jonas")
    expect(row).to_contain_text("Away")
    jonas.press("O")
    expect(row).to_contain_text("Online")
    mette.tidy()
    mette.picture("inbox-team", dark=True)
    row.get_by_role("button", name="Change Jonas").click()
    dialog = mette.page.get_by_role("dialog", name="Jonas")
    dialog.get_by_label("Conversations at once, at most").fill("6")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    expect(row).to_contain_text("Changed by Mette")
    desk.used.add("team: stepped in")
    mette.press("Ctrl+K")
    mette.picture("inbox-bar")
    mette["#bar-input"].fill("dark")
    mette.page.keyboard.press("Enter")
    expect(mette["html"]).to_have_attribute("data-theme", "dark")
    mette.press(",")
    expect(mette["#settings"]).to_be_visible()
    mette["#settings"].get_by_label("As the computer").check()
    expect(mette["html"]).to_have_attribute("data-theme", "system")
    mette.page.keyboard.press("Escape")
    mette.press("1")


def the_list_of_keys(desk: Desk) -> None:
    """The page itself says which keys there are."""
    desk.mette.press("?")
    expect(desk.mette["#help"]).to_be_visible()
    desk.mette.picture("inbox-keys")
    desk.mette.page.keyboard.press("Escape")


def on_the_way_home(desk: Desk) -> None:
    """The supervisor looks at the list, and at one conversation, on her phone."""
    with desk.phone("mette", "en-GB") as worker:
        worker["#view-all"].click()
        expect(worker["a.row"].first).to_be_visible()
        worker.picture("inbox-phone-list-en", dark=True)
        worker["a.row"].last.click()
        expect(worker["#contact-name"]).to_be_visible()
        expect(worker["#log .bubble"].first).to_be_visible()
        worker.picture("inbox-phone-en", dark=True)


SCENES: list[Scene] = [
    the_bot_drafts, texts_and_macros, mail_on_a_phone, lists, deeds, several_at_once, two_at_one,
    people_decide, not_delivered, an_article, translated, the_team, the_list_of_keys,
    on_the_way_home,
]  # fmt: skip
