"""Markup in whatever strangers and colleagues can write is text wherever it is read."""

import re
from collections.abc import Callable
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import BrowserContext, expect

from chatbot.envelope import InboundFile
from tests.chatbot.inbox_channels import rows
from tests.chatbot.xss.watching import checked, log_in
from tests.world import Agent, Server, Visitor

# Hundreds of pages, on a machine that may do other things too.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
GROUPS = yaml.safe_load((Path(__file__).parent / "vectors.yaml").read_text())
VECTORS: list[str] = [one for group in GROUPS for one in group["vectors"]]
TEN = [(VECTORS + VECTORS)[at : at + 10] for at in range(0, len(VECTORS), 10)]
LISTS = (
    "conversations/conversation",
    "conversations/delivery",
    "conversations/contactmerge",
    "routing/agentprofile",
    "routing/assignment",
    "routing/skill",
    "actions/actionrun",
)


def mail(ten: list[str]) -> Any:
    """Return the conversation of a mail that is made of these, as the adapter reads it."""
    from channels_adapters.email.reading import read_mail

    raw = EmailMessage()
    raw["From"] = Address(" ".join(ten[1].split()), "eve", "example.com")
    raw["To"] = "help@shop.example"
    raw["Subject"] = " ".join(ten[0].split())  # a header is one line
    raw.set_content("\n".join(ten))
    raw.add_alternative("".join(f"<p>{one}</p>" for one in ten), subtype="html")
    read = read_mail(bytes(raw), own_addresses=["help@shop.example"])
    return rows.mail(
        subject=read.subject[:300],
        text=read.text,
        html=read.html,
        details={"subject": read.subject, "from": ten[1], "quoted": ten[2], "signature": ten[3]},
        files=(InboundFile(ten[4][:100], "text/html", content=b"<script>1</script>"),),
    )


def test_markup_is_text_everywhere(
    server: Server,
    watched: BrowserContext,
    visitor: Callable[..., Visitor],
    agent: Callable[..., Agent],
) -> None:
    from chatbot.conversations.models import (
        Contact,
        Conversation,
        ConversationLabel,
        Label,
        Message,
    )
    from chatbot.inbox.models import CannedReply, SavedView

    mette = agent("mette")
    me = mette.get("me")["id"]
    # Strangers write in the widget, where they read it themselves.
    shop = watched.new_page()
    shop.goto("/")
    shop.get_by_role("button", name="Open chat").click()
    field = shop.get_by_label("Write a message")
    for ten in TEN[:15]:
        field.fill("\n".join(ten))
        field.press("Enter")
    expect(shop.get_by_text(TEN[14][0]).first).to_be_visible()
    checked(shop)
    # Others have it in their names, in the pages they visit and in the rest of what is said.
    made = []
    for number, ten in enumerate(TEN):
        one = visitor()
        made.append(one)
        one.http.post("/api/v1/widget/contact", json={"name": ten[number % 10][:100]})
        said = {
            "client_id": f"xss-{number}",
            "text": "\n".join(ten),
            "page": {"url": f"{server.url}/?{ten[1]}"[:2000], "title": ten[2][:300]},
        }
        assert one.http.post("/api/v1/widget/messages", json=said).is_success
        one.http.post(
            "/api/v1/widget/attachments",
            files={"file": (ten[3], rows.picture((40, 30)), "image/png")},
        )
    # Mails, with it in every part that a mail has, read as they are read when they come.
    mails = [mail(ten) for ten in TEN]
    # And colleagues, in what they write to each other.
    newest = Message.objects.filter(author="contact", channel__kind="website").latest("pk")
    walked = [newest.conversation_id, *(mail.pk for mail in mails)]
    for number, ten in enumerate(TEN):
        text = "\n".join(ten)
        mette.post(f"conversations/{mails[number].pk}/note", 201, client_id=f"n{number}", text=text)
        label = Label.objects.create(name=ten[5][:40], colour="teal")
        ConversationLabel.objects.create(conversation=mails[number], label=label)
        CannedReply.objects.create(shortcut=f"x{number}", title=ten[6][:80], texts={"en": ten[7]})
        SavedView.objects.create(name=ten[8][:60])
    named = Contact.objects.filter(name__in=VECTORS)  # whose rows stand in the list all along
    walked += Conversation.objects.filter(contact__in=named).values_list("pk", flat=True)[::3]
    try:
        inbox = log_in(watched, "/inbox/", "mette")
        expect(inbox.locator("#count-all")).not_to_be_empty()
        inbox.keyboard.press("3")
        for pk in walked:
            inbox.keyboard.press("Control+k")
            inbox.get_by_role("combobox", name="What to find or do").fill(f"#{pk}")
            inbox.get_by_role("option", name=re.compile(f"^#{pk} ")).first.click()
            expect(inbox).to_have_url(re.compile(rf"/c/{pk}/(\?|$)"))
            first = Message.objects.filter(conversation=pk, author="contact").earliest("pk").text
            expect(inbox.locator("#log .message").first).to_be_visible()
            # Letter by letter, which Playwright's own comparison of texts is not.
            assert first.split("\n")[0] in inbox.locator("#log").evaluate("log => log.textContent")
            for name in ("As it was written", "From, to", "Quoted text"):
                for button in inbox.locator("#log").get_by_role("button", name=name).all():
                    button.click()
            checked(inbox)
        mette.post(f"conversations/{mails[0].pk}/give", agent=me)
        inbox.goto("/inbox/team/")
        expect(inbox.locator("#team-rows")).to_contain_text("Mette")
        checked(inbox)
        watched.clear_cookies()
        admin = log_in(watched, "/admin/", "admin")
        for path in LISTS:
            admin.goto(f"/admin/{path}/")
            checked(admin)
        for pk in walked[::6]:
            admin.goto(f"/admin/conversations/conversation/{pk}/change/")
            checked(admin)
        admin.goto("/admin/insights/review/")
        checked(admin)
    finally:
        Label.objects.filter(name__in=[one[:40] for one in VECTORS]).delete()
        CannedReply.objects.filter(shortcut__startswith="x").delete()
        SavedView.objects.filter(name__in=[one[:60] for one in VECTORS]).delete()


def test_every_page_forbids_scripts_that_are_not_files_of_ours(server: Server) -> None:
    import httpx

    for path in ("/", "/inbox/login/", "/account/password/done/", "/rate/x/", "/back/x/", "/mail/"):
        policy = httpx.get(server.url + path).headers["Content-Security-Policy"]
        directives = dict(one.strip().split(" ", 1) for one in policy.split(";"))
        allowed = directives.get("script-src", directives["default-src"])
        assert "unsafe" not in policy, path
        assert "'self'" in allowed, path
        assert directives["object-src"] == "'none'", path
        assert directives["base-uri"] == "'none'", path
