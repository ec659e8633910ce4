"""A mail as a tree of parts (RFC 2045, 2046), whatever its boundaries are like.

The standard library's parser takes time by depth times lines and recurses by depth; this one
reads each byte at most `MOST_DEPTH` times.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .charsets import charset_decode, transfer_decode
from .headers import Headers, decode_words, parse_parameters, split_headers
from .printable import clean_file_name, clean_line

MOST_DEPTH = 12
MOST_PARTS = 300

_GUESSED = re.compile(
    rb"^--([^\s-][^\n]{0,200}?)[ \t]*\n(?=content-)", re.IGNORECASE | re.MULTILINE
)
_KIND = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,100}")


@dataclass(slots=True)
class Part:
    """One part: a leaf with a body, or one with children. `body` is as it was transferred."""

    headers: Headers
    body: bytes
    kind: str  # such as text/plain
    parameters: dict[str, str] = field(default_factory=dict)
    children: list["Part"] = field(default_factory=list)

    @property
    def is_text(self) -> bool:
        """Whether it is text by its type."""
        return self.kind.startswith("text/")

    @property
    def disposition(self) -> str:
        """The word attachment or inline; empty where none was said."""
        return parse_parameters(self.headers.get("content-disposition"))[0]

    @property
    def file_name(self) -> str:
        """The name that was given to it, made safe."""
        _, disposition = parse_parameters(self.headers.get("content-disposition"))
        given = disposition.get("filename") or self.parameters.get("name", "")
        return clean_file_name(decode_words(given))

    @property
    def content_id(self) -> str:
        """The id by which HTML refers to it, without angle brackets."""
        return clean_line(self.headers.get("content-id"), 200).strip("<> ")

    def content(self) -> tuple[bytes, bool]:
        """Return its bytes, and whether they were damaged."""
        encoding = self.headers.get("content-transfer-encoding")
        return transfer_decode(self.body, encoding, is_text=self.is_text)

    def text(self, length: int) -> tuple[str, tuple[str, ...]]:
        """Return its text, of at most about `length` bytes, and defects."""
        encoding = self.headers.get("content-transfer-encoding")
        # Quoted-printable takes three bytes for one.
        data, damaged = transfer_decode(self.body[: length * 3], encoding, is_text=True)
        declared = self.parameters.get("charset", "")
        if not declared and self.kind == "text/html":
            declared = _meta_charset(data[:2048])
        text, lied = charset_decode(data[:length], declared)
        defects = [*(["encoding"] if damaged else []), *(["charset"] if lied else [])]
        return text, tuple(defects)

    def leaves(self) -> Iterator["Part"]:
        """Return the parts without children, in their order."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


def _meta_charset(head: bytes) -> str:
    match = re.search(rb"charset\s{0,5}=\s{0,5}[\"']?([A-Za-z0-9_.:-]{2,40})", head, re.IGNORECASE)
    return match[1].decode("ascii") if match else ""


class Dissector:
    """Takes one mail apart; `defects` are words for what was wrong."""

    def __init__(self) -> None:
        self.defects: list[str] = []
        self._parts = 0

    def dissect(self, raw: bytes) -> Part:
        """Return the tree of a whole mail."""
        if b"\n" not in raw:
            raw = raw.replace(b"\r", b"\n")
        raw = raw.replace(b"\r\n", b"\n").lstrip(b"\n")
        if raw.startswith((b"From ", b">From ")):
            raw = raw.partition(b"\n")[2]  # a mailbox file's separator
        return self._part(raw, 0, "text/plain")

    def _part(self, section: bytes, depth: int, default: str) -> Part:
        self._parts += 1
        headers, body, damaged = split_headers(section)
        if damaged:
            self._note("headers")
        kind, parameters = parse_parameters(headers.get("content-type"))
        if not _KIND.fullmatch(kind):
            if kind:
                self._note("content_type")
            kind = "text/plain" if kind.startswith("text") else default
        part = Part(headers, body, kind, parameters)
        if kind.startswith("multipart/"):
            self._open(part, depth)
        elif depth == 0 and "content-type" not in headers:
            self._open(part, depth, is_declared=False)
        return part

    def _open(self, part: Part, depth: int, *, is_declared: bool = True) -> None:
        if depth >= MOST_DEPTH or self._parts >= MOST_PARTS:
            self._note("too_deep" if depth >= MOST_DEPTH else "too_many_parts")
            part.kind = "application/octet-stream"
            return
        boundary = part.parameters.get("boundary", "").encode("utf-8", "replace")
        sections = self._sections(part.body, boundary) if boundary and is_declared else []
        if not sections:
            match = _GUESSED.search(part.body[:200_000])
            sections = self._sections(part.body, match[1]) if match else []
            if sections or is_declared:
                self._note("boundary")
        if not sections:
            part.kind = "text/plain"
            part.parameters.pop("charset", None)
            return
        if not is_declared:
            part.kind = "multipart/mixed"
        default = "message/rfc822" if part.kind == "multipart/digest" else "text/plain"
        for section in sections:
            if self._parts >= MOST_PARTS:
                self._note("too_many_parts")
                break
            part.children.append(self._part(section, depth + 1, default))

    def _sections(self, body: bytes, boundary: bytes) -> list[bytes]:
        """Return what stands between the lines of a boundary.

        What follows a closing one is read too if there are more: some gateways add parts there.
        """
        line = re.compile(rb"^--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\n|\Z)", re.MULTILINE)
        found = itertools.islice(line.finditer(body), MOST_PARTS + 2)
        marks = [(match.start(), match.end(), match[1] is not None) for match in found]
        sections = []
        for number, (_, start, closes) in enumerate(marks):
            is_last = number + 1 == len(marks)
            if not (closes and (is_last or number > 0)):
                end = len(body) if is_last else max(start, marks[number + 1][0] - 1)
                sections.append(body[start:end])
        if marks and not marks[-1][2]:
            self._note("unclosed")
        return [section for section in sections if section.strip()]

    def _note(self, defect: str) -> None:
        if defect not in self.defects:
            self.defects.append(defect)
