"""A few marks of SVG, drawn by hand: text, lines, boxes, and a sheet to put them on. Pure."""

from collections.abc import Iterable
from html import escape

INK, SOFT, RULE, PAPER = "#1d2733", "#5b6773", "#d9dee3", "#ffffff"


def sheet(title: str, marks: Iterable[str], width: int, height: int) -> str:
    """The whole picture, on paper of its own so that it can be read on any page."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        "font-family=\"'Atkinson Hyperlegible Next', 'Segoe UI', 'DejaVu Sans', sans-serif\" role=\"img\">\n"
        f'<title>{escape(title)}</title>\n<rect width="{width}" height="{height}" fill="{PAPER}"/>\n'
        + "\n".join(marks)
        + "\n</svg>\n"
    )


def round_up(value: float) -> float:
    """A number that five steps divide into round ones."""
    for scale in (1, 10, 100, 1000):
        for step in (0.5, 1, 2, 3, 4, 5, 6, 8):
            if value <= step * scale * 5:
                return step * scale * 5
    return value


def text(x: float, y: float, words: str, size: int, ink: str = INK, anchor: str = "start", weight: int = 400) -> str:
    """Words, anchored there."""
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{ink}" text-anchor="{anchor}"'
    return f"<text {place}>{escape(words)}</text>"


def line(x1: float, y1: float, x2: float, y2: float, ink: str, dashes: str = "", width: float = 1) -> str:
    """A straight line."""
    place = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<line {place} stroke="{ink}" stroke-width="{width:g}"{dashed}/>'


def box(x: float, y: float, width: float, height: float, fill: str) -> str:
    """A filled rectangle."""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"/>'
