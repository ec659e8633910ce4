"""A question put through the whole of answering, without a conversation: nothing is recorded."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from chatbot import wiring
from chatbot.actions import registry
from chatbot.answering.confidence import ConfidenceModel, Logistic
from chatbot.answering.dialogue import Dialogue
from chatbot.answering.drafting import Draft, draft_answer
from chatbot.answering.gate import Clarify, Courtesy, Decision, HandOff, Policy, Reply, decide
from chatbot.answering.retrieval import Candidate
from chatbot.answering.understanding import Understanding, detect_language, what_is_asked
from chatbot.conversations.models import Channel
from chatbot.insights.entries import Entry, entries_named
from knowledge import ingest
from knowledge.catalog import NoIndex, catalog
from knowledge.store import NotOwner

_MOST_ENTRIES = 8
_LONGEST_WAIT = 4.0  # seconds that the index is given to follow an edit


class NothingToSearch(RuntimeError):
    """There is no index yet, or this process does not see it."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a customer who writes `language` reads; `other` names the answer's own, if another."""

    language: str
    title: str
    html: SafeString
    other: str


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry near the question."""

    entry: Entry
    score: float
    similarity: float
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Speaks:
    """One piece of evidence, and how much it adds to the logarithm of the odds."""

    name: str
    value: float
    weight: float


@dataclass(frozen=True, slots=True)
class Part:
    """One of several questions in the message."""

    question: str
    title: str
    confidence: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """All that the bot would do with a question, and why."""

    question: str
    language: str
    decision: Decision
    confidence: float
    threshold: float
    covered: float
    right: float
    best: Entry | None
    entries: tuple[FoundEntry, ...]
    evidence: tuple[Speaks, ...]
    options: tuple[str, ...]
    parts: tuple[Part, ...]
    answers: tuple[Spoken, ...]
    is_behind: bool

    @property
    def outcome(self) -> str:
        """Return what happens, in a word that a table of words has."""
        match self.decision:
            case Reply():
                return "answer"
            case Clarify():
                return "clarify"
            case Courtesy():
                return "courtesy"
            case HandOff():
                return "handoff"
            case _:
                return "again"

    @property
    def does(self) -> bool:
        """Return whether something is done rather than told."""
        answers = self.decision.answers if isinstance(self.decision, Reply) else ()
        return any(registry.can_do(one.action) for one in answers)

    def summary(self) -> dict[str, Any]:
        """Return what is kept of it, to see later what an edit has changed."""
        said = "\0".join(answer.html for answer in self.answers)
        return {
            "outcome": self.outcome,
            "confidence": round(self.confidence, 4),
            "threshold": self.threshold,
            "entry": self.best.title if self.best else "",
            "answers": hashlib.sha256(said.encode()).hexdigest()[:16],
        }


def attempt(question: str, *, language: str = "", channel: Channel | None = None) -> Attempt:
    """Return what the bot would do with `question`, asked first in a conversation.

    `language` "" is found out, as for a customer's message. Waits a moment for the index where
    it is behind an edit. Raises NothingToSearch.
    """
    is_behind = not _index_has_followed()
    kind, asked = what_is_asked(question)
    spoken = language or detect_language(question, hint=channel.language if channel else "")
    model = wiring.confidence_model(channel.pk if channel else None)
    own = channel.threshold if channel else None
    policy = Policy(threshold=settings.CONFIDENCE_THRESHOLD if own is None else own)
    knowledge = wiring.knowledge()
    try:
        draft = draft_answer(Understanding(kind, spoken, asked), knowledge, model, Dialogue())
        candidates = knowledge.find(draft.question, spoken).candidates if draft.question else ()
    except (NoIndex, NotOwner) as error:
        raise NothingToSearch from error
    decision = decide(draft, policy, Dialogue())
    named = entries_named([one.entry for one in candidates[:_MOST_ENTRIES]])
    best = named.get(draft.answer.entry) if draft.answer else None
    offered = decision.entries if isinstance(decision, Clarify) else ()
    return Attempt(
        question=question,
        language=spoken,
        decision=decision,
        confidence=draft.confidence,
        threshold=policy.threshold_of(draft.answer) if draft.answer else policy.threshold,
        covered=draft.covered,
        right=model.right.probability(draft.evidence) if draft.evidence else 0.0,
        best=best,
        entries=_entries(candidates, named),
        evidence=_evidence(draft.evidence, model) if draft.answer else (),
        options=tuple(named[name].title for name in offered if name in named),
        parts=_parts(draft, policy),
        answers=_answers(draft, decision),
        is_behind=is_behind,
    )


def _index_has_followed() -> bool:
    """Return whether the index has what was saved, giving it a moment."""
    deadline = time.monotonic() + _LONGEST_WAIT
    while ingest.has_work():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    catalog.look_again()
    return True


def _entries(candidates: Sequence[Candidate], named: Mapping[str, Entry]) -> tuple[FoundEntry, ...]:
    return tuple(
        FoundEntry(named[one.entry], one.score, one.similarity, one.text, one.language)
        for one in candidates[:_MOST_ENTRIES]
        if one.entry in named
    )


def _evidence(evidence: Mapping[str, float], model: ConfidenceModel) -> tuple[Speaks, ...]:
    """Return what was seen, in the order of how much it counts for or against."""
    weights = dict.fromkeys((*model.covered.weights, *model.right.weights), 0.0)
    for part in (model.covered, model.right):
        for name in part.weights:
            weights[name] += _adds(part, name, evidence[name])
    found = [Speaks(name, float(evidence[name]), weight) for name, weight in weights.items()]
    return tuple(sorted(found, key=lambda one: -abs(one.weight)))


def _adds(part: Logistic, name: str, value: float) -> float:
    return part.weights[name] * (value - part.means[name]) / part.scales[name]


def _parts(draft: Draft, policy: Policy) -> tuple[Part, ...]:
    return tuple(
        Part(
            part.question,
            part.answer.title if part.answer else "",
            part.confidence,
            policy.threshold_of(part.answer) if part.answer else policy.threshold,
        )
        for part in draft.parts
    )


def _answers(draft: Draft, decision: Decision) -> tuple[Spoken, ...]:
    """Return what is given, or would have been, in each of our languages."""
    if draft.answer is None:
        return ()
    given = decision.answers if isinstance(decision, Reply) else (draft.answer,)
    asked = {part.answer.entry: part.question for part in draft.parts if part.answer}
    spoken = []
    for language, _ in settings.LANGUAGES:
        for one in given:
            question = asked.get(one.entry, draft.question)
            answer = wiring.knowledge().answer(one.entry, language, question)
            if answer is None:
                continue
            other = "" if answer.language == language else answer.language
            # Both makers of this HTML sanitise: knowledge.markdown, and knowledge.search by escape.
            html = mark_safe(answer.html)  # noqa: S308
            spoken.append(Spoken(language, answer.title, html, other))
    return tuple(spoken)
