"""The gate: a pure decision about a draft. Below the threshold a person gets the conversation."""

from dataclasses import dataclass
from typing import Literal

from chatbot.answering.dialogue import Dialogue
from chatbot.answering.drafting import Draft
from chatbot.answering.retrieval import Answer
from chatbot.answering.understanding import Kind

Reason = Literal[
    "customer_request",
    "low_confidence",
    "missing_knowledge",
    "policy_restriction",
    "pending_clarification",
    "error",
]
_MOST_FAILURES = 2  # in a row; then a person comes
_MOST_OPTIONS = 3


@dataclass(frozen=True, slots=True)
class Policy:
    """What a site allows: answers from `threshold` on.

    A category may have a threshold of its own, which its answers carry. From `clarify_floor` on
    the customer may be asked which of several entries is meant, if it is sure enough
    (`clarify_covered`) that one of them is; from `offer_floor` on, whether an action is. Below
    `topic_floor` the best entry says nothing about the topic either: any skill will do.
    """

    threshold: float = 0.80
    clarify_floor: float = 0.35
    clarify_covered: float = 0.80
    offer_floor: float = 0.55
    topic_floor: float = 0.5

    def threshold_of(self, answer: Answer) -> float:
        """Return the probability from which `answer` is given."""
        return self.threshold if answer.threshold is None else answer.threshold


@dataclass(frozen=True, slots=True)
class Reply:
    """Give these answers, most often one; `confidence` is None where the customer chose it."""

    answers: tuple[Answer, ...]
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Courtesy:
    """Answer a greeting, thanks or a goodbye in kind. Never counts as an answer."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class Clarify:
    """Ask which of these entries is meant."""

    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskAgain:
    """The last answer was none: ask for other words, or a person."""


@dataclass(frozen=True, slots=True)
class HandOff:
    """Bring a person, with what the bot would have answered where it had something.

    `detail` says more than the reason: upset, asked_again, not_helped, none_chosen, one_of_several.
    """

    reason: Reason
    topic: str = ""
    detail: str = ""


Decision = Reply | Courtesy | Clarify | AskAgain | HandOff


def decide(draft: Draft, policy: Policy, dialogue: Dialogue | None = None) -> Decision:
    """Return what to do with `draft` under `policy`, after what was said before."""
    dialogue = dialogue or Dialogue()
    match draft.kind:
        case Kind.HUMAN:
            return HandOff("customer_request")
        case Kind.NOT_IT:
            if dialogue.question and dialogue.failures + 1 < _MOST_FAILURES:
                return AskAgain()
            return HandOff("pending_clarification", detail="not_helped")
        case Kind.NONE_CHOSEN:
            return HandOff("pending_clarification", detail="none_chosen")
        case Kind.QUESTION:
            return _decide_question(draft, policy, dialogue)
        case _:
            return Courtesy(draft.kind)


def _decide_question(draft: Draft, policy: Policy, dialogue: Dialogue) -> Decision:
    topic = _topic(draft, policy)
    if draft.is_upset:
        return HandOff("policy_restriction", topic, "upset")
    if draft.is_repeat:
        return HandOff("pending_clarification", topic, "asked_again")
    if draft.parts:
        return _decide_parts(draft, policy)
    if draft.answer is None:
        return HandOff("missing_knowledge")
    if draft.is_chosen or draft.confidence >= policy.threshold_of(draft.answer):
        return Reply((draft.answer,), None if draft.is_chosen else draft.confidence)
    return _decide_unsure(draft, policy, dialogue)


def _decide_unsure(draft: Draft, policy: Policy, dialogue: Dialogue) -> Decision:
    topic = _topic(draft, policy)
    if dialogue.failures:  # a second failure in a row
        return HandOff("pending_clarification", topic)
    could_be_several = (
        draft.confidence >= policy.clarify_floor and draft.covered >= policy.clarify_covered
    )
    if draft.answer and draft.rivals and could_be_several:
        return Clarify((draft.answer.entry, *draft.rivals)[:_MOST_OPTIONS])
    # To offer to do something claims nothing: the customer says whether it is wanted.
    if draft.answer and draft.answer.action and draft.confidence >= policy.offer_floor:
        return Clarify((draft.answer.entry,))
    return HandOff("low_confidence", topic)


def _decide_parts(draft: Draft, policy: Policy) -> Decision:
    """Several questions are answered together, each from the threshold on, or by a person."""
    answers = []
    for part in draft.parts:
        if part.answer is None or not part.confidence >= policy.threshold_of(part.answer):
            reason: Reason = "missing_knowledge" if part.answer is None else "low_confidence"
            return HandOff(reason, _topic(part, policy), "one_of_several")
        answers.append(part.answer)
    return Reply(tuple(answers), min(part.confidence for part in draft.parts))


def _topic(draft: Draft, policy: Policy) -> str:
    if draft.answer is not None and draft.confidence >= policy.topic_floor:
        return draft.answer.topic
    return ""
