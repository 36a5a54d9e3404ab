"""A soak as a picture: the server's memory, threads, handles, sockets and database over the minutes. Pure."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from clinic.drawing import RULE, SOFT, line, round_up, sheet, text

WIDTH, LEFT, RIGHT = 760, 84, 730
TOP, HIGH, APART = 96, 80, 128
OURS = "#2f6690"
POINTS = 240
"""More of them than this nobody sees: of those that fall on one place the largest is drawn."""

PANELS = {
    "memory": "memory, MiB", "threads": "threads", "handles": "handles that are no sockets", "sockets": "sockets",
    "database": "database, MB",
}  # fmt: skip


def draw(samples: Sequence[Mapping[str, float]], done: str) -> str:
    """An SVG of these samples, each {minute, memory, ...} as `soak.Sample` names them."""
    end = max((one["minute"] for one in samples), default=1) or 1
    marks = [text(36, 40, "One server, hour after hour", 20, weight=700), text(36, 62, done, 13, SOFT)]
    for number, (name, words) in enumerate(PANELS.items()):
        points = _thinned([(one["minute"], one[name]) for one in samples])
        marks += _panel(points, words, TOP + number * APART, end)
    bottom = TOP + len(PANELS) * APART
    marks += [text(LEFT + (RIGHT - LEFT) * part / 4, bottom - 10, f"{end * part / 4:.0f} min", 12, SOFT, "middle")
              for part in range(5)]  # fmt: skip
    return sheet("One server, hour after hour", marks, WIDTH, bottom + 16)


def _panel(points: Sequence[tuple[float, float]], words: str, top: float, end: float) -> list[str]:
    most = round_up(max((value for _, value in points), default=1))

    def place(point: tuple[float, float]) -> tuple[float, float]:
        return LEFT + (RIGHT - LEFT) * point[0] / end, top + HIGH - HIGH * point[1] / most

    marks = [text(36, top - 8, words, 13, SOFT)]
    for value in (0.0, most):
        y = place((0, value))[1]
        marks += [line(LEFT, y, RIGHT, y, RULE), text(LEFT - 8, y + 4, f"{value:g}", 12, SOFT, "end")]
    return marks + [line(*place(one), *place(other), OURS, width=1.5) for one, other in pairwise(points)]


def _thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    size = -(-len(points) // POINTS) or 1
    return [max(points[at : at + size], key=lambda point: point[1]) for at in range(0, len(points), size)]
