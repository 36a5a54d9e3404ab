"""The bench as a picture: how long until the last screen shows a check-in, against how many there are."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from bench.figures import Figure
from clinic.drawing import RULE, SOFT, line, round_up, sheet, text

WIDTH, HEIGHT = 760, 430
LEFT, RIGHT, TOP, BOTTOM = 84, 600, 112, 360
OURS, LIMIT = "#2f6690", "#d9772b"
NAME = re.compile(r"last of (\d+) TVs, p(\d+)")

Points = Mapping[int, float]


def latency(figures: Sequence[Figure]) -> str:
    """An SVG of ours and the limit, the median and the slowest of a hundred. Raises ValueError without such figures."""
    found = [(NAME.fullmatch(figure.name), figure) for figure in figures]
    curves: dict[tuple[str, str], dict[int, float]] = {}
    for match, figure in found:
        if match:
            curves.setdefault(("Kindline", match[2]), {})[int(match[1])] = figure.value
            curves.setdefault(("bare server", match[2]), {})[int(match[1])] = figure.limit or 0.0
    if not curves:
        raise ValueError("Nothing was measured that this picture shows: run the stage calm.")
    most, top = max(max(points) for points in curves.values()), max(max(points.values()) for points in curves.values())
    return sheet("Until the last screen shows a check-in", _marks(curves, most, round_up(top)), WIDTH, HEIGHT)


def _marks(curves: Mapping[tuple[str, str], Points], most: int, top: float) -> list[str]:
    def x(count: float) -> float:
        return LEFT + (RIGHT - LEFT) * count / most

    def y(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * value / top

    marks = [
        text(36, 40, "Until the last screen shows a check-in", 20, weight=700),
        text(
            36,
            64,
            "From the tablet's tap to the last of so many TVs, beside a server that does nothing else.",
            13,
            SOFT,
        ),
    ]
    for step in range(6):
        value = top * step / 5
        marks += [
            line(LEFT, y(value), RIGHT, y(value), RULE),
            text(LEFT - 8, y(value) + 4, f"{value:g}", 12, SOFT, "end"),
        ]
    marks += [text(x(count), BOTTOM + 22, f"{count:,}", 12, SOFT, "middle") for count in curves["Kindline", "50"]]
    marks += [
        text((LEFT + RIGHT) / 2, BOTTOM + 46, "TVs", 13, SOFT, "middle"),
        text(36, TOP - 10, "milliseconds", 13, SOFT),
    ]
    ends: list[float] = []
    for (name, percent), points in sorted(curves.items(), key=lambda one: -max(one[1].values())):
        ink, dashes = OURS if name == "Kindline" else LIMIT, "" if percent == "50" else "7 5"
        spots = [(x(count), y(value)) for count, value in sorted(points.items())]
        marks += [line(*a, *b, ink, dashes, 2.5) for a, b in pairwise(spots)]
        marks += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="4" fill="{ink}"/>' for a, b in spots]
        at = max(spots[-1][1], ends[-1] + 17 if ends else 0.0)
        ends.append(at)
        marks.append(text(RIGHT + 10, at + 4, f"{name}, {'median' if percent == '50' else 'p99'}", 13, ink))
    return marks
