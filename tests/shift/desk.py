"""Who works at the desk, who writes to it, and what has been used of it."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect

from tests.browsing import enter, live, picture, settled
from tests.busy_hour import TelegramCustomer
from tests.channels_adapters.worlds import EmailWorld, world_of
from tests.chatbot.writing.completions import CompletionsServer
from tests.world import Server, wait_for

DESKTOP: ViewportSize = {"width": 1360, "height": 850}
PHONE: ViewportSize = {"width": 390, "height": 780}

# Whether it is theirs now, or somebody was quicker.
_ANSWERED = """() => document.querySelector("#gate").hidden
    || !document.querySelector("#gate-take").disabled"""


class WebCustomer:
    """A visitor of the shop, in a browser of their own."""

    kind = "website"

    def __init__(self, context: BrowserContext) -> None:
        self.page = context.new_page()
        self.page.goto("/")
        self.page.get_by_role("button", name=re.compile("Open chat|Chat öffnen")).click()
        self.box = self.page.get_by_role("textbox", name=re.compile("Write a|Nachricht"))

    def say(self, text: str) -> None:
        self.box.fill(text)
        self.box.press("Enter")
        expect(self.box).to_have_value("")


class Worker:
    """Somebody of the team, at their page."""

    def __init__(self, desk: "Desk", name: str, page: Page) -> None:
        self.desk, self.name, self.page = desk, name, page
        self.text = page.locator("#composer-text")
        self.notices = page.locator("#notices")

    def __getitem__(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def press(self, key: str) -> None:
        """Press one of the keys of the inbox, away from any text field."""
        self.page.evaluate("document.activeElement?.blur()")
        self.desk.used.add(key)
        self.page.keyboard.press(key.replace("Ctrl", "Control"))

    def go(self, pk: int) -> None:
        """Go to a conversation by its number, from the bar."""
        self.press("Ctrl+K")
        self["#bar-input"].fill(f"#{pk}")
        self.page.get_by_role("option", name=re.compile(rf"^#{pk} ")).first.click()
        expect(self.page).to_have_url(re.compile(rf"/c/{pk}/"))
        expect(self["#contact-name"]).not_to_be_empty()

    def take(self, pk: int) -> None:
        """Have a conversation, whoever was given it."""
        self.go(pk)
        expect(self["#status-line"]).not_to_be_empty()
        self.claim(lambda: self.press("T"))
        expect(self["#gate"]).to_be_hidden()
        expect(self.text).to_be_enabled()

    def claim(self, take: Callable[[], None]) -> None:
        """Do `take` unless they have the open conversation, until they do.

        Routing may give it to somebody in that very moment: then one is told, and takes it over.
        """
        deadline = time.monotonic() + 15
        while self["#gate"].is_visible() and time.monotonic() < deadline:
            take()
            self.page.wait_for_function(_ANSWERED)

    def reply(self, text: str) -> None:
        """Write to the customer and send it."""
        self.press("R")
        expect(self.text).to_be_focused()
        self.page.keyboard.insert_text(text)
        self.send()

    def send(self) -> None:
        self.desk.used.add("Ctrl+Enter")
        self.text.press("Control+Enter")
        expect(self.text).to_have_value("")

    def leave(self) -> None:
        """Leave the text field, as Escape does."""
        self.desk.used.add("Esc")
        self.text.press("Escape")
        expect(self.text).not_to_be_focused()

    def told(self, words: str) -> None:
        """Wait until a notice says so, and have it go away."""
        expect(self.notices).to_contain_text(re.compile(words))

    def tidy(self) -> None:
        """Close the notice, which covers a part of what a picture is of."""
        # Not by Playwright's click: it may go by itself at any moment.
        self.page.evaluate("document.querySelectorAll('#notices .bare').forEach((x) => x.click())")
        expect(self.notices.locator(".notice")).to_be_hidden()

    def picture(self, name: str, *, dark: bool = False) -> None:
        """Keep what is seen, in both colours where that is asked for."""
        for scheme in ("light", "dark") if dark else ("light",):
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # of these two
            settled(self.page)
            picture(self.page, f"{name}-{scheme}" if dark else name)
        self.page.emulate_media(color_scheme="light")


class Desk:
    """The team, their customers, and the server between them."""

    def __init__(
        self, server: Server, browser: Browser, model: CompletionsServer, stack: ExitStack
    ) -> None:
        self.server, self.browser, self.model, self._stack = server, browser, model, stack
        self.used: set[str] = set()  # keys, and what else is to be used
        self.errors: list[str] = []
        telegram = stack.enter_context(world_of("telegram", server))
        mail = stack.enter_context(world_of("email", server))
        assert isinstance(mail, EmailWorld)
        self._telegram, self._mail = telegram.telegram, mail  # type: ignore[attr-defined]
        self.mette = self._worker("mette", "en-GB", DESKTOP)
        self.jonas = self._worker("jonas", "da-DK", DESKTOP)
        self.anke = self._worker("anke", "da-DK", PHONE)
        self._shop: list[BrowserContext] = []

    def _context(self, locale: str, viewport: ViewportSize) -> BrowserContext:
        context = self.browser.new_context(
            locale=locale, viewport=viewport, base_url=self.server.url
        )
        context.set_default_timeout(20_000)
        return context

    def page(self, context: BrowserContext, path: str, whose: str) -> Page:
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(f"{whose}: {error}"))
        page.goto(path)
        return page

    def _worker(self, name: str, locale: str, viewport: ViewportSize) -> Worker:
        context = self._context(locale, viewport)
        self._stack.callback(context.close)
        enter(context, self.server, name)
        return Worker(self, name, live(self.page(context, "/inbox/", name)))

    @contextmanager
    def phone(self, name: str, locale: str) -> Iterator[Worker]:
        """Let somebody look at the inbox on a phone, too."""
        context = self._context(locale, PHONE)
        enter(context, self.server, name)
        yield Worker(self, name, live(self.page(context, "/inbox/", name)))
        context.close()

    def routes(self, mode: str) -> None:
        """Let an admin choose how learned routing works: "suggest" or "automatic"."""
        context = self._context("en-GB", DESKTOP)
        enter(context, self.server, "admin")
        page = self.page(context, "/admin/routing/routingsettings/", "admin")
        page.locator("select[name=mode]").select_option(mode)
        page.locator("button[name=_save], input[name=_save]").first.click()
        expect(page.get_by_text(re.compile("successfully|saved", re.I)).first).to_be_visible()
        context.close()

    # --- Customers ----------------------------------------------------------------------------
    def web(self, text: str, locale: str = "en-GB") -> tuple[WebCustomer, int]:
        """Let a visitor ask for a person; return them and the conversation's number."""
        while len(self._shop) > 3:  # who got their answer closes the shop
            self._shop.pop(0).close()
        self._shop.append(self._context(locale, {"width": 900, "height": 760}))
        return self._asks(WebCustomer(self._shop[-1]), text)

    def telegram(self, text: str, name: str = "Karl") -> tuple[TelegramCustomer, int]:
        """Let somebody ask on Telegram."""
        return self._asks(TelegramCustomer(self._telegram, name), text)

    def mail(self, text: str) -> tuple[EmailWorld, int]:
        """Let somebody ask by email."""
        new = EmailWorld(self._mail.port, self._mail.mails, self._mail.address)
        return self._asks(new, text)

    def _asks(self, customer: Any, text: str) -> tuple[Any, int]:
        return customer, self.after(customer, text)

    def after(self, customer: Any, text: str) -> int:
        """Let a customer write; return the number of the conversation that a person then has."""
        from chatbot.conversations.models import Message

        newest = Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        customer.say(text)
        said = Message.objects.filter(
            pk__gt=newest, text__contains=text, conversation__status__in=_PEOPLE
        )
        found = wait_for(said.first, seconds=40, why=lambda: f"nobody waits: {text}")
        return int(found.conversation_id)

    def hears(self, customer: Any, words: str) -> None:
        """Wait until a customer has these words."""
        if isinstance(customer, WebCustomer):
            said = customer.page.get_by_role("log").get_by_text(words).last
            return expect(said).to_be_visible(timeout=30_000)
        return wait_for(
            lambda: any(words in one for one in customer.replies()),
            seconds=40,
            why=lambda: f"{customer.kind} has no {words!r}: {customer.replies()}",
        )


_PEOPLE = ("queued", "assigned")
Scene = Callable[[Desk], None]
