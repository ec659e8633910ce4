"""Whether a sentence denies what a text affirms, or the reverse: by clauses and their words."""

import re
from collections.abc import Sequence

from chatbot.answering.sentences import content_words

_FLAGS = re.IGNORECASE
_NEGATION = re.compile(
    r"\b(?:not|cannot|\w+n't|never|no|none|nothing|nobody|neither|nor|without|unable|impossible"
    r"|ikke|aldrig|aldri|ingen|intet|ingenting|uden|uten|hverken|verken|umulig\w*"
    r"|inte|ej|inga|inget|ingenting|utan|varken|omöjlig\w*"
    r"|nicht|nichts|nie|niemals|kein\w*|ohne|weder|unmöglich\w*)\b", _FLAGS)  # fmt: skip
_NO_NEGATION = re.compile(
    r"\bno (?:more|later|longer) than\b|\bnot (?:only|later|more)\b|\bikke (?:kun|bare|mere end)\b"
    r"|\binte (?:bara|mer än)\b|\bnicht (?:nur|mehr als|später als)\b", _FLAGS)  # fmt: skip
# "Until it is packed" is "as long as it is not packed": such clauses have no side.
_EITHER = re.compile(
    r"\b(?:until|unless|before|except|as long as|indtil|medmindre|før|inden|så længe|undtagen|tills"
    r"|om inte|innan|förrän|så länge|utom|inntil|med mindre|så lenge|unntatt|bis|außer|bevor"
    r"|solange)\b", _FLAGS)  # fmt: skip
_CLAUSE = re.compile(
    r"[,;.!?()]|\b(?:but|if|when|once|because|men|hvis|når|fordi|om|när|aber|sondern|wenn|sobald"
    r"|weil)\b", _FLAGS)  # fmt: skip
_AND = re.compile(r"\b(?:and|or|og|eller|och|und|oder)\b", _FLAGS)
_YES = re.compile(r"^\W*(yes|ja|jo|jep|sure|of course|selvfølgelig|selvklart|självklart|natürlich)\b", _FLAGS)  # noqa: E501  # fmt: skip
_NO = re.compile(r"^\W*(no|nej|nei|nein|sorry|unfortunately|desværre|tyvärr|dessverre|leider)\b", _FLAGS)  # noqa: E501  # fmt: skip


def flipped_clause(claim: str, passages: Sequence[str]) -> str:
    """Return the clause of `claim` that denies what its like in `passages` affirms, or reverse."""
    lead = next((p for p in (_YES, _NO) if p.match(claim)), None)
    if lead and not any(lead.match(passage) for passage in passages):
        return claim[:20]  # a yes or no that no entry gives
    theirs = [clause for passage in passages for clause in _clauses(passage)]
    for words, side, clause in _clauses(claim):
        if side == 0 or not words:
            continue
        overlaps = [len(words & other) for other, _, _ in theirs]
        most = max(overlaps, default=0)
        if most * 3 < len(words) or most == 0:
            if side < 0 and not any(other <= 0 for _, other, _ in theirs):
                return clause
            continue
        alike = [c[1] for c, n in zip(theirs, overlaps, strict=True) if n == most]
        if side not in alike and 0 not in alike:
            return clause
    return ""


def _clauses(text: str) -> list[tuple[frozenset[str], int, str]]:
    """Return (content words, 1 affirmed | -1 denied | 0 either, text) of each clause."""
    text = _NO_NEGATION.sub(" ", _YES.sub("", _NO.sub("", text)))
    clauses: list[tuple[frozenset[str], int, str]] = []
    for part in filter(str.strip, _CLAUSE.split(text)):
        # "Valid for 3 years and not returnable" is two; "can't be returned or exchanged" is one.
        pieces, rest = [], part
        start = 0
        while joint := _AND.search(rest, start):
            head = rest[: joint.start()]
            if _NEGATION.search(head):
                break
            start = joint.end()
            if len(head.split()) > 3:  # else a shared subject: "gift cards and candles can't be"
                pieces.append(head)
                rest, start = rest[start:], 0
        for piece in [*pieces, rest]:
            side = -1 if _NEGATION.search(piece) else 1
            if _EITHER.search(piece):
                side = 0
            elif side == 1 and clauses and clauses[-1][1] < 0 and len(piece.split()) <= 3:
                side = -1  # a denied list goes on: "no returns, exchanges or cash"
            words = content_words(_NEGATION.sub(" ", piece))
            clauses.append((words, side, piece.strip()))
    return clauses
