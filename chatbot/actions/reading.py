"""What a message gives an action: numbers, addresses, yes and no, in four languages.

Pure: text in, a value or None out. The phrases are in `phrases.json`, by language.
"""

import functools
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

from chatbot.text import normalise

_EMAIL = re.compile(r"[\w.+%-]+\s?@\s?[\w-]+(?:\.[\w-]+)+", re.UNICODE)
_VALID_EMAIL = re.compile(
    r"^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9æøåäöüß-]+(\.[a-z0-9æøåäöüß-]+)+$"
)
_NUMBER = re.compile(r"(?<![\w@+.,/:-])(?:#\s?)?([A-Za-z]{0,4}-?\d{4,10})(?![\w@]|[.,:/]\d)")
_MONEY_AFTER = re.compile(
    r"\s?(?:kr\b|kroner|kronor|dkk|sek|nok|eur|euro|€|\$|,-|:-)", re.IGNORECASE
)
_MONEY_BEFORE = re.compile(r"(?:€|\$|kr\.?|dkk|sek|eur)\s?$", re.IGNORECASE)
_CODE = re.compile(r"(?<!\d)(\d{3})[\s-]?(\d{3})(?!\d)")
_LONGEST_PHRASE = 80  # characters
_ALIKE = 88.0
_TELLING = 3  # words
_MONTHS = {
    number: names.split()
    for number, names in enumerate(
        (
            "january januar januari jänner jan",
            "february februar februari feb",
            "march marts mars märz maerz mar",
            "april apr",
            "may maj mai",
            "june juni jun",
            "july juli jul",
            "august augusti aug",
            "september sept sep",
            "october oktober okt oct",
            "november nov",
            "december dezember dec dez",
        ),
        start=1,
    )
}


@functools.cache
def _raw() -> Mapping[str, Any]:
    raw: Mapping[str, Any] = json.loads((Path(__file__).parent / "phrases.json").read_text("utf-8"))
    return raw


@functools.cache
def _listed(kind: str) -> frozenset[str]:
    said = _raw()[kind]
    phrases = said if isinstance(said, list) else [p for each in said.values() for p in each]
    return frozenset(normalise(phrase) for phrase in phrases)


def says(kind: str, text: str) -> bool:
    """Return whether `text` is one of the phrases of `kind`, give or take a typo and courtesy."""
    words = normalise(text)
    if not words or len(words) > _LONGEST_PHRASE:
        return False
    if words in _listed(kind):
        return True
    words = _without_courtesy(words)
    if words in _listed(kind):
        return True
    long = [phrase for phrase in _listed(kind) if len(phrase) >= 7]
    return process.extractOne(words, long, scorer=fuzz.ratio, score_cutoff=_ALIKE) is not None


_COURTESY = re.compile(
    r"^(?:(?:oh|ah|ok|okay|okej|hm+|well|ups|oops|sorry|undskyld|beklager|förlåt|ursäkta|"
    r"entschuldigung|actually|egentlig|egentligen|eigentlich|æh|øh|nå|ach|so|men|but|aber)\s+)+"
    r"|(?:\s+(?:please|thanks|thank you|tak|tack|danke|bitte|alligevel|desværre|tyvärr|leider|"
    r"sorry|unfortunately|mange tak|så|then|dann|nu|lige|mate|anyway|ändå|trotzdem))+$"
)


_REGRETS = re.compile(r"\b(?:desværre|tyvärr|leider|unfortunately|lige|just|bara|gerade|jo|ju)\b ?")


def _without_courtesy(words: str) -> str:
    return _COURTESY.sub("", _REGRETS.sub("", words).strip()).strip() or words


def says_first(kind: str, text: str) -> bool:
    """Return whether `text`, or its first clause, says it: "never mind, found it"."""
    first = re.split(r"[,.!;:–\n]", text.strip(), maxsplit=1)[0]
    return says(kind, text) or (first != text and says(kind, first))


_HAVE_NOT = re.compile(
    r"\b(?:have|got|had|har|haft|habe|hab|find|finde|finder|hittar|know|ved|vet|weiß|weiss|kender|"
    r"husker|minns|remember|erinnere|kan|kann|can)\b"
)
_NOT = re.compile(
    r"\b(?:not|no|none|never|dont|havent|cant|didnt|ikke|ingen|intet|inte|inget|inga|ej|nicht|"
    r"kein|keine|keinen|nie)\b"
)


def cannot_say(text: str) -> bool:
    """Return whether somebody says that they do not have, or know, what was asked for."""
    if says_first("unknown", text):
        return True
    words = normalise(text)
    few = len(words.split()) <= 9 and not re.search(r"\d", words) and "?" not in text
    return few and bool(_NOT.search(words)) and bool(_HAVE_NOT.search(words) or "dont" in words)


def begins_with(kind: str, text: str) -> bool:
    """Return whether `text` begins with a phrase of `kind`: "no, it still hangs"."""
    words = normalise(text)
    return any(words == phrase or words.startswith(f"{phrase} ") for phrase in _listed(kind))


def yes_or_no(text: str) -> bool | None:
    """Return what `text` says to a yes-or-no question; None where it says neither."""
    for kind, meaning in (("no", False), ("yes", True)):
        if says(kind, text):
            return meaning
    for kind, meaning in (("no", False), ("yes", True)):
        if begins_with(kind, text):
            return meaning
    return None


def tells(text: str) -> bool:
    """Return whether `text` tells something of its own, beside that something is wrong."""
    words = normalise(text).split()
    own = {word for word in words if len(word) >= 4 and word not in _listed("says_little")}
    return len(own) >= _TELLING


def is_correction(text: str) -> bool:
    """Return whether `text` takes back what was said before."""
    return begins_with("corrections", text)


def is_question(text: str) -> bool:
    """Return whether `text` looks like a question of its own."""
    first = normalise(text).partition(" ")[0]
    return "?" in text or first in _listed("questions")


_BY_THE_WAY = re.compile(
    r"^\s*(?:(?:btw|by the way|quick question|one more thing|another thing|förresten|för övrigt|"
    r"forresten|i øvrigt|for resten|lige et spørgsmål|en sak till|en ting til|übrigens|"
    r"noch eine frage|kurze frage|ach ja|oh|and|og|och|und|men|but|aber)\b[\s,:–-]*)+",
    re.IGNORECASE,
)


def without_opening(text: str) -> str:
    """Return a question in between without the words that bring it in: "btw, when ..."."""
    return _BY_THE_WAY.sub("", text) or text


# --- Numbers and addresses --------------------------------------------------------------------
def email_in(text: str) -> str | None:
    """Return the last email address of `text`, in lower case."""
    found = [re.sub(r"\s", "", match.group()).strip(".").lower() for match in _EMAIL.finditer(text)]
    good = [address for address in found if _VALID_EMAIL.match(address) and len(address) <= 254]
    return good[-1] if good else None


def order_in(text: str, *, asked: bool) -> str | None:
    """Return the order number that `text` gives, without its "#".

    When it was asked for, any number will do; else it has to look like one: after a word such
    as "order", or of five to seven digits. "Not 10442 but 10443" gives the second.
    """
    bare = _EMAIL.sub(" ", text)
    found = []
    for match in _NUMBER.finditer(bare):
        number = match.group(1).lstrip("-").upper()
        before, after = bare[: match.start()], bare[match.end() :]
        if _MONEY_AFTER.match(after) or _MONEY_BEFORE.search(before):
            continue
        words = normalise(before).split()[-3:]
        if words and words[-1] in _listed("negations") and not asked_for(words[:-1]):
            continue
        named = "#" in match.group() or asked_for(words)
        digits = sum(character.isdigit() for character in number)
        is_year = digits == 4 and number[:2] in ("19", "20")
        if named or (asked and not is_year) or (5 <= digits <= 7 and not is_year):
            found.append(number)
    return found[-1] if found else None


def asked_for(words: Sequence[str]) -> bool:
    """Return whether `words` announce an order number."""
    return any(word in _listed("order_words") for word in words)


def code_in(text: str) -> str | None:
    """Return the six digits of a one-time code."""
    found = _CODE.findall(text)
    return "".join(found[-1]) if found else None


def phone_in(text: str) -> str | None:
    """Return a phone number in its international form, E.164."""
    match = re.search(r"(?<!\w)(?:\+|00)(\d[\d\s()-]{6,16}\d)", text)
    digits = re.sub(r"\D", "", match.group(1)) if match else ""
    return f"+{digits}" if 8 <= len(digits) <= 15 else None


def date_in(text: str, *, today: date) -> date | None:
    """Return the day that `text` names, the last such day that is not in the future."""
    words = normalise(text)
    match = re.search(r"\b(\d{1,2})(?:st|nd|rd|th|e)?\s(?:of\s)?([a-zæøåäöü]{3,9})\b", words)
    day, month = (int(match.group(1)), _month(match.group(2))) if match else (0, 0)
    if not month:
        match = re.search(r"\b([a-zæøåäöü]{3,9})\s(\d{1,2})(?:st|nd|rd|th|e)?\b", words)
        day, month = (int(match.group(2)), _month(match.group(1))) if match else (0, 0)
    if not month:
        match = re.search(r"\b(\d{1,2})[./](\d{1,2})(?:[./]\d{2,4})?\b", text)
        day, month = (int(match.group(1)), int(match.group(2))) if match else (0, 0)
    for year in (today.year, today.year - 1):
        try:
            found = date(year, month, day)
        except ValueError:
            return None
        if found <= today:
            return found
    return None


def _month(word: str) -> int:
    return next((number for number, names in _MONTHS.items() if word in names), 0)


def without_numbers(text: str) -> str:
    """Return `text` without its numbers and addresses."""
    return re.sub(r"\d+", " ", _EMAIL.sub(" ", text))


# --- What was offered -------------------------------------------------------------------------
_AROUND_NUMBERS = (
    "and|og|och|und|number|nummer|nr|no|just|only|kun|bare|bara|nur|bloß|den|det|die|der|das|the|"
    "please|tak|tack|bitte|option|valg|val|item|vare|vara|it|is|its|tager|tar|nehme|ich|jeg|jag|i"
)
_CARDINALS = (
    ("one", "en", "et", "ene", "ett", "ein", "eins", "eine", "den ene", "number one"),
    ("two", "to", "två", "zwei", "nummer to", "nummer två"),
    ("three", "tre", "drei", "nummer tre"),
    ("four", "fire", "fyra", "vier"),
    ("five", "fem", "fünf"),
    ("six", "seks", "sex", "sechs"),
)
_ORDINALS = (
    r"\b(?:first|første|först|första|erste[nrs]?)\b",
    r"\b(?:second|anden|andet|andra|zweite[nrs]?)\b",
    r"\b(?:third|tredje|dritte[nrs]?)\b",
    r"\b(?:fourth|fjerde|fjärde|vierte[nrs]?)\b",
    r"\b(?:fifth|femte|fünfte[nrs]?)\b",
    r"\b(?:sixth|sjette|sjätte|sechste[nrs]?)\b",
)


def chosen(text: str, labels: Sequence[str]) -> list[int]:
    """Return which of `labels` are meant, by position: by number, or by words that are in one."""
    words = normalise(text)
    if not words or not labels:
        return []
    if says_first("all", text):
        return list(range(len(labels)))
    names = [normalise(label) for label in labels]
    if words in names:
        return [names.index(words)]
    numbers = [int(n) - 1 for n in re.findall(r"(?<!\d)([1-9])(?!\d)", words)]
    plain = re.sub(rf"\b(?:{_AROUND_NUMBERS})\b|[\s\d]", "", words)
    if numbers and not plain:
        return sorted({n for n in numbers if n < len(labels)})
    return named(text, labels) or _by_ordinal(words, len(labels))


def named(text: str, labels: Sequence[str]) -> list[int]:
    """Return which of `labels` are spoken of in `text`, by words that tell them apart."""
    return _named(normalise(text), [normalise(label) for label in labels])


def _by_ordinal(words: str, count: int) -> list[int]:
    length = len(words.split())
    first = [n for n, pattern in enumerate(_ORDINALS[:count]) if re.search(pattern, words)]
    if first and length <= 6:
        return first
    # "To" is Danish for two, and English for much else.
    return [n for n, all_of in enumerate(_CARDINALS[:count]) if length <= 2 and words in all_of]


def _named(words: str, names: Sequence[str]) -> list[int]:
    """Return the names that `words` speak of; of words that several have, only telling ones."""
    seen: dict[str, set[int]] = {}
    for position, name in enumerate(names):
        for word in name.split():
            seen.setdefault(word, set()).add(position)
    telling = [word for word, where in seen.items() if len(where) < len(names) and len(word) >= 3]
    if len(names) == 1:
        telling = [word for word in seen if len(word) >= 3]
    found: set[int] = set()
    for said in words.split():
        if len(said) < 3:
            continue
        near = process.extract(said, telling, scorer=_alike, score_cutoff=84, limit=3)
        if near:
            best = max(score for _, score, _ in near)
            hits = [seen[word] for word, score, _ in near if score >= best - 1]
            narrow = min(hits, key=len)
            found = narrow if not found else (found & narrow or found | narrow)
    return sorted(found)


def _alike(said: str, word: str, **_: Any) -> float:
    return alike(said, word)


def alike(one: str, other: str, *, shortest: int = 4) -> float:
    """Return how alike two words are, of 100; words under `shortest` letters must be the same.

    An ending more or less ("lamp", "lampen") costs little, and so does the rest of a compound
    ("Bettwäsche" of "Leinenbettwäsche").
    """
    short, long = sorted((one, other), key=len)
    if len(short) >= 4 and long.startswith(short):
        return 95.0
    if len(short) >= 5 and long.endswith(short):
        return 92.0
    return fuzz.ratio(one, other) if len(short) >= shortest else 100.0 * (one == other)


# --- What a machine is ------------------------------------------------------------------------
_SYSTEMS = (
    ("iOS", r"iphone|ipad|\bios\b"),
    ("Android", r"android|samsung|pixel|galaxy|huawei|oneplus|xiaomi"),
    ("macOS", r"\bmac\b|macbook|macos|imac|mac os|os x"),
    ("Windows", r"windows|\bwin ?(?:7|8|10|11)\b|\bpc\b"),
    ("Linux", r"linux|ubuntu|debian|fedora"),
    ("ChromeOS", r"chromebook|chrome ?os"),
)
_BROWSERS = (
    ("Edge", r"\bedge\b"),
    ("Firefox", r"firefox|fire ?fox|mozilla"),
    ("Opera", r"\bopera\b"),
    ("Samsung Internet", r"samsung internet"),
    ("Brave", r"\bbrave\b"),
    ("Chrome", r"chrome|crome|chrom\b|google ?chrome"),
    ("Safari", r"safari|safarri"),
    ("Internet Explorer", r"internet explorer|\bie ?\d*\b"),
)


def system_in(text: str) -> str | None:
    """Return the operating system that `text` names, with its version where it says one."""
    return _named_machine(text, _SYSTEMS)


def browser_in(text: str) -> str | None:
    """Return the browser that `text` names, with its version where it says one."""
    return _named_machine(text, _BROWSERS)


def _named_machine(text: str, known: Sequence[tuple[str, str]]) -> str | None:
    lowered = text.lower()
    for name, pattern in known:
        versions = [_version(lowered, match) for match in re.finditer(pattern, lowered)]
        if versions:
            return f"{name} {max(versions, key=len)}".strip()
    return None


def _version(text: str, match: re.Match[str]) -> str:
    after = re.match(r"[\s,:]*(?:version|v\.?)?\s*(\d{1,3}(?:\.\d+)?)\b", text[match.end() :])
    inside = re.search(r"\d+", match.group())
    return after.group(1) if after else inside.group() if inside else ""
