"""The gate: a pure decision about a draft. Below the threshold a person gets the conversation."""

from dataclasses import dataclass
from typing import Literal

from chatbot.answering.drafting import Draft
from chatbot.answering.retrieval import Answer
from chatbot.answering.understanding import Kind

Reason = Literal["customer_request", "low_confidence", "missing_knowledge", "error"]


@dataclass(frozen=True, slots=True)
class Policy:
    """What a site allows: answers from `threshold` on.

    Below `topic_floor` the best entry says nothing about the topic either: any skill will do.
    """

    threshold: float = 0.80
    topic_floor: float = 0.35


@dataclass(frozen=True, slots=True)
class Reply:
    """Give the curated answer."""

    answer: Answer
    confidence: float


@dataclass(frozen=True, slots=True)
class Courtesy:
    """Answer a greeting, thanks or a goodbye in kind. Never counts as an answer."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class HandOff:
    """Bring a person, with what the bot would have answered where it had something."""

    reason: Reason
    topic: str = ""


Decision = Reply | Courtesy | HandOff


def decide(draft: Draft, policy: Policy) -> Decision:
    """Return what to do with `draft` under `policy`."""
    if draft.kind is Kind.HUMAN:
        return HandOff("customer_request")
    if draft.kind is not Kind.QUESTION:
        return Courtesy(draft.kind)
    if draft.answer is None:
        return HandOff("missing_knowledge")
    if draft.confidence >= policy.threshold:
        return Reply(draft.answer, draft.confidence)
    known = draft.confidence >= policy.topic_floor
    return HandOff("low_confidence", topic=draft.answer.topic if known else "")
