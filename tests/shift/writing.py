"""Scenes of writing: what the bot drafts, texts at hand, mails, articles, translation."""

import re

from playwright.sync_api import expect

from tests.shift.desk import Desk
from tests.world import wait_for

# What a language model makes of the shop's articles.
_DELIVERY = (
    "Order before 14:00 on a weekday and your parcel leaves us the same day [1]."
    " To Denmark it then takes 1–2 working days [1]."
)
_RETURN = "You have 60 days from the day you receive your parcel [1]."
_FILES = """() => {
    const put = (type, name) => {
        const data = new DataTransfer();
        data.items.add(new File(["x"], name, { type: "text/plain" }));
        const field = document.querySelector("#composer-text");
        const how = { bubbles: true, cancelable: true };
        field.dispatchEvent(type === "paste"
            ? new ClipboardEvent(type, { ...how, clipboardData: data })
            : new DragEvent(type, { ...how, dataTransfer: data }));
    };
    put("paste", "pasted.txt");
    put("drop", "dropped.txt");
}"""


def the_bot_drafts(desk: Desk) -> None:
    """Its draft is sent as it is, changed, and discarded; each teaches."""
    from chatbot.inbox.models import Suggestion

    mette = desk.mette
    anna, pk = desk.web("My lamp arrived broken, I want to talk to a person")
    mette.take(pk)
    offer = mette["#offer"]
    desk.model.text = _DELIVERY
    anna.say("How long does delivery take for a new one?")
    expect(offer).to_contain_text("working days", timeout=30_000)
    mette.picture("inbox-suggestion", dark=True)
    mette.press("A")
    expect(mette.text).to_have_value(re.compile("working days"))
    mette.send()
    desk.hears(anna, "working days")
    desk.model.text = _RETURN
    anna.say("How long do I have to return something?")
    expect(offer).to_contain_text("60 days", timeout=30_000)
    mette.press("A")
    mette.text.press("Control+End")
    mette.page.keyboard.insert_text(" That is from the day it comes.")
    mette.send()
    desk.hears(anna, "from the day it comes")
    desk.model.text = _DELIVERY
    anna.say("How long does delivery take?")
    expect(offer).to_contain_text("working days", timeout=30_000)
    desk.model.text = ""
    mette["#offer-discard"].click()
    expect(offer).to_be_hidden()

    def states() -> set[str]:
        made = Suggestion.objects.filter(message__conversation_id=pk)
        return set(made.values_list("state", flat=True))

    wait_for(lambda: {"accepted", "edited", "discarded"} <= states(), why=lambda: str(states()))
    desk.used |= {"help: draft accepted", "help: draft edited", "help: draft discarded"}
    mette.leave()
    mette.press("E")
    expect(mette["#take"]).to_be_visible()


def texts_and_macros(desk: Desk) -> None:
    """A canned reply by /, and each macro of the shop, in Danish."""
    from chatbot.conversations.models import Conversation
    from chatbot.inbox.models import Macro

    jonas = desk.jonas
    karl, pk = desk.telegram("Siden bliver hvid, når jeg vil betale. Kan jeg tale med et menneske?")
    jonas.take(pk)
    jonas.picture("inbox-da", dark=True)
    jonas.press("R")
    expect(jonas.text).to_be_focused()
    jonas.page.keyboard.type("/hel")
    desk.used.add("/ while writing")
    expect(jonas["#picker [role=option]"].first).to_contain_text("/hello")
    jonas.picture("inbox-canned")
    jonas.page.keyboard.press("Enter")
    expect(jonas.text).to_have_value(re.compile("Jonas"))
    jonas.send()
    desk.hears(karl, "Jonas")
    for name in Macro.objects.filter(owner=None).values_list("name", flat=True):
        jonas.leave()
        jonas.press("V")
        dialog = jonas["#macro-dialog"]
        dialog.get_by_role("button", name=name).click()
        jonas.picture("inbox-macro")
        dialog.locator("#macro-run").click()
        expect(dialog).to_be_hidden()
        expect(jonas.text).not_to_have_value("")
        if name == "Arrived damaged":  # once by mistake
            jonas.press("Z")
            expect(jonas.text).to_have_value("")
            jonas.press("V")
            dialog.get_by_role("button", name=name).click()
            dialog.locator("#macro-run").click()
            expect(dialog).to_be_hidden()
            expect(jonas.text).not_to_have_value("")
        jonas.send()
        desk.used.add(f"macro: {name}")
    expect(jonas["#status-line"]).to_contain_text("Damaged")
    made = Conversation.objects.get(pk=pk)
    assert made.priority == "high"
    assert made.snoozed_until is not None
    karl.say("Tak, her er det")
    expect(jonas["#status-line .snoozed"]).to_have_count(0)
    jonas.leave()
    jonas.press("E")
    expect(jonas["#take"]).to_be_visible()


def mail_on_a_phone(desk: Desk) -> None:
    """A mail is answered with a file, and a colleague named in a note who then looks."""
    anke, mette = desk.anke, desk.mette
    inger, pk = desk.mail("Jeg vil gerne tale med et menneske om min faktura")
    if anke["#back"].is_visible():
        anke["#back"].click()
    anke["#view-all"].click()
    row = anke[f"a.row[data-id='{pk}']"]
    row.click()
    expect(anke["#contact-name"]).to_be_visible()
    # Not by Playwright's click: it may become hers by itself at any moment.
    anke.claim(lambda: anke["#gate-take"].dispatch_event("click"))
    expect(anke.text).to_be_enabled()
    expect(anke["#attach"]).to_be_visible()
    anke.text.fill("Hej, her er en ny faktura.")
    anke.page.evaluate(_FILES)
    files = anke["#composer-files .file[data-state=ready]"]
    expect(files).to_have_count(2)
    anke.picture("inbox-phone", dark=True)
    anke["#send"].click()
    expect(anke.text).to_have_value("")
    desk.hears(inger, "en ny faktura")
    wait_for(lambda: {"pasted.txt", "dropped.txt"} <= set(inger.files()))
    anke["#tab-note"].click()
    anke.text.press_sequentially("@Met")
    expect(anke["#picker [role=option]"].first).to_contain_text("Mette")
    anke.text.press("Enter")
    anke.text.press_sequentially("skal vi give fri fragt?")
    desk.used.add("@ in a note")
    anke["#send"].click()
    mette.told("Anke named you in a note")
    mette.press("5")
    expect(mette[f"a.row[data-id='{pk}']"]).to_be_visible()
    mette.go(pk)
    mette.press("N")
    expect(mette.text).to_be_focused()
    mette.page.keyboard.insert_text("Yes, please.")
    mette.send()
    expect(anke["#log .bubble"].last).to_contain_text("Yes, please.")
    anke["#back"].click()


def an_article(desk: Desk) -> None:
    """A solved conversation becomes the draft of an article."""
    from knowledge.models import Article

    mette = desk.mette
    anna, pk = desk.web("I want to talk to a person about my blue bowl")
    mette.take(pk)
    anna.say("Can the blue bowl go into the oven?")
    mette.reply("Yes, up to 200 degrees.")
    desk.hears(anna, "200 degrees")
    mette.leave()
    mette.press("E")
    expect(mette["#make-article"]).to_be_visible()
    mette.told("Resolved")
    mette.tidy()
    mette.picture("inbox-article")
    with mette.page.context.expect_page() as opened:
        mette["#make-article button"].click()
    expect(opened.value).to_have_url(re.compile("article"))
    wait_for(lambda: Article.objects.filter(translations__answer__contains="200 degrees").exists())
    opened.value.close()
    Article.objects.filter(translations__answer__contains="200 degrees").delete()
    desk.used.add("help: article")


def translated(desk: Desk) -> None:
    """A German customer is read and answered in English, by a language model."""
    mette = desk.mette
    gerda, pk = desk.web("Ich möchte mit einem Menschen sprechen", "de-DE")
    mette.take(pk)
    gerda.say("Die Kanne tropft beim Gießen.")
    expect(mette["#log .bubble"].filter(has_text="tropft")).to_be_visible()
    desk.model.text = "The pot drips when pouring."
    mette.press("Y")
    expect(mette["#log"]).to_contain_text("The pot drips when pouring.")
    mette.picture("inbox-translation")
    desk.model.text = "Wir schicken Ihnen eine neue."
    mette.text.fill("We send you a new one.")
    mette["#translate-reply"].click()
    expect(mette.text).to_have_value("Wir schicken Ihnen eine neue.")
    desk.model.text = ""
    mette.send()
    desk.hears(gerda, "eine neue")
    desk.used |= {"help: translation", "help: translated reply"}
    mette.leave()
    mette.press("E")
