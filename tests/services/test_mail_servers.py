"""The email channel with a real IMAP server (Dovecot) and a real SMTP server (OpenSMTPD).

Run by: tools/with-mail-servers .venv/bin/python -m pytest -m mail
"""

import os
import smtplib
import time
import uuid
from typing import Any

import pytest
from imapclient import IMAPClient

if not os.environ.get("SVAR_TEST_IMAP_PORT"):
    pytest.skip("run by tools/with-mail-servers", allow_module_level=True)

from channels_adapters.base import SendError
from channels_adapters.email import imap
from channels_adapters.email.adapter import EmailAdapter
from chatbot.conversations.models import Channel
from chatbot.envelope import Event, InboundMessage
from tests.channels_adapters.email.world import (
    answer,
    imap_mailbox,
    listening,
    mail,
)

pytestmark = [pytest.mark.mail, pytest.mark.timeout(60)]

IMAP_PORT = int(os.environ["SVAR_TEST_IMAP_PORT"])
SMTP_PORT = int(os.environ.get("SVAR_TEST_SMTP_PORT", "0"))
SUPPORT, KARL = "support@lund.example", "karl@lund.example"


def box(user: str, **config: Any) -> Channel:
    out = {"out_host": "127.0.0.1", "out_port": SMTP_PORT}
    channel = imap_mailbox(IMAP_PORT, **{**out, **config})
    channel.config |= {"imap_user": user, "address": f"{user}@lund.example"}
    return channel


def logged_in(user: str) -> IMAPClient:
    client = IMAPClient("127.0.0.1", port=IMAP_PORT, ssl=False)
    client.login(user, "secret")
    client.select_folder("INBOX")
    return client


@pytest.fixture(autouse=True)
def _empty() -> None:
    """Begin with empty mailboxes."""
    for user in ("support", "karl"):
        with logged_in(user) as client:
            client.delete_messages(client.search("ALL"))
            client.expunge()


def post(raw: bytes, *, to: str = SUPPORT) -> None:
    with smtplib.SMTP("127.0.0.1", SMTP_PORT, timeout=10) as server:
        server.sendmail(KARL, [to], raw)


def fresh(**head: str) -> bytes:
    """Return a mail that was never sent before."""
    return mail(1, Message_ID=f"<{uuid.uuid4().hex}@lund.example>", From=f"Karl <{KARL}>", **head)


def flags(user: str) -> list[set[str]]:
    with logged_in(user) as client:
        found = client.fetch(client.search("ALL"), ["FLAGS"])
        return [{flag.decode() for flag in one[b"FLAGS"]} for one in found.values()]


def message_of(channel: Channel, event: Event) -> InboundMessage:
    (message,) = EmailAdapter(channel).parse(event)
    assert isinstance(message, InboundMessage)
    return message


def test_mail_is_there_soon_after_it_was_sent() -> None:
    channel = box("support")
    with listening(channel) as listener:
        post(fresh())
        listener.wait(1)
        began = time.monotonic()
        post(fresh())
        listener.wait(2)
        assert time.monotonic() - began < 5
    assert all({"\\Seen", imap.RECORDED} <= one for one in flags("support"))


def test_a_conversation_goes_to_and_fro() -> None:
    support, karl = box("support"), box("karl", plus_addressing=False)
    post(fresh(Subject="Parcel 7"))
    with listening(support) as ours, listening(karl) as theirs:
        question = message_of(support, ours.wait(1)[0])
        (message_id,) = (
            EmailAdapter(support)
            .send(
                answer(
                    recipient_id=question.sender_id,
                    subject=question.subject,
                    references=(question.external_id,),
                    author="agent",
                    author_name="Ida",
                )
            )
            .external_ids
        )
        reply = theirs.wait(1)[0]
        got = message_of(karl, reply)
        assert got.external_id == message_id
        assert got.references == (question.external_id,)
        assert got.sender_name == "Ida from Lund & Lyng"
        signed = got.details["reply_to"][0]["email"]
        post(fresh(Subject="Re: Parcel 7", In_Reply_To=message_id, To=signed), to=signed)
        back = message_of(support, ours.wait(2)[1])
    assert back.conversation_id == 42
    assert back.references == (message_id,)


def test_a_mail_recorded_but_not_marked_comes_again_as_the_same_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    marked = imap._Reading._mark
    failed: list[bool] = []

    def fail_once(self: Any, uids: list[int]) -> None:
        if not failed:
            failed.append(True)
            raise ConnectionResetError
        marked(self, uids)

    monkeypatch.setattr(imap._Reading, "_mark", fail_once)
    post(fresh())
    with listening(box("support")) as listener:
        one, two = listener.wait(2)
    assert one.event_id == two.event_id


def test_a_mail_opened_by_a_person_first_is_not_missed() -> None:
    start = EmailAdapter(box("support")).connect("").config
    post(fresh())
    with logged_in("support") as client:
        while not (uids := client.search("ALL")):
            client.noop()
        client.add_flags(uids, ["\\Seen"])
    with listening(box("support", **start)) as listener:
        listener.wait(1)


def test_a_mailbox_that_works_says_so() -> None:
    text = EmailAdapter(box("support")).connect("").text
    assert "Incoming works" in text
    assert "Outgoing works" in text
    assert "asked every" not in text
    assert "are missed" not in text


def test_a_stranger_is_refused_by_the_mail_server() -> None:
    with pytest.raises(SendError, match="refused the recipient: 550") as error:
        EmailAdapter(box("support")).send(answer(recipient_id="nobody@elsewhere.example"))
    assert error.value.permanent


def test_a_wrong_password_is_refused_for_good() -> None:
    channel = box("support")
    channel.secrets["imap_password"] = "wrong"
    with pytest.raises(SendError, match="user name and password") as error:
        EmailAdapter(channel).connect("")
    assert error.value.permanent
