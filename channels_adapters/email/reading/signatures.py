"""Where the writer's words end and the signature begins."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from . import phrases

_DELIMITER = re.compile(r"^(?:- )?(?:--|—|__)\s*$")
_LONGER_DELIMITER = re.compile(r"^[-_=*~—–]{3,80}$")
_MOST_LINES = 25
_MOST_CHARACTERS = 3_000
_BLOCK_LINES = 16
_SLASH = re.compile(r"^[/~]{1,2}\s?[^\W\d_][\w.-]{0,20}(?: [^\W\d_][\w.-]{0,20}){0,2}$")
_NAME = re.compile(
    r"^(?:[A-ZÆØÅÄÖÜÉ][\w.'’-]{0,25})(?: (?:[A-ZÆØÅÄÖÜÉ][\w.'’-]{0,25}|von|van|de|af"
    r"|der)){0,3}[,.]?$"
)
_URL = re.compile(r"[(<\[]{0,2}https?://[^\s<>()]{1,300}[)>\]]{0,2}")
_SENTENCE_END = re.compile(r"[.!?…:]['\")]?$")


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote: names (lower case, whole and first) and address, to know a signature by."""

    names: Collection[str] = ()
    email: str = ""


def writer_of(name: str, email: str) -> Writer:
    """Return the names by which a sender may sign."""
    whole = " ".join(re.sub(r"[\"'()<>]", " ", name).lower().split())
    if "," in whole:
        family, _, given = whole.partition(",")
        whole = f"{given.strip()} {family.strip()}"
    names = {whole, *whole.split(" ")[:1]} if whole else set()
    local = re.split(r"[._+-]|\d", email.partition("@")[0].lower())[0]
    if len(local) >= 3 and local not in ("info", "kontakt", "mail", "contact", "support", "admin"):
        names.add(local)
    return Writer(frozenset(name for name in names if len(name) >= 2), email.lower())


def signature_start(lines: Sequence[str], writer: Writer, marked: int | None = None) -> list[int]:
    """Return the indices of the lines that are signature, of a run of new lines.

    `marked` is where a mail program says that it begins. Mostly they are the last lines; words
    after a name, such as a postscript, are not among them.
    """
    kept = [at for at, line in enumerate(lines)]
    if marked is not None:
        kept = kept[:marked]
    for _ in range(6):
        before = len(kept)
        kept = _stripped(kept, lines)
        for cut in (_mobile, _delimited, _disclaimer):
            kept = _stripped(cut(kept, lines), lines)
        kept = _stripped(_closing(kept, lines, writer), lines)
        kept = _stripped(_named(kept, lines, writer), lines)
        if len(kept) == before:
            break
    left = set(kept)
    return [at for at in range(len(lines)) if at not in left]


def _stripped(kept: list[int], lines: Sequence[str]) -> list[int]:
    while kept and not lines[kept[-1]].strip():
        kept = kept[:-1]
    return kept


def is_sent_from(line: str) -> bool:
    """Whether a line is what a phone or an app adds of itself."""
    if len(line) > 400:
        return False
    line = _URL.sub("", line).strip()
    return bool(phrases.SENT_FROM.match(line) or phrases.SENT_BY.match(line))


def _mobile(kept: list[int], lines: Sequence[str]) -> list[int]:
    filled = [at for at in kept if lines[at].strip()]
    for at in filled[-3:]:
        rest = [other for other in filled if other > at]
        short = all(len(lines[other]) <= 60 for other in rest)
        if is_sent_from(lines[at]) and short and not any(map(_is_sentence, _texts(rest, lines))):
            return kept[: kept.index(at)]
    return kept


def _delimited(kept: list[int], lines: Sequence[str]) -> list[int]:
    for place in range(max(0, len(kept) - 2 * _MOST_LINES), len(kept)):
        text = lines[kept[place]].strip()
        rest = _texts(kept[place + 1 :], lines)
        if len([line for line in rest if line.strip()]) > _MOST_LINES:
            continue
        if _DELIMITER.match(text) and sum(map(len, rest)) <= _MOST_CHARACTERS:
            return kept[:place]
        if _LONGER_DELIMITER.match(text) and place > 0:
            filled = [line for line in rest if line.strip()]
            is_contact = any(phrases.CONTACT.search(line) for line in filled[:12])
            if not filled or (
                len(filled) <= 12 and is_contact and not any(map(_is_sentence, filled))
            ):
                return kept[:place]
    return kept


def _disclaimer(kept: list[int], lines: Sequence[str]) -> list[int]:
    for place in range(max(1, len(kept) - 80), len(kept)):
        if len(lines[kept[place]].strip()) < 8:
            continue
        tail = _texts(kept[place:], lines)
        head = " ".join(line.strip() for line in tail[:3] if line.strip())[:400]
        if not phrases.DISCLAIMER.match(head) or phrases.PERSONAL.search(" ".join(tail)[:6_000]):
            continue
        above = lines[kept[place - 1]].strip()
        begins = not above or _LONGER_DELIMITER.match(above) is not None or _is_ending(above)
        if begins and sum(map(len, tail)) <= 6_000:
            return kept[:place]
    return kept


def _is_ending(line: str) -> bool:
    return len(line) < 60 and not _is_sentence(line)


def _closing(kept: list[int], lines: Sequence[str], writer: Writer) -> list[int]:
    filled = [at for at in kept if lines[at].strip()]
    for at in filled[max(0, len(filled) - _BLOCK_LINES) :]:
        text = lines[at].strip()
        rest = kept[kept.index(at) + 1 :]
        closes = is_closing(text, writer)
        if not closes and phrases.THANKS.match(text):
            following = [line.strip() for line in _texts(rest, lines) if line.strip()]
            closes = bool(following) and len(following) <= 8 and _is_name(following[0], writer)
        if not closes:
            continue
        match = phrases.CLOSING.match(text)
        is_signed = match is not None and any(map(str.isalpha, match[2]))
        block = _block_end(rest, lines, is_signed=is_signed)
        if block is not None:
            return kept[: kept.index(at)] + block
    return kept


def _block_end(rest: list[int], lines: Sequence[str], *, is_signed: bool) -> list[int] | None:
    """Return what of the lines below a closing formula is the writer's words after all.

    None: the formula closes nothing, because a text goes on below it. `is_signed`: a name stands
    in its own line.
    """
    filled = int(is_signed)
    for place, at in enumerate(rest):
        text = lines[at].strip()
        if not text:
            continue
        if phrases.POSTSCRIPT.match(text):
            return rest[place:]
        if _is_sentence(text) and not _belongs_to_card(text, _texts(rest[place + 1 :], lines)):
            if place > 0 and not lines[rest[place - 1]].strip() and filled:
                return rest[place:]
            if not any(phrases.CONTACT.search(line) for line in _texts(rest[:place], lines)):
                return None
        filled += 1
    return [] if filled <= _BLOCK_LINES else None


def _belongs_to_card(sentence: str, below: Sequence[str]) -> bool:
    """Whether a sentence among a visiting card's lines is a slogan or a disclaimer."""
    if phrases.DISCLAIMER.match(sentence):
        return True
    is_slogan = len(sentence) <= 70 and "?" not in sentence
    return is_slogan and any(phrases.CONTACT.search(line) for line in below[:6])


def is_closing(text: str, writer: Writer) -> bool:
    """Whether a line is a closing formula, perhaps with a name behind it."""
    if len(text) > 90:
        return False
    match = phrases.CLOSING.match(text)
    if not match:
        return False
    rest = re.sub(r"^[\W_]+|[\W_]+$", "", match[2])
    if not rest:
        return "?" not in match[2]
    if phrases.SHORT_CLOSING.match(text) and not _starts_with_own_name(rest, writer):
        return False
    rest = re.sub(r"^(?:from|fra|från|von|aus|de|herfra|/)\s+", "", rest, flags=re.I)
    return _is_name(rest, writer)


def _starts_with_own_name(text: str, writer: Writer) -> bool:
    return re.split(r"\W", text.lower(), maxsplit=1)[0] in writer.names


def _is_name(text: str, writer: Writer) -> bool:
    text = text.strip().strip("*_,.!-–/ ")
    if not text or len(text) > 60:
        return False
    if text.lower() in writer.names:
        return True
    words = re.split(r"\s*(?:&|\+|\bog\b|\boch\b|\bund\b|\band\b)\s*", text)
    return all(_NAME.match(word) for word in words)


def _named(kept: list[int], lines: Sequence[str], writer: Writer) -> list[int]:
    """Cut at the writer's own name, where only lines of a visiting card follow."""
    filled = [at for at in kept if lines[at].strip()]
    for at in filled[max(1, len(filled) - 9) :]:
        text = lines[at].strip().strip("*_")
        place = kept.index(at)
        above = lines[kept[place - 1]].strip()
        rest = [lines[other].strip() for other in filled if other > at]
        is_own = text.lower().strip(" ,.-–/~") in writer.names
        is_last = not rest and _SLASH.match(text) is not None
        if not is_own and not is_last and not _is_card([text, *rest], above, writer):
            continue
        last_words = next(
            (lines[other].strip() for other in reversed(kept[:place]) if lines[other].strip()), ""
        )
        if last_words.endswith(":") or (above and not _SENTENCE_END.search(above) and not is_last):
            continue
        if len(rest) <= 9 and not any(_is_sentence(line) or line.endswith("?") for line in rest):
            return kept[:place]
    return kept


def _is_card(block: Sequence[str], above: str, writer: Writer) -> bool:
    """Whether a paragraph under a blank line is a visiting card, though the name is unknown."""
    if above or not 2 <= len(block) <= 10 or not _NAME.match(block[0].strip("*_ ")):
        return False
    if any(len(line) > 90 for line in block):
        return False
    contacts = sum(phrases.CONTACT.search(line) is not None for line in block)
    has_own = bool(writer.email) and any(writer.email in line.lower() for line in block)
    return (has_own and contacts >= 1) or (
        contacts >= 2 and any("www." in line or "http" in line or "@" in line for line in block)
    )


def _is_sentence(line: str) -> bool:
    """Whether a line is rather part of a text than of a visiting card."""
    text = line.strip()
    words = len(text.split())
    if words <= 3 or phrases.CONTACT.search(text):
        return words > 25
    if text.endswith("?"):
        return True
    small = sum(word[0].islower() for word in text.split())
    is_running = words >= 5 and small >= 0.6 * words
    return is_running or words >= 12 or (words >= 4 and text[-1] in ".!" and text[0].isalpha())


def _texts(indices: Sequence[int], lines: Sequence[str]) -> list[str]:
    return [lines[at] for at in indices]
