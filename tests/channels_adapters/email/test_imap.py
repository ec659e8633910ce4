"""Mail from an IMAP server: nothing lost, nothing doubled, nothing marked before it is recorded."""

import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from channels_adapters.email import events, imap
from channels_adapters.email.adapter import EmailAdapter
from channels_adapters.email.tls import tls_context
from tests.channels_adapters.email.imap_server import BAD, CUT, NO, ImapServer
from tests.channels_adapters.email.world import certificate, imap_mailbox, listening, mail

MARKS = {"\\Seen", imap.RECORDED}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have listeners see sooner that they are to stop."""
    monkeypatch.setattr(imap, "TICK_SECONDS", 0.1)


@pytest.fixture
def server() -> Iterator[ImapServer]:
    running = ImapServer()
    yield running
    running.stop()


def test_mail_that_waits_is_recorded_and_then_marked(server: ImapServer) -> None:
    at = datetime(2026, 11, 20, 9, 31, tzinfo=UTC)
    first, second = server.deliver(mail(1), arrived=at), server.deliver(mail(2))
    with listening(imap_mailbox(server.port)) as listener:
        recorded = listener.wait(2)
        server.wait(lambda: server.mails[second].flags >= MARKS)
    assert [event.payload for event in recorded] == [mail(1), mail(2)]
    assert recorded[0].order == at.timestamp()
    assert server.mails[first].flags == MARKS


def test_nothing_is_marked_that_could_not_be_recorded(server: ImapServer) -> None:
    seen: list[set[str]] = []

    def fail_once() -> None:
        (only,) = server.mails.values()
        seen.append(set(only.flags))
        if len(seen) == 1:
            raise ConnectionError

    listener = imap_mailbox(server.port)
    with listening(listener) as running:
        running.refuse = fail_once
        uid = server.deliver(mail(1))
        running.wait(1)
        server.wait(lambda: server.mails[uid].flags >= MARKS)
    assert seen[:2] == [set(), set()]
    assert len(running.events) == 1


def test_idle_delivers_at_once(server: ImapServer) -> None:
    with listening(imap_mailbox(server.port)) as listener:
        server.wait(lambda: server.idling == 1)
        began = time.monotonic()
        server.deliver(mail(1))
        listener.wait(1)
    assert time.monotonic() - began < 1


def test_stopping_ends_an_idle_connection_within_about_a_second(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "TICK_SECONDS", 1.0)
    with listening(imap_mailbox(server.port)) as listener:
        server.wait(lambda: server.idling == 1)
        began = time.monotonic()
        listener.stop()
        assert time.monotonic() - began < 2
    assert server.commands[-1] == "LOGOUT"


def test_mail_that_comes_while_others_are_looked_for_does_not_wait(server: ImapServer) -> None:
    # Its announcement comes with the search that does not have it yet, and never again.
    server.at("SEARCH", lambda: server.deliver(mail(1)))
    with listening(imap_mailbox(server.port)) as listener:
        began = time.monotonic()
        listener.wait(1)
    assert time.monotonic() - began < 2


def test_mail_that_comes_as_idle_begins_does_not_wait(server: ImapServer) -> None:
    # Its announcement comes in one packet with the answer to IDLE.
    server.at("IDLE", lambda: server.deliver(mail(1)))
    with listening(imap_mailbox(server.port)) as listener:
        listener.wait(1, seconds=3)


def test_idle_is_renewed(server: ImapServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "IDLE_SECONDS", 0.1)
    with listening(imap_mailbox(server.port)) as listener:
        server.wait(lambda: server.commands.count("IDLE") >= 2)
        server.deliver(mail(1))
        listener.wait(1)
    assert listener.errors == []


def test_a_server_without_idle_is_asked_again_and_again() -> None:
    server = ImapServer(idle=False)
    channel = imap_mailbox(server.port, imap_poll_seconds=1)
    with listening(channel) as listener:
        server.wait(lambda: "SEARCH" in server.commands)
        server.deliver(mail(1))
        listener.wait(1)
    assert "IDLE" not in server.commands
    server.stop()


@pytest.mark.parametrize("command", ["SEARCH", "FETCH", "STORE", "IDLE", "SELECT", "LOGIN"])
def test_a_cut_line_loses_and_doubles_nothing(server: ImapServer, command: str) -> None:
    server.at(command, CUT)
    uids = [server.deliver(mail(number)) for number in (1, 2)]
    with listening(imap_mailbox(server.port)) as listener:
        server.wait(lambda: all(server.mails[uid].flags >= MARKS for uid in uids))
        server.wait(lambda: server.idling == 1)
        server.deliver(mail(3))
        server.wait(lambda: server.mails[3].flags >= MARKS)
    assert len(listener.ids) == 3
    assert [error.permanent for error in listener.errors] == [False]


def test_a_mail_recorded_but_not_marked_comes_again_as_the_same_event(server: ImapServer) -> None:
    server.at("STORE", CUT)
    server.deliver(mail(1))
    with listening(imap_mailbox(server.port)) as listener:
        one, two = listener.wait(2)
    assert one.event_id == two.event_id


def test_a_dropped_idle_connection_is_noticed_and_taken_up_again(server: ImapServer) -> None:
    with listening(imap_mailbox(server.port)) as listener:
        server.wait(lambda: server.idling == 1)
        server.drop_connections()
        server.deliver(mail(1))
        listener.wait(1)
        assert "failed or was lost" in str(listener.wait_for_error())


def test_a_mail_opened_elsewhere_before_it_is_fetched_is_not_missed(server: ImapServer) -> None:
    server.deliver(mail(1), "\\Seen")
    found = EmailAdapter(imap_mailbox(server.port)).connect("")
    opened = server.deliver(mail(2))
    server.open_elsewhere(opened)
    with listening(imap_mailbox(server.port, **found.config)) as listener:
        (recorded,) = listener.wait(1)
        server.wait(lambda: server.idling == 1)
    assert recorded.payload == mail(2)
    assert len(listener.events) == 1


def test_mail_that_was_read_before_connecting_stays_out(server: ImapServer) -> None:
    server.deliver(mail(1), "\\Seen")
    with listening(imap_mailbox(server.port)) as listener:
        server.wait(lambda: server.idling == 1)
    assert listener.events == []


def test_a_mail_marked_unread_again_is_not_read_twice(server: ImapServer) -> None:
    server.deliver(mail(1), imap.RECORDED)
    with listening(imap_mailbox(server.port)) as listener:
        server.wait(lambda: server.idling == 1)
    assert listener.events == []


def test_a_server_without_keywords_goes_by_unread_mail() -> None:
    server = ImapServer(keywords=False)
    uid = server.deliver(mail(1))
    with listening(imap_mailbox(server.port)) as listener:
        listener.wait(1)
        server.wait(lambda: server.mails[uid].flags == {"\\Seen"})
        server.wait(lambda: server.idling == 1)
    assert len(listener.events) == 1
    server.stop()


@pytest.mark.parametrize(("command", "answer"), [("SEARCH", BAD), ("STORE", NO)])
def test_a_server_that_refuses_our_keyword_is_served_without(
    server: ImapServer, command: str, answer: str
) -> None:
    server.at(command, answer)
    uid = server.deliver(mail(1))
    with listening(imap_mailbox(server.port)) as listener:
        listener.wait(1)
        server.wait(lambda: server.mails[uid].flags == {"\\Seen"})
    assert listener.errors == []


def test_a_mail_deleted_meanwhile_holds_nobody_up(server: ImapServer) -> None:
    gone, kept = server.deliver(mail(1)), server.deliver(mail(2))
    server.at("SEARCH", lambda: server.delete(gone))
    with listening(imap_mailbox(server.port)) as listener:
        (recorded,) = listener.wait(1)
        server.wait(lambda: server.mails[kept].flags >= MARKS)
    assert recorded.payload == mail(2)
    assert listener.errors == []


def test_a_mail_the_server_cannot_hand_out_is_shown_to_a_person(server: ImapServer) -> None:
    server.at("FETCH", lambda: None, NO)
    for number in (1, 2):
        server.deliver(mail(number))
    channel = imap_mailbox(server.port)
    with listening(channel) as listener:
        broken, sound = listener.wait(2)
    assert sound.payload == mail(2)
    assert imap.RECORDED not in server.mails[1].flags
    with pytest.raises(events.UnreadableMail):
        EmailAdapter(channel).parse(broken)


def test_a_busy_server_makes_no_mail_unreadable(server: ImapServer) -> None:
    server.at("FETCH", lambda: None, "NO [LIMIT] Too many commands")
    server.deliver(mail(1))
    with listening(imap_mailbox(server.port)) as listener:
        (recorded,) = listener.wait(1)
    assert recorded.payload == mail(1)
    assert [error.permanent for error in listener.errors] == [False]


def test_of_a_mail_that_is_too_large_only_the_beginning_is_fetched(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "MAIL_BYTES", 10_000)
    monkeypatch.setattr(imap, "CUT_BYTES", 2_000)
    large = mail(1, text="x" * 70 + "\n" + "y" * 50_000)
    server.deliver(large)
    with listening(imap_mailbox(server.port)) as listener:
        (recorded,) = listener.wait(1)
    assert len(recorded.payload) < 2_100
    assert recorded.payload.startswith(f"X-Svar-Cut: {len(large)}\r\n".encode())


def test_mail_is_taken_in_small_batches(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "BATCH_MAILS", 2)
    for number in range(5):
        server.deliver(mail(number))
    with listening(imap_mailbox(server.port)) as listener:
        listener.wait(5)
        server.wait(lambda: server.idling == 1)
    assert server.commands.count("STORE") == 3
    assert len(listener.ids) == 5


def test_a_wrong_password_is_said_plainly_and_not_tried_again(server: ImapServer) -> None:
    with listening(imap_mailbox(server.port, password="wrong")) as listener:
        error = listener.wait_for_error()
    assert error.permanent
    assert "user name and password" in str(error)
    assert "wrong" not in str(error)


def test_a_server_that_is_busy_is_tried_again(server: ImapServer) -> None:
    server.at("LOGIN", CUT, "NO [UNAVAILABLE] Too many connections")
    server.deliver(mail(1))
    with listening(imap_mailbox(server.port)) as listener:
        listener.wait(1)
    assert [error.permanent for error in listener.errors] == [False, False]


def test_a_folder_that_is_missing_is_named(server: ImapServer) -> None:
    with listening(imap_mailbox(server.port, imap_folder="Support")) as listener:
        error = listener.wait_for_error()
    assert error.permanent
    assert "Support" in str(error)


def test_a_folder_that_can_only_be_read_is_refused() -> None:
    server = ImapServer(read_only=True)
    with listening(imap_mailbox(server.port)) as listener:
        error = listener.wait_for_error()
    assert error.permanent
    assert "can only be read" in str(error)
    server.stop()


def test_a_server_that_is_not_there_is_tried_again() -> None:
    server = ImapServer()
    server.stop()
    with listening(imap_mailbox(server.port)) as listener:
        error = listener.wait_for_error()
    assert not error.permanent
    assert "127.0.0.1" in str(error)


def test_mail_comes_over_tls_from_a_server_whose_certificate_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain, key = certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(chain, key)
    server = ImapServer(tls=context)
    server.deliver(mail(1))
    channel = imap_mailbox(server.port, imap_security="ssl")
    with listening(channel) as listener:
        error = listener.wait_for_error()
    assert error.permanent
    assert "certificate" in str(error)
    tls_context.cache_clear()
    monkeypatch.setenv("SSL_CERT_FILE", str(chain))
    try:
        with listening(channel) as listener:
            listener.wait(1)
            server.wait(lambda: server.idling == 1)
            server.deliver(mail(2))
            listener.wait(2)
    finally:
        tls_context.cache_clear()
    server.stop()


@pytest.mark.parametrize(
    ("security", "words"), [("starttls", "does not offer STARTTLS"), ("ssl", "look at its port")]
)
def test_a_server_without_the_security_that_is_set_is_told_apart(
    server: ImapServer, security: str, words: str
) -> None:
    with listening(imap_mailbox(server.port, imap_security=security)) as listener:
        error = listener.wait_for_error()
    assert words in str(error)
    assert "LOGIN" not in server.commands


def test_no_mail_and_no_password_is_in_the_logs(server: ImapServer, caplog: Any) -> None:
    caplog.set_level("DEBUG")
    server.deliver(mail(1))
    with listening(imap_mailbox(server.port)) as listener:
        listener.wait(1)
        server.wait(lambda: server.idling == 1)
    assert "parcel" not in caplog.text.lower()
    assert "secret" not in caplog.text
