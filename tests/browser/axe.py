"""axe-core, served from our own folder: what it finds wrong on a page."""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

RUN = """async (tags) => {
    const result = await axe.run(document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]});
    return result.violations.map(one => `${one.id}: ${one.help}\\n` + one.nodes.map(
        node => `    ${node.target.join(" ")}: ${node.failureSummary.replaceAll("\\n", " ")}`).join("\\n"));
}"""


@cache
def _source() -> str:
    return (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")


def violations(page: Page) -> list[Any]:
    """Every rule that this page breaks, as text; empty when it is accessible as far as a program can tell."""
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(_source())
    return list(page.evaluate(RUN, RULES))
