"""A draft: the answer that would be given, its source, and how sure it is."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from chatbot.answering.confidence import ConfidenceModel, gather_evidence
from chatbot.answering.retrieval import Answer, Candidate, Knowledge
from chatbot.answering.understanding import Kind, Understanding


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposed answer; `answer` is None where nothing was found or nothing was asked."""

    kind: Kind
    language: str
    answer: Answer | None = None
    confidence: float = 0.0
    evidence: dict[str, Any] = field(default_factory=dict)


def draft_answer(
    understanding: Understanding, knowledge: Knowledge, model: ConfidenceModel
) -> Draft:
    """Return the draft for a message: one retrieval, one probability."""
    if understanding.kind is not Kind.QUESTION:
        return Draft(understanding.kind, understanding.language)
    candidates = knowledge.find(understanding.question)
    candidates, answer = _first_published(candidates, knowledge, understanding.language)
    evidence = gather_evidence(understanding.question, candidates)
    return Draft(
        kind=understanding.kind,
        language=understanding.language,
        answer=answer,
        confidence=model.probability(evidence) if answer else 0.0,
        evidence=asdict(evidence) if evidence else {},
    )


def _first_published(
    candidates: Sequence[Candidate], knowledge: Knowledge, language: str
) -> tuple[Sequence[Candidate], Answer | None]:
    """Skip entries that were unpublished since they were indexed: rows are the truth."""
    for position, candidate in enumerate(candidates):
        answer = knowledge.answer(candidate.entry, language)
        if answer is not None:
            return candidates[position:], answer
    return (), None
