"""Articles whose questions are so alike that one is found for the other. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge.field import Field, unit

ALIKE = 0.6  # centred cosine; further apart, two questions have only their subject in common
_SAME = 0.7  # from here on one collision tells; nearer to `ALIKE` it takes several
_SEVERAL = 3
_ROWS_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Collision:
    """A question of one entry that is nearer to the other's than to its own siblings."""

    text: str
    other: str
    language: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entries that are hard to tell apart, with the questions that show it, nearest first.

    Of each collision `text` belongs to `first` and `other` to `second`.
    """

    first: str
    second: str
    collisions: tuple[Collision, ...]


def near_duplicates(field: Field, entries: Sequence[str], *, alike: float = ALIKE) -> list[Pair]:
    """Return the pairs among `entries` that collide, those with the most collisions first."""
    names = frozenset(entries)
    wanted = {number for number, name in enumerate(field.entries) if name in names}
    found: dict[tuple[int, int], dict[tuple[int, int], float]] = defaultdict(dict)
    languages = [language for _, language in field.questions]
    for language in sorted(set(languages)):
        rows = np.array(
            [
                row
                for row, (said, owner) in enumerate(
                    zip(languages, field.owner.tolist(), strict=True)
                )
                if said == language and owner in wanted
            ],
            dtype=int,
        )
        for row, other, similarity in _collisions(field, rows, alike):
            if field.owner[row] > field.owner[other]:
                row, other = other, row  # noqa: PLW2901  # either may have found it
            pair = (int(field.owner[row]), int(field.owner[other]))
            found[pair][row, other] = similarity
    pairs = [
        Pair(
            field.entries[first],
            field.entries[second],
            tuple(
                Collision(
                    field.questions[row][0], field.questions[other][0], languages[row], similarity
                )
                for (row, other), similarity in sorted(
                    collisions.items(), key=lambda item: (-item[1], item[0])
                )
            ),
        )
        for (first, second), collisions in sorted(found.items())
    ]
    telling = [
        pair
        for pair in pairs
        if pair.collisions[0].similarity >= _SAME or len(pair.collisions) >= _SEVERAL
    ]
    return sorted(telling, key=lambda pair: (-len(pair.collisions), -pair.collisions[0].similarity))


def _collisions(
    field: Field, rows: npt.NDArray[np.int64], alike: float
) -> Iterator[tuple[int, int, float]]:
    """Return (row, row of the other entry, similarity) of each row that is nearer to another."""
    if not len(rows):
        return
    z = unit(field.vectors[rows] - field.centre)
    owner = field.owner[rows]
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        cosines = z[part] @ z.T
        same = owner[part, None] == owner[None, :]
        siblings = np.where(same, cosines, -1.0)
        here = np.arange(len(cosines))
        siblings[here, start + here] = -1.0
        others = np.where(same, -1.0, cosines)
        nearest = others.argmax(axis=1)
        best = others[here, nearest]
        collides = (best >= alike) & (best > siblings.max(axis=1))
        for at in np.flatnonzero(collides).tolist():
            yield int(rows[start + at]), int(rows[nearest[at]]), float(best[at])
