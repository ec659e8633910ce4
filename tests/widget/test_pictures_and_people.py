"""Pictures and logging in, in a real browser: the widget on a page, and the agent's inbox."""

import io
import time
from collections.abc import Callable, Iterator

import jwt
import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, Route, ViewportSize, expect

from tests.browsing import SCHEMES, enter, live, picture, violations
from tests.world import KEY, Server

DESKTOP: ViewportSize = {"width": 1360, "height": 850}
PHONE: ViewportSize = {"width": 320, "height": 640}

pytestmark = pytest.mark.browser


def bowl(size: tuple[int, int] = (640, 420)) -> bytes:
    """Return the photo of a broken bowl."""
    from PIL import Image, ImageDraw

    photo = Image.new("RGB", size, "#d8c7b0")
    brush = ImageDraw.Draw(photo)
    brush.chord((120, 80, 520, 400), 0, 180, fill="#3b6c8f")
    brush.line((330, 240, 300, 300, 345, 330, 310, 400), fill="#f5f5f0", width=8)
    written = io.BytesIO()
    photo.save(written, "JPEG")
    return written.getvalue()


def file(name: str = "bowl.jpg", content: bytes | None = None) -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg", "buffer": content or bowl()}


@pytest.fixture
def open_page(server: Server, browser: Browser, clean: None) -> Iterator[Callable[..., Page]]:
    """Open pages in browsers of their own: open_page("/?lang=da", "da-DK")."""

    def make(
        path: str, locale: str = "en-GB", viewport: ViewportSize = DESKTOP, username: str = ""
    ) -> Page:
        context = browser.new_context(locale=locale, viewport=viewport, base_url=server.url)
        if username:
            enter(context, server, username)
        page = context.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console",
            lambda message: (
                problems.append(message.text)
                if message.type == "error" and "responded with a status of" not in message.text
                else None
            ),
        )
        made.append((page, problems))
        page.goto(path)
        return page

    made: list[tuple[Page, list[str]]] = []
    yield make
    for page, problems in made:
        page.context.close()
        assert problems == []


def opened(page: Page, label: str = "Open chat") -> Page:
    page.get_by_role("button", name=label).click()
    return page


def add(page: Page, *files: FilePayload, label: str = "Add pictures") -> None:
    """Choose files after pressing the paperclip."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=label).click()
    chooser.value.set_files(list(files))


def thumbs(page: Page) -> Locator:
    return page.locator("svar-chat .thumb")


def ready(page: Page, count: int) -> None:
    """Wait until so many pictures are uploaded."""
    expect(thumbs(page)).to_have_count(count)
    expect(page.locator("svar-chat progress")).to_have_count(0)


def can_be_read(page: Page, name: str) -> None:
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert violations(page) is None
        picture(page, f"{name}-{scheme}")


def test_a_picture_goes_to_the_person_who_answers(open_page: Callable[..., Page]) -> None:
    shop = opened(open_page("/?lang=en"))
    loaded: list[str] = []
    shop.on("request", lambda request: loaded.append(request.url))
    add(shop, file(), file("error.png"))
    assert any("attachments" in url and url.endswith(".js") for url in loaded), "only now"
    ready(shop, 2)
    can_be_read(shop, "widget-en-pictures-chosen")
    shop.get_by_role("button", name="Remove error.png").click()
    ready(shop, 1)
    expect(shop.get_by_label("Write a message")).to_be_focused()
    shop.get_by_label("Write a message").fill("I want to talk to a person, my bowl is broken")
    shop.get_by_label("Write a message").press("Enter")
    expect(thumbs(shop)).to_have_count(0)
    link = shop.get_by_role("link", name="Open bowl.jpg in a new tab")
    expect(link).to_be_visible()
    can_be_read(shop, "widget-en-picture-sent")
    with shop.context.expect_page() as tab:
        link.click()
    tab.value.wait_for_load_state()
    assert tab.value.url.startswith("blob:")
    assert tab.value.evaluate("document.images[0].naturalWidth") == 640

    inbox = live(open_page("/inbox/", username="mette"))
    inbox.get_by_role("tab", name="All").click()
    inbox.locator("a.row", has_text="my bowl is broken").or_(
        inbox.locator("a.row").first
    ).first.click()
    shown = inbox.locator("#transcript .pictures img")
    expect(shown).to_be_visible()
    wait = "image => image.decode().then(() => image.naturalWidth)"
    assert shown.evaluate(wait) == 640
    can_be_read(inbox, "inbox-en-picture")
    with inbox.context.expect_page() as tab:
        inbox.get_by_role("link", name="Open bowl.jpg in a new tab").click()
    tab.value.wait_for_load_state()
    assert "/api/v1/inbox/attachments/" in tab.value.url

    # And for the visitor again on the next page, where nothing was chosen.
    shop.reload()
    expect(shop.get_by_role("link", name="Open bowl.jpg in a new tab")).to_be_visible()


@pytest.mark.parametrize(
    ("language", "label", "attach", "write"),
    [
        ("da", "Åbn chat", "Tilføj billeder", "Skriv en besked"),
        ("sv", "Öppna chatten", "Lägg till bilder", "Skriv ett meddelande"),
        ("de", "Chat öffnen", "Bilder hinzufügen", "Nachricht schreiben"),
    ],
)
def test_a_picture_alone_is_a_message_on_a_narrow_phone(
    open_page: Callable[..., Page], language: str, label: str, attach: str, write: str
) -> None:
    shop = opened(open_page(f"/?lang={language}", f"{language}-{language.upper()}", PHONE), label)
    add(shop, *[file(f"{n}.jpg") for n in range(6)], label=attach)
    ready(shop, 5)
    expect(shop.locator("svar-chat .composer [role=alert]")).to_contain_text("5")
    assert shop.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    picture(shop, f"widget-{language}-five-pictures")
    shop.get_by_label(write).press("Enter")
    expect(shop.locator("svar-chat .message.mine .picture canvas")).to_have_count(5)
    expect(shop.locator("svar-chat .message:not(.mine)").first).to_be_visible()
    assert shop.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    picture(shop, f"widget-{language}-five-pictures-sent")


def test_pictures_can_be_pasted_and_dropped(open_page: Callable[..., Page]) -> None:
    shop = opened(open_page("/?lang=en"))
    script = """async ([selector, type, field, bytes]) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], "shot.jpg", { type: "image/jpeg" }));
        const target = document.querySelector("svar-chat").shadowRoot.querySelector(selector);
        const event = new Event(type, { bubbles: true, cancelable: true });
        Object.defineProperty(event, field, { value: data });
        return target.dispatchEvent(event);
    }"""
    content = list(bowl())
    taken = not shop.evaluate(script, ["textarea", "paste", "clipboardData", content])
    assert taken
    ready(shop, 1)
    assert not shop.evaluate(script, [".panel", "drop", "dataTransfer", content])
    ready(shop, 2)


def test_what_is_no_picture_is_told_beside_it_and_a_lost_one_tried_again(
    open_page: Callable[..., Page],
) -> None:
    shop = opened(open_page("/?lang=da"), "Åbn chat")
    add(shop, file("faktura.pdf", b"%PDF-1.7"), label="Tilføj billeder")
    alert = shop.locator("svar-chat .thumb [role=alert]")
    expect(alert).to_be_visible()
    expect(shop.get_by_role("button", name="Prøv igen")).to_have_count(0)
    picture(shop, "widget-da-no-picture")
    assert violations(shop) is None
    shop.get_by_role("button", name="Fjern faktura.pdf").click()

    def lose(route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(status=503, body="")
        else:
            route.continue_()

    shop.route("**/api/v1/widget/attachments", lose)
    add(shop, file("skål.jpg"), label="Tilføj billeder")
    expect(alert).to_have_text("skål.jpg kom ikke igennem.")
    shop.unroute("**/api/v1/widget/attachments")
    shop.get_by_role("button", name="Prøv igen").click()
    ready(shop, 1)
    expect(alert).to_have_count(0)


def test_enter_while_a_picture_is_on_its_way_sends_both_when_it_is_there(
    open_page: Callable[..., Page],
) -> None:
    shop = opened(open_page("/?lang=en"))
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    shop.route("**/api/v1/widget/attachments", hold)
    add(shop, file())
    expect(shop.locator("svar-chat progress")).to_be_visible()
    shop.get_by_label("Write a message").fill("This is how it came")
    shop.get_by_label("Write a message").press("Enter")
    expect(shop.locator("svar-chat .message.mine")).to_have_count(0)
    held[0].continue_()
    sent = shop.locator("svar-chat .message.mine")
    expect(sent).to_contain_text("This is how it came")
    expect(sent.locator("canvas")).to_be_visible()


def signed(email: str, seconds: int = 3_600) -> str:
    from chatbot.conversations.models import Channel

    secret = Channel.objects.get(key=KEY).identity_secret
    return jwt.encode({"email": email, "exp": int(time.time()) + seconds}, secret, "HS256")


IDENTIFY = "token => document.querySelector('svar-chat').identify(token)"


def say(page: Page, text: str) -> None:
    page.get_by_label("Write a message").fill(text)
    page.get_by_label("Write a message").press("Enter")
    expect(page.get_by_text(text, exact=True)).to_be_visible()
    expect(page.locator("svar-chat .message.mine .meta").last).not_to_contain_text("Sending")


def test_one_browser_shows_each_person_only_their_own(open_page: Callable[..., Page]) -> None:
    from chatbot.conversations.identity import verified_email
    from chatbot.conversations.models import Conversation

    shop = opened(open_page("/?lang=en"))
    shop.evaluate(IDENTIFY, signed("anna@shop.example"))
    say(shop, "I want to talk to a person about my secret order")
    conversation = Conversation.objects.latest("pk")
    assert verified_email(conversation) == "anna@shop.example"
    inbox = open_page(f"/inbox/c/{conversation.pk}/", username="mette")
    expect(inbox.locator("#person")).to_contain_text("Signed in on your site")
    expect(inbox.locator("#person")).to_contain_text("anna@shop.example")
    picture(inbox, "inbox-en-signed-in")

    # The same person's next token changes nothing that she sees.
    shop.evaluate(IDENTIFY, signed("anna@shop.example", 7_200))
    expect(shop.get_by_text("secret order")).to_be_visible()
    # Another one's does, and what was not sent yet is not sent as theirs.
    shop.get_by_label("Write a message").fill("half a sen")
    shop.evaluate(IDENTIFY, signed("bo@shop.example"))
    expect(shop.get_by_text("secret order")).to_have_count(0)
    expect(shop.get_by_label("Write a message")).to_have_value("")
    say(shop, "hi")
    assert verified_email(Conversation.objects.latest("pk")) == "bo@shop.example"
    # Logged out: nobody's.
    shop.evaluate(IDENTIFY, None)
    expect(shop.locator("svar-chat .message")).to_have_count(0)
    say(shop, "hello")
    newest = Conversation.objects.latest("pk")
    assert verified_email(newest) == ""
    shop.reload()
    expect(shop.get_by_text("hello", exact=True)).to_be_visible()
    expect(shop.get_by_text("secret order")).to_have_count(0)


def test_the_pasted_line_carries_the_proof_and_a_wrong_one_breaks_nothing(
    open_page: Callable[..., Page], server: Server
) -> None:
    from chatbot.conversations.identity import verified_email
    from chatbot.conversations.models import Conversation

    for token, email in ((signed("anna@shop.example"), "anna@shop.example"), ("wrong", "")):
        page = open_page("/inbox/login/")  # of ours, and without a widget
        page.evaluate(
            """([key, token]) => {
                const line = document.createElement("script");
                line.src = "/widget/v1/loader.js";
                line.dataset.key = key;
                line.dataset.identity = token;
                document.body.append(line);
            }""",
            [KEY, token],
        )
        say(opened(page), f"hello {token[:5]}")
        assert verified_email(Conversation.objects.latest("pk")) == email
