"""Setting a mailbox up: the form, the test of both ways, and what the core may rely on."""

import socket
import sys
from collections.abc import Iterator
from subprocess import run
from typing import Any

import pytest
from django.test import override_settings

from channels_adapters import base
from channels_adapters.base import SendError
from channels_adapters.email.adapter import EmailAdapter
from channels_adapters.email.forms import EmailForm
from channels_adapters.email.options import options_of
from tests.channels_adapters.email.imap_server import ImapServer
from tests.channels_adapters.email.world import (
    ADDRESS,
    imap_mailbox,
    listening,
    mail,
    mailbox,
)
from tests.mail import MailServer
from tests.world import free_port

FILLED: dict[str, Any] = {
    "address": "Support@Lund.Example",
    "way_in": "imap",
    "plus_addressing": "on",
    "imap_host": "imap.lund.example",
    "imap_security": "ssl",
    "imap_folder": "INBOX",
    "out_host": "smtp.lund.example",
    "out_security": "starttls",
}
HOOK = "https://svar.lund.example/hooks/email/k"


@pytest.fixture
def imap() -> Iterator[ImapServer]:
    running = ImapServer()
    yield running
    running.stop()


@pytest.fixture
def outgoing() -> Iterator[MailServer]:
    running = MailServer().start()
    yield running
    running.stop()


def errors(**changed: Any) -> dict[str, list[str]]:
    form = EmailForm({**FILLED, **changed})
    return {name: [str(error) for error in found] for name, found in form.errors.items()}


# --- The form ---------------------------------------------------------------------------------
def test_a_filled_form_makes_the_settings() -> None:
    form = EmailForm({**FILLED, "imap_password": " a b ", "imap_port": "1993"})
    assert form.is_valid(), form.errors
    given = dict(form.cleaned_data)
    secrets = {name: given.pop(name) for name in EmailAdapter.secret_fields}
    options = options_of(mailbox(secrets=secrets, **given))
    assert options.address == "Support@lund.example"
    assert options.imap_port == 1993
    assert options.imap_password == " a b "
    assert options.imap_poll_seconds == 30
    assert " a b " not in repr(options)


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"address": "nobody"}, "address", "valid email"),
        ({"imap_host": ""}, "imap_host", "IMAP server"),
        ({"way_in": "smtp", "smtp_listen_host": ""}, "smtp_listen_host", "receive on"),
        ({"way_in": "webhook"}, "webhook_provider", "provider"),
        ({"way_in": "pigeon"}, "way_in", "valid choice"),
        ({"imap_security": "none"}, "imap_security", "cross the network"),
        ({"out_security": "none"}, "out_security", "cross the network"),
        ({"imap_port": "70000"}, "imap_port", "65535"),
        ({"smtp_certificate": "/nowhere.pem"}, "smtp_certificate", "no such file"),
        ({"address": f"{'a' * 40}@lund.example"}, "plus_addressing", "too long"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    changed: dict[str, str], field: str, words: str
) -> None:
    assert words in " ".join(errors(**changed)[field])


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_this_machine_needs_no_encryption(host: str) -> None:
    assert errors(imap_host=host, imap_security="none", out_host="", out_security="none") == {}


def test_a_domain_with_any_letters_is_kept_as_mail_servers_write_it() -> None:
    form = EmailForm({**FILLED, "address": "hej@smør.example"})
    assert form.is_valid()
    assert form.cleaned_data["address"] == "hej@xn--smr-1na.example"


# --- The test of both ways --------------------------------------------------------------------
def test_a_mailbox_that_works_says_so(imap: ImapServer, outgoing: MailServer) -> None:
    imap.deliver(mail(1), "\\Seen")
    channel = imap_mailbox(imap.port, out_host="127.0.0.1", out_port=outgoing.port)
    found = EmailAdapter(channel).connect(HOOK)
    assert found.account == ADDRESS
    assert "Incoming works: INBOX at 127.0.0.1 has 1 mail." in found.text
    assert "Outgoing works" in found.text
    assert found.config == {"imap_start": ["ida@127.0.0.1/INBOX", imap.uidvalidity, 2]}


def test_connecting_again_moves_no_mark(imap: ImapServer) -> None:
    imap.deliver(mail(1))
    here = "ida@127.0.0.1/INBOX"
    kept = [here, imap.uidvalidity, 1]
    channel = imap_mailbox(imap.port, imap_start=kept)
    assert EmailAdapter(channel).connect(HOOK).config["imap_start"] == kept
    for other in ([here, 1, 1], ["ida@127.0.0.1/Support", imap.uidvalidity, 1]):
        channel.config["imap_start"] = other
        found = EmailAdapter(channel).connect(HOOK).config["imap_start"]
        assert found == [here, imap.uidvalidity, 2]


def test_what_works_and_what_does_not_are_both_said(imap: ImapServer) -> None:
    channel = imap_mailbox(imap.port, out_host="127.0.0.1", out_port=free_port())
    with pytest.raises(SendError) as error:
        EmailAdapter(channel).connect(HOOK)
    assert "Incoming works" in str(error.value)
    assert "Outgoing does not work: The mail server 127.0.0.1 could not" in str(error.value)


def test_a_wrong_password_is_said(imap: ImapServer) -> None:
    with pytest.raises(SendError, match=r"Incoming does not work: .*password") as error:
        EmailAdapter(imap_mailbox(imap.port, password="wrong")).connect(HOOK)
    assert error.value.permanent


def test_an_imap_server_with_less_says_what_that_means() -> None:
    imap = ImapServer(idle=False, keywords=False)
    text = EmailAdapter(imap_mailbox(imap.port)).connect(HOOK).text
    assert "asked every 30 seconds" in text
    assert "are missed" in text
    imap.stop()


@pytest.mark.parametrize(
    ("provider", "address"),
    [
        ("postmark", "https://svar:SECRET@svar.lund.example/hooks/email/k"),
        ("mailgun", f"{HOOK}?format=mime"),
    ],
)
def test_the_address_to_paste_is_shown_without_the_secret(provider: str, address: str) -> None:
    secrets = {"webhook_secret": "letters4and9digits"}
    channel = mailbox(way_in="webhook", webhook_provider=provider, secrets=secrets)
    found = EmailAdapter(channel).connect(HOOK)
    assert address in found.text.split()
    assert "letters4and9digits" not in found.text
    assert found.config == {"hook_url": HOOK}


def test_a_webhook_without_a_secret_is_not_ready() -> None:
    channel = mailbox(way_in="webhook", webhook_provider="postmark")
    with pytest.raises(SendError, match="secret is missing"):
        EmailAdapter(channel).connect(HOOK)


def test_a_receiver_is_found_working_or_not_begun_or_in_the_way() -> None:
    channel = mailbox(way_in="smtp", smtp_listen_port=free_port())
    assert "Nothing receives there yet" in EmailAdapter(channel).connect(HOOK).text
    with listening(channel) as listener:
        while "Incoming works" not in EmailAdapter(channel).connect(HOOK).text:
            assert not listener.errors
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = mailbox(way_in="smtp", smtp_listen_port=other.getsockname()[1])
        other.settimeout(10)
        import threading

        def greet() -> None:
            peer, _address = other.accept()
            peer.sendall(b"SSH-2.0\r\n")
            peer.close()

        thread = threading.Thread(target=greet)
        thread.start()
        with pytest.raises(SendError, match="another program"):
            EmailAdapter(taken).connect(HOOK)
        thread.join()


def test_the_servers_own_way_out_is_named() -> None:
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        channel = mailbox(way_in="smtp", smtp_listen_port=free_port())
        assert "server's own settings" in EmailAdapter(channel).connect(HOOK).text


# --- What the core may rely on ----------------------------------------------------------------
def test_the_adapter_keeps_the_contract() -> None:
    adapter = EmailAdapter(mailbox())
    for protocol in (base.AcceptsHooks, base.Listens, base.Fetches, base.Connects, base.Parses):
        assert isinstance(adapter, protocol)
    assert not isinstance(adapter, base.ShowsTyping)
    assert set(EmailAdapter.secret_fields) <= set(EmailForm.base_fields)
    assert EmailAdapter.capabilities.files
    assert not EmailAdapter.capabilities.threads


@pytest.mark.parametrize(("way", "listens"), [("imap", True), ("smtp", True), ("webhook", False)])
def test_only_mailboxes_that_are_asked_or_delivered_to_listen(way: str, listens: bool) -> None:
    assert EmailAdapter(mailbox(way_in=way)).is_listening is listens


def test_the_adapter_is_imported_without_mail_libraries() -> None:
    program = (
        "import sys, django; django.setup(); import channels_adapters.email.adapter;"
        "heavy = {'imapclient', 'aiosmtpd', 'anymail', 'mailparser_reply'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": "/usr/bin"}
    done = run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
