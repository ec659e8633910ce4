"""A mailbox that is never saved, its mails, and a listener that can be waited for."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from channels_adapters.base import SendError
from channels_adapters.email.adapter import EmailAdapter
from chatbot.conversations.models import Channel
from chatbot.envelope import Event, OutboundMessage

ADDRESS = "support@lund.example"
WRITTEN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def mailbox(*, key: str = "k", secrets: dict[str, str] | None = None, **config: Any) -> Channel:
    """Return a mailbox's channel; `config` are fields of its form."""
    given = {"address": ADDRESS, "display_name": "Lund & Lyng", "out_security": "none", **config}
    return Channel(id=7, kind="email", key=key, name="Shop", config=given, secrets=secrets or {})


def imap_mailbox(port: int, *, password: str = "secret", **config: Any) -> Channel:  # noqa: S107  a test's
    given = {"way_in": "imap", "imap_host": "127.0.0.1", "imap_port": port, "imap_user": "ida"}
    secrets = {"imap_password": password}
    return mailbox(secrets=secrets, **{**given, "imap_security": "none", **config})


def mail(number: int = 1, *, text: str = "Where is my parcel? It is late.", **head: str) -> bytes:
    """Return a customer's mail; `head` replaces header fields, with _ for -."""
    message = EmailMessage()
    fields = {
        "From": "Karl Olsen <Karl.Olsen@Mail.Example>",
        "To": ADDRESS,
        "Subject": f"Parcel {number}",
        "Date": format_datetime(WRITTEN + timedelta(minutes=number)),
        "Message-ID": f"<parcel-{number}@mail.example>",
        **{name.replace("_", "-"): value for name, value in head.items()},
    }
    for name, value in fields.items():
        if value:
            message[name] = value
    message.set_content(text)
    return message.as_bytes().replace(b"\n", b"\r\n")


def answer(**values: Any) -> OutboundMessage:
    """Return a bot's answer to a customer."""
    given: dict[str, Any] = {
        "message_id": 5,
        "recipient_id": "karl.olsen@mail.example",
        "identity_id": 3,
        "author": "bot",
        "author_name": "Svar",
        "kind": "text",
        "text": "It arrives tomorrow.\n\nSee https://lund.example/parcels for more.",
        "language": "en",
        "created_at": WRITTEN,
        "key": "message-5-0",
        "conversation_id": 42,
        "subject": "Parcel 1",
        "references": ("<parcel-1@mail.example>",),
    }
    return OutboundMessage(**{**given, **values})


class Listener:
    """Runs `listen` on a thread, again after errors as the core does, and keeps what it recorded.

    `before` and `after` are called around each recording, and may raise.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.stopping = threading.Event()
        self.events: list[Event] = []
        self.errors: list[SendError] = []
        self.refuse: Callable[[], None] = lambda: None
        self.came = threading.Condition()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> "Listener":
        self._thread.start()
        return self

    def stop(self) -> None:
        self.stopping.set()
        self._thread.join(timeout=5)
        assert not self._thread.is_alive()

    def wait(self, count: int, seconds: float = 10) -> list[Event]:
        """Return the events once there are `count`, doubles included."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.events) >= count, timeout=seconds)
            return list(self.events)

    def wait_for_error(self, seconds: float = 10) -> SendError:
        with self.came:
            assert self.came.wait_for(lambda: bool(self.errors), timeout=seconds)
            return self.errors[0]

    @property
    def ids(self) -> list[str]:
        """The different events, in the order in which they came first."""
        return list(dict.fromkeys(event.event_id for event in self.events))

    def _record(self, events: Sequence[Event]) -> None:
        self.refuse()
        with self.came:
            self.events.extend(events)
            self.came.notify_all()

    def _run(self) -> None:
        while not self.stopping.is_set():
            try:
                EmailAdapter(self._channel).listen(self._record, self.stopping)
            except SendError as error:
                with self.came:
                    self.errors.append(error)
                    self.came.notify_all()
                if error.permanent:
                    return


@contextmanager
def listening(channel: Channel) -> Iterator[Listener]:
    listener = Listener(channel).start()
    try:
        yield listener
    finally:
        listener.stop()


def certificate(folder: Path) -> tuple[Path, Path]:
    """Return a certificate of 127.0.0.1 that signs itself, and its key."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / "certificate.pem", folder / "key.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return chain, private
