"""Personal data out of a text before it leaves the machine, and back into what returns.

Pure, by patterns with checksums and nothing else: what looks personal but fails its checksum (an
order number, say) stays. Every pattern is anchored and bounded, so time is linear in the text.
Formats: Danish, Swedish, Norwegian, German and English, and whatever is international.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

PLACEHOLDER = re.compile(r"\[(?:EMAIL|PHONE|IBAN|CARD|ID|IP|QUERY|LOGIN|ADDRESS|NAME)_\d{1,4}\]")


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without personal data; `originals` says what each placeholder of it stands for."""

    text: str
    originals: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def mask(text: str) -> Masked:
    """Return `text` with placeholders such as [EMAIL_1]; the same original, the same one.

    A placeholder that the customer typed stays as typed and is never given out, so it stands for
    nothing. Masking what is masked changes nothing.
    """
    texts, originals = mask_all([text])
    return Masked(texts[0], originals)


def mask_all(
    texts: Sequence[str], names: Sequence[str] = ()
) -> tuple[list[str], Mapping[str, str]]:
    """Return `texts` masked with one numbering (a conversation's), and the originals.

    `names`: people known to be in it, whose names no pattern tells from other words.
    """
    typed = {match[0] for text in texts for match in PLACEHOLDER.finditer(text)}
    given: dict[tuple[str, str], str] = {}
    counts: dict[str, int] = {}

    def placeholder(kind: str, original: str) -> str:
        key = (kind, original.casefold())
        while key not in given:
            counts[kind] = counts.get(kind, 0) + 1
            name = f"[{kind}_{counts[kind]}]"
            if name not in typed:
                given[key] = name
                originals[name] = original
        return given[key]

    originals: dict[str, str] = {}
    kinds = (*_KINDS, ("NAME", _pattern(_any_of(names))))
    return [_mask_one(text, placeholder, kinds) for text in texts], MappingProxyType(originals)


def unmask(text: str, masked: Masked) -> str:
    """Return `text` with the originals of `masked` in place of their placeholders."""
    return PLACEHOLDER.sub(lambda match: masked.originals.get(match[0], match[0]), text)


def _any_of(names: Sequence[str]) -> str:
    """Return a pattern of names in full, and of their capitalised parts; "May" is not "may"."""
    words = [*names, *(part for name in names for part in name.split() if part[:1].isupper())]
    known = sorted({word.strip() for word in words if len(word.strip()) > 2}, key=len, reverse=True)
    return rf"(?<!\w)(?:{'|'.join(map(re.escape, known))})(?!\w)" if known else r"(?!)"


def _mask_one(
    text: str, placeholder: Callable[[str, str], str], kinds: Sequence[tuple[str, "Find"]]
) -> str:
    taken = [(*match.span(), "") for match in PLACEHOLDER.finditer(text)]
    before = -1
    while len(taken) > before:  # again: what is gone may uncover what it touched
        before = len(taken)
        for kind, find in kinds:
            # Each kind sees what the others left; blanks of the same length keep places.
            rest = list(text)
            for start, end, _ in taken:
                rest[start:end] = "\0" * (end - start)
            taken += [(start, end, kind) for start, end in find("".join(rest))]
    out, at = [], 0
    for start, end, kind in sorted(taken):
        original = text[start:end]
        out += [text[at:start], placeholder(kind, original) if kind else original]
        at = end
    return "".join([*out, text[at:]])


Spans = Iterator[tuple[int, int]]
Find = Callable[[str], Spans]


def _pattern(pattern: str, group: int = 0) -> Find:
    compiled = re.compile(pattern)
    return lambda text: (match.span(group) for match in compiled.finditer(text))


# --- Numbers with a check digit ---------------------------------------------------------------
# Lengths by country: the IBAN registry of SWIFT (ISO 13616).
_IBAN_LENGTHS = {
    country: int(length)
    for country, length in re.findall(
        r"([A-Z]{2})([0-9]{2})",
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 CH21 CY28 CZ24 DE22 DK18 EE20 ES24 FI18 "
        "FO18 FR27 GB22 GE22 GI23 GL18 GR27 HR21 HU28 IE22 IL23 IS26 IT27 KW30 LI21 LT20 LU20 LV21 "
        "MC27 MD24 ME22 MK19 MT31 NL18 NO15 PL28 PT25 RO24 RS22 SA24 SE24 SI19 SK24 SM27 TR26 UA29 "
        "VA22 XK20",
    )
}
_IBAN = re.compile(r"(?<![^\W_])[A-Za-z]{2}[0-9]{2}(?:[ -]?[A-Za-z0-9]){11,27}")


def _within(candidate: re.Pattern[str], length: Callable[[str], int]) -> Find:
    """Find what `length` says of each candidate (0: nothing), and go on right behind it.

    A candidate is greedy: "4111 1111 1111 1111 12/27" holds a card number and a date.
    """

    def find(text: str) -> Spans:
        at = 0
        while match := candidate.search(text, at):
            taken = length(match[0])
            if taken:
                yield match.start(), match.start() + taken
            at = match.start() + taken if taken else match.end()

    return find


def _places(text: str) -> list[int]:
    return [place for place, character in enumerate(text) if character.isalnum()]


def _iban_length(text: str) -> int:
    length = _IBAN_LENGTHS.get(text[:2].upper(), 0)
    places = _places(text)[:length]
    code = "".join(text[place] for place in places).upper()
    return places[-1] + 1 if length and len(code) == length and _mod97(code) else 0


def _mod97(code: str) -> bool:
    return int("".join(str(int(c, 36)) for c in code[4:] + code[:4])) % 97 == 1


def luhn(digits: str) -> bool:
    """Return whether the last of `digits` checks the others (ISO/IEC 7812-1, annex B)."""
    doubled = [int(d) * 2 for d in digits[-2::-2]]
    return (sum(map(int, digits[-1::-2])) + sum(d // 10 + d % 10 for d in doubled)) % 10 == 0


_DIGITS = re.compile(r"(?<![\w+])[2-6](?:[ .-]?[0-9]){12,30}")


def _card_length(text: str) -> int:
    places = _places(text)
    digits = re.sub(r"\D", "", text)
    for length in (16, 15, 14, 13, 19, 18, 17):
        whole = len(places) == length or (
            len(places) > length and places[length] > places[length - 1] + 1
        )
        if whole and luhn(digits[:length]):
            return places[length - 1] + 1
    return 0


_ID = re.compile(r"(?<![\w+-])(?:[0-9]{6}[ -]?[0-9]{5}|(?:19|20)?[0-9]{6}[ +-]?[0-9]{4}"
                 r"|[0-9]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{3})(?![\w])")  # fmt: skip
_ORDER = re.compile(
    r"(?:\b(?:order|ordre|best[äe]ll\w*|bestilling\w*|faktura|invoice|rechnung\w*|varen|artikel"
    r"|tracking|pakke|parcel|paket|sporing\w*|sendung\w*)[\w-]{0,10}(?: ?(?:no|nr|number|nummer))?"
    r"[.:]?\s{0,2}(?:is |er |är |ist )?|#\s?|nr\.? ?)$",
    re.IGNORECASE,
)


def _ids(text: str) -> Spans:
    for match in _ID.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if _personal(digits, dashed="-" in match[0] or "+" in match[0]):
            ordered = _ORDER.search(text[max(0, match.start() - 40) : match.start()])
            if not ordered or "-" in match[0]:
                yield match.span()


def _personal(digits: str, *, dashed: bool) -> bool:
    if len(digits) == 11:
        return _norwegian(digits) or _german_tax(digits)
    if len(digits) == 12:
        return _date(digits[6:8], digits[4:6]) and luhn(digits[2:])
    swedish = _date(digits[4:6], digits[2:4]) and luhn(digits)
    # Danish numbers since 2007 have no check digit: the date is all there is.
    danish = _date(digits[:2], digits[2:4])
    return swedish or danish


def _date(day: str, month: str) -> bool:
    """Accept coordination and D-numbers, whose day is raised by 60 or 40."""
    return 1 <= int(month) <= 12 and (
        1 <= int(day) <= 31 or 41 <= int(day) <= 71 or 61 <= int(day) <= 91
    )


def _norwegian(digits: str) -> bool:
    """Both check digits of a fødselsnummer or D-number (Skatteetaten)."""
    first = sum(int(d) * w for d, w in zip(digits, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1), strict=False))
    second = sum(int(d) * w for d, w in zip(digits, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1), strict=True))
    return first % 11 == 0 and second % 11 == 0 and _date(digits[:2], digits[2:4])


def _german_tax(digits: str) -> bool:
    """The check digit of a Steuer-Identifikationsnummer (ISO 7064, MOD 11,10)."""
    product = 10
    for digit in digits[:10]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    repeats = 10 - len(set(digits[:10]))
    return digits[0] != "0" and 1 <= repeats <= 2 and (11 - product) % 10 == int(digits[10])


# --- Phones, addresses, the network -----------------------------------------------------------
_PHONE = re.compile(
    r"(?<![\w+])(?<![0-9][.,-])(?:(?:\+|00)[1-9]|\(?0[1-9]|[2-9]|\([2-9])"
    r"(?:[ ./()-]{0,2}[0-9]){5,14}(?![0-9]|[.,:-][0-9]|[^\W\d])"
)
_DATE = re.compile(
    r"(?:19|20)[0-9]{2}([-./ ])[0-9]{1,2}\1[0-9]{1,2}"
    r"|[0-9]{1,2}([-./ ])[0-9]{1,2}\2(?:19|20)[0-9]{2}"
)
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:[. ][0-9]{3})+")
_GROUPED = re.compile(
    r"[2-9][0-9](?: [0-9]{2}){3}|[2-9][0-9]{2} [0-9]{2} [0-9]{3}|[2-9][0-9]{3} [0-9]{4}"
    r"|[2-9][0-9](?:-[0-9]{2}){3}|[2-9][0-9](?:\.[0-9]{2}){3}|[2-9][0-9]{7}"
)
_AMERICAN = re.compile(r"(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .-])[0-9]{3}[ .-][0-9]{4}")


def _phones(text: str) -> Spans:
    at = 0
    while match := _PHONE.search(text, at):
        ordered = _ORDER.search(text[max(0, match.start() - 40) : match.start()])
        length = _phone_length(match[0], ordered=bool(ordered))
        if length:
            yield match.start(), match.start() + length
        at = match.start() + length if length else match.end()


def _phone_length(text: str, *, ordered: bool) -> int:
    digits = len(re.sub(r"\D", "", text))
    if _DATE.fullmatch(text) or _THOUSANDS.fullmatch(text):
        return 0
    if text[0] == "+" or text[:2] == "00":
        return len(text) if 8 <= digits <= 17 else 0
    if text.lstrip("(")[0] == "0":  # a trunk 0: Sweden, Germany, Britain
        return len(text) if 8 <= digits <= 14 and not (ordered and text.isdigit()) else 0
    if ordered:
        return 0
    # Denmark and Norway have eight digits and no area codes.
    for pattern in (_AMERICAN, _GROUPED):
        match = pattern.match(text)
        if not match or text[match.end() : match.end() + 1].isdigit():
            continue
        if match.end() == len(text) or match[0][4:5] != " ":  # "4111 1111" may be half a card
            return match.end()
    return 0


_IP = re.compile(
    r"(?<![\w.:])(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
    r"|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?![\w:]|\.\w)"
)


def _addresses(text: str) -> Spans:
    for match in _IP.finditer(text):
        try:
            ipaddress.ip_address(match[0])
        except ValueError:
            continue
        if len(match[0]) > 4:
            yield match.span()


_UPPER, _LOWER = "A-ZÆØÅÄÖÜÉ", "a-zæøåäöüßé"
_STREET = (
    rf"(?<!\w)(?:[{_UPPER}][{_LOWER}]{{1,30}}[ -])?(?:[{_UPPER}][{_LOWER}]{{1,30}}"
    r"(?:vej|vejen|gade|gården|allé|stræde|vænge|parken|väg|vägen|gatan|gränd|gata|gaten|veien"
    r"|vegen|straße|strasse|str\.|weg|platz|gasse)"
    rf"|[{_UPPER}][{_LOWER}]{{1,30}} (?:Vej|Gade|Allé|Plads|Straße|Platz|Allee|Weg))"
    r" [0-9]{1,4}(?: ?[A-Za-z](?!\w))?(?!\w)"
    r"(?:, ?(?:st|kl|[0-9]{1,2})\.? ?(?:sal,? ?)?(?:th|tv|mf)\b\.?)?"
    rf"(?:,? {{0,2}}[0-9]{{3}} ?[0-9]{{1,2}} [{_UPPER}][{_LOWER}]{{1,30}}(?: [{_UPPER}]\b)?)?"
    rf"|(?<!\w)[0-9]{{1,4}}[A-Za-z]? [{_UPPER}][{_LOWER}]{{1,30}}"
    r" (?:Street|Road|Avenue|Lane|Drive|Close)\b"
)
_KINDS: tuple[tuple[str, Find], ...] = (
    ("LOGIN", _pattern(r"(?<=://)[^\s/@\0]{1,200}(?=@)")),
    ("QUERY", _pattern(r"(?:https?://|www\.)[^\s?#<>\0]{1,300}[?#]([^\s<>\"'\0]{1,2000})", 1)),
    ("EMAIL", _pattern(r"(?<![\w.+%'-])[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+")),
    ("IBAN", _within(_IBAN, _iban_length)),
    ("CARD", _within(_DIGITS, _card_length)),
    ("ID", _ids),
    ("IP", _addresses),
    ("PHONE", _phones),
    ("ADDRESS", _pattern(_STREET)),
)
