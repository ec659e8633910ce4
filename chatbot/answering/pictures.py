"""Reliability as a picture: SVG text, readable in light and dark. Pure.

Left: of the answers given at about p, how many were right (on the line: as promised), each dot
with its count. Right: what each threshold would do, coverage and precision.
"""

from collections.abc import Sequence
from html import escape

from chatbot.answering.evaluation import Scored, bins_of, operating

_SIDE, _LEFT, _TOP, _GAP = 280, 52, 44, 92
_WIDTH, _HEIGHT = 2 * _SIDE + _LEFT + _GAP + 28, _SIDE + _TOP + 64
_STEPS = 100
_STYLE = """
  .t{font:12px system-ui,sans-serif;fill:currentColor}.h{font-weight:600;font-size:14px}
  .q{opacity:.72}.l{stroke:currentColor;stroke-opacity:.25}.n{fill:none;stroke-width:2}
  .a{stroke:#0f766e}.af{fill:#0f766e}.b{stroke:#b45309}.bf{fill:#b45309}
  svg{color:#1c1917;background:#fff}
  @media (prefers-color-scheme:dark){svg.own{color:#e7e5e4;background:#1c1917}
    .own .a{stroke:#2dd4bf}.own .af{fill:#2dd4bf}.own .b{stroke:#fbbf24}.own .bf{fill:#fbbf24}}
"""


def reliability(
    scored: Sequence[Scored],
    *,
    title: str,
    threshold: float = 0.80,
    words: Sequence[str] = ("promised", "right", "threshold", "precision", "coverage"),
) -> str:
    """Return the picture of `scored` as an SVG document; `words` name axes and curves.

    Raises ValueError for no messages.
    """
    if not scored:
        raise ValueError("no messages to draw")
    promised, right, at, precision, coverage = map(escape, words)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="own" role="img" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        f'<text class="t h" x="{_LEFT}" y="22">{escape(title)} · n = {len(scored)}</text>',
        _axes(_LEFT, promised, right),
        *_bins(scored),
        _axes(_LEFT + _SIDE + _GAP, at, ""),
        *_curves(scored, threshold, precision, coverage),
        "</svg>",
    ]
    return "\n".join(parts)


def _at(left: float, x: float, y: float) -> tuple[float, float]:
    return round(left + x * _SIDE, 1), round(_TOP + (1 - y) * _SIDE, 1)


def _axes(left: float, below: str, beside: str) -> str:
    lines = []
    for tick in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        x, y = _at(left, tick, tick)
        lines.append(f'<line class="l" x1="{left}" x2="{left + _SIDE}" y1="{y}" y2="{y}"/>')
        lines.append(
            f'<text class="t q" x="{left - 8}" y="{y + 4}" text-anchor="end">{tick:.0%}</text>'
        )
        lines.append(
            f'<text class="t q" x="{x}" y="{_TOP + _SIDE + 18}" text-anchor="middle">'
            f"{tick:.0%}</text>"
        )
    lines.append(
        f'<text class="t" x="{left + _SIDE / 2}" y="{_TOP + _SIDE + 40}" '
        f'text-anchor="middle">{below}</text>'
    )
    if beside:
        lines.append(f'<text class="t" x="{left}" y="{_TOP - 8}">{beside}</text>')
    return "".join(lines)


def _bins(scored: Sequence[Scored]) -> list[str]:
    (x1, y1), (x2, y2) = _at(_LEFT, 0, 0), _at(_LEFT, 1, 1)
    drawn = [f'<line class="l" stroke-dasharray="4 4" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>']
    for found in bins_of(scored):
        x, y = _at(_LEFT, found.confidence, found.accuracy)
        size = round(3 + 9 * (found.count / len(scored)) ** 0.5, 1)
        below = size + 14 if y < _TOP + 20 else -size - 4
        drawn.append(f'<circle class="af" fill-opacity=".85" cx="{x}" cy="{y}" r="{size}"/>')
        drawn.append(
            f'<text class="t q" x="{x}" y="{y + below}" text-anchor="middle">{found.count}</text>'
        )
    return drawn


def _curves(scored: Sequence[Scored], threshold: float, precision: str, coverage: str) -> list[str]:
    left = _LEFT + _SIDE + _GAP
    points = [operating(scored, number / _STEPS) for number in range(_STEPS + 1)]
    covered = " ".join("{},{}".format(*_at(left, p.threshold, p.coverage)) for p in points)
    right = " ".join(
        "{},{}".format(*_at(left, p.threshold, p.precision))
        for p in points
        if p.precision is not None
    )
    here = operating(scored, threshold)
    x, _ = _at(left, threshold, 0)
    drawn = [
        f'<polyline class="n b" points="{covered}"/><polyline class="n a" points="{right}"/>',
        f'<line class="l" x1="{x}" x2="{x}" y1="{_TOP}" y2="{_TOP + _SIDE}"/>',
        f'<text class="t bf" x="{left}" y="{_TOP - 8}">{coverage} {here.coverage:.0%}</text>',
    ]
    if here.precision is not None:
        drawn.append(
            f'<text class="t af" x="{left + _SIDE}" y="{_TOP - 8}" text-anchor="end">'
            f"{precision} {here.precision:.0%}</text>"
        )
    return drawn
