"""How good answers and their confidences are, counted over labelled messages. Pure.

A message is right when the entry that would be given is the one its label names. Out of scope
(label None) nothing is right: an answer there is a mistake, a handoff is what is wanted.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

BINS = 10


@dataclass(frozen=True, slots=True)
class Scored:
    """One labelled message: what was wanted, what would be given, and how sure."""

    expected: str | None
    predicted: str | None
    confidence: float

    @property
    def is_right(self) -> bool:
        """Whether the answer would be right."""
        return self.predicted is not None and self.predicted == self.expected


@dataclass(frozen=True, slots=True)
class Operating:
    """What a threshold does: of all messages `coverage` are answered, `precision` of those right.

    `precision` is None where nothing is answered.
    """

    threshold: float
    coverage: float
    precision: float | None


@dataclass(frozen=True, slots=True)
class Bin:
    """Messages of alike confidence: their mean confidence beside the share that is right."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What one set of scored messages shows.

    top_1: share of in-scope messages whose best entry is right (None without any).
    at_threshold: coverage and precision at the product's threshold.
    coverage_80, coverage_90: the widest coverage at which 80 % and 90 % of answers are right.
    out_of_scope_handed_off: share of out-of-scope messages that stay below the threshold.
    calibration_error: expected calibration error in `BINS` bins of equal width (Naeini et al.
        2015): the mean over messages of |mean confidence - share right| of their bin.
    """

    messages: int
    in_scope: int
    top_1: float | None
    at_threshold: Operating
    coverage_80: float
    coverage_90: float
    out_of_scope_handed_off: float | None
    calibration_error: float
    bins: tuple[Bin, ...]


def figures_of(scored: Sequence[Scored], *, threshold: float = 0.80) -> Figures:
    """Return the figures of `scored`. Raises ValueError for no messages."""
    if not scored:
        raise ValueError("no messages to count")
    asked = [one for one in scored if one.expected is not None]
    outside = [one for one in scored if one.expected is None]
    bins = bins_of(scored)
    return Figures(
        messages=len(scored),
        in_scope=len(asked),
        top_1=_share(one.is_right for one in asked),
        at_threshold=operating(scored, threshold),
        coverage_80=best_coverage(scored, 0.80),
        coverage_90=best_coverage(scored, 0.90),
        out_of_scope_handed_off=_share(one.confidence < threshold for one in outside),
        calibration_error=sum(
            abs(found.confidence - found.accuracy) * found.count / len(scored) for found in bins
        ),
        bins=bins,
    )


def operating(scored: Sequence[Scored], threshold: float) -> Operating:
    """Return coverage and precision when answers are given from `threshold` on."""
    given = [one for one in scored if one.predicted is not None and one.confidence >= threshold]
    return Operating(threshold, len(given) / len(scored), _share(one.is_right for one in given))


def best_coverage(scored: Sequence[Scored], precision: float) -> float:
    """Return the widest coverage of any threshold at which `precision` of the answers are right.

    Messages of equal confidence are answered together or not at all.
    """
    ranked = sorted(
        (one for one in scored if one.predicted is not None), key=lambda one: -one.confidence
    )
    best = right = 0
    for count, one in enumerate(ranked, start=1):
        right += one.is_right
        is_last_of_equals = count == len(ranked) or ranked[count].confidence < one.confidence
        if is_last_of_equals and right >= precision * count:
            best = count
    return best / len(scored)


def bins_of(scored: Sequence[Scored]) -> tuple[Bin, ...]:
    """Return the filled bins of equal width over 0 to 1, lowest first."""
    sorted_in: list[list[Scored]] = [[] for _ in range(BINS)]
    for one in scored:
        sorted_in[min(BINS - 1, math.floor(one.confidence * BINS))].append(one)
    return tuple(
        Bin(
            low=number / BINS,
            high=(number + 1) / BINS,
            count=len(found),
            confidence=sum(one.confidence for one in found) / len(found),
            accuracy=sum(one.is_right for one in found) / len(found),
        )
        for number, found in enumerate(sorted_in)
        if found
    )


def _share(those: Iterable[bool]) -> float | None:
    found = list(those)
    return sum(found) / len(found) if found else None
