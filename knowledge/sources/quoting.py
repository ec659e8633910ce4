"""Finds the sentences of a passage, and quotes the best of them word for word."""

import re
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_ELLIPSIS = " … "
_NEAR = 0.5  # of the way from the best score down to the middle one
_END = re.compile(r"[.!?…]+[\"'”»’)\]]*(?=\s)")
_ITEM = re.compile(r"[ \t]*(?:[-*•·–‣▪]|\(?\d{1,3}[.)]|[a-z]\))[ \t]+")
_ENDS = ".!?…:;"
_OPENERS = "\"'“”„»«‘(["


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# No sentence ends after these, whatever follows.
_BEFORE_MORE = _words(
    "ca bl bl.a bla d.v.s dvs eks f.eks feks fx f fr hhv hr inkl incl excl ekskl exkl kl lt "
    "m.fl maks max min jf jfr nr pga p.g.a sml st tel tlf v vedr vha v.h.a t.ex tex ex t.o.m "
    "tom f.o.m from fr.o.m p.g.a resp s.k abs bspw bzw d.h dr evtl fa frl gem ggf ggfs i.d.r "
    "inh prof s.o s.u sog u.u vgl z.b z.t zzgl approx art e.g fig i.e mr mrs ms no vs vol"
)
# A sentence may end after these: it does if the next word begins with a capital.
_PERHAPS_LAST = _words(
    "kr stk mdr mio mia mrd osv o.s.v m.m mm m.v mv o.l o.d etc usw u.a u.ä o.ä mwst std str "
    "pkt sek mån årl o.dyl u.s.w a.m p.m inc ltd co"
)
# Before a number an abbreviation, else a word of some language: "No. 5", "No. We don't."
_WORDS_TOO = _words("art ex from max min no tex tom")
_MONTHS = _words(
    "januar februar marts mars april maj mai juni juli august augusti september oktober "
    "november december desember januari februari jänner märz mai dezember january february "
    "march may june july october jan feb mar apr jun jul aug sep sept okt oct nov dec des dez"
)
# Before a German ordinal, which a noun in capitals follows: "am 3. Tag".
_GERMAN_ORDINAL = _words(
    "ab am an bis das dem den der des die im jede jeden jeder ins seit vom zum zur"
)
# A sentence that begins so says nothing without the one before it.
_LEANING = re.compile(
    r"(it|its|this|that|these|those|they|he|she|however|but|then|otherwise|therefore|so|also|"
    r"det|dette|disse|den|de|han|hun|men|dog|derfor|derefter|ellers|så|også|heller|"
    r"detta|dessa|hon|dock|därför|därefter|annars|också|"
    r"das|dies|diese|dieser|dieses|er|sie|es|aber|jedoch|deshalb|dann|danach|sonst|auch|außerdem)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, `text[start:end]` of the text that was given."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a text as they stand there; `ranges` are (start, end) in it, in order.

    An ellipsis in `text` marks where something between two ranges is left out.
    """

    text: str
    ranges: tuple[tuple[int, int], ...]


def sentences(text: str, language: str = "") -> list[Sentence]:
    """Return the sentences of `text` in order, without the white space between them.

    List items, rows and paragraphs end a sentence; abbreviations of English, Danish, Swedish,
    Norwegian and German, ordinals, dates, initials and numbers do not. `language` settles what
    differs: German nouns begin with capitals, so a capital says less there.
    """
    found = []
    for start, end in _lines(text):
        at = start
        for stop in _stops(text[start:end], language):
            found.append((at, start + stop))
            at = start + stop
        found.append((at, end))
    kept = []
    for start, end in found:
        whole = text[start:end]
        inner = whole.strip()
        if any(character.isalnum() for character in inner):
            at = start + len(whole) - len(whole.lstrip())
            kept.append(Sentence(inner, at, at + len(inner)))
    return kept


def best_sentences(
    question: str,
    text: str,
    score: Callable[[Sequence[str]], Sequence[float]],
    *,
    most: int = 3,
    language: str = "",
) -> Quote:
    """Quote the sentences of `text` that answer `question` best, at most `most`, in their order.

    `score` gives each sentence a number, higher being better, on whatever scale: a sentence is
    quoted beside the best one only if its score is nearer to the best than to the median. Taken
    along, while there is room: what a sentence leans on ("It ...", "Men ..."), what a colon
    introduces, and a single sentence between two chosen ones. A sentence that merely repeats the
    question is left out. The quote of an empty text is empty.
    """
    every = sentences(text, language)
    asked = _plain(question)
    own = [i for i, sentence in enumerate(every) if _plain(sentence.text) != asked]
    if not own or most < 1:
        return Quote("", ())
    given = score([every[i].text for i in own])
    scores = dict(zip(own, given, strict=True))
    order = sorted(own, key=lambda i: (-scores[i], i))
    best = scores[order[0]]
    enough = best - _NEAR * (best - statistics.median(given))
    chosen: set[int] = set()
    for i in order:
        if len(chosen) >= most or scores[i] < enough:
            break
        chosen.add(i)
        chosen |= _company(every, i, set(own) - chosen, most - len(chosen), text)
    for i in own:
        if len(chosen) < most and {i - 1, i + 1} <= chosen:
            chosen.add(i)
    return _quote(every, sorted(chosen), text)


def _company(every: Sequence[Sentence], i: int, free: set[int], room: int, text: str) -> set[int]:
    """Return the neighbours without which sentence `i` cannot be understood, at most `room`."""
    wanted = []
    same = i > 0 and "\n\n" not in text[every[i - 1].end : every[i].start]
    if i > 0 and (
        (same and _LEANING.match(every[i].text))
        or (every[i - 1].text.endswith(":") and _ITEM.match(every[i].text + " "))
    ):
        wanted.append(i - 1)
    if every[i].text.endswith(":"):
        wanted += range(i + 1, len(every))
    return set([j for j in wanted if j in free][:room])


def _quote(every: Sequence[Sentence], chosen: Sequence[int], text: str) -> Quote:
    ranges: list[tuple[int, int]] = []
    last = -2
    for i in chosen:
        if i == last + 1:
            ranges[-1] = (ranges[-1][0], every[i].end)
        else:
            ranges.append((every[i].start, every[i].end))
        last = i
    return Quote(_ELLIPSIS.join(text[start:end] for start, end in ranges), tuple(ranges))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _lines(text: str) -> list[tuple[int, int]]:
    """Return the stretches between line breaks that end a sentence."""
    stretches, start = [], 0
    for found in re.finditer(r"\n", text):
        before = text[start : found.start()].rstrip()
        after = text[found.end() :]
        following = after[:1]
        goes_on = before and before[-1] not in _ENDS and following.islower()
        if not goes_on or _ITEM.match(after[:20]):
            stretches.append((start, found.start()))
            start = found.end()
    stretches.append((start, len(text)))
    return [(start, end) for start, end in stretches if text[start:end].strip()]


def _stops(line: str, language: str) -> list[int]:
    """Return where sentences end within `line`, but for the last."""
    mark = _ITEM.match(line)
    return [
        found.end()
        for found in _END.finditer(line, mark.end() if mark else 0)
        if line[found.end() :].strip() and _is_end(line, found, language)
    ]


def _is_end(line: str, found: "re.Match[str]", language: str) -> bool:
    following = line[found.end() :].lstrip().lstrip(_OPENERS)
    if not following or following[0].islower():
        return False
    word = line[: found.start()].rpartition(" ")[2].lstrip(_OPENERS + "/-–").lower()
    next_word = re.split(r"[\s.,]", following, maxsplit=1)[0].lower()
    if found[0] != ".":
        ends = True
    elif word in _PERHAPS_LAST:
        ends = following[0].isupper()
    elif word in _WORDS_TOO:
        ends = not following[0].isdigit()
    elif re.fullmatch(r"\d{1,2}", word):
        ends = not _is_ordinal(line[: found.start()], next_word, language)
    else:
        ends = word not in _BEFORE_MORE and not re.fullmatch(r"[^\W\d_]", word)
    return ends


def _is_ordinal(before: str, next_word: str, language: str) -> bool:
    if next_word in _MONTHS or next_word.isdigit():
        return True
    words = before.split()
    return language == "de" and len(words) > 1 and words[-2].lower() in _GERMAN_ORDINAL
