"""Text as the checks of a draft see it: its sentences, the passages of an entry, their words."""

import functools
import re
import unicodedata
from dataclasses import dataclass

CITATION = re.compile(r"\s*\[\d{1,3}(?:\s*,\s*\d{1,3})*\]")
MARKDOWN_LINK = re.compile(r"\[([^\]\n]{0,300})\]\((\S{1,500}?)\)")
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+")
# A full stop that ends no sentence: after these, after a single letter ("z. B.") or a number.
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:\w|kl|ca|nr|inkl|exkl|ekskl|evt|ev|bl\.?a|f\.?eks|t\.?ex|d\.?v\.?s|osv|mv|pr"
    r"|tlf|tel|st|bzw|ggf|usw|etc|e\.g|i\.e|z\.b|u\.a|no|min|max|mr|mrs|dr|vs|\d{1,2})\.$",
    re.IGNORECASE,
)
_END = re.compile(
    r"[.!?…]+[\"'”“»’)*]*(?:\s*\[\d{1,3}(?:\s*,\s*\d{1,3})*\])*[.]?(?=\s+([^\s\[]))|\n(?=\s*\S)"
)
_COMMON = frozenset(
    re.findall(
        r"\w+",
        "that this with from your yours have will when then they them there here into also which "
        "what been were would should could must only more most than such some same very just "
        "about please cannot cant dont doesnt isnt arent hvor hvad hvis eller ikke være blive "
        "bliver bliv kommer skal skulle kunne efter dette disse vores jeres dine deres også meget "
        "derefter sådan inte vara blir skulle kunde detta dessa våra eran dina deras också mycket "
        "sedan från till nach auch oder aber nicht sich sind sein wird werden kann können müssen "
        "haben hier dann wenn diese dieser dieses ihre ihren ihrer ihnen unsere bitte über noch "
        "einen einer keine keinen",
    )
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of an entry: what it says in full, and the shorter form whose meaning is compared.

    `alone`: not a whole list, whose lines may be about different things.
    """

    text: str
    core: str
    alone: bool = True


def first_sentence(text: str) -> int:
    """Return how many characters of a growing `text` are its first whole sentence; 0: not yet.

    A sentence is whole when the next one has begun, so that its citations are in it. One of
    fewer than three words ("Yes.") stays with what follows: alone it can't be checked.
    """
    for found in _END.finditer(text):
        head = text[: found.end()]
        if len(re.findall(r"\w+", CITATION.sub("", _BULLET.sub("", head)))) < 3:
            continue
        if found[0] != "\n":
            following = found[1]
            stop = text[: found.start() + 1]
            if following.islower() or (found[0][0] == "." and _ABBREVIATION.search(stop[-12:])):
                continue
        return len(head)
    return 0


def split_sentences(text: str) -> list[str]:
    """Return the sentences and lines of `text`, whose concatenation it is."""
    parts = []
    while end := first_sentence(text):
        parts.append(text[:end])
        text = text[end:]
    return [*parts, text] if text.strip() else parts


@functools.lru_cache(maxsize=256)
def split_passages(text: str, title: str) -> tuple[Passage, ...]:
    """Return what a Markdown answer says, piece by piece; a list's line with its introduction."""
    passages: list[Passage] = []
    intro, items = "", list[str]()
    for line in [*plain(text, bullets=True).splitlines(), "\0"]:
        if _BULLET.match(line):
            items.append(_BULLET.sub("", line).strip())
        elif line.strip():
            passages += [Passage(f"{intro} {i}".strip(), f"{title} {i}") for i in items]
            if len(items) > 1:
                whole = f"{intro} {'; '.join(items)}"
                passages.append(Passage(whole, whole, alone=False))
            items = []
            sentences = [part.strip() for part in split_sentences(line.strip("\0"))]
            passages += [Passage(sentence, sentence) for sentence in sentences]
            intro = sentences[-1] if line.endswith(":") else ""
    return tuple(passages)


def plain(text: str, *, bullets: bool = False) -> str:
    """Return Markdown `text` without its marks, with one kind of blank and of dash."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'")
    text = re.sub(r"[\u2010-\u2015\u2212]", "-", text)
    text = MARKDOWN_LINK.sub(r"\1", text)
    text = re.sub(r"\*\*|__|`|^#+\s*", "", text, flags=re.MULTILINE)
    return text if bullets else re.sub(r"(?m)^\s*(?:[-*•]|\d{1,2}[.)])\s+", "", text)


def content_words(text: str, *, least: int = 4) -> frozenset[str]:
    """Return the stems (five letters) of the words of `least` letters and more, in lower case."""
    return frozenset(
        word[:5]
        for word in re.findall(r"[^\W\d_]+", text.casefold().replace("'", ""))
        if len(word) >= least and word not in _COMMON
    )
