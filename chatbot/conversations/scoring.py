"""Scores in customers' own words: "5", "4/5", "★★★★", "5 tak, super hjælp". Pure.

A question that is taken for a score gets no answer, which is worse than a score that is missed:
so a number is one only where what follows it does not look like something that is counted.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from chatbot.text import normalise

_FIRST = frozenset("0123456789★⭐")
_STARS = re.compile(r"(?:[★⭐]\ufe0f?\s?){1,5}☆*")
# A number, also as a keycap; of how many; and what it counts, as in "4 stars".
_NUMBER = re.compile(
    r"([0-9]{1,2})(?:\ufe0f?\u20e3)?"
    r"(?:\s*(?:/|out of|of|ud af|af|av|von)\s*([0-9]{1,2})(?![0-9]))?"
    r"(?:\s*(?:stars?|stjerner?|stjärn(?:a|or)|stern(?:e|en)?|points?|poäng|punkte?|[★⭐]\ufe0f?)"
    r"(?!\w))?",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\s*[.,:;!·–—-]+\s+|[.!,]+(?=\W|$)")
_NEXT_POINT = re.compile(r"(?:^|\s)[2-9][.)](?:\s|$)")  # "1. this 2. that" is a list
_MONTHS = """
january januar januari february februar februari march marts mars märz april may maj mai
june juni july juli august augusti september october oktober november december dezember
jan feb mar apr jun jul aug sep sept oct okt nov dec dez
"""
# With what people begin who say why they gave a number, in our four languages. No words that may
# stand before a noun which is counted ("2 of the chairs", "1 not delivered").
_REASONS = """
thanks thank thx ty cheers great good super excellent perfect fine ok okay nice amazing awesome
fantastic wonderful brilliant lovely best terrible awful horrible worst slow quick quickly fast
friendly helpful rude useless disappointing disappointed satisfied happy very really but because
since you she he
tak takker mange tusind god godt fint fantastisk fremragende perfekt alletiders dejligt hurtig
hurtigt venlig venligt dårlig dårligt elendigt forfærdeligt langsomt rigtig virkelig helt meget
utrolig utroligt tilfreds utilfreds skuffet skuffende men fordi hun han du hjælpsom topkarakter
tack tusen många bra jättebra toppen utmärkt fantastiskt snabb snabbt trevlig trevligt uselt hemskt
långsam långsamt mycket riktigt väldigt nöjd missnöjd besviken eftersom hon ni hjälpsam kanon
kanonbra strålande
danke dankeschön vielen herzlichen gut sehr toll klasse prima ausgezeichnet hervorragend schnell
schnelle schneller freundlich freundliche nett schlecht schlechter furchtbar schrecklich langsam
zufrieden unzufrieden enttäuscht wirklich aber weil spitze bestens hilfsbereit
"""
_MONTH_NAMES = frozenset(_MONTHS.split())
_OPENERS = frozenset(_REASONS.split())


@dataclass(frozen=True, slots=True)
class Said:
    """A score, and what was said with it. `asks`: that is a question, or has one in it."""

    score: int
    comment: str = ""
    asks: bool = False


def may_be_score(text: str) -> bool:
    """Return whether it is worth a look: nearly nothing that customers write is."""
    return text.lstrip()[:1] in _FIRST


def read_score(
    text: str, *, least: int, most: int, names: Collection[str] = (), labels: Collection[str] = ()
) -> Said | None:
    """Return the score from `least` to `most` with which `text` begins, if it is one.

    names: of people whom a comment may begin with. labels: words that say no more than the
    number, such as those on its button.
    """
    text = text.strip()
    found = _stars(text) or _number(text, most)
    if found is None or not least <= found[0] <= most:
        return None
    score, rest = found
    if not normalise(rest):
        return None if "?" in rest else Said(score, rest.strip(" .,:;!·–—-\n"))
    if normalise(rest) in labels:
        return Said(score)
    comment = _comment(rest, names)
    return Said(score, comment, asks="?" in comment) if comment else None


def _stars(text: str) -> tuple[int, str] | None:
    found = _STARS.match(text)
    if found is None:
        return None
    return sum(found[0].count(star) for star in "★⭐"), text[found.end() :]


def _number(text: str, most: int) -> tuple[int, str] | None:
    found = _NUMBER.match(text)
    if found is None or (found[2] and int(found[2]) != most):
        return None
    return int(found[1]), text[found.end() :]


def _comment(rest: str, names: Collection[str]) -> str:
    """Return what was said with a number; empty where the number belongs to what was said."""
    first_line, _newline, _more = rest.partition("\n")
    if not first_line.strip(" .,:;!·–—-"):  # the number has a line of its own
        return rest.strip(" .,:;!·–—-\n")
    if rest[0].isalnum() or _NEXT_POINT.search(rest):
        return ""
    words = normalise(rest).split()
    separator = _SEPARATOR.match(rest)
    if separator is not None:
        comment = rest[separator.end() :].strip()
        return "" if words[0][0].isdigit() or words[0] in _MONTH_NAMES else comment
    if not rest[0].isspace():  # a hyphen, a bracket, a decimal point
        return ""
    is_reason = words[0] in _OPENERS or words[0] in {normalise(name) for name in names}
    counts = any(word[0].isdigit() for word in words)
    return rest.strip() if is_reason and not counts else ""
