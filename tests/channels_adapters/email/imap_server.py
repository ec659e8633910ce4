"""An IMAP4rev1 server for tests (RFC 3501, with IDLE of RFC 2177), in threads on loopback.

What one connection knows of its folder changes at the end of commands and in IDLE, as the
standard has it. `at` lets tests interrupt a command: with a cut line, an answer, or a deed.
"""

import re
import socket
import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

CUT, NO, BAD = "cut", "NO not now", "BAD what"
Deed = str | Callable[[], None]


@dataclass
class StoredMail:
    raw: bytes
    arrived: datetime
    flags: set[str] = field(default_factory=set)


class _Cut(Exception):
    pass


class ImapServer:
    """One user with one folder, INBOX."""

    def __init__(
        self,
        *,
        password: str = "secret",  # noqa: S107  a test's
        idle: bool = True,
        keywords: bool = True,
        read_only: bool = False,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.password, self.idle, self.keywords, self.read_only = (
            password,
            idle,
            keywords,
            read_only,
        )
        self.mails: dict[int, StoredMail] = {}
        self.uidvalidity, self.uidnext = 1_700_000_001, 1
        self.commands: list[str] = []
        self.changed = threading.Condition(threading.RLock())
        self._tls = tls
        self._deeds: dict[str, deque[Deed]] = {}
        self._connections: set[_Connection] = set()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)  # closing alone leaves the port to `accept`
        self._socket.close()
        self.drop_connections()

    # --- What tests do with it ----------------------------------------------------------------
    def deliver(self, raw: bytes, *flags: str, arrived: datetime | None = None) -> int:
        with self.changed:
            uid = self.uidnext
            self.uidnext += 1
            self.mails[uid] = StoredMail(raw, arrived or datetime.now(UTC), set(flags))
            for connection in list(self._connections):
                connection.hear()
            self.changed.notify_all()
        return uid

    def open_elsewhere(self, uid: int) -> None:
        """Somebody reads a mail in a mail program."""
        with self.changed:
            self.mails[uid].flags.add("\\Seen")

    def delete(self, uid: int) -> None:
        with self.changed:
            del self.mails[uid]

    def at(self, command: str, *deeds: Deed) -> None:
        """Have the next uses of a command interrupted, one by each of `deeds`."""
        self._deeds.setdefault(command, deque()).extend(deeds)

    def drop_connections(self) -> None:
        with self.changed:
            for connection in list(self._connections):
                connection.close()

    def wait(self, condition: Callable[[], bool], seconds: float = 10) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, timeout=seconds), self.commands

    @property
    def idling(self) -> int:
        return sum(connection.is_idle for connection in self._connections)

    # --- Serving ------------------------------------------------------------------------------
    def _serve(self) -> None:
        while True:
            try:
                peer, _address = self._socket.accept()
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self._tls is not None:
                    peer = self._tls.wrap_socket(peer, server_side=True)
            except ssl.SSLError:
                continue
            except OSError:
                return
            connection = _Connection(self, peer)
            with self.changed:
                self._connections.add(connection)
            threading.Thread(target=connection.run, daemon=True).start()

    def _left(self, connection: "_Connection") -> None:
        with self.changed:
            self._connections.discard(connection)
            self.changed.notify_all()

    def _deed(self, command: str) -> Deed | None:
        waiting = self._deeds.get(command)
        return waiting.popleft() if waiting else None


class _Connection:
    def __init__(self, server: ImapServer, peer: socket.socket) -> None:
        self._server, self._peer = server, peer
        self._lines = peer.makefile("rb")
        self._view: list[int] = []
        self._selected = self._logged_in = self.is_idle = False

    def run(self) -> None:
        with suppress(OSError, ValueError, _Cut):
            self._say("* OK IMAP4rev1 ready")
            while line := self._lines.readline():
                tag, _space, rest = line.decode().rstrip("\r\n").partition(" ")
                if not self._command(tag, rest):
                    break
        self.close()
        self._server._left(self)

    def close(self) -> None:
        with suppress(OSError):
            self._peer.shutdown(socket.SHUT_RDWR)
        with suppress(OSError):
            self._peer.close()

    def hear(self) -> None:
        """The folder has changed: said at once in IDLE."""
        if self.is_idle:
            with suppress(OSError):
                self._sync()

    def _command(self, tag: str, rest: str) -> bool:
        name, _space, arguments = rest.partition(" ")
        name = name.upper()
        if name == "UID":
            name, _space, arguments = arguments.partition(" ")
            name = name.upper()
        server = self._server
        with server.changed:
            server.commands.append(name)
            deed = server._deed(name)
            if deed == CUT:
                raise _Cut
            if isinstance(deed, str):
                self._say(f"{tag} {deed}")
                return True
        if name == "LOGOUT":
            self._say("* BYE see you", f"{tag} OK LOGOUT done")
            return False
        if name == "IDLE":
            return self._idle(tag, deed)
        with server.changed:
            told = getattr(self, f"_do_{name.lower()}")(arguments)
            if callable(deed):
                deed()
            if self._selected and name != "SELECT":
                self._sync()
            self._say(f"{tag} {told or f'OK {name} done'}")
            server.changed.notify_all()
        return True

    def _idle(self, tag: str, deed: Deed | None) -> bool:
        with self._server.changed:
            if callable(deed):
                deed()
            self._say("+ idling", *self._news())  # in one packet
            self.is_idle = True
            self._server.changed.notify_all()
        line = self._lines.readline()
        with self._server.changed:
            self.is_idle = False
            if line.strip().upper() == b"DONE":
                self._say(f"{tag} OK IDLE done")
        return bool(line)

    # --- Commands -----------------------------------------------------------------------------
    def _do_capability(self, _arguments: str) -> None:
        idle = " IDLE" if self._server.idle else ""
        self._say(f"* CAPABILITY IMAP4rev1{idle}")

    def _do_noop(self, _arguments: str) -> None:
        pass

    def _do_login(self, arguments: str) -> str | None:
        words = [one or two for one, two in re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', arguments)]
        if words[1] != self._server.password:
            return "NO [AUTHENTICATIONFAILED] Invalid credentials"
        self._logged_in = True
        return None

    def _do_select(self, arguments: str) -> str:
        server = self._server
        if arguments.strip('"') != "INBOX":
            return "NO [NONEXISTENT] There is no such folder"
        self._selected, self._view = True, sorted(server.mails)
        permanent = "\\Answered \\Flagged \\Deleted \\Seen \\Draft" + (
            " \\*" if server.keywords else ""
        )
        self._say(
            "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)",
            f"* OK [PERMANENTFLAGS ({permanent})] Limited",
            f"* {len(self._view)} EXISTS",
            "* 0 RECENT",
            f"* OK [UIDVALIDITY {server.uidvalidity}] UIDs valid",
            f"* OK [UIDNEXT {server.uidnext}] Next",
        )
        return f"OK [{'READ-ONLY' if server.read_only else 'READ-WRITE'}] SELECT done"

    def _do_search(self, arguments: str) -> str | None:
        tokens = deque(arguments.split())
        if not self._server.keywords and "UNKEYWORD" in tokens:
            return "BAD Keywords are not known here"
        wanted = list(_keys(tokens))
        found = [
            str(uid)
            for uid in self._view
            if (mail := self._server.mails.get(uid)) and all(key(uid, mail) for key in wanted)
        ]
        self._say(" ".join(["* SEARCH", *found]))
        return None

    def _do_fetch(self, arguments: str) -> None:
        numbers, _space, items = arguments.partition(" ")
        for uid in self._chosen(numbers):
            mail = self._server.mails.get(uid)
            if mail is not None:
                self._say_mail(uid, mail, items.upper())

    def _say_mail(self, uid: int, mail: StoredMail, items: str) -> None:
        told = f"* {self._view.index(uid) + 1} FETCH (UID {uid}"
        if "RFC822.SIZE" in items:
            told += f" RFC822.SIZE {len(mail.raw)}"
        if "INTERNALDATE" in items:
            told += f' INTERNALDATE "{mail.arrived:%d-%b-%Y %H:%M:%S} +0000"'
        asked = re.search(r"BODY(?:\.PEEK)?\[\](?:<(\d+)\.(\d+)>)?", items)
        if asked is None:
            self._say(told + ")")
            return
        start, part = "", mail.raw
        if asked.group(1):
            begin = int(asked.group(1))
            start, part = f"<{begin}>", mail.raw[begin : begin + int(asked.group(2))]
        if ".PEEK" not in asked.group():
            mail.flags.add("\\Seen")
        head = f"{told} BODY[]{start} {{{len(part)}}}\r\n".encode()
        self._peer.sendall(head + part + b")\r\n")

    def _do_store(self, arguments: str) -> str | None:
        numbers, kind, flags = arguments.split(" ", 2)
        given = set(flags.strip("()").split())
        if not self._server.keywords and any(not flag.startswith("\\") for flag in given):
            return "NO Keywords are not kept here"
        for uid in self._chosen(numbers):
            mail = self._server.mails.get(uid)
            if mail is None:
                continue
            mail.flags = mail.flags - given if kind.startswith("-") else mail.flags | given
            if not kind.upper().endswith(".SILENT"):
                self._say(f"* {self._view.index(uid) + 1} FETCH (FLAGS ({' '.join(mail.flags)}))")
        return None

    # --- Saying -------------------------------------------------------------------------------
    def _chosen(self, numbers: str) -> list[int]:
        matches = _in_set(numbers)
        return [uid for uid in self._view if matches(uid)]

    def _sync(self) -> None:
        self._say(*self._news())

    def _news(self) -> list[str]:
        lines = []
        for uid in [uid for uid in self._view if uid not in self._server.mails]:
            lines.append(f"* {self._view.index(uid) + 1} EXPUNGE")
            self._view.remove(uid)
        if len(self._view) != len(self._server.mails):
            self._view = sorted(self._server.mails)
            lines.append(f"* {len(self._view)} EXISTS")
        return lines

    def _say(self, *lines: str) -> None:
        self._peer.sendall("".join(f"{line}\r\n" for line in lines).encode())


Key = Callable[[int, StoredMail], bool]


def _keys(tokens: deque[str]) -> Iterator[Key]:
    while tokens:
        yield _key(tokens)


def _key(tokens: deque[str]) -> Key:
    """Take one search key off `tokens`: RFC 3501, section 6.4.4."""
    name = tokens.popleft().upper()
    flags = {"SEEN": "\\Seen", "DELETED": "\\Deleted", "FLAGGED": "\\Flagged"}
    if name == "ALL":
        return lambda _uid, _mail: True
    if name == "OR":
        one, other = _key(tokens), _key(tokens)
        return lambda uid, mail: one(uid, mail) or other(uid, mail)
    if name == "UID":
        matches = _in_set(tokens.popleft())
        return lambda uid, _mail: matches(uid)
    if name in ("KEYWORD", "UNKEYWORD"):
        keyword = tokens.popleft()
        return lambda _uid, mail: (keyword in mail.flags) == (name == "KEYWORD")
    flag = flags[name.removeprefix("UN")]
    return lambda _uid, mail: (flag in mail.flags) != name.startswith("UN")


def _in_set(numbers: str) -> Callable[[int], bool]:
    ranges = [part.partition(":")[::2] for part in numbers.split(",")]
    return lambda uid: any(int(low) <= uid <= int(high or low) for low, high in ranges)
