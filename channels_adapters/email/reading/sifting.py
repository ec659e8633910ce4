"""What a body's lines come to: new words, quotation, signature."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from . import phrases
from .lines import Line, key, to_text
from .replies import Division, align, divide, forwarded_body
from .signatures import Writer, is_sent_from, signature_start, writer_of
from .values import Address

_PICTURE = re.compile(r"\[cid:[^\]\s]{1,200}\]")


@dataclass(slots=True)
class Source:
    """A body's lines and what is known of the mail.

    hints: the lines of its HTML, where that says what is quoted and `lines` are of plain text.
    """

    lines: list[Line]
    sender: Address
    hints: list[Line] | None = None
    is_forward: bool = False
    is_reply: bool = False
    has_files: bool = False


@dataclass(frozen=True, slots=True)
class Sifted:
    """The texts of a mail; see `Mail`."""

    text: str
    full_text: str
    quoted: str
    signature: str


def sift(source: Source) -> Sifted:
    """Return the texts. Where nothing would be left of a mail, all of it is its text."""
    lines = source.lines
    full_text = to_text(lines, marks=True)
    writer = writer_of(source.sender.name, source.sender.email)
    division = _divided(source)
    text, signature = _unsigned(division, writer)
    if not text and division.forward is not None:
        inner = forwarded_body(division)
        inner_division = divide(inner, is_forward=False)
        text = to_text([line for segment in inner_division.segments for line in segment])
        text = text or to_text(inner, marks=True)
        return Sifted(_tidy(text), full_text, to_text(division.quoted(), marks=True), signature)
    if not text:
        return _nothing_new(source, division, signature, full_text)
    if not source.is_reply and division.evidence == "weak" and _is_excerpt(division):
        return Sifted(_tidy(_with_excerpts(division, signature)), full_text, "", signature)
    return Sifted(_tidy(text), full_text, to_text(division.quoted(), marks=True), signature)


def _divided(source: Source) -> Division:
    is_forward = source.is_forward
    division = divide(source.lines, is_forward=is_forward)
    if source.hints is None:
        return division
    hinted = divide(source.hints, is_forward=is_forward)
    signature = key(to_text([line for line in source.hints if line.mark == "signature"]))
    start = align(source.lines, hinted)
    if start is not None and division.forward is None:
        first_cut = next((at for at, new in enumerate(division.is_new) if not new), None)
        if first_cut != start:
            division = divide(source.lines, is_forward=is_forward, cut=start)
    if signature and division.segments:
        _mark_signature(division.segments[-1], signature)
    return division


def _mark_signature(segment: Sequence[Line], signature: str) -> None:
    """Mark the lines at the end of plain text that HTML calls a signature."""
    left = len(signature)
    for line in reversed(segment):
        letters = key(line.text)
        if letters and not signature[:left].endswith(letters):
            return
        left -= len(letters)
        line.mark = "signature"
        if left <= 0:
            return


def _unsigned(division: Division, writer: Writer) -> tuple[str, str]:
    """Return the new words and the signature below them; a signature may be below the quote."""
    kept = [list(segment) for segment in division.segments]
    cut: list[Line] = []
    for number in range(len(kept) - 1, -1, -1):
        segment = kept[number]
        marked = next((at for at, line in enumerate(segment) if line.mark == "signature"), None)
        if marked is not None and any(
            line.text and line.mark != "signature" for line in segment[marked:]
        ):
            marked = None
        gone = set(signature_start([line.text for line in segment], writer, marked))
        cut = [line for at, line in enumerate(segment) if at in gone] + cut
        kept[number] = [line for at, line in enumerate(segment) if at not in gone]
        if any(line.text for line in kept[number]):
            break
    joined: list[Line] = []
    for segment in kept:
        joined += [*segment, Line("")]
    return to_text(joined), to_text(cut)


def _nothing_new(source: Source, division: Division, signature: str, full_text: str) -> Sifted:
    quoted = to_text(division.quoted(), marks=True)
    only_device = bool(signature) and all(
        is_sent_from(line) for line in signature.split("\n") if line.strip("- ")
    )
    if signature and not only_device:
        return Sifted(_tidy(signature), full_text, quoted, "")
    is_announced = division.evidence == "strong" and source.is_reply
    if source.has_files and (is_announced or not quoted):
        return Sifted("", full_text, quoted, signature)  # a picture, sent back without a word
    if signature and not quoted:
        return Sifted(_tidy(signature), full_text, quoted, "")
    return Sifted(_tidy(full_text), full_text, "", "")


def _is_excerpt(division: Division) -> bool:
    """Whether what is marked as quoted is something that the writer shows, such as a log."""
    lines = division.lines
    first = next(at for at, new in enumerate(division.is_new) if not new)
    above = next((line.text for line in reversed(lines[:first]) if line.text), "")
    return above.rstrip().endswith(":") and not phrases.VERBS.search(above)


def _with_excerpts(division: Division, signature: str) -> str:
    text = to_text(division.lines, marks=True)
    if signature and text.endswith(signature):
        text = text[: -len(signature)]
    return text.rstrip()


def _tidy(text: str) -> str:
    return _PICTURE.sub("", text).strip("\n").rstrip()
