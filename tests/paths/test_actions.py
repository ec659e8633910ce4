"""Each action to its end in a real browser: the shop's widget, real mails, links and labels.

Leaves pictures for the docs where SVAR_PICTURES says.
"""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    expect,
)
from pypdf import PdfReader

from tests.browsing import PICTURES, enter, live, picture
from tests.mail import MailServer, code_in, text_of
from tests.paths.test_journey import DESKTOP
from tests.widget.test_pictures_and_people import bowl
from tests.world import PASSWORD, Server, copy_shop, running, wait_for

METTE, EMMA = "mette.olsen@post.example", "emma.clarke@mail.example"
SOFIE, INGRID = "sofie@krag.example", "ingrid.dahl@post.example"
NOBODY = "nobody@post.example"
NEW_PASSWORD = "Sju grå lam på engen"
LABELS = {
    "en": ("Open chat", "Write a message", "Add pictures", "en-GB"),
    "da": ("Åbn chat", "Skriv en besked", "Tilføj billeder", "da-DK"),
}

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


class Chat:
    """The widget on a page, as a customer uses it."""

    def __init__(self, page: Page, language: str) -> None:
        self.page = page
        opener, self.write, self.attach, _ = LABELS[language]
        page.get_by_role("button", name=opener).click()

    def say(self, text: str) -> None:
        """Type a message and send it."""
        self.page.get_by_label(self.write).fill(text)
        self.page.get_by_label(self.write).press("Enter")

    def hears(self, *words: str) -> Locator:
        """Wait until the bot's newest message has these words; return its bubble."""
        newest = self.page.locator("svar-chat .message:not(.mine):not(.typing) .bubble").last
        for each in words:
            expect(newest).to_contain_text(each)
        return newest

    def buttons(self) -> list[str]:
        """Return what is offered to be pressed."""
        return self.page.locator("svar-chat button.reply").all_inner_texts()

    def press(self, name: str) -> None:
        """Press what is offered; a part of it is enough."""
        self.page.locator("svar-chat button.reply", has_text=name).click()

    def add_picture(self) -> None:
        """Choose a photo by the paperclip, and wait until it is uploaded."""
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name=self.attach).click()
        chooser.value.set_files({"name": "bowl.jpg", "mimeType": "image/jpeg", "buffer": bowl()})
        expect(self.page.locator("svar-chat .thumb")).to_have_count(1)
        expect(self.page.locator("svar-chat progress")).to_have_count(0)


def new_page(browser: Browser, url: str, language: str, scheme: str = "light") -> Page:
    """Return a page of a fresh browser profile."""
    context = browser.new_context(
        base_url=url,
        locale=LABELS[language][-1],
        viewport=DESKTOP,
        color_scheme=scheme,  # type: ignore[arg-type]
        timezone_id="Europe/Copenhagen",
    )
    return context.new_page()


@pytest.fixture
def open_page(browser: Browser, server: Server, clean: None) -> Iterator[Open]:
    """Open pages in browsers of their own: open_page("/account/", "da")."""

    def heard(message: ConsoleMessage) -> None:
        # A wrong password is refused with 403, which the browser notes as well.
        if message.type == "error" and "responded with a status of 403" not in message.text:
            problems.append(message.text)

    def make(path: str, language: str = "en", scheme: str = "light") -> Page:
        page = new_page(browser, server.url, language, scheme)
        made.append(page.context)
        page.context.on("weberror", lambda error: problems.append(str(error.error)))
        page.context.on("console", heard)
        page.goto(f"{path}?lang={language}")
        return page

    made: list[BrowserContext] = []
    problems: list[str] = []
    yield make
    for context in made:
        context.close()
    assert problems == []


@pytest.fixture
def chat(open_page: Open) -> Callable[..., Chat]:
    """Open the chat on the shop's front page."""
    return lambda language, scheme="light": Chat(open_page("/", language, scheme), language)


@pytest.fixture(autouse=True)
def _the_shop_as_it_was(server: Server) -> Iterator[None]:
    from chatbot.actions.models import Attempt
    from chatbot.systems.models import Account, Case, Return

    passwords = dict(Account.objects.values_list("pk", "password"))
    for rows in (Attempt, Return):
        rows.objects.all().delete()
    yield
    for pk, password in passwords.items():
        Account.objects.filter(pk=pk).update(password=password)
    for rows in (Attempt, Return, Case):
        rows.objects.all().delete()


def conversation() -> Any:
    """Return the newest conversation."""
    from chatbot.conversations.models import Conversation

    return Conversation.objects.latest("pk")


# --- A new password -----------------------------------------------------------------------------
def link_in(mail: Any) -> str:
    found = re.search(r"http://\S+/account/password/\S+", text_of(mail))
    assert found is not None
    return found.group()


def set_password(page: Page, link: str, password: str = NEW_PASSWORD) -> None:
    page.goto(link)
    page.locator("input[name=new_password1]").fill(password)
    page.locator("input[name=new_password2]").fill(password)
    page.get_by_role("button").click()


def enter_shop(page: Page, email: str, password: str, language: str) -> None:
    """Log in to the shop as its customer."""
    page.goto(f"/account/?lang={language}")
    page.locator("#email").fill(email)
    page.locator("#password").fill(password)
    page.locator("main button[type=submit]").click()


@dataclass(frozen=True)
class Reset:
    """What is read on the way to a new password."""

    language: str
    email: str
    ask: str
    told: str
    holds: str
    used: str
    hello: str


RESETS = (
    Reset(
        "en",
        EMMA,
        ask="I forgot my password",
        told="a link to choose a new password is on its way",
        holds="Your new password is set",
        used="It has been used already",
        hello="Hello Emma Clarke",
    ),
    Reset(
        "da",
        METTE,
        ask="jeg har glemt min adgangskode",
        told="et link til at vælge en ny adgangskode på vej",
        holds="Din nye adgangskode gælder nu",
        used="Det er allerede brugt",
        hello="Hej Mette Olsen",
    ),
)


@pytest.mark.parametrize("words", RESETS, ids=["english", "danish"])
def test_a_new_password_is_set_behind_the_mailed_link_once(
    chat: Callable[..., Chat], mails: MailServer, words: Reset
) -> None:
    language, email = words.language, words.email
    before = mails.count()
    shop = chat(language)
    shop.say(words.ask)
    shop.hears("?")
    shop.say(email)
    shop.hears(words.told, email)
    mail = mails.wait(after=before)
    assert mails.recipients(after=before) == [email]

    page = shop.page.context.new_page()
    page.goto(link_in(mail))
    expect(page.locator("main")).to_contain_text(email)
    if language == "en":
        picture(page, "account-password")
    set_password(page, link_in(mail))
    expect(page.locator("main h1")).to_have_text(words.holds)
    enter_shop(page, email, PASSWORD, language)
    expect(page.get_by_role("alert")).to_be_visible()  # the old one no longer does
    enter_shop(page, email, NEW_PASSWORD, language)
    expect(page.locator("main h1")).to_have_text(words.hello)
    page.goto(link_in(mail))
    expect(page.locator("main")).to_contain_text(words.used)
    expect(page.locator("input[type=password]")).to_have_count(0)


def test_a_link_no_longer_works_once_a_newer_one_was_used(
    chat: Callable[..., Chat], mails: MailServer
) -> None:
    before = mails.count()
    shop = chat("en")
    for count in (0, 1):
        shop.say("I forgot my password")
        shop.hears("Which email address does your account have?")
        shop.say(EMMA)
        shop.hears("is on its way")
        mails.wait(after=before + count)
    older, newer = (link_in(mail) for mail in mails.to(EMMA, after=before))
    page = shop.page.context.new_page()
    set_password(page, newer)
    expect(page.locator("main h1")).to_have_text("Your new password is set")
    page.goto(older)
    expect(page.locator("main h1")).to_have_text("This link no longer works")


def test_a_link_no_longer_works_after_an_hour(open_page: Open, server: Server) -> None:
    from django.conf import settings
    from django.urls import reverse
    from django.utils.encoding import force_bytes
    from django.utils.http import urlsafe_base64_encode

    from chatbot.systems.embedded import ResetTokens
    from chatbot.systems.models import Account

    class Earlier(ResetTokens):
        ago = timedelta()

        def _now(self) -> datetime:
            return super()._now() - self.ago

    tokens, account = Earlier(), Account.objects.get(email=EMMA)
    tokens.secret = settings.SECRET_KEY
    page = open_page("/", "en")
    for tokens.ago, heading in (
        (timedelta(minutes=58), "Choose a new password"),
        (timedelta(minutes=62), "This link no longer works"),
    ):
        uid, token = urlsafe_base64_encode(force_bytes(account.pk)), tokens.make_token(account)  # type: ignore[arg-type]  # any AbstractBaseUser
        page.goto(reverse("account-password", args=(uid, token)) + "?language=en")
        expect(page.locator("main h1")).to_have_text(heading)


def test_an_unknown_address_reads_the_same_and_gets_no_mail(
    chat: Callable[..., Chat], mails: MailServer
) -> None:
    from chatbot.actions.models import Errand

    before, told = mails.count(), []
    for email in (METTE, NOBODY):
        shop = chat("da")
        shop.say(f"nulstil mit kodeord, {email}")
        told.append(shop.hears("på vej").inner_html().replace(email, "…"))
    assert told[0] == told[1]
    wait_for(lambda: not Errand.objects.filter(state="waiting").exists())
    assert mails.recipients(after=before) == [METTE]


# --- Orders -------------------------------------------------------------------------------------
def test_a_late_order_is_told_and_a_person_offered(chat: Callable[..., Chat]) -> None:
    shop = chat("en")
    shop.say("Where is my order?")
    shop.hears("What is your order number?")
    shop.say("10488")
    shop.hears("Which email address did you use for order 10488?")
    shop.say(METTE)
    bubble = shop.hears("Order 10488 is on its way", "PostNord", "so it is late")
    parcel = bubble.get_by_role("link")
    expect(parcel).to_have_attribute("href", re.compile("postnord.*00370730254501048812"))
    picture(shop.page, "widget-en-order")
    shop.press("Talk to a person")
    expect(shop.page.locator("svar-chat .message.mine").last).to_contain_text("Talk to a person")
    shop.hears("I'm getting a colleague for you")
    assert conversation().reason == "customer_request"


def test_a_code_by_mail_stands_in_for_the_order_number(
    chat: Callable[..., Chat], mails: MailServer
) -> None:
    before = mails.count()
    shop = chat("en")
    shop.say("where is my order?")
    shop.hears("What is your order number?")
    shop.press("I don't have it")
    shop.hears("I can find it by your email address")
    shop.say(METTE)
    shop.hears("a code with six digits")
    picture(shop.page, "widget-en-code")
    older = code_in(mails.wait(after=before))
    shop.press("Send a new code")
    code = code_in(mails.wait(after=before + 1))
    if older != code:
        shop.say(older)
        shop.hears("That's not the code")
    shop.say(code)
    shop.hears("Which order do you mean?")
    shop.press("10496")
    shop.hears("Order 10496 is being packed", "Dis sengetøj")


def test_a_signed_in_customer_picks_an_order_and_proves_nothing(
    open_page: Open, mails: MailServer
) -> None:
    before = mails.count()
    page = open_page("/account/", "da")
    enter_shop(page, METTE, PASSWORD, "da")
    expect(page.locator("main h1")).to_have_text("Hej Mette Olsen")
    page.goto("/?lang=da")
    shop = Chat(page, "da")
    shop.say("hvor er min ordre?")
    shop.hears("Hvilken ordre mener du?")
    assert [text[:5] for text in shop.buttons()] == ["10499", "10496", "10488", "10460"]
    shop.press("10460")
    shop.hears("Ordre 10460 blev leveret", "Ulla lammeskind", "DAO")
    assert mails.count() == before


# --- Stock --------------------------------------------------------------------------------------
def test_each_variant_of_a_product_is_told(chat: Callable[..., Chat]) -> None:
    shop = chat("da")
    shop.say("Har I Fyr bordlampen på lager?")
    bubble = shop.hears("Fyr bordlampe", "Havblå: udsolgt, på lager igen", "Sand: på lager")
    expect(bubble.get_by_role("link")).to_have_attribute("href", re.compile("/shop/fyr/$"))


def test_a_near_miss_is_offered_and_pressed(chat: Callable[..., Chat]) -> None:
    shop = chat("en")
    shop.say("do you have the dis linen in stock?")
    shop.hears("Did you mean one of these?")
    assert sorted(shop.buttons()) == ["Dis linen bedding", "Dis linen pillowcase"]
    shop.press("Dis linen bedding")
    shop.hears("140 × 200 cm: in stock", "220 × 220 cm: sold out, back", "155 × 220 cm: sold out")


# --- Returns ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Sent:
    """What is read on the way to a return label, and which button is pressed."""

    language: str
    ask: str
    question: str
    press: str
    done: str


RETURNS = (
    Sent("da", "jeg vil gerne returnere noget", "Hvad vil du sende retur?", "Skær", "registreret"),
    Sent("en", "I want to return something", "What do you want to", "All of it", "registered"),
)


@pytest.mark.parametrize("words", RETURNS, ids=["danish", "english"])
def test_one_or_both_of_two_lines_are_returned_with_the_mailed_label(
    chat: Callable[..., Chat], mails: MailServer, tmp_path: Path, words: Sent
) -> None:
    before = mails.count()
    shop = chat(words.language)
    shop.say(words.ask)
    shop.hears("?")
    shop.say("10482")
    shop.hears("10482")
    shop.say(SOFIE)
    shop.hears(words.question, "1. Hede uldplaid, lyng", "2. Skær lyssæt, naturhvid")
    assert len(shop.buttons()) == 3
    shop.press(words.press)
    told = shop.hears(words.done, "Skær lyssæt", SOFIE).inner_text()
    assert ("Hede uldplaid" in told) is (words.press == "All of it")
    number = re.search(r"R-\d+", told)
    assert number is not None
    if words.language == "da":
        picture(shop.page, "widget-da-return")

    mail = mails.wait(after=before)
    assert mails.recipients(after=before) == [SOFIE]
    assert number.group() in mail["Subject"]
    (label,) = mail.iter_attachments()
    assert label.get_content_type() == "application/pdf"
    pdf = label.get_content()
    (sheet,) = PdfReader(io.BytesIO(pdf)).pages
    for printed in (number.group(), "10482", "Sofie Krag", "GLS"):
        assert printed in sheet.extract_text()
    if PICTURES and words.language == "en":
        path = tmp_path / "label.pdf"
        path.write_bytes(pdf)
        picture_of_label(shop.page.context, path)


def picture_of_label(context: BrowserContext, label: Path) -> None:
    """Keep the label as the browser shows it; one without a viewer for PDF keeps nothing."""
    page = context.new_page()
    page.set_viewport_size({"width": 620, "height": 870})
    try:
        page.goto(f"{label.as_uri()}#toolbar=0&navpanes=0&view=Fit")
    except Error:
        return
    page.wait_for_timeout(1_000)  # the viewer tells nobody when it has drawn
    picture(page, "mail-label")


# --- Complaints ---------------------------------------------------------------------------------
def test_a_complaint_with_a_picture_reaches_the_inbox(
    chat: Callable[..., Chat], open_page: Open, server: Server
) -> None:
    said = "Skålen kom med en revne hele vejen igennem, og der mangler et krus"
    shop = chat("da")
    shop.say("jeg vil gerne reklamere")
    shop.hears("Hvad er der sket?")
    shop.say(said)
    shop.hears("Hvilken ordre drejer det sig om?")
    shop.say("10488")
    shop.hears("Et billede hjælper")
    shop.add_picture()
    shop.say("Sådan ser den ud")
    number = re.search(r"K-\d+", shop.hears("Din sag har nummer").inner_text())
    assert number is not None
    picture(shop.page, "widget-da-complaint")

    from chatbot.systems.models import Case

    case = Case.objects.get(number=number.group())
    assert case.kind == "complaint"
    assert case.text == said
    inbox = open_page("/inbox/login/", "en")
    enter(inbox.context, server, "freja")
    inbox.goto(f"/inbox/c/{conversation().pk}/")
    live(inbox)
    transcript = inbox.locator("#transcript")
    expect(transcript.get_by_text(said)).to_be_visible()
    expect(transcript.get_by_text(number.group())).to_be_visible()
    shown = transcript.locator(".pictures img")
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 640


def test_a_complaint_needs_neither_number_nor_picture(chat: Callable[..., Chat]) -> None:
    shop = chat("en")
    shop.say("I want to make a complaint")
    shop.hears("What happened?")
    shop.say("The lamp came with a broken shade and no bulb")
    shop.hears("Which order is it about?")
    shop.press("I don't have it")
    shop.hears("A picture helps")
    shop.press("Skip")
    shop.hears("Your case has the number K-")
    assert conversation().status != "bot"


# --- Technical issues ---------------------------------------------------------------------------
def test_a_known_problem_is_offered_and_solves_it(chat: Callable[..., Chat]) -> None:
    shop = chat("en", "dark")
    shop.say("something on the website doesn't work")
    shop.hears("What goes wrong?")
    shop.say("it says something went wrong when I place the order")
    shop.hears("I get an error at checkout", "country code", "Did that solve it?")
    # An answer as long as this one is shown from its beginning.
    shop.page.locator("svar-chat button.reply").first.scroll_into_view_if_needed()
    picture(shop.page, "widget-en-technical-dark")
    shop.press("Yes")
    shop.hears("Good that it works again")
    assert conversation().status == "bot"


def test_a_known_problem_that_is_another_goes_to_a_person_with_the_form(
    chat: Callable[..., Chat],
) -> None:
    from chatbot.actions.models import ActionRun

    shop = chat("da")
    shop.say("noget på hjemmesiden virker ikke")
    shop.hears("Hvad går galt?")
    shop.say("der står noget gik galt når jeg vil gennemføre købet")
    shop.hears("Jeg får en fejl i kassen", "Løste det problemet?")
    shop.press("Nej")
    shop.hears("Hvad har du prøvet indtil nu?")
    shop.say("Genindlæst siden to gange")
    shop.hears("Hvornår begyndte det?")
    shop.press("Spring over")
    shop.hears("Hvor tit sker det")
    shop.press("Hver gang")
    shop.hears("en kollega, der har styr på det tekniske")
    assert conversation().status != "bot"
    values = ActionRun.objects.get(conversation=conversation()).values
    assert values["tried"] == "Genindlæst siden to gange"
    assert values["often"] == "Hver gang"
    assert "Chrome" in values["browser"]  # as the browser itself tells


# --- Without a mail server ----------------------------------------------------------------------
def test_without_a_mail_server_the_mail_page_shows_the_code(
    browser: Browser, shop: Path, tmp_path: Path
) -> None:
    with running(copy_shop(shop, tmp_path / "shop")) as own:
        page = new_page(browser, own.url, "da")
        try:
            page.goto("/?lang=da")
            chat = Chat(page, "da")
            chat.say("hvor er min ordre?")
            chat.hears("Hvad er dit ordrenummer?")
            chat.press("Jeg har det ikke")
            chat.hears("ud fra din mailadresse")
            chat.say(INGRID)
            chat.hears("en kode på seks cifre")
            mail = page.context.new_page()
            mail.goto("/mail/?lang=da")
            newest = mail.locator("article.mail").first
            wait_for(lambda: mail.reload() and newest.is_visible())
            expect(newest).to_contain_text(INGRID)
            code = re.search(r"\b\d{6}\b", newest.locator(".mail-text").inner_text())
            assert code is not None
            chat.say(code.group())
            chat.hears("Ordre 10480 blev leveret", "Hede uldplaid, mos")
        finally:
            page.context.close()
