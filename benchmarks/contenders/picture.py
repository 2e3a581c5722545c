"""Pictures of lying bars and of curves, written as SVG by hand: a library would be one more to keep."""

from collections.abc import Iterator, Mapping, Sequence
from math import floor, log10
from xml.sax.saxutils import escape

WIDTH, LABELS, BARS = 720, 120, 500
BAR, GAP, HEADING = 18, 6, 34
NAMESPACE = "http://www.w3.org/2000/svg"
COLOURS = ("#2b6cb0", "#ed8936", "#2f855a", "#c53030", "#6b46c1", "#4a5568", "#b7791f")
PLOT, LEGEND = 240, 160


def picture(panels: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    """One panel below the other: a title, and for each name the parts of which its bar is made up."""
    height = sum(HEADING + len(bars) * (BAR + GAP) for bars in panels.values()) + GAP
    return "\n".join(
        (
            f'<svg xmlns="{NAMESPACE}" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12">',
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            *_panels(panels),
            "</svg>\n",
        )
    )


def curves(panels: Mapping[str, tuple[Sequence[str], Mapping[str, Sequence[float]]]]) -> str:
    """One panel below the other: a title, the places along the foot, and for each name a height at each place."""
    height = len(panels) * (HEADING + PLOT + HEADING)
    return "\n".join(
        (
            f'<svg xmlns="{NAMESPACE}" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12">',
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            *(
                line
                for at, (title, (places, some)) in enumerate(panels.items())
                for line in _plot(title, places, some, at * (HEADING + PLOT + HEADING) + HEADING)
            ),
            "</svg>\n",
        )
    )


def _plot(title: str, places: Sequence[str], some: Mapping[str, Sequence[float]], top: int) -> Iterator[str]:
    """Both scales are logarithmic, so that who takes a hundred times as long is on the same picture."""
    left, right, foot = 48, WIDTH - LEGEND, top + PLOT
    numbers = [log10(float(place.replace(",", ""))) for place in places]
    across = [left + (right - left) * (number - numbers[0]) / (numbers[-1] - numbers[0]) for number in numbers]
    lowest, highest = log10(min(map(min, some.values()))), log10(max(map(max, some.values())))

    def up(height: float) -> float:
        return foot - (log10(height) - lowest) / (highest - lowest or 1.0) * PLOT

    yield f'<text x="8" y="{top - 12}" font-weight="bold">{escape(title)}</text>'
    for tick in (first * 10**power for power in range(floor(lowest), floor(highest) + 1) for first in (1, 2, 5)):
        if top <= up(tick) <= foot:
            yield f'<line x1="{left}" y1="{up(tick):.1f}" x2="{right}" y2="{up(tick):.1f}" stroke="#e2e8f0"/>'
            yield f'<text x="{left - 6}" y="{up(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>'
    for place, x in zip(places, across, strict=True):
        yield f'<text x="{x:.1f}" y="{foot + 16}" text-anchor="middle">{place}</text>'
    for at, ((name, heights), colour) in enumerate(zip(some.items(), COLOURS, strict=False)):
        points = " ".join(f"{x:.1f},{up(each):.1f}" for x, each in zip(across, heights, strict=True))
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        yield f'<text x="{right + 12}" y="{top + 14 + at * 18}" fill="{colour}">{escape(name)}</text>'


def _panels(panels: Mapping[str, Mapping[str, Sequence[float]]]) -> Iterator[str]:
    top = 0
    for title, bars in panels.items():
        yield f'<text x="8" y="{top + HEADING - 12}" font-weight="bold">{escape(title)}</text>'
        top += HEADING
        longest = max(sum(parts) for parts in bars.values()) or 1.0
        for name, parts in bars.items():
            yield f'<text x="{LABELS - 8}" y="{top + BAR - 5}" text-anchor="end">{escape(name)}</text>'
            left = float(LABELS)
            for part, colour in zip(parts, COLOURS, strict=False):
                width = part / longest * BARS
                yield f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{BAR}" fill="{colour}"/>'
                left += width
            written = " + ".join(_number(part) for part in parts)
            yield f'<text x="{left + 6:.1f}" y="{top + BAR - 5}">{written}</text>'
            top += BAR + GAP


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
