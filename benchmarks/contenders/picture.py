"""A picture of lying bars, written as SVG by hand: it is forty lines, and a library would be one more to keep."""

from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape

WIDTH, LABELS, BARS = 720, 120, 500
BAR, GAP, HEADING = 18, 6, 34
NAMESPACE = "http://www.w3.org/2000/svg"
COLOURS = ("#2b6cb0", "#ed8936")


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
