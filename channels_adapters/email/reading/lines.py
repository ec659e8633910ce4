"""A body as lines that know how deep they are quoted: what plain text and HTML have in common."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

# attribution: "On Monday X wrote:". cut: a quote begins here and goes on to the end.
# border: perhaps so, if a header block follows. signature: the mailer calls it that.
Mark = Literal["", "attribution", "cut", "border", "signature"]

MOST_DEPTH = 30  # deeper quotation reads no better, and its marks would be longer than the text
_QUOTED = re.compile(r"^ ?(>(?: ?>)*) ?(.*)$")
_UNSEEN = dict.fromkeys((0x200B, 0x200C, 0x2060, 0xFFFC, 0x00AD)) | {0x00A0: " ", 0x202F: " "}
_BLANKS = re.compile(r"\n{3,}")


@dataclass(slots=True)
class Line:
    """One line, without the marks of its quotation; `depth` counts them."""

    text: str
    depth: int = 0
    mark: Mark = ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands on it."""
        return not self.text


def from_plain(text: str) -> list[Line]:
    """Return the lines of plain text; `>` at the left means quoted."""
    lines: list[Line] = []
    for raw in text.split("\n"):
        match = _QUOTED.match(raw) if raw[:2].lstrip(" ").startswith(">") else None
        if (match and not match[2].startswith("From ")) or (match and lines and lines[-1].depth):
            lines.append(Line(squeeze(match[2]), min(match[1].count(">"), MOST_DEPTH)))
        elif match:
            lines.append(Line(squeeze(match[2])))  # ">From " is how mailbox files write "From "
        else:
            lines.append(Line(squeeze(raw)))
    return lines


def squeeze(text: str) -> str:
    """Return a line without what cannot be seen: other spaces, marks of zero width."""
    return text.translate(_UNSEEN).rstrip()


def to_text(lines: Iterable[Line], *, marks: bool = False) -> str:
    """Return lines as text without blank ones around; with `marks`, quoted ones begin with >."""
    texts = [
        f"{'>' * line.depth} {line.text}".rstrip() if marks and line.depth else line.text
        for line in lines
    ]
    return _BLANKS.sub("\n\n", "\n".join(texts)).strip("\n").rstrip()


def next_filled(lines: Sequence[Line], at: int) -> int:
    """Return the index of the next line from `at` that is not blank, or the number of lines."""
    while at < len(lines) and lines[at].is_blank:
        at += 1
    return at


def key(text: str) -> str:
    """Return what is left of a text when layout and punctuation are not: to compare two of them."""
    return re.sub(r"[\W_]+", "", text).casefold()
