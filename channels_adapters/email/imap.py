"""Mail from an IMAP server (RFC 3501): recorded first, marked afterwards.

What is new is what has not our keyword `$SvarRecorded` and is unread, or came since the mailbox
was connected: so a mail counts even if a person opens it in a mail program before we fetch it.
Older mail that is read already stays out. Where a server permits no keywords of its clients
(PERMANENTFLAGS without `\\*`), only unread mail is new, and `\\Seen` is the mark.
"""

import logging
import selectors
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import (
    IMAPClientAbortError,
    IMAPClientError,
    IMAPClientReadOnlyError,
    LoginError,
)

from channels_adapters.base import SendError
from channels_adapters.email.events import (
    CUT_BYTES,
    MAIL_BYTES,
    mail_event,
    unreadable_event,
)
from channels_adapters.email.options import MailOptions
from channels_adapters.email.tls import tls_context
from chatbot.envelope import Event

logger = logging.getLogger(__name__)

RECORDED = "$SvarRecorded"
BATCH_BYTES = 8 * 1024 * 1024
BATCH_MAILS = 20
UIDS = 500  # in one command: servers limit the length of its line
IDLE_SECONDS = 9 * 60  # servers may log out after 30 minutes (RFC 2177), firewalls after 10
TICK_SECONDS = 1.0  # how soon `stopping` is seen
CONNECT_SECONDS = 15
READ_SECONDS = 60
HIGHEST_UID = 2**32 - 1
# What passes by itself: codes of RFC 5530, and words of servers without them.
_BUSY = ("UNAVAILABLE", "INUSE", "LIMIT", "TOO MANY", "TRY AGAIN", "TEMPORAR")
_PASSING = (*_BUSY, "SERVERBUG")

Record = Callable[[Sequence[Event]], None]


@dataclass(frozen=True, slots=True)
class Folder:
    """A selected folder; `mails` is how many are in it."""

    client: Any  # imapclient.IMAPClient, which has no types
    mails: int
    uidvalidity: int
    uidnext: int
    keywords: bool


@contextmanager
def opened(options: MailOptions) -> Iterator[Folder]:
    """Log in and select the folder; log out at the end.

    Raises SendError, also for errors inside the context.
    """
    try:
        client = _connected(options)
        try:
            _log_in(client, options)
            yield _selected(client, options)
        except BaseException:
            _hang_up(client)
            raise
        _log_out(client)
    except ssl.SSLCertVerificationError as error:
        detail = _("The certificate of the IMAP server %(host)s is not valid: %(reason)s.")
        values = {"host": options.imap_host, "reason": error.verify_message}
        raise SendError(detail % values, permanent=True) from error
    except (OSError, IMAPClientError) as error:
        logger.info("IMAP: the connection ended: %s", type(error).__name__)
        detail = _("The connection to the IMAP server %(host)s failed or was lost.")
        if type(error) is ssl.SSLError:  # its subclasses are of connections that ended
            detail = _(
                "The IMAP server %(host)s does not speak TLS as it is set: look at its port."
            )
        raise SendError(detail % {"host": options.imap_host}, permanent=False) from error


def started(options: MailOptions, folder: Folder) -> int:
    """Return the UID from which on mail is new even if it is read: the kept one, or the next."""
    kept = options.imap_start
    if kept is not None and kept[:2] == (place_of(options), folder.uidvalidity):
        return kept[2]
    return folder.uidnext


def place_of(options: MailOptions) -> str:
    """Return what names a folder among all servers' folders."""
    return f"{options.imap_user or options.address}@{options.imap_host}/{options.imap_folder}"


def listen(options: MailOptions, record: Record, stopping: threading.Event) -> None:
    """Record what comes into the folder, at once where the server has IDLE (RFC 2177).

    Raises SendError when the connection ends.
    """
    with opened(options) as folder:
        _Reading(folder, options, record, stopping).run()


class _Reading:
    """One connection's work: look, record, mark, wait."""

    def __init__(
        self, folder: Folder, options: MailOptions, record: Record, stopping: threading.Event
    ) -> None:
        self._client, self._folder, self._options = folder.client, folder, options
        self._record, self._stopping = record, stopping
        # UIDs that the server goes on to call new: deleted meanwhile, or a mark did not stick.
        self._done: set[int] = set()
        self._broken: set[int] = set()  # tried again by the next connection
        self._keywords = folder.keywords
        self._idles = self._client.has_capability("IDLE")
        self._since = started(options, folder)

    def run(self) -> None:
        while not self._stopping.is_set():
            self._heard_of_mail()
            found = self._search()
            self._done &= set(found)
            new = sorted(set(found) - self._done)
            if new:
                self._take(new[:UIDS])
            # What is announced while we look is not announced again to an IDLE that follows.
            elif not self._heard_of_mail():
                self._wait()

    def _search(self) -> list[int]:
        criteria = ["UNDELETED", "UNSEEN"]
        # Not `n:*`: that has the last mail in any case.
        since = f"{self._since}:{HIGHEST_UID}"
        fuller = ["UNDELETED", "UNKEYWORD", RECORDED, "OR", "UNSEEN", "UID", since]
        try:
            found = self._client.search(fuller if self._keywords else criteria)
        except IMAPClientAbortError:
            raise
        except IMAPClientError:
            if not self._keywords:
                raise
            self._keywords = False
            found = self._client.search(criteria)
        return [int(uid) for uid in found]

    def _heard_of_mail(self) -> bool:
        """Say whether a response since the last call told of new mail."""
        _name, data = self._client._imap.response("EXISTS")
        return any(part is not None for part in data)

    def _take(self, uids: list[int]) -> None:
        sizes = self._client.fetch(uids, ["RFC822.SIZE"])
        self._done.update(uid for uid in uids if uid not in sizes)
        for batch in _batches({uid: _size(sizes[uid]) for uid in uids if uid in sizes}):
            if self._stopping.is_set():
                return
            fetched = {uid: self._fetch(uid, size) for uid, size in batch}
            events = {uid: event for uid, event in fetched.items() if event is not None}
            if events:
                self._record(list(events.values()))
            self._done.update(fetched)
            self._mark([uid for uid in events if uid not in self._broken])

    def _fetch(self, uid: int, size: int) -> Event | None:
        """Return the event of a mail; None if it is not there any more."""
        is_large = size > MAIL_BYTES
        part = f"BODY.PEEK[]<0.{CUT_BYTES}>" if is_large else "BODY.PEEK[]"
        try:
            got = self._client.fetch([uid], [part, "INTERNALDATE"]).get(uid)
        except IMAPClientAbortError:
            raise
        except (IMAPClientError, ValueError) as error:
            if any(word in str(error).upper() for word in _BUSY):
                raise
            got = {}
        if got is None:
            return None
        body = got.get(b"BODY[]<0>" if is_large else b"BODY[]")
        if not isinstance(body, bytes):
            return self._unreadable(uid)
        arrived = got.get(b"INTERNALDATE")
        stamp = arrived.timestamp() if isinstance(arrived, datetime) else None
        return mail_event(body, arrived=stamp, size=size if is_large else 0)

    def _unreadable(self, uid: int) -> Event:
        """Return the event of a mail that the server cannot hand out: it must not hold others up.

        It stays unmarked, and the next connection tries again.
        """
        logger.warning("IMAP: mail %d could not be fetched", uid)
        self._broken.add(uid)
        place = f"UIDVALIDITY {self._folder.uidvalidity} UID {uid}"
        return unreadable_event(place.encode(), "the IMAP server could not hand out this mail")

    def _mark(self, uids: list[int]) -> None:
        keyword = [RECORDED.encode()] if self._keywords else []
        try:
            self._client.add_flags(uids, [b"\\Seen", *keyword], silent=True)
        except IMAPClientAbortError:
            raise
        except IMAPClientError:
            if not keyword:
                raise
            self._keywords = False  # permitted, and yet refused: servers limit their number
            self._client.add_flags(uids, [b"\\Seen"], silent=True)

    def _wait(self) -> None:
        if not self._idles:
            self._stopping.wait(self._options.imap_poll_seconds)
            return
        self._client.idle()
        until = time.monotonic() + IDLE_SECONDS
        if not self._is_buffered():
            with selectors.DefaultSelector() as selector:
                selector.register(self._client.socket(), selectors.EVENT_READ)
                while not self._stopping.is_set() and time.monotonic() < until:
                    if selector.select(TICK_SECONDS):
                        break
        self._client.idle_done()  # raises where the connection is gone

    def _is_buffered(self) -> bool:
        """Say whether something came together with the answer to IDLE: the socket will not tell.

        The client's own `idle_check` waits for the socket alone, and breaks at half a line.
        """
        connection = self._client.socket()
        connection.setblocking(False)
        try:
            return bool(self._client._imap.file.peek(1))
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        finally:
            connection.settimeout(READ_SECONDS)


def _connected(options: MailOptions) -> Any:
    # At its lower levels it tells whole mails.
    logging.getLogger("imapclient").setLevel(logging.WARNING)
    timeout = SocketTimeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
    is_ssl = options.imap_security == "ssl"
    try:
        client = IMAPClient(
            options.imap_host,
            port=options.imap_port or (993 if is_ssl else 143),
            ssl=is_ssl,
            ssl_context=tls_context() if is_ssl else None,
            timeout=timeout,
        )
    except socket.gaierror as error:
        detail = _("There is no server named %(host)s. Look at how the IMAP server is spelt.")
        raise SendError(detail % {"host": options.imap_host}, permanent=False) from error
    try:
        client.normalise_times = False  # aware times, not the local clock's
        # The client sends a command's end by itself, which would wait for an acknowledgement.
        client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if options.imap_security == "starttls":
            _start_tls(client, options)
    except BaseException:
        _hang_up(client)
        raise
    return client


def _start_tls(client: Any, options: MailOptions) -> None:
    try:
        client.starttls(tls_context())
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        detail = _("The IMAP server %(host)s does not offer STARTTLS.")
        raise SendError(detail % {"host": options.imap_host}, permanent=True) from error


def _log_in(client: Any, options: MailOptions) -> None:
    try:
        client.login(options.imap_user or options.address, options.imap_password)
    except LoginError as error:
        if isinstance(error.__context__, IMAPClientAbortError):  # lost, not refused
            raise error.__context__ from None
        if any(word in str(error).upper() for word in _PASSING):
            detail = _("The IMAP server takes no login at the moment. It is tried again.")
            raise SendError(detail, permanent=False) from error
        raise SendError(
            _(
                "The IMAP server did not accept the user name and password. With two-step "
                "verification you need an app password."
            ),
            permanent=True,
        ) from error


def _selected(client: Any, options: MailOptions) -> Folder:
    try:
        told = client.select_folder(options.imap_folder)
    except IMAPClientReadOnlyError as error:
        detail = _("The folder %(folder)s can only be read. Svar has to mark the mails there.")
        raise SendError(detail % {"folder": options.imap_folder}, permanent=True) from error
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        detail = _("The IMAP server has no folder %(folder)s, or does not let us open it.")
        raise SendError(detail % {"folder": options.imap_folder}, permanent=True) from error
    permitted = told.get(b"PERMANENTFLAGS", ())
    return Folder(
        client,
        mails=_whole(told.get(b"EXISTS")),
        uidvalidity=_whole(told.get(b"UIDVALIDITY")),
        uidnext=_whole(told.get(b"UIDNEXT")) or HIGHEST_UID,
        keywords=b"\\*" in permitted or RECORDED.lower().encode() in _lower(permitted),
    )


def _log_out(client: Any) -> None:
    try:
        client.logout()
    except (OSError, IMAPClientError) as error:
        logger.info("IMAP: no orderly logout: %s", type(error).__name__)
        _hang_up(client)


def _hang_up(client: Any) -> None:
    with suppress(OSError):  # it may be gone already
        client.shutdown()


def _batches(sizes: dict[int, int]) -> Iterator[list[tuple[int, int]]]:
    batch: list[tuple[int, int]] = []
    total = 0
    for uid, size in sizes.items():
        if batch and (len(batch) >= BATCH_MAILS or total + size > BATCH_BYTES):
            yield batch
            batch, total = [], 0
        batch.append((uid, size))
        total += min(size, CUT_BYTES) if size > MAIL_BYTES else size
    if batch:
        yield batch


def _size(fetched: Any) -> int:
    return _whole(fetched.get(b"RFC822.SIZE"))


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _lower(flags: Any) -> set[bytes]:
    return {flag.lower() for flag in flags if isinstance(flag, bytes)}
