"""The calibration plot as SVG: did people come in when we said? Pure; drawn by hand, for who runs a clinic."""

from array import array
from dataclasses import dataclass, field

from clinic.drawing import INK, PAPER, RULE, SOFT, box, line, round_up, sheet, text

EARLIER, INSIDE, LATER = range(3)
"""How a range went: called before it, in it, after it."""

TENTHS = 10
LEAST = 50
"""Fewer check-ins make no plot."""

COLOURS = ("#a9c3d9", "#2f6690", "#d9772b")
NAMES = ("called earlier", "called inside", "later")
LABEL, THIN = 11, 10
LEFT, RIGHT, WIDTH = 96, 724, 760
BARS_TOP, BARS_BOTTOM = 132, 362
CURVE_TOP, CURVE_BOTTOM = 500, 780
HEIGHT = 850


@dataclass
class Outcomes:
    """What came of each estimate made at check-in: minutes likely, minutes waited (-1: gave up), how its range went."""

    likely: "array[float]" = field(default_factory=lambda: array("f"))
    wait: "array[float]" = field(default_factory=lambda: array("f"))
    how: bytearray = field(default_factory=bytearray)

    def add(self, likely: float, wait: float | None, how: int) -> None:
        """One more."""
        self.likely.append(likely)
        self.wait.append(-1.0 if wait is None else wait)
        self.how.append(how)

    def tenths(self) -> "list[Tenth]":
        """The same in ten parts of equal size, by minutes likely."""
        order = sorted(range(len(self.how)), key=self.likely.__getitem__)
        parts = [order[len(order) * n // TENTHS : len(order) * (n + 1) // TENTHS] for n in range(TENTHS)]
        return [self._tenth(part) for part in parts if part]

    def _tenth(self, part: list[int]) -> "Tenth":
        said = [self.likely[i] for i in part]
        waits = sorted(self.wait[i] for i in part if self.wait[i] >= 0) or [0.0]
        shares = tuple(sum(self.how[i] == how for i in part) / len(part) for how in (EARLIER, INSIDE, LATER))
        low, middle, high = (waits[int(share * (len(waits) - 1))] for share in (0.1, 0.5, 0.9))
        return Tenth(said[0], said[-1], said[len(said) // 2], shares, low, middle, high)


@dataclass(frozen=True)
class Tenth:
    """A tenth of all estimates: from the least to the most minutes said, the shares, and the waits as they came."""

    least: float
    most: float
    said: float
    shares: tuple[float, ...]
    low: float
    middle: float
    high: float


def draw(outcomes: Outcomes) -> str:
    """The plot, or a sheet that says that there is too little to draw."""
    if len(outcomes.how) < LEAST:
        return _sheet([text(LEFT, 60, f"Fewer than {LEAST} people waited: too few to draw.", 16)], 120)
    tenths = outcomes.tenths()
    return _sheet([*_bars(tenths, outcomes), *_curve(tenths)], HEIGHT)


def _sheet(marks: list[str], height: int) -> str:
    return sheet("How the estimates at check-in came true", marks, WIDTH, height)


def _bars(tenths: list[Tenth], outcomes: Outcomes) -> list[str]:
    """For each tenth the shares called earlier, inside and later, stacked to 100."""
    total = [outcomes.how.count(how) / len(outcomes.how) for how in (EARLIER, INSIDE, LATER)]
    head = f"{total[INSIDE]:.0%} were called inside the range, {total[EARLIER]:.0%} earlier, {total[LATER]:.0%} later."
    marks = [
        text(36, 44, "Did we keep the range we gave at check-in?", 20, weight=700),
        text(36, 70, f"{head} The aim is 80, 10 and 10. {len(outcomes.how):,} people.", 13, SOFT),
    ]
    x = 36
    for how, aim in ((LATER, "aim 10%"), (INSIDE, "aim 80%"), (EARLIER, "aim 10%")):
        marks.append(box(x, 90, 13, 13, COLOURS[how]))
        marks.append(text(x + 20, 102, f"{NAMES[how]}, {aim}", 13))
        x += 186
    step = (RIGHT - LEFT) / len(tenths)
    tall = BARS_BOTTOM - BARS_TOP
    for share in (0.0, 0.5, 1.0):
        y = BARS_BOTTOM - share * tall
        marks.append(line(LEFT - 6, y, RIGHT, y, RULE))
        marks.append(text(LEFT - 12, y + 4, f"{share:.0%}", 12, SOFT, "end"))
    for n, tenth in enumerate(tenths):
        left, y = LEFT + n * step + 4, float(BARS_BOTTOM)
        for how in (EARLIER, INSIDE, LATER):
            height = tenth.shares[how] * tall
            y -= height
            marks.append(box(left, y, step - 8, height, COLOURS[how]))
            if height >= THIN:
                # At the outer edges, clear of the lines that mark the aims.
                at = {EARLIER: BARS_BOTTOM - 2, INSIDE: y + height / 2 + 4, LATER: BARS_TOP + LABEL}[how]
                percent, ink = f"{100 * tenth.shares[how]:.0f}", PAPER if how == INSIDE else INK
                marks.append(text(left + step / 2 - 4, at, percent, LABEL, ink, "middle"))
        marks.append(text(left + step / 2 - 4, BARS_BOTTOM + 20, _from_to(tenth), 12, INK, "middle"))
    for share in (0.1, 0.9):
        y = BARS_BOTTOM - share * tall
        marks.append(line(LEFT - 6, y, RIGHT + 6, y, INK, "5 4"))
        marks.append(text(LEFT - 12, y + 4, f"{share:.0%}", 12, INK, "end"))
    words = "minutes we said at check-in; each column is a tenth of all people"
    marks.append(text((LEFT + RIGHT) / 2, BARS_BOTTOM + 42, words, 13, SOFT, "middle"))
    return marks


def _from_to(tenth: Tenth) -> str:
    least, most = f"{tenth.least:.0f}", f"{tenth.most:.0f}"
    return least if least == most else f"{least}-{most}"


def _curve(tenths: list[Tenth]) -> list[str]:
    """Minutes said against minutes waited."""
    top = round_up(max(tenths[-1].said, *(tenth.high for tenth in tenths)))
    right = round_up(tenths[-1].said * 1.05)
    words = "Dot: half waited less, half more. Bar: the middle 8 of 10 people. On the dashed line we were exact."
    marks = [
        text(36, CURVE_TOP - 52, "Was the likely time right?", 20, weight=700),
        text(36, CURVE_TOP - 28, words, 13, SOFT),
    ]

    def x(minutes: float) -> float:
        """Where so many minutes said are."""
        return LEFT + minutes / right * (RIGHT - LEFT)

    def y(minutes: float) -> float:
        """Where so many minutes waited are."""
        return CURVE_BOTTOM - minutes / top * (CURVE_BOTTOM - CURVE_TOP)

    for minutes in _ticks(top):
        marks.append(line(LEFT, y(minutes), RIGHT, y(minutes), RULE))
        marks.append(text(LEFT - 12, y(minutes) + 4, f"{minutes:g}", 12, SOFT, "end"))
    for minutes in _ticks(right):
        marks.append(text(x(minutes), CURVE_BOTTOM + 20, f"{minutes:g}", 12, INK, "middle"))
    end = min(top, right)
    marks.append(line(x(0), y(0), x(end), y(end), INK, "5 4"))
    for tenth in tenths:
        at = x(tenth.said)
        marks.append(line(at, y(tenth.low), at, y(tenth.high), COLOURS[EARLIER], width=6))
        marks.append(_dot(at, y(tenth.middle)))
    marks.append(text((LEFT + RIGHT) / 2, CURVE_BOTTOM + 42, "minutes we said at check-in", 13, SOFT, "middle"))
    marks.append(
        f'<g transform="translate(44 {(CURVE_TOP + CURVE_BOTTOM) / 2}) rotate(-90)">'
        f"{text(0, 0, 'minutes they waited', 13, SOFT, 'middle')}</g>"
    )
    return marks


def _ticks(top: float) -> list[float]:
    return [top * n / 5 for n in range(6)]


def _dot(x: float, y: float) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{COLOURS[INSIDE]}" stroke="{PAPER}" stroke-width="1.5"/>'
