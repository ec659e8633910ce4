"""Mail from its arrival to its answer: threads, people in copy, what nobody wrote."""

import smtplib
import uuid
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any

import pytest

from tests.channels_adapters.worlds import EmailWorld, wait_reply, world_of
from tests.mail import MailServer, code_in, text_of
from tests.world import Agent, Server, wait_for

pytestmark = pytest.mark.usefixtures("clean")


@pytest.fixture(scope="module")
def mailbox(server: Server) -> Iterator[EmailWorld]:
    with world_of("email", server) as world:
        assert isinstance(world, EmailWorld)
        yield world


@pytest.fixture
def customer(mailbox: EmailWorld) -> EmailWorld:
    """A new customer of the same mailbox."""
    return EmailWorld(mailbox.port, mailbox.mails, mailbox.address)


def mail(customer: EmailWorld, text: str, **head: str) -> str:
    """Send a mail with any head; return its Message-ID."""
    message = EmailMessage()
    given = {
        "From": customer.own,
        "To": customer.address,
        "Subject": "A question",
        "Message-ID": make_msgid(domain="mail.example"),
        **{name.replace("_", "-"): value for name, value in head.items()},
    }
    for name, value in given.items():
        message[name] = value
    message.set_content(text)
    deliver(customer, message.as_bytes())
    return given["Message-ID"]


def deliver(customer: EmailWorld, raw: bytes, sender: str | None = None) -> None:
    own = customer.own if sender is None else sender
    with smtplib.SMTP("127.0.0.1", customer.port, timeout=10) as smtp:
        smtp.sendmail(own, [customer.address], raw.replace(b"\n", b"\r\n"))


def came(**fields: Any) -> Any:
    """Return the message of ours with these fields, once it is there."""
    from chatbot.conversations.models import Message

    rows = Message.objects.select_related("conversation").filter(**fields)
    return wait_for(rows.first, seconds=15)


def test_an_answer_has_the_heads_that_keep_a_thread_together(customer: EmailWorld) -> None:
    customer.say("How long does delivery take?")
    wait_reply(customer, 1)
    [answer] = customer.mails.to(customer.own, after=customer.before)
    assert answer["Subject"] == "Re: A question about your shop"
    assert answer["In-Reply-To"] in answer["References"]
    assert answer["Auto-Submitted"] == "auto-replied"
    assert customer.address in answer["From"]
    assert "+r" in answer["Reply-To"]
    assert answer.get_body(("html",)) is not None


def test_only_what_is_new_in_a_reply_is_read(customer: EmailWorld) -> None:
    customer.say("How long does delivery take?")
    wait_reply(customer, 1)
    customer.say("Can I pay with MobilePay?")
    assert "MobilePay" in wait_reply(customer, 2)
    second = came(
        text="Can I pay with MobilePay?", conversation__identity__external_id=customer.own
    )
    assert "working days" in second.details["quoted"]
    assert second.conversation.messages.filter(author="contact").count() == 2


def test_a_reply_without_its_references_is_found_by_its_subject(customer: EmailWorld) -> None:
    mail(customer, "How long does delivery take?", Subject="My delivery")
    wait_reply(customer, 1)
    mail(customer, "And can I pay with MobilePay?", Subject="SV: Re: My delivery")
    wait_reply(customer, 2)
    rows = came(conversation__identity__external_id=customer.own).conversation.messages
    assert rows.filter(author="contact").count() == 2


def test_two_matters_of_one_customer_are_two_conversations(customer: EmailWorld) -> None:
    mail(customer, "How long does delivery take?", Subject="Delivery")
    mail(customer, "Can I pay with MobilePay?", Subject="Payment")
    wait_reply(customer, 2)
    from chatbot.conversations.models import Conversation

    assert Conversation.objects.filter(identity__external_id=customer.own).count() == 2


def test_a_stranger_who_names_the_thread_gets_one_of_their_own(
    customer: EmailWorld, mailbox: EmailWorld
) -> None:
    first = mail(customer, "How long does delivery take?", Subject="Mine")
    wait_reply(customer, 1)
    stranger = EmailWorld(mailbox.port, mailbox.mails, mailbox.address)
    mail(
        stranger, "Can I pay with MobilePay?", Subject="Other", In_Reply_To=first, References=first
    )
    wait_reply(stranger, 1)
    assert len(customer.replies()) == 1
    theirs = came(conversation__identity__external_id=stranger.own).conversation
    assert theirs.messages.filter(author="contact").count() == 1


def test_people_in_copy_are_kept_by_people_and_ask_for_nothing_themselves(
    customer: EmailWorld, mailbox: EmailWorld, agent: Callable[[str], Agent]
) -> None:
    mette = agent("mette")
    mette.open()
    friend = EmailWorld(mailbox.port, mailbox.mails, mailbox.address)
    mail(customer, "How long does delivery take?", Subject="Ours", Cc=friend.own)
    wait_reply(customer, 1)
    assert friend.replies() == []  # the bot answers who asks
    [answer] = customer.mails.to(customer.own, after=customer.before)
    mail(
        friend,
        "Where is my order?",
        Subject="Re: Ours",
        In_Reply_To=answer["Message-ID"],
        References=answer["Message-ID"],
    )
    conversation = came(conversation__identity__external_id=customer.own).conversation
    wait_for(lambda: _fresh(conversation).status != "bot", seconds=15)
    assert _fresh(conversation).handoff["detail"] == "participant"
    wait_for(lambda: _fresh(conversation).status == "assigned", seconds=15)
    mette.reply(conversation.pk, "Mette here, I look into it.")
    wait_for(lambda: any("Mette here" in one for one in friend.replies()), seconds=20)
    told = customer.mails.to(customer.own, after=customer.before)[-1]
    assert "Mette here" in text_of(told)
    assert customer.own in f"{told['To']} {told['Cc']}"
    assert friend.own in f"{told['To']} {told['Cc']}"


def test_what_the_customer_proved_tells_nothing_to_who_is_in_copy(
    customer: EmailWorld, mailbox: EmailWorld, mails: MailServer
) -> None:
    from chatbot.actions.models import Attempt

    Attempt.objects.all().delete()
    friend = EmailWorld(mailbox.port, mailbox.mails, mailbox.address)
    before = mails.count()
    mail(customer, "Where is my order?", Subject="My order", Cc=friend.own)
    wait_reply(customer, 1)
    for number, text in enumerate(("I don't have the number", "lars.friis@post.example"), 2):
        customer.say(text)
        wait_reply(customer, number)
    customer.say(code_in(mails.wait(after=before)))
    wait_reply(customer, 4)
    customer.say("1")
    wait_reply(customer, 5)
    last = customer.mails.to(customer.own, after=customer.before)[-1]
    own = len(friend.replies())
    mail(
        friend,
        "And where is the other order?",
        Subject="Re: My order",
        In_Reply_To=last["Message-ID"],
        References=last["Message-ID"],
    )
    conversation = came(conversation__identity__external_id=customer.own).conversation
    wait_for(lambda: _fresh(conversation).status != "bot", seconds=15)
    told = " ".join(friend.replies()[own:])
    assert "104" not in told


def test_who_writes_after_a_person_resolved_it_gets_a_person_again(
    customer: EmailWorld, agent: Callable[[str], Agent]
) -> None:
    mette = agent("mette")
    mette.open()
    customer.say("I want to talk to a person")
    conversation = mette.given()["id"]
    mette.reply(conversation, "Mette here. It is solved now.")
    wait_for(lambda: any("Mette here" in one for one in customer.replies()), seconds=20)
    mette.post(f"conversations/{conversation}/resolve")
    customer.say("It does not work after all")
    message = came(text="It does not work after all")
    assert message.conversation_id == conversation
    wait_for(lambda: _fresh(message.conversation).handoff["detail"] == "reopened", seconds=15)
    assert _fresh(message.conversation).status == "assigned"


@pytest.mark.parametrize(
    "head",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"List_Id": "<news.shop.example>"},
        {"Subject": "Automatisk svar: ude af kontoret", "X_Autoreply": "yes"},
    ],
    ids=lambda head: next(iter(head)),
)
def test_what_nobody_wrote_is_kept_and_not_answered(
    customer: EmailWorld, head: dict[str, str]
) -> None:
    message_id = mail(customer, f"I am away until Monday {uuid.uuid4().hex}", **head)
    message = came(external_id=message_id)
    assert message.details["why"] in ("auto_reply", "list")
    assert message.conversation.status == "resolved"
    mail(customer, "How long does delivery take?", Subject="A real one")
    assert "working days" in wait_reply(customer, 1)
    assert len(customer.replies()) == 1


def test_a_mail_that_cannot_be_read_is_kept_whole_and_a_person_gets_it(
    customer: EmailWorld,
) -> None:
    from chatbot.conversations.attachments import content_of
    from chatbot.conversations.models import Attachment

    raw = b"\x00\xff\xfe garbage " + uuid.uuid4().hex.encode() + b"\n\n"
    before = Attachment.objects.count()
    deliver(customer, raw, sender="")
    wait_for(lambda: Attachment.objects.count() > before, seconds=15)
    kept = Attachment.objects.select_related("message__conversation").latest("pk")
    assert kept.name == "message.eml"
    assert raw.strip()[:30] in (content_of(kept) or b"")
    wait_for(lambda: _fresh(kept.message.conversation).status in ("queued", "assigned"))
    assert _fresh(kept.message.conversation).handoff["detail"] == "unreadable"


def _fresh(conversation: Any) -> Any:
    conversation.refresh_from_db()
    return conversation
