"""A receiver of mail by SMTP (RFC 5321), for mail servers that hand on a mailbox's mail.

A mail is answered with 250 once it is recorded, so that its sender keeps it until then. Nothing
is relayed. The receiver checks no SPF, DKIM or spam: a mail server in front of it does.
"""

import asyncio
import logging
import queue
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from email.utils import formatdate
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.utils.translation import gettext as _

from channels_adapters.base import SendError
from channels_adapters.email.addresses import is_own
from channels_adapters.email.events import MAIL_BYTES, mail_event
from channels_adapters.email.options import MailOptions
from channels_adapters.settling import settle
from chatbot.envelope import Event

logger = logging.getLogger(__name__)

CONNECTIONS = 100
RECIPIENTS = 100  # RFC 5321, section 4.5.3.1.8
IDLE_SECONDS = 60.0
LINE_BYTES = 1024 * 1024
RECORD_SECONDS = 30.0
BATCH = 50

Record = Callable[[Sequence[Event]], None]


def listen(options: MailOptions, record: Record, stopping: threading.Event) -> None:
    """Take mail for the mailbox until `stopping` is set.

    Raises SendError when the port cannot be had or the certificate cannot be read.
    """
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # it tells every address
    receiver, context = _Receiver(options), _certificate(options)
    controller = _Controller(
        receiver,
        _bound(options),
        server_hostname=socket.gethostname(),
        ident="Svar",
        data_size_limit=MAIL_BYTES,
        enable_SMTPUTF8=True,
        tls_context=context,
        timeout=IDLE_SECONDS,
        command_call_limit={"*": 1000, "RCPT": 1000},
    )
    controller.start()
    try:
        while not stopping.is_set():
            receiver.record_waiting(record)
    finally:
        receiver.close()
        controller.stop()


def _bound(options: MailOptions) -> socket.socket:
    host, port = options.smtp_listen_host, options.smtp_listen_port or 25
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        detail = _("Mail cannot be received on %(host)s, port %(port)d: %(reason)s.")
        reason = error.strerror or type(error).__name__
        values = {"host": host, "port": port, "reason": reason}
        raise SendError(detail % values, permanent=False) from error


class _Receiver:
    """aiosmtpd's handler: its methods run on the server's loop, `record_waiting` outside."""

    def __init__(self, options: MailOptions) -> None:
        self._options = options
        self._waiting: queue.Queue[tuple[Event, Future[None]]] = queue.Queue()
        self.sessions: set[SMTP] = set()
        self._is_closed = False

    def record_waiting(self, record: Record) -> None:
        """Record the mails that came, waiting up to half a second for one."""
        try:
            batch = [self._waiting.get(timeout=0.5)]
        except queue.Empty:
            return
        while len(batch) < BATCH and not self._waiting.empty():
            batch.append(self._waiting.get())
        try:
            record([event for event, _done in batch])
        except Exception as error:
            logger.warning("SMTP: %d mails were not recorded: %s", len(batch), type(error).__name__)
            for _event, done in batch:
                settle(done, error)
        else:
            for _event, done in batch:
                settle(done)

    def close(self) -> None:
        """Turn away what has not been recorded: its senders try again."""
        self._is_closed = True
        while not self._waiting.empty():
            self._waiting.get()[1].cancel()

    async def handle_RCPT(
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Take the mailbox's own address, with or without a +tag, and no other."""
        if not is_own(address, self._options.address):
            return "550 5.1.1 There is no such mailbox here"
        if len(envelope.rcpt_tos) >= RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Answer 250 when the mail is recorded, 451 when it could not be."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        received = _received(server, session, envelope)
        event = mail_event(received + content, recipients=envelope.rcpt_tos)
        done: Future[None] = Future()
        self._waiting.put((event, done))
        if self._is_closed:
            done.cancel()
        try:
            await asyncio.wait_for(asyncio.wrap_future(done), RECORD_SECONDS)
        except (Exception, asyncio.CancelledError):  # whatever it is, the sender keeps the mail
            return "451 4.3.0 The mail could not be recorded, try again later"
        return "250 2.0.0 OK, recorded"

    async def handle_exception(self, error: Exception) -> str:
        """Answer what went wrong in aiosmtpd itself; its own log line would tell of the mail."""
        logger.warning("SMTP: a session failed: %s", type(error).__name__)
        return "451 4.3.0 Something went wrong here, try again later"


class _Connection(SMTP):
    # Longer lines than RFC 5321 has, section 4.5.3.1.6, come in broken programs' mails; what is
    # turned away for them would be lost for its reader.
    line_length_limit = LINE_BYTES

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        sessions: set[SMTP] = self.event_handler.sessions
        sessions.add(self)
        if len(sessions) > CONNECTIONS and isinstance(transport, asyncio.WriteTransport):
            transport.write(b"421 4.3.2 Too many connections, try again later\r\n")
            transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self.event_handler.sessions.discard(self)


class _Controller(Controller):
    """Listens on a socket that is bound already: its own way waits 5 s to tell of a failure.

    Nor does it call itself to see that it answers: that call is counted with the others and
    would take the last place from a mail server.
    """

    def __init__(self, handler: _Receiver, listener: socket.socket, **options: Any) -> None:
        host, port = listener.getsockname()[:2]
        super().__init__(handler, hostname=host, port=port, **options)
        self._listener = listener

    def factory(self) -> SMTP:
        return _Connection(self.handler, **self.SMTP_kwargs)

    def _create_server(self) -> Awaitable[asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self._listener)

    def _trigger_server(self) -> None:
        self.loop.call_soon_threadsafe(self._factory_invoker)


def _received(server: SMTP, session: Session, envelope: Envelope) -> bytes:
    """Return the trace lines of RFC 5321, section 4.4."""
    peer = session.peer[0] if isinstance(session.peer, tuple) else ""
    caller = "".join(letter for letter in session.host_name or "unknown" if letter.isprintable())
    protocol = "UTF8SMTP" if envelope.smtp_utf8 else "ESMTP"
    protocol += "S" if session.ssl else ""
    lines = [
        f"Return-Path: <{_plain(envelope.mail_from or '')}>",
        f"Received: from {_plain(caller)} ([{peer}])",
        f"\tby {server.hostname} with {protocol}; {formatdate()}",
    ]
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "replace")


def _plain(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable() and letter not in "<>")


def _certificate(options: MailOptions) -> Any:
    if not options.smtp_certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(options.smtp_certificate, options.smtp_private_key or None)
    except OSError as error:  # ssl.SSLError is one
        detail = _("The certificate %(path)s of the SMTP receiver could not be read.")
        raise SendError(detail % {"path": options.smtp_certificate}, permanent=True) from error
    return context
