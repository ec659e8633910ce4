"""Machines that answer us by mail: it ends by itself, and no person is silenced for good."""

import queue
import smtplib
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid, parseaddr
from typing import Any

import pytest

from tests.channels_adapters.worlds import _channel, _listens, _switched_off
from tests.mail import MailServer
from tests.world import Server, free_port, wait_for

MOST = 3  # mails of ours in one exchange
OUR_HEADERS = ("Auto-Submitted", "X-Auto-Response-Suppress", "X-Svar-Loop", "Precedence")
Answers = Callable[[EmailMessage, int], EmailMessage | None]


class PostOffice(MailServer):
    """Brings mails to mailboxes of ours by SMTP, and answers those to addresses of machines."""

    def __init__(self) -> None:
        super().__init__()
        self.ours: dict[str, int] = {}  # address -> the port on which its mailbox listens
        self.machines: dict[str, Answers] = {}
        self.errors: list[Exception] = []
        self.strips = False  # headers that say that a machine wrote, as some gateways do
        self._work: queue.Queue[tuple[str, EmailMessage]] = queue.Queue()
        threading.Thread(target=self._run, daemon=True).start()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        self._work.put((envelope.rcpt_tos[0].lower(), self._mails[-1][1]))
        return answer

    def bring(self, to: str, mail: EmailMessage) -> None:
        """Bring a mail to a mailbox of ours."""
        box, _at, domain = to.partition("@")
        port = self.ours[f"{box.partition('+')[0]}@{domain}"]
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
            smtp.sendmail("somebody@mail.example", [to], mail.as_bytes(policy=SMTP))

    def is_idle(self) -> bool:
        return not self._work.unfinished_tasks

    def _run(self) -> None:
        while True:
            to, mail = self._work.get()
            try:
                self._handle(to, mail)
            except Exception as error:
                self.errors.append(error)
            finally:
                self._work.task_done()

    def _handle(self, to: str, mail: EmailMessage) -> None:
        answers = self.machines.get(to)
        box, _at, domain = to.partition("@")
        if answers is not None:
            reply = answers(mail, len(self.to(to)))
            if reply is not None:
                self.bring(parseaddr(reply["To"])[1], reply)
        elif f"{box.partition('+')[0]}@{domain}" in self.ours:
            for name in OUR_HEADERS if self.strips else ():
                del mail[name]
            self.bring(to, mail)


@pytest.fixture(scope="module")
def office(server: Server) -> Iterator[PostOffice]:
    """An office with two mailboxes of ours."""
    with ExitStack() as stack:
        office = PostOffice()
        office.start()
        stack.callback(office.stop)
        for name in ("support", "sales"):
            address, port = f"{name}-{uuid.uuid4().hex[:6]}@lund.example", free_port()
            config = {
                "address": address,
                "way_in": "smtp",
                "smtp_listen_port": port,
                "out_host": "127.0.0.1",
                "out_port": office.port,
                "out_security": "none",
            }
            stack.enter_context(_switched_off(_channel("email", config, {}, account=address)))
            office.ours[address] = port
        for port in office.ours.values():
            wait_for(lambda port=port: _listens(port), seconds=15)
        yield office


@pytest.fixture(autouse=True)
def _tidy(office: PostOffice, clean: None) -> Iterator[None]:
    yield
    office.machines.clear()
    office.strips = False
    assert not office.errors


def told(office: PostOffice, address: str, mail: EmailMessage) -> int:
    """Bring a first mail from `address`; return how many mails of ours went there at last."""
    before = office.count()
    office.bring(str(mail["To"]), mail)
    settle(office)
    return len(office.to(address, after=before))


def settle(office: PostOffice) -> None:
    """Wait until nothing has been under way for a while."""
    quiet_since = time.monotonic()

    def is_over() -> bool:
        nonlocal quiet_since
        if not (office.is_idle() and _is_done()):
            quiet_since = time.monotonic()
        return time.monotonic() - quiet_since > 0.3

    wait_for(is_over, seconds=20, why=lambda: f"{len(office._mails)} mails, {office.errors}")


def _is_done() -> bool:
    from chatbot.conversations.models import Delivery, Message, ReceivedEvent

    mine = {"channel__kind": "email", "channel__is_active": True}
    going = Delivery.objects.filter(state=Delivery.State.QUEUED, identity__channel__kind="email")
    return not (
        ReceivedEvent.objects.filter(state="waiting", **mine).exists()
        or Message.objects.filter(state=Message.State.PENDING, **mine).exists()
        or going.exists()
    )


def written(sender: str, to: str, text: str, subject: str = "Delivery") -> EmailMessage:
    """Return a mail that a person or a machine writes."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain="mail.example")
    mail.set_content(text)
    return mail


def answering(text: Callable[[int], str], *, subject: str = "", **head: str) -> Answers:
    """Return a machine that answers every mail; a given subject comes without references."""

    def answer(mail: EmailMessage, number: int) -> EmailMessage:
        back = str(mail["From"] if subject else mail["Reply-To"] or mail["From"])
        about = subject.format(number=4000 + number) or f"Re: {mail['Subject']}"
        reply = written(str(mail["To"]), back, text(number), about)
        if not subject:
            reply["In-Reply-To"] = reply["References"] = mail["Message-ID"]
        for name, value in head.items():
            reply[name.replace("_", "-")] = value
        return reply

    return answer


AWAY = "I am travelling with little access to mail and will be back in the office next week."
OPENED = (  # which asks something that the bot knows
    "How long does delivery take? You asked us this at 10:{number:02}, and one of our colleagues "
    "will soon answer your request {number}."
)
MACHINES = {
    "with headers": answering(lambda _: AWAY, Auto_Submitted="auto-replied"),
    "with an old header": answering(lambda _: AWAY, Precedence="auto_reply"),
    "the same text": answering(lambda _: AWAY),
    "a text with a number": answering(lambda number: OPENED.format(number=7 + number)),
    "few words and a number": answering(lambda number: f"Ticket {number}: delivery time"),
    "another subject each time": answering(lambda _: AWAY, subject="Ticket {number} was opened"),
    "all of it changes": answering(
        lambda number: OPENED.format(number=7 + number), subject="[#{number}] Your request"
    ),
}


@pytest.mark.parametrize("kind", MACHINES)
def test_an_autoresponder_is_soon_left_alone(office: PostOffice, kind: str) -> None:
    address = f"machine-{uuid.uuid4().hex[:6]}@mail.example"
    office.machines[address] = MACHINES[kind]
    mail = written(address, next(iter(office.ours)), "How long does delivery take?")
    assert 1 <= told(office, address, mail) <= MOST


@pytest.mark.parametrize("strips", [False, True])
def test_two_mailboxes_of_ours_do_not_go_on_answering_each_other(
    office: PostOffice, strips: bool
) -> None:
    office.strips = strips
    support, sales = office.ours
    before = office.count()
    office.bring(support, written(sales, support, "How long does delivery take?"))
    settle(office)
    assert 1 <= office.count() - before <= MOST


def test_who_asks_the_same_again_gets_a_person_and_no_silence(office: PostOffice) -> None:
    from chatbot.conversations.models import Conversation, Status

    address = f"karen-{uuid.uuid4().hex[:6]}@mail.example"
    question = "How long does delivery to Norway take?"
    support = next(iter(office.ours))
    first = written(address, support, question)
    assert told(office, address, first) == 1
    again = written(address, support, question, "Re: Delivery")
    again["References"] = first["Message-ID"]
    assert told(office, address, again) == 0
    conversation = Conversation.objects.get(identity__external_id=address)
    assert conversation.status != Status.BOT


def test_a_person_who_goes_on_asking_is_answered(office: PostOffice) -> None:
    address = f"karen-{uuid.uuid4().hex[:6]}@mail.example"
    support = next(iter(office.ours))
    for question in (
        "How long does delivery take?",
        "Can I pay with MobilePay?",
        "Do you sell gift cards?",
    ):
        assert told(office, address, written(address, support, question)) == 1
