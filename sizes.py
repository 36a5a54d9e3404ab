"""How large the TV's text must be, from the screen's diagonal and the farthest seat. Pure.

Cap heights: 20 minutes of arc for any text; for calls 0.7 degrees or 51 mm, the larger (EN 301 549 5.1.4, ADA 703.5.5,
ISO 9241-3; EXPERIENCE section 8). Pixels are those of a page 1920 wide, whatever the set's real resolution.
"""

from dataclasses import dataclass
from math import hypot, radians, tan

PAGE_WIDTH = 1920
CAP = 0.668
"""Cap height of our typeface as a share of its size."""

TEXT_ARC, CALL_ARC = radians(20 / 60), radians(0.7)
CALL_MM = 51
LIST_HEIGHT = 336
DRAWN_TEXT, DRAWN_CALL = 70, 132
"""The sizes of the drawn page: smaller than this is never needed, even close by."""


@dataclass(frozen=True)
class Sizes:
    """Type sizes in page pixels, the grid of the list, and whether everything fits the page."""

    text: int
    call: int
    columns: int
    rows: int
    fits: bool

    @property
    def cells(self) -> int:
        """Tickets on one page of the list."""
        return self.columns * self.rows


def sizes(inches: float, metres: float) -> Sizes:
    """The sizes for a 16:9 screen of this diagonal seen from this far."""
    mm_per_px = inches * 25.4 * 16 / hypot(16, 9) / PAGE_WIDTH

    def px(cap_mm: float) -> int:
        return round(cap_mm / mm_per_px / CAP)

    text = max(DRAWN_TEXT, px(metres * 1000 * tan(TEXT_ARC)))
    call = max(DRAWN_CALL, px(max(CALL_MM, metres * 1000 * tan(CALL_ARC))))
    columns = 3 if text <= 72 else 2 if text <= 112 else 1
    rows = max(1, int(LIST_HEIGHT // (text * 1.45)))
    return Sizes(text, call, columns, rows, fits=text <= 112 and call <= 232)
