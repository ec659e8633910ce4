"""Answers as mails: what arrives at a real SMTP server, and what errors mean."""

import smtplib
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from django.core import mail as django_mail
from django.test import override_settings

from channels_adapters.base import SendError
from channels_adapters.email.adapter import EmailAdapter
from channels_adapters.email.addresses import conversation_of
from channels_adapters.email.reading import read_mail
from chatbot.conversations.models import Channel
from chatbot.envelope import Citation, OutboundFile
from tests import mail as mails
from tests.channels_adapters.email.world import ADDRESS, WRITTEN, answer, mailbox
from tests.mail import MailServer

KARL = "karl.olsen@mail.example"
THREAD = tuple(f"<mail-{number}@mail.example>" for number in range(60))


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    running = MailServer().start()
    yield running
    running.stop()


@pytest.fixture
def channel(server: MailServer) -> Iterator[Channel]:
    server.refuse = ""
    yield mailbox(out_host="127.0.0.1", out_port=server.port)
    server.refuse = ""


def sent(server: MailServer, channel: Channel, **values: Any) -> EmailMessage:
    """Send an answer and return the mail that arrived for it."""
    before = server.count()
    EmailAdapter(channel).send(answer(**values))
    return server.wait(after=before)


def text_of(mail: EmailMessage) -> str:
    """Return the text of a mail, with the line ends of Python."""
    return mails.text_of(mail).replace("\r\n", "\n")


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(preferencelist=("html",))
    assert part is not None
    return str(part.get_content())


def test_an_answer_of_the_bot_arrives_in_its_thread(server: MailServer, channel: Channel) -> None:
    mail = sent(server, channel)
    assert mail["From"] == "Lund & Lyng <support@lund.example>"
    assert mail["To"] == KARL
    assert mail["Subject"] == "Re: Parcel 1"
    assert mail["In-Reply-To"] == mail["References"] == "<parcel-1@mail.example>"
    assert mail["Date"].datetime == WRITTEN
    assert text_of(mail).startswith("It arrives tomorrow.\n\nSee https://lund.example/parcels")


def test_machines_are_told_that_a_machine_wrote(server: MailServer, channel: Channel) -> None:
    mail = sent(server, channel)
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert mail["X-Svar-Loop"] == "k"


@pytest.mark.parametrize(
    ("language", "name"),
    [("en", "Ida Berg from Lund & Lyng <support@lund.example>")],
)
def test_an_agent_writes_in_their_name_from_the_mailbox(
    server: MailServer, channel: Channel, language: str, name: str
) -> None:
    mail = sent(server, channel, author="agent", author_name="Ida Berg", language=language)
    assert mail["From"] == name
    assert mail["Auto-Submitted"] is None
    assert mail["X-Auto-Response-Suppress"] is None
    assert mail["X-Svar-Loop"] == "k"


def test_replies_go_to_a_signed_address(server: MailServer, channel: Channel) -> None:
    reply_to = sent(server, channel)["Reply-To"].addresses[0]
    assert reply_to.display_name == "Lund & Lyng"
    assert conversation_of(channel, [reply_to.addr_spec]) == 42


def test_each_attempt_is_the_same_mail(server: MailServer, channel: Channel) -> None:
    ids = [EmailAdapter(channel).send(answer()).external_ids for _attempt in range(2)]
    assert ids[0] == ids[1]
    assert ids[0] != EmailAdapter(channel).send(answer(key="message-6-0")).external_ids
    assert sent(server, channel)["Message-ID"] == ids[0][0]


def test_long_threads_keep_their_beginning_and_their_end(
    server: MailServer, channel: Channel
) -> None:
    mail = sent(server, channel, references=(*THREAD, "no-message-id"))
    assert mail["References"].split() == [THREAD[0], *THREAD[-20:]]
    assert mail["In-Reply-To"] == THREAD[-1]


def test_a_reply_without_a_subject_has_a_fitting_one(server: MailServer, channel: Channel) -> None:
    assert sent(server, channel, subject="")["Subject"] == "Re: Your message to Lund & Lyng"
    first = sent(server, channel, subject="", references=())
    assert first["Subject"] == "A message from Lund & Lyng"
    assert first["In-Reply-To"] is None


def test_a_subject_is_not_prefixed_twice_and_starts_no_other_header(
    server: MailServer, channel: Channel
) -> None:
    mail = sent(server, channel, subject="Sv: Kjole\r\nBcc: spy@evil.example")
    assert mail["Subject"] == "Re: Kjole Bcc: spy@evil.example"
    assert mail["Bcc"] is None


def test_names_and_text_of_our_languages_arrive(server: MailServer, channel: Channel) -> None:
    channel.config["display_name"] = "Smørrebrød & Öl"
    text = "Åh nej! Größe 38 är slut.\n" + "æøå " * 400
    mail = sent(server, channel, text=text, subject="Bestilling på kjole")
    assert mail["From"].addresses[0].display_name == "Smørrebrød & Öl"
    assert mail["Subject"] == "Re: Bestilling på kjole"
    assert text_of(mail).strip() == text.strip()
    assert text.partition("\n")[0] in html_of(mail)


def test_a_mail_has_seven_bits_and_short_lines(server: MailServer, channel: Channel) -> None:
    raw = sent(server, channel, text="ø" * 2_000, references=THREAD).as_bytes()
    assert raw.isascii()
    assert max(map(len, raw.splitlines())) <= 998


def test_the_html_has_paragraphs_links_and_nothing_that_is_loaded(
    server: MailServer, channel: Channel
) -> None:
    page = html_of(sent(server, channel, text="<b>Hej</b>\n\nSee https://lund.example/a?b=1&c=2"))
    assert "&lt;b&gt;Hej&lt;/b&gt;" in page
    assert '<a href="https://lund.example/a?b=1&amp;c=2"' in page
    assert 'name="color-scheme" content="light dark"' in page
    assert "<img" not in page
    assert "url(" not in page
    assert 'lang="en"' in page


def test_formatting_of_an_agent_is_kept(server: MailServer, channel: Channel) -> None:
    page = html_of(sent(server, channel, html="<p>It is <b>on its way</b>.</p>"))
    assert "<p>It is <b>on its way</b>.</p>" in page


def test_sources_stand_at_the_end(server: MailServer, channel: Channel) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    citations = (
        Citation(1, "e1", "Parcels & post", "Delivery", at, "https://lund.example/parcels"),
        Citation(2, "e2", "Returns", "Delivery", at),
        Citation(3, "e3", "Odd", "Delivery", at, "javascript:alert(1)"),
    )
    mail = sent(server, channel, citations=citations)
    lines = text_of(mail).strip().splitlines()
    assert lines[-4:] == [
        "Read more:",
        "[1] Parcels & post: https://lund.example/parcels",
        "[2] Returns",
        "[3] Odd",
    ]
    page = html_of(mail)
    assert '[1] <a href="https://lund.example/parcels">Parcels &amp; post</a>' in page
    assert "javascript:" not in page


def test_files_and_people_in_copy_come_along(server: MailServer, channel: Channel) -> None:
    files = (
        OutboundFile("label é.pdf", "application/pdf", 4, lambda: b"%PDF"),
        OutboundFile("lines.csv", "text/csv", 8, "ø;1\r\n".encode),
    )
    before = server.count()
    copies = ("anna@mail.example", KARL.upper())
    mail = sent(server, channel, files=files, copies=copies)
    pdf, csv = mail.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content()) == ("label é.pdf", b"%PDF")
    assert csv.get_content() == "ø;1\r\n"
    assert mail["Cc"] == "anna@mail.example"
    assert server.recipients(after=before) == [KARL, "anna@mail.example"]


def test_our_own_reader_knows_our_own_mail(server: MailServer, channel: Channel) -> None:
    read = read_mail(sent(server, channel).as_bytes(), own_addresses=(ADDRESS,))
    assert read.loop == "k"
    assert read.automatic in ("loop", "own")


@pytest.mark.parametrize(
    ("said", "permanent"),
    [("550 5.7.1 Not wanted here", True), ("451 4.7.1 Try again later", False)],
)
def test_what_the_server_says_decides_whether_it_is_tried_again(
    server: MailServer, channel: Channel, said: str, permanent: bool
) -> None:
    server.refuse = said
    with pytest.raises(SendError, match=said) as error:
        EmailAdapter(channel).send(answer())
    assert error.value.permanent is permanent


def test_a_server_that_is_not_there_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    channel = mailbox(out_host="127.0.0.1", out_port=port)
    with pytest.raises(SendError, match="could not be reached") as error:
        EmailAdapter(channel).send(answer())
    assert error.value.permanent is False


def test_a_port_that_speaks_no_tls_is_told_apart(server: MailServer) -> None:
    channel = mailbox(out_host="127.0.0.1", out_port=server.port, out_security="ssl")
    with pytest.raises(SendError, match="look at its port"):
        EmailAdapter(channel).send(answer())


def test_a_server_without_starttls_is_told_apart(server: MailServer) -> None:
    channel = mailbox(out_host="127.0.0.1", out_port=server.port, out_security="starttls")
    with pytest.raises(SendError, match="such as STARTTLS") as error:
        EmailAdapter(channel).send(answer())
    assert error.value.permanent


class _Particular:
    """A server that wants a login and refuses recipients."""

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address == KARL:
            return "550 5.1.1 Unknown"
        envelope.rcpt_tos.append(address)
        return "250 OK"


@pytest.fixture
def particular() -> Iterator[int]:
    from tests.world import free_port

    def login(_server: Any, _session: Any, _envelope: Any, _how: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password == b"right", handled=False)

    running = Controller(
        _Particular(),
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=login,
        auth_require_tls=False,
        enable_SMTPUTF8=False,
    )
    running.start()
    yield running.port
    running.stop()


def with_login(port: int, password: str) -> Channel:
    config = {"out_host": "127.0.0.1", "out_port": port, "out_user": "ida"}
    return mailbox(secrets={"out_password": password}, **config)


def test_a_wrong_password_is_said_plainly(particular: int) -> None:
    with pytest.raises(SendError, match="user name and password") as error:
        EmailAdapter(with_login(particular, "wrong")).send(answer())
    assert error.value.permanent
    assert "wrong" not in str(error.value)


def test_a_refused_customer_is_a_failure_even_if_the_copies_went_out(particular: int) -> None:
    with pytest.raises(SendError, match=r"refused the recipient: 550 5\.1\.1") as error:
        EmailAdapter(with_login(particular, "right")).send(answer(copies=("anna@mail.example",)))
    assert error.value.permanent


def test_an_address_that_the_server_cannot_write_is_said(particular: int) -> None:
    with pytest.raises(SendError, match="letters such as") as error:
        EmailAdapter(with_login(particular, "right")).send(answer(recipient_id="å@mail.example"))
    assert error.value.permanent


def test_a_domain_with_any_letters_is_written_to(server: MailServer, channel: Channel) -> None:
    before = server.count()
    sent(server, channel, recipient_id="karl@smør.example")
    assert server.recipients(after=before) == ["karl@xn--smr-1na.example"]


def test_without_a_server_of_its_own_django_sends() -> None:
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        django_mail.outbox = []
        ids = EmailAdapter(mailbox()).send(answer()).external_ids
        (mail,) = django_mail.outbox
    assert mail.extra_headers["Message-ID"] == ids[0]
    assert mail.to == [KARL]


def test_the_id_that_a_provider_gave_is_known_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    from django.core.mail.backends import locmem

    def take(_self: Any, mails: list[Any]) -> int:
        for mail in mails:
            mail.anymail_status = SimpleNamespace(message_id="<of-its-own@provider.example>")
        return len(mails)

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", take)
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        ours, theirs = EmailAdapter(mailbox()).send(answer()).external_ids
    assert ours.startswith("<svar.")
    assert theirs == "<of-its-own@provider.example>"


def test_errors_of_a_providers_backend_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    from anymail.exceptions import AnymailRecipientsRefused
    from django.core.mail.backends import locmem

    def refuse(*_given: Any) -> int:
        raise AnymailRecipientsRefused

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", refuse)
    with (
        override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"),
        pytest.raises(SendError, match="provider refused the recipient") as error,
    ):
        EmailAdapter(mailbox()).send(answer())
    assert error.value.permanent


def test_a_lost_connection_is_worth_a_retry(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(*_given: Any, **_named: Any) -> None:
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr(smtplib.SMTP, "sendmail", lose)
    with pytest.raises(SendError, match="could not be reached") as error:
        EmailAdapter(channel).send(answer())
    assert error.value.permanent is False
