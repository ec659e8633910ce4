"""Questions that ask the same, by their vectors. Pure and deterministic."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]


def clusters_of(vectors: Vectors, *, alike: float) -> list[list[int]]:
    """Return the rows of `vectors` in clusters, the largest first; each begins with its middle.

    Agglomerative with average linkage (Sokal and Michener 1958): the two nearest clusters are
    joined while the mean cosine between their members is at least `alike`. Vectors are of unit
    length.
    """
    count = len(vectors)
    if not count:
        return []
    whole = np.where(np.isfinite(vectors), vectors, np.float32(0.0))  # what is broken joins nothing
    cosines = (whole @ whole.T).astype(float)
    members: list[list[int]] = [[row] for row in range(count)]
    between = cosines.copy()
    np.fill_diagonal(between, -np.inf)
    for _ in range(count - 1):
        first, second = divmod(int(between.argmax()), count)
        if not between[first, second] >= alike:
            break
        keep, gone = min(first, second), max(first, second)
        ours, theirs = len(members[keep]), len(members[gone])
        joined = (ours * between[keep] + theirs * between[gone]) / (ours + theirs)
        between[keep] = between[:, keep] = joined
        between[keep, keep] = -np.inf
        between[gone] = between[:, gone] = -np.inf
        members[keep] += members[gone]
        members[gone] = []
    found = [by_typicality(rows, cosines) for rows in members if rows]
    return sorted(found, key=lambda rows: (-len(rows), min(rows)))


def by_typicality(rows: Sequence[int], cosines: npt.NDArray[np.float64]) -> list[int]:
    """Return `rows`, the one that is nearest to all others first."""
    at = np.array(rows, dtype=int)
    nearness = cosines[np.ix_(at, at)].sum(axis=1).round(6)
    return [row for _, row in sorted(zip((-nearness).tolist(), rows, strict=True))]
