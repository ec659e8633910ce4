"""The reads of customers' questions: what was said of the answers, and what nobody said yet."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from chatbot import wiring
from chatbot.answering.confidence import ConfidenceModel
from chatbot.answering.evaluation import Scored
from chatbot.answering.refitting import Label
from chatbot.conversations.models import Channel, Message

RECENT = timedelta(days=90)
_MOST = 5_000  # newest questions that are looked at
_MOST_REVIEWED = 1_000


@dataclass(frozen=True, slots=True)
class Labelled:
    """A customer's question whose answer somebody has judged."""

    message_id: int
    channel_id: int
    entry: str
    outcome: Label

    def scored(self, model: ConfidenceModel) -> Scored:
        """Return it as `model` would have promised it."""
        return Scored(
            expected=self.entry if self.outcome.right else None,
            predicted=self.entry,
            confidence=model.probability(self.outcome.evidence),
        )


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """A question that waits for a verdict, with how sure the bot is now and how sure it must be."""

    message_id: int
    confidence: float
    threshold: float


def labelled(channel_id: int | None) -> list[Labelled]:
    """Return the judged questions of a channel (None: of all), the newest first."""
    rows = _questions(channel_id).filter(verdict__isnull=False).order_by("-pk")
    return [
        Labelled(pk, channel, str(evidence["entry"]), Label(evidence, right))
        for pk, channel, evidence, right in rows.values_list(
            "pk", "channel_id", "evidence", "verdict__right"
        )[:_MOST]
        if is_evidence(evidence)
    ]


def recent_evidence(channel_id: int | None) -> list[Mapping[str, Any]]:
    """Return the evidence for each question that was asked lately."""
    rows = _questions(channel_id).filter(created_at__gte=timezone.now() - RECENT)
    found = rows.order_by("-pk").values_list("evidence", flat=True)[:_MOST]
    return [evidence for evidence in found if is_evidence(evidence)]


def to_review(*, without: Iterable[int] = ()) -> list[Unlabelled]:
    """Return the questions of late that nobody has judged, the least certain first."""
    skipped = set(without)
    rows = (
        _questions(None)
        .filter(verdict__isnull=True, created_at__gte=timezone.now() - RECENT)
        .exclude(text="")
        .order_by("-pk")
        .values_list("pk", "channel_id", "channel__threshold", "evidence")[:_MOST_REVIEWED]
    )
    waiting = []
    for pk, channel, own, evidence in rows:
        if pk in skipped or not is_evidence(evidence):
            continue
        threshold = settings.CONFIDENCE_THRESHOLD if own is None else own
        confidence = wiring.confidence_model(channel).probability(evidence)
        waiting.append(Unlabelled(pk, confidence, threshold))
    return sorted(
        waiting, key=lambda one: (round(abs(one.confidence - one.threshold), 4), -one.message_id)
    )


def is_evidence(evidence: Mapping[str, Any]) -> bool:
    """Return whether the shipped model can judge `evidence`: older versions noted other things."""
    return "entry" in evidence and needed_features() <= evidence.keys()


def needed_features() -> frozenset[str]:
    """Return the names of what the shipped model looks at."""
    model = wiring.shipped_model()
    return frozenset({*model.covered.weights, *model.right.weights})


def threshold_of(channel_id: int | None) -> float:
    """Return the probability from which a channel (None: the server) answers."""
    own = None
    if channel_id is not None:
        own = Channel.objects.filter(pk=channel_id).values_list("threshold", flat=True).first()
    return settings.CONFIDENCE_THRESHOLD if own is None else own


def _questions(channel_id: int | None) -> QuerySet[Message]:
    found = Message.objects.filter(
        author=Message.Author.CONTACT, evidence__has_key="entry"
    ).order_by()
    return found if channel_id is None else found.filter(channel_id=channel_id)


@dataclass(frozen=True, slots=True)
class Step:
    """What answering from `threshold` on does.

    answered: the share of all questions of late. given, right: of the judged answers from there
    on, how many, and how many of those were right.
    """

    threshold: float
    answered: float | None
    given: int
    right: int

    @property
    def of_ten(self) -> tuple[int, int]:
        """Return how many were right of how many, in at most ten; ten only where all were."""
        if self.given <= 10:
            return self.right, self.given
        share = round(10 * self.right / self.given)
        return (share if self.right == self.given else min(share, 9)), 10


def steps(
    thresholds: Sequence[float], scored: Sequence[Scored], confidences: Sequence[float]
) -> list[Step]:
    """Return what each threshold does."""
    found = []
    for threshold in thresholds:
        given = [one for one in scored if one.confidence >= threshold]
        answered = sum(confidence >= threshold for confidence in confidences)
        found.append(
            Step(
                threshold,
                answered / len(confidences) if confidences else None,
                len(given),
                sum(one.is_right for one in given),
            )
        )
    return found
