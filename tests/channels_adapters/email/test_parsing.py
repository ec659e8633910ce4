"""What the core is told of a mail."""

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from channels_adapters.email.adapter import EmailAdapter
from channels_adapters.email.addresses import conversation_of, reply_address
from channels_adapters.email.events import mail_event
from channels_adapters.email.identifiers import our_message_id
from chatbot.envelope import InboundMessage, Receipt
from tests.channels_adapters.email.world import ADDRESS, mail, mailbox

OURS = our_message_id("message-5-0", "lund.example")


def told(raw: bytes, **config: object) -> InboundMessage:
    (message,) = EmailAdapter(mailbox(**config)).parse(mail_event(raw))
    assert isinstance(message, InboundMessage)
    return message


def report(kind: str, fields: str, *, subject: str, original: str = OURS, **head: str) -> bytes:
    """Return a report by RFC 3462: words, fields, and the head of the mail that it is about."""
    boundary = "=_report"
    lines = [
        "From: Mail Delivery System <MAILER-DAEMON@mx.example>",
        f"To: {ADDRESS}",
        f"Subject: {subject}",
        "Message-ID: <report-1@mx.example>",
        "Return-Path: <>",
        *(f"{name.replace('_', '-')}: {value}" for name, value in head.items()),
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type={kind}; boundary="{boundary}"',
        "",
        f"--{boundary}",
        "Content-Type: text/plain",
        "",
        "This is an automatic message.",
        f"--{boundary}",
        f"Content-Type: message/{kind}",
        "",
        *fields.splitlines(),
        "",
        f"--{boundary}",
        "Content-Type: text/rfc822-headers",
        "",
        *([f"Message-ID: {original}"] if original else []),
        "Subject: Re: Parcel 1",
        "",
        f"--{boundary}--",
        "",
    ]
    return "\r\n".join(lines).encode()


def bounce(
    *, action: str = "failed", status: str = "5.1.1", original: str = OURS, **head: str
) -> bytes:
    fields = (
        "Reporting-MTA: dns; mx.example\n\n"
        "Final-Recipient: rfc822; karl.olsen@mail.example\n"
        f"Action: {action}\nStatus: {status}\n"
        "Diagnostic-Code: smtp; 550 5.1.1 User unknown"
    )
    subject = "Undelivered Mail Returned to Sender"
    return report("delivery-status", fields, subject=subject, original=original, **head)


def test_a_mail_is_a_message_of_its_sender() -> None:
    message = told(mail(1))
    assert message.channel_id == 7
    assert message.sender_id == message.sender_email == "karl.olsen@mail.example"
    assert message.sender_name == "Karl Olsen"
    assert message.external_id == "<parcel-1@mail.example>"
    assert message.text == "Where is my parcel? It is late."
    assert message.subject == "Parcel 1"
    assert message.sent_at == datetime(2026, 11, 20, 9, 31, tzinfo=UTC)
    assert (message.answer, message.why, message.language) == (True, "", "")


def test_an_answer_names_the_mails_it_follows_the_nearest_last() -> None:
    head = {"References": "<one@x.example> <two@x.example>", "In_Reply_To": "<three@x.example>"}
    assert told(mail(1, **head)).references == (
        "<one@x.example>",
        "<two@x.example>",
        "<three@x.example>",
    )


def test_a_mail_without_an_id_has_one_that_stays_the_same() -> None:
    one, two = told(mail(1, Message_ID="")), told(mail(1, Message_ID=""))
    assert one.external_id == two.external_id
    assert one.external_id
    assert "@" not in one.external_id
    assert told(mail(2, Message_ID="")).external_id != one.external_id


def test_two_mails_with_one_id_are_two_events_and_two_copies_are_one() -> None:
    one = mail_event(mail(1))
    other = mail_event(mail(1, text="Quite another question, from the same program."))
    copy = mail_event(b"Received: from elsewhere\r\n" + mail(1).replace(b"\r\n", b"\n"))
    assert one.event_id != other.event_id
    assert one.event_id == copy.event_id


@pytest.mark.parametrize(
    "subject",
    ["Re: Parcel", "SV: Sv: Parcel", "AW: WG: Parcel", "Fwd: Re[2]: Parcel", "RE : Vs: Parcel"],
)
def test_prefixes_of_programs_are_not_the_subject(subject: str) -> None:
    message = told(mail(1, Subject=subject))
    assert message.subject == "Parcel"
    assert message.details["subject"] == subject


@pytest.mark.parametrize("subject", ["Retur: jakke", "Svarer ingen?", "Reklamation", "I dag"])
def test_words_that_look_like_prefixes_stay(subject: str) -> None:
    assert told(mail(1, Subject=subject)).subject == subject


def test_a_question_that_stands_in_the_subject_is_read() -> None:
    message = told(mail(1, Subject="When does parcel 7 arrive?", text="Thanks!"))
    assert message.text == "When does parcel 7 arrive?\n\nThanks!"
    empty = told(mail(1, Subject="When does parcel 7 arrive?", text=""))
    assert empty.text == "When does parcel 7 arrive?"


def test_a_short_answer_in_a_conversation_stays_short() -> None:
    message = told(mail(1, Subject="Re: Parcel", text="Yes, please", In_Reply_To=OURS))
    assert message.text == "Yes, please"


def test_a_reply_to_a_signed_address_belongs_to_its_conversation() -> None:
    signed = reply_address(mailbox(), 42)
    assert told(mail(1, To=f"Lund <{signed.upper()}>")).conversation_id == 42
    assert told(mail(1)).conversation_id is None


def test_a_signed_address_that_only_the_envelope_had_counts_too() -> None:
    channel = mailbox()
    event = mail_event(mail(1), recipients=[reply_address(channel, 42)])
    (message,) = EmailAdapter(channel).parse(event)
    assert isinstance(message, InboundMessage)
    assert message.conversation_id == 42


def test_files_come_with_their_content() -> None:
    message = EmailMessage()
    for name, value in (("From", "k@mail.example"), ("To", ADDRESS), ("Message-ID", "<a@b.c>")):
        message[name] = value
    message.set_content("Here is what the jacket looks like.")
    message.add_attachment(b"\x89PNG\r\n\x00", maintype="image", subtype="png", filename="j.png")
    (file,) = told(message.as_bytes()).files
    assert (file.name, file.content_type, file.size) == ("j.png", "image/png", 7)
    assert file.content == b"\x89PNG\r\n\x00"


def test_people_may_see_what_the_bot_does_not() -> None:
    raw = mail(
        1,
        text="It came.\n\nOn Fri, Nov 20, 2026 at 9:00 AM Lund <support@lund.example> wrote:\n"
        "> Where is it now?\n",
        Subject="Re: Parcel",
        In_Reply_To=OURS,
        Cc="Anna <anna@mail.example>",
        Reply_To="karl@home.example",
    )
    message = told(b"Authentication-Results: mx.lund.example; spf=pass; dkim=pass\r\n" + raw)
    assert message.text == "It came."
    assert "Where is it now?" in message.details["quoted"]
    assert message.details["cc"] == [{"name": "Anna", "email": "anna@mail.example"}]
    assert message.details["reply_to"] == [{"name": "", "email": "karl@home.example"}]
    assert message.details["authentication"] == {}
    assert message.details["truncated"] is False


def test_only_checks_of_a_trusted_server_count() -> None:
    raw = b"Authentication-Results: mx.lund.example; spf=pass; dkim=pass\r\n" + mail(1)
    checked = told(raw, trusted_authserv="mx.lund.example").details["authentication"]
    assert checked["spf"] == "pass"


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ({"Auto_Submitted": "auto-replied"}, "auto_reply"),
        ({"List_Id": "<news.mail.example>"}, "list"),
        ({"X_Svar_Loop": "k"}, "loop"),
        ({"From": f"Lund <{ADDRESS}>"}, "own"),
        ({"From": "Lund <support+r2@lund.example>"}, "own"),
    ],
)
def test_what_no_customer_wrote_is_not_answered(head: dict[str, str], why: str) -> None:
    message = told(mail(1, **head))
    assert (message.answer, message.why) == (False, why)


def test_a_mail_that_is_only_partly_here_is_for_a_person() -> None:
    raw = mail(1)
    (message,) = EmailAdapter(mailbox()).parse(mail_event(raw, size=30_000_000))
    assert isinstance(message, InboundMessage)
    assert message.text == "Where is my parcel? It is late."
    assert (message.answer, message.why) == (False, "too_large")
    assert (message.details["truncated"], message.details["size"]) == (True, 30_000_000)


def test_a_bounce_tells_what_became_of_our_mail() -> None:
    (receipt,) = EmailAdapter(mailbox()).parse(mail_event(bounce()))
    assert isinstance(receipt, Receipt)
    assert (receipt.external_id, receipt.state) == (OURS, "failed")
    assert receipt.reason.startswith("5.1.1")


def test_a_mail_that_expired_has_failed_too() -> None:
    (receipt,) = EmailAdapter(mailbox()).parse(mail_event(bounce(status="4.4.7")))
    assert isinstance(receipt, Receipt)
    assert receipt.state == "failed"


def test_a_mail_that_is_only_late_has_not_failed() -> None:
    late = bounce(action="delayed", status="4.4.1")
    assert EmailAdapter(mailbox()).parse(mail_event(late)) == []


def test_bounces_of_mails_that_others_sent_concern_nobody() -> None:
    foreign = bounce(original="<spam-1@botnet.example>")
    assert EmailAdapter(mailbox()).parse(mail_event(foreign)) == []


def test_a_bounce_that_names_no_mail_is_for_a_person() -> None:
    message = told(bounce(original=""))
    assert (message.answer, message.why) == (False, "bounce")


def test_a_read_receipt_says_that_our_mail_was_read() -> None:
    fields = (
        "Final-Recipient: rfc822; karl.olsen@mail.example\n"
        f"Original-Message-ID: {OURS}\n"
        "Disposition: manual-action/MDN-sent-manually; {}"
    )
    kind, subject = "disposition-notification", "Read: Re: Parcel 1"
    read = report(kind, fields.format("displayed"), subject=subject)
    (receipt,) = EmailAdapter(mailbox()).parse(mail_event(read))
    assert receipt == Receipt(7, OURS, "read")
    deleted = report(kind, fields.format("deleted"), subject=subject)
    assert EmailAdapter(mailbox()).parse(mail_event(deleted)) == []


@pytest.mark.parametrize("raw", [b"", b"\x00\xff\x00", mail(1, From="")])
def test_what_cannot_be_read_is_left_to_a_person(raw: bytes) -> None:
    with pytest.raises(Exception, match=r"neither|who sent"):
        EmailAdapter(mailbox()).parse(mail_event(raw))


# --- Signed addresses -------------------------------------------------------------------------
@pytest.mark.parametrize("number", [1, 255, 256, 70_000, 2**63 - 1])
def test_a_reply_address_brings_back_its_conversation(number: int) -> None:
    channel = mailbox()
    address = reply_address(channel, number)
    assert len(address.partition("@")[0]) <= 64
    for written in (address, address.lower(), address.upper()):
        assert conversation_of(channel, ["x@y.example", written]) == number


def test_a_reply_address_cannot_be_made_up() -> None:
    channel = mailbox()
    local, _at, domain = reply_address(channel, 42).partition("@")
    other = reply_address(channel, 43).partition("@")[0]
    forged = [
        f"{local[:-2]}{other[-2:]}@{domain}",
        f"{local}@elsewhere.example",
        f"support+r@{domain}",
        f"support+r1@{domain}",
        f"support+rå@{domain}",
        f"support+{'r' * 60}@{domain}",
    ]
    assert conversation_of(channel, forged) is None


def test_another_channels_reply_address_means_nothing_here() -> None:
    assert conversation_of(mailbox(key="k"), [reply_address(mailbox(key="other"), 42)]) is None


def test_without_tags_and_without_room_replies_go_to_the_plain_address() -> None:
    assert reply_address(mailbox(plus_addressing=False), 42) == ADDRESS
    long = f"{'a' * 50}@lund.example"
    assert reply_address(mailbox(address=long), 42) == long


FORM = {"From": "Shop <noreply@lund.example>", "Reply_To": "Ida Holm <ida@mail.example>"}


def test_a_form_on_the_website_is_from_who_filled_it_in() -> None:
    said = told(mail(**FORM))
    assert (said.sender_id, said.sender_name, said.answer) == ("ida@mail.example", "Ida Holm", True)


def test_a_form_that_says_it_is_automatic_is_not_answered() -> None:
    said = told(mail(**FORM, Auto_Submitted="auto-generated"))
    assert not said.answer


def test_elsewhere_a_reply_to_does_not_change_who_writes() -> None:
    said = told(mail(Reply_To="somebody.else@mail.example"))
    assert said.sender_id == "karl.olsen@mail.example"
