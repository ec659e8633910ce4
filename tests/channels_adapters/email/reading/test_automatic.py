"""Mail that must not be answered, and whom to believe."""

import pytest

from channels_adapters.email.reading import LOOP_HEADER, Reason, read_mail

BOUNCE = b"""Return-Path: <>
From: MAILER-DAEMON@mx.example (Mail Delivery System)
To: support@shop.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; Anna@kunde.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <anna@kunde.example>: User unknown

--b
Content-Type: message/rfc822

From: support@shop.example
Message-ID: <ours-1@shop.example>
Subject: Your order

Hello
--b--
"""


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("Auto-Submitted: auto-replied", "auto_reply"),
        ("Auto-Submitted: auto-generated; owner-email=x@y", "auto_reply"),
        ("Auto-Submitted: no", ""),
        ("Precedence: bulk", "list"),
        ("Precedence: auto_reply", "auto_reply"),
        ("Precedence: first-class", ""),
        ("List-Id: News <news.kunde.example>", "list"),
        ("List-Unsubscribe: <https://kunde.example/u>", "list"),
        ("List-Id: <support.shop.example>", ""),
        ("X-Auto-Response-Suppress: All", "auto_reply"),
        ("X-Auto-Response-Suppress: DR, OOF, AutoReply", ""),
        ("X-Autoreply: yes", "auto_reply"),
        ("X-Autorespond: away", "auto_reply"),
        ("Return-Path: <>", "auto_reply"),
        ("Return-Path: <anna@kunde.example>", ""),
        ("X-Loop: lists@kunde.example", "loop"),
        (f"{LOOP_HEADER}: 17", "loop"),
        ("X-MS-Exchange-Inbox-Rules-Loop: anna@kunde.example", "loop"),
        ("X-MS-Exchange-Inbox-Rules-Loop: support@shop.example", ""),
        ("Feedback-ID: 1:2:3:gmail", ""),
        ("Subject: Automatic reply: Your order", "auto_reply"),
        ("Subject: Autosvar: Din ordre", "auto_reply"),
        ("Subject: Automatisk svar: Din ordre", "auto_reply"),
        ("Subject: =?utf-8?q?Fr=C3=A5nvaro=3A?= x", "auto_reply"),
        ("Subject: Abwesenheitsnotiz: Bestellung", "auto_reply"),
        ("Subject: Out of Office: x", "auto_reply"),
        ("Subject: Ich brauche eine automatische Antwort", ""),
        ("Subject: Automatic door broken", ""),
        ("Subject: Autosvar virker ikke", ""),
        ("Subject: Autosvar", "auto_reply"),
        ("Subject: SV: Autosvar: Tak for din mail", ""),
        ("Subject: Automatische Antwort: Bestellung", "auto_reply"),
        ("Subject: Automatiskt svar: Order", "auto_reply"),
        ("Subject: Fravær: Anna Berg", "auto_reply"),
        ("Subject: Fraværsregistrering virker ikke", ""),
        ("Subject: Out of office until Monday", "auto_reply"),
    ],
)
def test_machines_are_known_by_their_headers(header: str, reason: Reason) -> None:
    raw = f"{header}\nFrom: anna@kunde.example\nTo: support@shop.example\n\nHi".encode()
    assert read_mail(raw, own_addresses=["Support@shop.example"]).automatic == reason


@pytest.mark.parametrize(
    ("sender", "reason"),
    [
        ("no-reply@kunde.example", "auto_reply"), ("noreply@kunde.example", "auto_reply"),
        ("donotreply@kunde.example", "auto_reply"), ("ikke-svar@kunde.example", "auto_reply"),
        ("MAILER-DAEMON@mx.example", "bounce"), ("postmaster@mx.example", "bounce"),
        ("support@shop.example", "own"),
        ("Support+r-abc@shop.example", "own"), ("noreen@kunde.example", ""),
        ("notify-me@kunde.example", ""),
    ],
)  # fmt: skip
def test_machines_are_known_by_their_addresses(sender: str, reason: Reason) -> None:
    raw = f"From: {sender}\n\nHi".encode()
    assert read_mail(raw, own_addresses=["support@shop.example"]).automatic == reason


def test_a_bounce_says_which_mail_and_why() -> None:
    mail = read_mail(BOUNCE)
    assert mail.automatic == "bounce"
    assert mail.bounce is not None
    assert mail.bounce.message_id == "<ours-1@shop.example>"
    assert mail.bounce.recipient == "anna@kunde.example"
    assert mail.bounce.status == "5.1.1"
    assert mail.bounce.permanent
    assert "User unknown" in mail.bounce.text


def test_a_delay_is_not_permanent() -> None:
    raw = BOUNCE.replace(b"Action: failed", b"Action: delayed").replace(b"5.1.1", b"4.4.1")
    mail = read_mail(raw)
    assert mail.bounce is not None
    assert (mail.bounce.status, mail.bounce.permanent) == ("4.4.1", False)


def test_a_report_that_all_went_well_is_a_receipt() -> None:
    raw = BOUNCE.replace(b"Action: failed", b"Action: delivered").replace(b"5.1.1", b"2.0.0")
    assert read_mail(raw).automatic == "receipt"


def test_a_bounce_without_a_report_is_read_by_its_words() -> None:
    mail = read_mail(
        b"Return-Path: <>\nFrom: Mail Delivery Subsystem <mailer-daemon@mx.example>\n"
        b"Subject: failure notice\n\nHi. This is the qmail-send program.\n<bo@kunde.example>:\n"
        b"550 5.2.2 Mailbox full\n\n--- Below this line\nMessage-ID: <ours-2@shop.example>\n"
    )
    assert mail.bounce is not None
    assert mail.bounce.message_id == "<ours-2@shop.example>"
    assert mail.bounce.recipient == "bo@kunde.example"
    assert mail.bounce.status == "5.2.2"
    assert mail.bounce.permanent


def test_a_read_receipt_is_no_message() -> None:
    mail = read_mail(
        b"From: anna@kunde.example\nSubject: Read: Your order\nContent-Type: multipart/report;"
        b" report-type=disposition-notification; boundary=b\n\n--b\n\nRead.\n--b\n"
        b"Content-Type: message/disposition-notification\n\nDisposition: manual; displayed\n--b--\n"
    )
    assert mail.automatic == "receipt"


def test_a_group_of_ours_that_writes_its_own_address_hides_nobody() -> None:
    mail = read_mail(
        b"From: 'Anna Berg' via Support <support@shop.example>\n"
        b"X-Original-Sender: anna@kunde.example\n"
        b"List-Id: <support.shop.example>\nPrecedence: list\n\nHi",
        own_addresses=["support@shop.example"],
    )
    assert mail.sender.email == "anna@kunde.example"
    assert mail.automatic == ""


OURS = b"Received: from a by mx.shop.example with ESMTPS; Tue, 3 Nov 2026 10:12:00 +0100\n"
THEIRS = b"Received: from b by relay.kunde.example; Tue, 3 Nov 2026 10:11:00 +0100\n"
CHECKED = (
    b"Authentication-Results: mx.shop.example;\n spf=pass smtp.mailfrom=x;"
    b" dkim=fail (bad; dmarc=pass) header.d=x; dmarc=fail\n"
)
FORGED = b"Authentication-Results: mx.shop.example; spf=pass; dkim=pass; dmarc=pass\n"
FAILED = {"spf": "pass", "dkim": "fail", "dmarc": "fail"}


@pytest.mark.parametrize(
    ("headers", "results"),
    [
        (OURS + CHECKED + THEIRS, FAILED),
        (CHECKED + OURS + THEIRS, FAILED),
        (CHECKED + OURS + THEIRS + FORGED, FAILED),
        (CHECKED + FORGED + OURS, FAILED),
        (OURS + THEIRS + FORGED, {}),
        (THEIRS + FORGED, {}),
        (OURS + FORGED.replace(b"mx.shop", b"mx.kunde"), {}),
        (OURS + FORGED.replace(b"mx.shop.example", b"evil; mx.shop.example"), {}),
        (b"Received: by 2002:a05:6a10:1234:b0:1:2:3 with SMTP id x\n" + OURS + CHECKED, FAILED),
        (b"Received: from mx.shop.example by evil.example\n" + FORGED, {}),
    ],
)
def test_only_what_our_own_server_checked_counts(headers: bytes, results: dict[str, str]) -> None:
    raw = headers + b"From: anna@kunde.example\n\nHi"
    assert read_mail(raw, trusted_hosts=["MX.shop.example"]).authentication == results
    assert read_mail(raw).authentication == {}
