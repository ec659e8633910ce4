"""A draft: the answer that would be given, its source, and how sure it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from chatbot.answering.confidence import ConfidenceModel
from chatbot.answering.dialogue import (
    Dialogue,
    Option,
    Rejected,
    choice_of,
    is_follow_up,
    is_not_it,
    is_repeat,
    is_upset,
    parts_of,
)
from chatbot.answering.retrieval import Answer, Candidate, Knowledge
from chatbot.answering.understanding import Kind, Understanding
from chatbot.text import without_particulars

_CLOSE = 0.4  # the share of the best entry's score from which another may be meant instead
_MOST_RIVALS = 2
_REMEMBERED = 6


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposed answer; `answer` is None where nothing was found or nothing was asked.

    question: what was looked up; a follow-up has the question before it in it.
    covered: P(the knowledge says something about it), whichever entry that is.
    rivals: other entries that are nearly as near. candidates: all that are near, best first.
    parts: a draft for each of several questions in the message.
    """

    kind: Kind
    language: str
    question: str = ""
    answer: Answer | None = None
    confidence: float = 0.0
    covered: float = 0.0
    evidence: dict[str, Any] = field(default_factory=dict)
    rivals: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    parts: tuple["Draft", ...] = ()
    is_chosen: bool = False
    is_repeat: bool = False
    is_upset: bool = False


def draft_answer(
    understanding: Understanding,
    knowledge: Knowledge,
    model: ConfidenceModel,
    dialogue: Dialogue | None = None,
) -> Draft:
    """Return the draft for a message: one retrieval, one probability.

    More than one retrieval only for several questions, and for one that needs the question
    before it.
    """
    language, text = understanding.language, understanding.question
    if understanding.kind is not Kind.QUESTION:
        return Draft(understanding.kind, language)
    dialogue = dialogue or Dialogue()
    chosen = choice_of(text, dialogue.options)
    if isinstance(chosen, Option):
        answer = knowledge.answer(chosen.entry, language, question=dialogue.question)
        if answer is not None:
            return Draft(Kind.QUESTION, language, chosen.title, answer, is_chosen=True)
        text = chosen.title  # it was unpublished meanwhile; another entry may answer as well
    if chosen is Rejected.REJECTED:
        return Draft(Kind.NONE_CHOSEN, language, text)
    if is_not_it(text):
        return Draft(Kind.NOT_IT, language, text)
    return _draft_question(text, language, knowledge, model, dialogue)


def _draft_question(
    text: str, language: str, knowledge: Knowledge, model: ConfidenceModel, dialogue: Dialogue
) -> Draft:
    draft = _look_up(text, language, knowledge, model)
    if dialogue.question and is_follow_up(text):
        whole = _look_up(f"{dialogue.question} {text}", language, knowledge, model)
        if whole.confidence > draft.confidence:
            draft = whole
    questions = parts_of(text)
    parts: tuple[Draft, ...] = ()
    if len(questions) > 1:
        parts = tuple(_look_up(part, language, knowledge, model) for part in questions)
        entries = {part.answer.entry for part in parts if part.answer}
        if len(entries) < 2:  # one matter in several sentences
            parts = ()
    return Draft(
        kind=Kind.QUESTION,
        language=language,
        question=draft.question,
        answer=draft.answer,
        confidence=draft.confidence,
        covered=draft.covered,
        evidence=draft.evidence,
        rivals=draft.rivals,
        candidates=draft.candidates,
        parts=parts,
        is_repeat=is_repeat(text, dialogue),
        is_upset=is_upset(text),
    )


def _look_up(text: str, language: str, knowledge: Knowledge, model: ConfidenceModel) -> Draft:
    found = knowledge.find(without_particulars(text), language)
    # None where it was unpublished since it was indexed: rows are the truth.
    best = found.candidates[0].entry if found.candidates else ""
    answer = knowledge.answer(best, language, question=text) if best else None
    return Draft(
        kind=Kind.QUESTION,
        language=language,
        question=text,
        answer=answer,
        confidence=model.probability(found.evidence) if answer else 0.0,
        covered=model.covered.probability(found.evidence) if answer else 0.0,
        evidence=dict(found.evidence),
        rivals=_rivals(found.candidates),
        candidates=found.candidates[:_REMEMBERED],
    )


def _rivals(candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """Return the entries that the question may mean as well."""
    return tuple(
        candidate.entry
        for candidate in candidates[1 : 1 + _MOST_RIVALS]
        if candidate.score >= _CLOSE * candidates[0].score
    )
