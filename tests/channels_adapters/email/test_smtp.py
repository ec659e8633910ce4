"""Mail delivered by SMTP: answered when it is recorded, and for this mailbox alone."""

import smtplib
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from channels_adapters.email import smtp
from channels_adapters.email.adapter import EmailAdapter
from chatbot.conversations.models import Channel
from chatbot.envelope import InboundMessage
from tests.channels_adapters.email.world import (
    ADDRESS,
    Listener,
    certificate,
    listening,
    mail,
    mailbox,
)
from tests.world import free_port, wait_for

KARL = "karl@mail.example"


@pytest.fixture
def channel() -> Channel:
    return receiving()


@pytest.fixture
def receiver(channel: Channel) -> Iterator[Listener]:
    with listening(channel) as listener:
        yield listener


def receiving(**config: object) -> Channel:
    return mailbox(way_in="smtp", smtp_listen_port=free_port(), **config)


def calling(channel: Channel) -> smtplib.SMTP:
    """Connect as another mail server does, once the receiver is there."""
    pause = threading.Event()
    for _attempt in range(200):
        try:
            return smtplib.SMTP("127.0.0.1", channel.config["smtp_listen_port"], timeout=10)
        except ConnectionRefusedError:
            pause.wait(0.02)
    raise AssertionError("nobody receives")


def test_a_mail_is_recorded_before_it_is_answered(channel: Channel, receiver: Listener) -> None:
    with calling(channel) as sender:
        sender.sendmail(KARL, [ADDRESS], mail(1))
        assert len(receiver.events) == 1
    assert receiver.events[0].payload.endswith(mail(1))


def test_what_comes_by_smtp_reads_as_what_comes_by_imap(
    channel: Channel, receiver: Listener
) -> None:
    with calling(channel) as sender:
        sender.sendmail(KARL, [ADDRESS], mail(1))
    (message,) = EmailAdapter(channel).parse(receiver.events[0])
    assert isinstance(message, InboundMessage)
    assert message.text == "Where is my parcel? It is late."


def test_the_same_mail_sent_again_is_the_same_event(channel: Channel, receiver: Listener) -> None:
    with calling(channel) as sender:
        for _attempt in range(2):
            sender.sendmail(KARL, [ADDRESS], mail(1))
        sender.sendmail(KARL, [ADDRESS], mail(2))
    assert len(receiver.events) == 3
    assert len(receiver.ids) == 2


def test_a_mail_that_cannot_be_recorded_stays_with_its_sender(
    channel: Channel, receiver: Listener
) -> None:
    def fail() -> None:
        raise RuntimeError("the database is away")

    receiver.refuse = fail
    with calling(channel) as sender:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            sender.sendmail(KARL, [ADDRESS], mail(1))
        assert refused.value.smtp_code == 451
        receiver.refuse = lambda: None
        sender.sendmail(KARL, [ADDRESS], mail(1))
    assert len(receiver.events) == 1


@pytest.mark.parametrize("address", [ADDRESS, "Support@LUND.example", "support+r123@lund.example"])
def test_the_mailbox_and_its_tags_are_taken(
    channel: Channel, receiver: Listener, address: str
) -> None:
    with calling(channel) as sender:
        sender.sendmail(KARL, [address], mail(1))
    assert f"Delivered-To: {address}\r\n".encode() in receiver.events[0].payload


@pytest.mark.parametrize(
    "address", ["other@lund.example", "support@elsewhere.example", "supporter+x@lund.example"]
)
def test_other_addresses_are_refused(channel: Channel, receiver: Listener, address: str) -> None:
    with calling(channel) as sender, pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        sender.sendmail(KARL, [address], mail(1))
    assert refused.value.recipients[address][0] == 550
    assert receiver.events == []


def test_a_mail_that_is_too_large_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(smtp, "MAIL_BYTES", 50_000)
    channel = receiving()
    with listening(channel) as receiver, calling(channel) as sender:
        with pytest.raises(smtplib.SMTPSenderRefused) as refused:
            sender.sendmail(KARL, [ADDRESS], mail(1, text="x" * 60_000))
        assert refused.value.smtp_code == 552
    assert receiver.events == []


def test_addresses_may_have_any_letters(channel: Channel, receiver: Listener) -> None:
    with calling(channel) as sender:
        options = ["SMTPUTF8", "BODY=8BITMIME"]
        sender.sendmail("jürgen@mail.example", [ADDRESS], mail(1), mail_options=options)
    assert "Return-Path: <jürgen@mail.example>".encode() in receiver.events[0].payload


def test_one_too_many_is_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "CONNECTIONS", 1)
    channel = receiving()
    with listening(channel):
        with calling(channel) as one:
            assert one.noop()[0] == 250
            with pytest.raises((smtplib.SMTPConnectError, smtplib.SMTPServerDisconnected)) as away:
                calling(channel)
            assert getattr(away.value, "smtp_code", 421) == 421
        # Who has left is counted out behind their goodbye.
        assert wait_for(lambda: _is_let_in(channel))


def _is_let_in(channel: Channel) -> bool:
    with (
        suppress(smtplib.SMTPConnectError, smtplib.SMTPServerDisconnected),
        calling(channel) as one,
    ):
        return one.noop()[0] == 250
    return False


def test_mail_may_come_encrypted(tmp_path: Path) -> None:
    chain, key = certificate(tmp_path)
    channel = receiving(smtp_certificate=str(chain), smtp_private_key=str(key))
    with listening(channel) as receiver, calling(channel) as sender:
        sender.starttls(context=ssl.create_default_context(cafile=str(chain)))
        sender.sendmail(KARL, [ADDRESS], mail(1))
    assert b"with ESMTPS;" in receiver.events[0].payload


def test_a_port_in_use_is_said(channel: Channel, receiver: Listener) -> None:
    calling(channel).quit()
    second = Listener(channel).start()
    error = second.wait_for_error()
    second.stop()
    assert not error.permanent
    assert str(channel.config["smtp_listen_port"]) in str(error)


def test_a_certificate_that_is_missing_is_said(tmp_path: Path) -> None:
    with listening(receiving(smtp_certificate=str(tmp_path / "none.pem"))) as listener:
        error = listener.wait_for_error()
    assert error.permanent
    assert "certificate" in str(error)


def test_no_address_is_in_the_logs(
    channel: Channel, receiver: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with calling(channel) as sender:
        sender.sendmail(KARL, [ADDRESS], mail(1))
    assert KARL not in caplog.text
