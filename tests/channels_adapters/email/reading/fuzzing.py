"""Mails damaged in all the ways that gateways, disks and attackers know; the same for one seed."""

import random
import re
from collections.abc import Callable, Iterator

from .fixtures import replies

_CHARSETS = (b"utf-8", b"us-ascii", b"iso-8859-1", b"utf-16", b"utf-7", b"shift_jis",
             b"x-none", b"punycode", b"idna", b"hex", b"undefined", b"=?utf-8?q?")  # fmt: skip
_HEADERS = (
    b"Content-Type: multipart/mixed", b"Content-Type: text/html; charset=\"", b"From: @",
    b"Content-Type: message/rfc822", b"Content-Transfer-Encoding: base64", b"Date: 99 Foo 0 -9999",
    b"Content-Transfer-Encoding: x-uuencode", b"Subject: =?utf-8?b?w?= =?x?q?=ZZ?=", b"Bcc\x00: x",
    b"Content-Disposition: attachment; filename*0*=utf-8''%ff; filename*9=\"a\\", b"From: \xff\xfe",
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b",
    b"To: " + b"(" * 900,
    b"Authentication-Results: a; dmarc=pass ((((", b"References: <" + b"<a@b> " * 500, b" folded",
    b"Content-Type: text/plain; format=flowed; delsp=yes", b"Received: by [1.2.3.4", b": nameless",
)  # fmt: skip
_PIECES = (b"\0", b"\r", b"\n\n", b"\xed\xa0\x80", b"=?utf-8?q?", b"<" * 500, b"\x1a",
           b"<div>" * 300, b"\xe2\x80\xae", b"> " * 200, b"&#0;&#xd800;")  # fmt: skip
_FILLINGS = (b"a", b"a@b,", b"(", b'"', b"=?utf-8?q?a?= ", b"<", b"; a=b", b"\xc3")
_BOUNDARY = re.compile(rb"--=====[^\n]*\n?")


def damaged(count: int, seed: int = 20261103) -> Iterator[bytes]:
    """Return `count` mails."""
    chance = random.Random(seed)
    originals = [reply.raw for reply in replies()]
    for number in range(count):
        raw = originals[number % len(originals)]
        for _ in range(chance.randint(1, 4)):
            raw = chance.choice(_DAMAGES)(raw, chance)
        yield raw


def _place(raw: bytes, chance: random.Random) -> int:
    return chance.randrange(len(raw) + 1)


def _flip(raw: bytes, chance: random.Random) -> bytes:
    changed = bytearray(raw)
    for _ in range(chance.choice((1, 5, 50, 300))):
        if changed:
            changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _delete(raw: bytes, chance: random.Random) -> bytes:
    at = _place(raw, chance)
    return raw[:at] + raw[at + chance.choice((1, 20, 400)) :]


def _truncate(raw: bytes, chance: random.Random) -> bytes:
    return raw[: _place(raw, chance)]


def _insert(raw: bytes, chance: random.Random) -> bytes:
    at = _place(raw, chance)
    piece = chance.choice(_PIECES)
    return raw[:at] + piece + raw[at:]


def _inject(raw: bytes, chance: random.Random) -> bytes:
    lines = raw.split(b"\n")
    lines.insert(chance.randrange(min(12, len(lines)) + 1), chance.choice(_HEADERS))
    return b"\n".join(lines)


def _giant(raw: bytes, chance: random.Random) -> bytes:
    name = chance.choice((b"Subject", b"From", b"To", b"References", b"Content-Type", b"X-A"))
    filling = chance.choice(_FILLINGS)
    return name + b": " + filling * chance.choice((3_000, 20_000)) + b"\n" + raw


def _boundaries(raw: bytes, chance: random.Random) -> bytes:
    found = list(_BOUNDARY.finditer(raw))
    if not found:
        return raw
    line = chance.choice(found)
    change = chance.choice(("double", "drop", "cross", "close", "nest"))
    if change == "drop":
        return raw[: line.start()] + raw[line.end() :]
    if change == "cross":
        return raw[: line.start()] + chance.choice(found)[0] + raw[line.end() :]
    if change == "close":
        return raw[: line.end() - 1] + b"--\n" + raw[line.end() :]
    if change == "nest":
        inner = b'Content-Type: multipart/mixed; boundary="x"\n\n--x\n' * 40
        return raw[: line.end()] + inner + raw[line.end() :]
    return raw[: line.end()] + line[0] * chance.choice((1, 500)) + raw[line.end() :]


def _charset(raw: bytes, chance: random.Random) -> bytes:
    return re.sub(rb"utf-8", lambda _: chance.choice(_CHARSETS), raw)


def _encoding(raw: bytes, chance: random.Random) -> bytes:
    other = chance.choice((b"base64", b"quoted-printable", b"8bit", b"x-uuencode", b"\xff"))
    return re.sub(rb"quoted-printable|base64|7bit", lambda _: other, raw)


_DAMAGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip, _delete, _truncate, _insert, _inject, _giant, _boundaries, _charset, _encoding,
)  # fmt: skip
