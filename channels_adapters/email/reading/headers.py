"""The header section (RFC 5322, RFC 2047, RFC 2231), read without faith in it."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from .charsets import charset_decode
from .printable import ID_LENGTH, NAME_LENGTH, clean_line, clean_text
from .values import Address

MOST_HEADERS = 2_000
MOST_BYTES = 1_000_000
_VALUE_LENGTH = 20_000  # of what is taken apart: addresses, parameters, references
_MOST_ADDRESSES = 200

_FIELD = re.compile(rb"[!-9;-~]{1,100}[ \t]*:")
_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?]*)\?=")
_BETWEEN = re.compile(r"(\?=)\s+(?==\?[^?\s]{1,80}\?[bBqQ]\?)")
_ID = re.compile(r"<([^<>\s]{1,500})>")
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,100}@[^\s@<>()\[\],;:\"\\]{1,253}")
_SEGMENT = re.compile(r"(.+?)\*(\d{1,3})?(\*)?$")


@dataclass(slots=True)
class Headers:
    """The fields of one section in their order, names in lower case, values unfolded and raw."""

    fields: list[tuple[str, str]] = field(default_factory=list)

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of a name."""
        return next(self.all(name), default)

    def all(self, name: str) -> Iterator[str]:
        """Return every value of a name, the topmost first."""
        return (value for key, value in self.fields if key == name)

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self.fields)


def split_headers(section: bytes) -> tuple[Headers, bytes, bool]:
    """Return the headers, the body below them, and whether something was wrong with them.

    Lines must end with a line feed. A line that is no header ends the section, unless another
    header follows: then it is left out.
    """
    headers, damaged, position, end = Headers(), False, 0, len(section)
    folded: list[bytes] = []
    while position < end:
        line_end = section.find(b"\n", position)
        line_end = end if line_end < 0 else line_end
        line = section[position : min(line_end, position + MOST_BYTES)]
        if not line.strip():
            position = line_end + 1
            break
        if line[:1] in b" \t" and folded:
            folded.append(line)
        elif _FIELD.match(line):
            _keep(headers, folded)
            folded = [line]
        elif _FIELD.match(section, line_end + 1):
            damaged = True
        else:
            damaged = True
            break
        position = line_end + 1
        if len(headers.fields) >= MOST_HEADERS or position > MOST_BYTES:
            damaged = True
            blank = section.find(b"\n\n", max(0, position - 1))
            position = end if blank < 0 else blank + 2
            break
    _keep(headers, folded)
    return headers, section[position:], damaged


def _keep(headers: Headers, folded: list[bytes]) -> None:
    if folded:
        name, _, value = b" ".join(folded).partition(b":")
        text, _ = charset_decode(value.strip())
        headers.fields.append((name.strip().lower().decode("ascii"), clean_text(text)))


def decode_words(value: str) -> str:
    """Return a value with its encoded words (RFC 2047) read; what is none stays as it is."""
    if "=?" not in value:
        return value
    joined = _BETWEEN.sub(r"\1", value[:_VALUE_LENGTH])
    pieces: list[str] = []
    position, charset, waiting = 0, "", b""
    for word in _WORD.finditer(joined):
        if waiting and (word.start() != position or word[1].lower() != charset):
            pieces.append(charset_decode(waiting, charset)[0])
            waiting = b""
        pieces.append(joined[position : word.start()])
        # Words of one charset are read together: mailers cut them inside of a character.
        charset, waiting = word[1].lower(), waiting + _word(word[2], word[3])
        position = word.end()
    if waiting:
        pieces.append(charset_decode(waiting, charset)[0])
    return "".join([*pieces, joined[position:]])


def _word(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(data, header=True)
    data = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    data = data[: len(data) - (len(data) % 4 == 1)]
    return binascii.a2b_base64(data + b"=" * (-len(data) % 4))


def parse_parameters(value: str) -> tuple[str, dict[str, str]]:
    """Return a value such as a Content-Type and its parameters, names in lower case (RFC 2231)."""
    first, *rest = split_outside(value[:_VALUE_LENGTH], ";")
    plain: dict[str, str] = {}
    segments: dict[str, list[tuple[int, str, bool]]] = {}
    for item in rest[:200]:
        name, equals, given = item.partition("=")
        name, given = name.strip().lower(), _unquoted(given.strip())
        match = _SEGMENT.match(name)
        if match:
            place = (int(match[2] or 0), given, bool(match[3]) or match[2] is None)
            segments.setdefault(match[1], []).append(place)
        elif equals:
            plain.setdefault(name, decode_words(given))
    for name, parts in segments.items():
        plain[name] = _segmented(sorted(parts, key=lambda part: part[0]))
    return first.strip().lower(), plain


def _segmented(parts: list[tuple[int, str, bool]]) -> str:
    charset, data = "", b""
    for at, (_, text, encoded) in enumerate(parts):
        piece = text
        if encoded and at == 0 and piece.count("'") >= 2:
            charset, _, piece = piece.split("'", 2)
        data += _percent_decoded(piece) if encoded else piece.encode("utf-8", "replace")
    return charset_decode(data, charset)[0]


def _percent_decoded(text: str) -> bytes:
    return re.sub(
        rb"%([0-9A-Fa-f]{2})",
        lambda match: bytes([int(match[1], 16)]),
        text.encode("utf-8", "replace"),
    )


def _unquoted(text: str) -> str:
    if text.startswith('"'):
        text = text[1:]
        text = text.removesuffix('"')
    return re.sub(r"\\(.)", r"\1", text)


def split_outside(value: str, separators: str) -> list[str]:
    """Split at separators that are not in quotes, comments or angle brackets."""
    pieces: list[str] = []
    start, quoted, depth, angle, escaped = 0, False, 0, False, False
    for at, character in enumerate(value):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = quoted or depth > 0
        elif character == '"' and not depth:
            quoted = not quoted
        elif quoted:
            continue
        elif character == "(":
            depth += 1
        elif character == ")":
            depth = max(0, depth - 1)
        elif character in "<>" and not depth:
            angle = character == "<"
        elif character in separators and not depth and not angle:
            pieces.append(value[start:at])
            start = at + 1
    if (quoted or depth or angle) and len(pieces) == 0 and len(value) > 1:
        # Something opens and never closes: cut it without regard to that.
        return re.split(f"[{re.escape(separators)}]", value)
    return [*pieces, value[start:]]


def parse_addresses(value: str) -> tuple[Address, ...]:
    """Return the mailboxes of a header; what is no address is left out."""
    found: list[Address] = []
    before = ""
    for item in split_outside(value[:_VALUE_LENGTH], ",;"):
        if "@" not in item and "<" not in item:
            before = f"{before}{item.strip()}, "  # "Jensen, Anna <...>" without quotes
            continue
        address = parse_address(before + item)
        before = ""
        if address.email:
            found.append(address)
        if len(found) >= _MOST_ADDRESSES:
            break
    return tuple(found)


def parse_address(item: str) -> Address:
    """Return one mailbox; its email is empty where there is none."""
    name, angle, rest = item.rpartition("<")
    if angle:
        match = _EMAIL.search(rest)
        if not match:
            match = _EMAIL.search(item)
    else:
        match = _EMAIL.search(item)
        name = "".join(re.findall(r"\(([^()]{1,200})\)", item))
    if not match:
        return Address()
    local, _, domain = match[0].rpartition("@")
    if ":" in name and not name.lstrip().startswith('"'):
        name = name.rpartition(":")[2]  # a group (RFC 5322, 3.4)
    shown = clean_line(decode_words(_unquoted(name.strip())), NAME_LENGTH).strip("'\" ,")
    if _EMAIL.fullmatch(shown):
        shown = ""  # an address for a name says nothing, or lies
    return Address(shown, f"{local}@{domain.rstrip('.').lower()}")


def message_ids(value: str) -> tuple[str, ...]:
    """Return the ids of a header with their angle brackets, at most the last 100."""
    value = value[-_VALUE_LENGTH:]
    found = [f"<{each}>" for each in _ID.findall(value)]
    if not found:
        found = [f"<{each.strip('<>')}>" for each in value.split() if "@" in each]
    clean = (clean_line(each, ID_LENGTH) for each in found[-100:])
    return tuple(dict.fromkeys(clean))


def parse_date(value: str) -> datetime | None:
    """Return an aware time in UTC; None where there is none, or none of this age."""
    try:
        parsed = parsedate_to_datetime(value[:200])
        aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        moment = aware.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if 1980 <= moment.year <= 2100 else None
