"""What of a text must be copied exactly: numbers with their units, dates, links, codes, names."""

import functools
import re
from collections.abc import Callable, Iterable

from chatbot.answering.sentences import CITATION, MARKDOWN_LINK, plain

Fact = tuple[str, str]

_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_TAIL = r"[^\s<>()\[\]\"'«»“”]*"
_URL = re.compile(rf"(?:https?://|www\.){_TAIL}|(?<![\w@.-])(?:[\w-]{{2,63}}\.)+[a-z]{{2,24}}\b(?:/{_TAIL})?", re.I)  # noqa: E501  # fmt: skip
_PHONE = re.compile(r"\+\d[\d ()./-]{6,20}\d|(?<![\d-])\d{2,4}(?:[ -]\d{2,4}){2,6}(?![\d-])")
_NUMBER = re.compile(r"\d+(?:(?:[.,:']|(?<=\d) (?=\d{3}(?!\d)))\d+)*")
_CODE = re.compile(r"\b(?=[\w-]*[^\W\d_])(?=[\w-]*\d)[\w-]{3,}\b|\b[A-ZÆØÅÄÖÜ]{4,}\b")
_JOIN = re.compile(r"\s*(?:-|/|to|til|till|bis|and|og|och|und|or|eller|oder)\s*", re.IGNORECASE)
_FLAGS = re.IGNORECASE
_UNITS = tuple(
    (name, re.compile(rf"\s*-?\s*(?:{pattern})(?![^\W\d_])", _FLAGS))
    for name, pattern in (
        ("workday", r"(?:working|business|week)[ -]?days?|hverdag\w{0,4}|arbejdsdag\w{0,4}"
         r"|vardag\w{0,4}|arbetsdag\w{0,4}|virkedag\w{0,4}|arbeidsdag\w{0,4}|werktag\w{0,3}"
         r"|arbeitstag\w{0,3}"),
        ("day", r"days?(?:'s?)?|dag(?:e|es|ar|ars|er|ers|s)?|døgn|dygn|tag(?:e|en|es)?"),
        ("hour", r"hours?|hrs?|timer?s?|timm(?:e|ar|ars|es)|stunden?"),
        ("minute", r"minutes?|min|minutt?er?|minuter|minuten?"),
        ("week", r"weeks?|uger?s?|veck(?:a|or|ors)|uker?s?|wochen?"),
        ("month", r"months?|måned(?:er|ers)?|månad(?:er|ers)?|monat(?:e|en)?"),
        ("year", r"years?|års?|jahr(?:e|en)?"),
        ("%", r"%|per ?cent|procent|prosent|prozent|pct\.?"),
        ("EUR", r"€|euros?|eur"), ("DKK", "dkk"), ("SEK", "sek"), ("NOK", "nok"),
        ("USD", r"\$|usd|dollars?"), ("GBP", r"£|gbp|pounds?"), ("kr", r"kr\.?|kroner?|kronor"),
        ("°C", r"°\s*c|grader|grad|degrees"), ("kg", "kg|kilo"), ("g", "g|gram"), ("cm", "cm"),
        ("mm", "mm"), ("m", "m|met(?:er|re)s?"), ("km", "km"), ("l", "l|lit(?:er|re)s?"),
        ("pm", r"p\.?m\.?"), ("am", r"a\.?m\.?"),
    )
)  # fmt: skip
_BEFORE = re.compile(r"(€|\$|£|\beur|\bdkk|\bsek|\bnok|\busd|\bgbp|\bkr\.?)\s*$", re.IGNORECASE)
_VALUES = (*range(2, 21), 30, 40, 50, 60, 70, 80, 90, 100)
_NUMBER_WORDS = {
    "en": "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety "
    "hundred",
    "da": "to tre fire fem seks syv otte ni ti elleve tolv tretten fjorten femten seksten sytten "
    "atten nitten tyve tredive fyrre halvtreds tres halvfjerds firs halvfems hundrede",
    "sv": "två tre fyra fem sex sju åtta nio tio elva tolv tretton fjorton femton sexton sjutton "
    "arton nitton tjugo trettio fyrtio femtio sextio sjuttio åttio nittio hundra",
    "nb": "to tre fire fem seks sju åtte ni ti elleve tolv tretten fjorten femten seksten sytten "
    "atten nitten tjue tretti førti femti seksti sytti åtti nitti hundre",
    "de": "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn "
    "sechzehn siebzehn achtzehn neunzehn zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig "
    "neunzig hundert",
}
_MONTHS = re.compile(
    r"\b(?:(jan)uar[iy]?|(feb)ruar[iy]?|(m)(?:arch|arts|ars|ärz)|(ap)ril|(ma)j|(ju)n[ie]|(jul)[iy]"
    r"|(au)gusti?|(s)ept(?:ember)?|(o)[ck]tober|(n)ovember|(d)e[csz]ember)\b", _FLAGS)  # fmt: skip
_MAY = re.compile(r"\b(?:Ma[yi]|mai)\b(?= ?\d)|(?:(?<=\d )|(?<=\d\. ))(?:Ma[yi]|mai)\b")
_WEEKDAYS = re.compile(
    r"\b(?:(m[oaå]n)(?:day|dag|tag)|(t)(?:uesday|irsdag|isdag|ysdag)|(die)nstag|(w)ednesday"
    r"|(o)nsdag|(mit)twoch|(th)ursday|(to)r[s]?dag|(do)nnerstag|(f)(?:riday|redag|reitag)"
    r"|(sa)turday|(l)[øö]rdag|(sam)stag|(son)nabend|(s)(?:unday|øndag|öndag|onntag))"
    r"(?:s|e|en|er|ar|ene|erne|arna)?s?\b", _FLAGS)  # fmt: skip
_SAME_DAY = {3: 2, 4: 4, 5: 4, 6: 4, 7: 5, 8: 5, 9: 5, 10: 6, 11: 7, 12: 7, 13: 7, 14: 7, 15: 8}


def facts(text: str, language: str) -> set[Fact]:
    """Return what of `text` must be copied exactly, as (kind, canonical value).

    Kinds: url, email, phone, number, measure ("60 day"), month, weekday, code. Thousands
    separators, a decimal comma, zero decimals and the place of a currency make no difference.
    """
    text = CITATION.sub(" ", text).replace("mailto:", " ")
    # A target of any form counts: "/login" leads away as well.
    found = {
        ("url", _canonical_url(url)) for _, url in MARKDOWN_LINK.findall(text) if "@" not in url
    }
    text = MARKDOWN_LINK.sub(r"\1 \2 ", text)
    text = plain(text)

    def take(kind: str, pattern: re.Pattern[str], canonical: Callable[[str], str]) -> None:
        nonlocal text
        found.update((kind, canonical(match[0])) for match in pattern.finditer(text))
        text = pattern.sub(" ; ", text)

    take("email", _EMAIL, lambda m: m.casefold().rstrip("."))
    take("url", _URL, _canonical_url)
    take("phone", _PHONE, lambda m: re.sub(r"\D", "", m))
    found |= _measures(text)
    found |= {("month", str(m.lastindex)) for m in _MONTHS.finditer(text)}
    found |= {("month", "5") for _ in _MAY.finditer(text)}
    found |= {("weekday", str(_weekday(m))) for m in _WEEKDAYS.finditer(text)}
    found |= {
        ("code", m[0].casefold())
        for m in _CODE.finditer(text)
        if not re.fullmatch(r"\d+(?:-?[^\W\d_]+)+|EURO?", m[0]) or re.search(r"\d[A-Z]\d", m[0])
    }
    for word, value in _number_words(language).items():
        text = re.sub(rf"\b{word}\b", str(value), text, flags=_FLAGS)
    return found | _measures(text)


def _measures(text: str) -> set[Fact]:
    found: set[Fact] = set()
    waiting: list[str] = []  # the "2" of "2-4 days", whose unit comes later
    end = 0
    for match in _NUMBER.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        if before[-1:].isalpha() or (before[-1:] == "-" and before[-2:-1].isalpha()):
            continue  # within a code
        value = canonical_number(match[0])
        found.add(("number", value))
        if not (waiting and _JOIN.fullmatch(text[end : match.start()])):
            waiting = []
        waiting.append(value)
        end = match.end()
        currency = _BEFORE.search(before[-6:])
        unit = _unit(currency[1]) if currency else _unit(after[:24])
        if unit:
            found |= {("measure", f"{number} {unit}") for number in waiting}
            waiting = []
    return found


def _unit(text: str) -> str:
    return next((name for name, pattern in _UNITS if pattern.match(text)), "")


def canonical_number(text: str) -> str:
    """Return "5000" for 5.000, 5,000 or 5 000; "4.9" for 4,90; "14" for 14:00."""
    text = text.replace(" ", "").replace("'", "").replace(":", ".")
    marks = [character for character in text if character in ".,"]
    parts = re.split(r"[.,]", text)
    if not marks:
        return text.lstrip("0") or "0"
    if all(len(part) == 3 for part in parts[1:]) and len(set(marks)) == 1:
        return "".join(parts)
    if len(marks) > 1 and len(set(marks)) == 1:
        return ".".join(parts)  # a date or a version
    whole = "".join(parts[:-1]).lstrip("0") or "0"
    decimals = parts[-1].rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole


def _canonical_url(text: str) -> str:
    text = re.sub(r"^(?:https?://)?(?:www\.)?", "", text.rstrip(".,;:!?*_"), flags=_FLAGS)
    host, slash, path = text.partition("/")
    return (host.casefold() + slash + path).rstrip("/")


def _weekday(match: re.Match[str]) -> int:
    index = match.lastindex or 0
    return _SAME_DAY.get(index, index)


@functools.cache
def _number_words(language: str) -> dict[str, int]:
    words = _NUMBER_WORDS.get(language, "").split()
    return dict(zip(words, _VALUES, strict=bool(words)))


def names(text: str, language: str) -> Iterable[str]:
    """Return the capitalised words within sentences; German capitalises every noun."""
    pattern = r"[^\W\d_]*[a-zæøåäöü][A-ZÆØÅÄÖÜ][^\W\d_]*" if language == "de" else _NAME
    text = _MONTHS.sub(" x ", _WEEKDAYS.sub(" x ", text))  # facts already
    return {m for m in re.findall(pattern, text) if m not in _POLITE}


_POLITE = ("I", "De", "Dem", "Deres", "Ni")
_NAME = r"(?<![.!?:\"'] )(?<!^)(?<![\w\"'])[A-ZÆØÅÄÖÜ][^\W\d_]+"
