"""Payloads that were published, wherever strangers can write: nothing of them runs."""

import re
import smtplib
from collections.abc import Callable, Iterator, Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Locator, Page, expect

from chatbot.envelope import InboundFile
from tests.channels_adapters.worlds import world_of
from tests.chatbot.inbox_channels import rows
from tests.chatbot.xss.watching import checked, log_in
from tests.world import Agent, Server, wait_for

# Hundreds of pages, on a machine that may do other things too.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
LINES = (Path(__file__).parent / "published.txt").read_text(encoding="utf-8").split("\n")
PAYLOADS = list(dict.fromkeys(one for one in LINES if one and not re.match("#( |$)", one)))
PICTURE = rows.picture((40, 30))
AT_ONCE = 15  # in one conversation; lists and admin have each in a row of its own


def packs(of: Sequence[str], size: int) -> list[list[str]]:
    return [list(of[at : at + size]) for at in range(0, len(of), size)]


def meant(payload: str) -> str:
    r"""Return the payload with its `\x3C` as the characters that they stand for."""
    raw = re.sub(
        rb"\\x([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), payload.encode()
    )
    return raw.decode("utf-8", "replace")


def line(text: str) -> str:
    """Return what may stand in a header."""
    return "".join(filter(str.isprintable, " ".join(text.split())))


def test_there_are_two_hundred() -> None:
    assert len(PAYLOADS) >= 200


# --- What agents see --------------------------------------------------------------------------
@pytest.fixture
def said(server: Server, clean: None) -> Iterator[list[int]]:
    """Conversations with payloads in names, subjects, messages, file names and pages."""
    from chatbot.conversations.models import Conversation
    from tests.chatbot.inbox_deeds.conftest import website

    made = []
    for number, ten in enumerate(packs(PAYLOADS, AT_ONCE)):
        for place, payload in enumerate(ten):
            who = rows.identity(website(), f"published-{number}-{place}", payload[:100])
            one = rows.conversation(
                who,
                subject=payload[:300],
                page_url=f"{server.url}/?{'&'.join(ten)}"[:2000] if place == 0 else "",
                page_title=" ".join(ten)[:300] if place % 2 else payload,
            )
            rows.said(one, payload)
            if place == 0:
                made.append(one.pk)
                files = (InboundFile(text[:100], "text/html", content=b"x") for text in ten[:5])
                rows.said(one, "\n".join(ten), files=tuple(files))
                files = (InboundFile(text[:100], "image/png", content=PICTURE) for text in ten[5:])
                rows.said(one, "\n\n".join(f"*{text}*" for text in ten), files=tuple(files))
    yield made
    Conversation.objects.filter(identity__external_id__startswith="published-").delete()


def letters(server: Server) -> list[int]:
    """Send mails with payloads in all of their parts, as mail servers do; return what came."""
    from chatbot.conversations.models import Message

    with world_of("email", server) as world:
        port, to = world.port, world.address  # type: ignore[attr-defined]
        mails = packs(PAYLOADS, 20)
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as smtp:
            for number, some in enumerate(mails):
                mail = EmailMessage()
                mail["From"] = Address(line(some[0]), f"eve-{number}", "published.example")
                mail["To"] = to
                mail["Subject"] = line(" ".join(some))[:300]
                mail["Message-ID"] = f"<published-{number}@published.example>"
                mail["Auto-Submitted"] = "no"
                mail.set_content("\n".join(some))
                html = "".join(f"<div>{one}</div><p>{meant(one)}</p>" for one in some)
                mail.add_alternative(html.replace("\0", "&#0;"), subtype="html", cte="base64")
                for one in some[:3]:
                    mail.add_attachment(b"x", "text", "html", filename=line(one))
                raw = mail.as_bytes().replace(b"\n", b"\r\n")
                smtp.sendmail(f"eve-{number}@published.example", [to], raw)
        came = Message.objects.filter(channel__account=to, author="contact")
        wait_for(lambda: came.count() >= len(mails), seconds=60)
        # The bot has looked at all, so that nothing moves below the test.
        wait_for(lambda: not came.filter(state="pending").exists(), seconds=60)
        return list(came.order_by("pk").values_list("conversation", flat=True))


def open_by_number(inbox: Page, pk: int) -> Locator:
    inbox.keyboard.press("Control+k")
    inbox.get_by_role("combobox", name="What to find or do").fill(f"#{pk}")
    inbox.get_by_role("option", name=re.compile(f"^#{pk} ")).first.click()
    expect(inbox).to_have_url(re.compile(rf"/c/{pk}/(\?|$)"))
    expect(inbox.locator("#log .message").first).to_be_visible()
    return inbox.locator("#log")


def test_nothing_runs_in_the_inbox(
    server: Server, watched: BrowserContext, said: list[int], agent: Callable[..., Agent]
) -> None:
    mailed = letters(server)
    agent("mette")
    inbox = log_in(watched, "/inbox/", "mette")
    expect(inbox.locator("#count-all")).not_to_be_empty()
    # The list: every name, and the beginning of what was said.
    inbox.keyboard.press("3")
    rows_shown = inbox.locator("#rows")
    expect(rows_shown.locator("> *").first).to_be_visible()
    names = {one[:100].strip() for one in PAYLOADS}
    missing = names
    for _ in range(40):
        shown = rows_shown.evaluate("list => list.textContent")
        missing = {one for one in missing if one not in shown}
        if not missing:
            break
        rows_shown.evaluate("list => list.lastElementChild.scrollIntoView()")
        inbox.wait_for_timeout(100)
    assert not missing
    checked(inbox)
    # The conversation and the person beside it; and the command bar, which names both.
    for pk, ten in zip(said, packs(PAYLOADS, AT_ONCE), strict=True):
        log = open_by_number(inbox, pk)
        text = log.evaluate("log => log.textContent")
        assert all(one.strip() in text for one in ten)
        checked(inbox)
    for pk in mailed:
        log = open_by_number(inbox, pk)
        for name in ("As it was written", "From, to", "Quoted text"):
            for button in log.get_by_role("button", name=name).all():
                button.click()
        checked(inbox)
    # What is found: in messages, in names, and in the command bar.
    search = inbox.get_by_label("Search conversations")
    for words in ("alert", "javascript", "onerror", "script"):
        search.fill(words)
        search.press("Enter")
        expect(inbox.locator("mark").first).to_be_visible()
        checked(inbox)
        inbox.keyboard.press("Control+k")
        bar = inbox.get_by_role("combobox", name="What to find or do")
        bar.fill(words)
        found = inbox.get_by_role("listbox", name="What can be done here and now")
        expect(found.get_by_role("option").filter(has_text=words).first).to_be_visible()
        checked(inbox)
        inbox.keyboard.press("Escape")


# --- What visitors see ------------------------------------------------------------------------
def test_nothing_of_an_agents_runs_in_the_widget(
    watched: BrowserContext, agent: Callable[..., Agent]
) -> None:
    from chatbot.conversations.models import Message
    from chatbot.routing.models import AgentProfile

    shop = watched.new_page()
    shop.goto("/")
    shop.get_by_role("button", name="Open chat").click()
    field = shop.get_by_label("Write a message")
    field.fill("I want to talk to a person")
    field.press("Enter")
    profile = AgentProfile.objects.get(user__username="mette")
    mette = agent("mette")
    theirs = Message.objects.filter(author="contact", text="I want to talk to a person")
    pk = wait_for(lambda: theirs.filter(state="handled").order_by("-pk").first()).conversation_id
    mette.post(f"conversations/{pk}/take", over=True)
    name = profile.name
    try:
        for some in packs(PAYLOADS, 12):
            AgentProfile.objects.filter(pk=profile.pk).update(name=some[0][:60])
            mette.reply(pk, "\n".join(some))
            AgentProfile.objects.filter(pk=profile.pk).update(name=some[-1][:60])
            mette.reply(pk, f"**{some[1]}** [{some[2]}]({some[3]})")
        expect(shop.get_by_text(some[-1].strip()).first).to_be_visible()
        checked(shop)
        shop.reload()
        expect(shop.get_by_text(some[-1].strip()).first).to_be_visible()
        checked(shop)
    finally:
        AgentProfile.objects.filter(pk=profile.pk).update(name=name)


# --- What admins see --------------------------------------------------------------------------
LISTS = (
    "conversations/conversation",
    "conversations/rating",
    "routing/block",
    "systems/case",
    "systems/return",
)


@pytest.fixture
def listed(said: list[int]) -> Iterator[None]:
    """Rows of admin's lists, with what customers wrote."""
    from chatbot.conversations.models import Conversation, Rating
    from chatbot.routing.models import Block
    from chatbot.systems.models import Case, Return

    theirs = Conversation.objects.filter(identity__external_id__startswith="published-")
    for number, (one, text) in enumerate(zip(theirs.order_by("pk"), PAYLOADS, strict=True)):
        key = f"published-{number}"
        known: dict[str, Any] = {"key": key, "number": key}
        Rating.objects.create(conversation=one, score=1, comment=text, answered_at=timezone.now())
        Block.objects.create(contact=one.contact, reason=text)
        Case.objects.create(
            subject=text[:200], text=text, facts=[[text, text]], conversation=one.pk, **known
        )
        lines = [{"quantity": 1, "name": text, "number": text}]
        Return.objects.create(order_number=text[:60], name=text[:100], lines=lines, **known)
    yield
    Block.objects.filter(contact__conversations__in=theirs).delete()
    Case.objects.filter(key__startswith="published-").delete()
    Return.objects.filter(key__startswith="published-").delete()


@pytest.mark.usefixtures("listed")
def test_nothing_runs_in_admin(watched: BrowserContext) -> None:
    page = log_in(watched, "/admin/", "admin")
    expect(page).to_have_url(re.compile(r"/admin/$"))
    for path in LISTS:
        shown = ""
        for number in (1, 2, 3):
            page.goto(f"/admin/{path}/?p={number}")
            shown += page.locator("#result_list").evaluate("list => list.textContent")
            checked(page)
        missing = [one for one in PAYLOADS if one[:60].strip() not in shown]
        assert len(missing) == 0, (path, missing)
        for row in page.locator("#result_list th a, #result_list td a").all()[:3]:
            href = row.get_attribute("href") or ""
            if href.startswith("/admin/"):
                other = watched.new_page()
                other.goto(href)
                checked(other)
                other.close()
    page.goto("/admin/insights/review/")
    checked(page)
