"""docs/asvs.md: every requirement of OWASP ASVS 5.0, levels 1 and 2, once, with a test that is really there."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "asvs.md").read_text()

# The levels of a section's requirements in order: "1.5": "123" has 1.5.1 at level 1, 1.5.2 at 2, 1.5.3 at 3.
LEVELS = {
    "1.1": "22", "1.2": "1111122223", "1.3": "112222222223", "1.4": "222", "1.5": "123",
    "2.1": "122", "2.2": "112", "2.3": "12223", "2.4": "23",
    "3.1": "3", "3.2": "113", "3.3": "12223", "3.4": "11222233", "3.5": "11122333", "3.6": "3", "3.7": "22333",
    "4.1": "12233", "4.2": "23333", "4.3": "22", "4.4": "1222",
    "5.1": "2", "5.2": "112333", "5.3": "113", "5.4": "222",
    "6.1": "122", "6.2": "111111112222", "6.3": "11223333", "6.4": "112233", "6.5": "22222333", "6.6": "2223",
    "6.7": "33", "6.8": "2222",
    "7.1": "222", "7.2": "1111", "7.3": "22", "7.4": "11222", "7.5": "223", "7.6": "22",
    "8.1": "1233", "8.2": "1123", "8.3": "133", "8.4": "23",
    "9.1": "111", "9.2": "1222",
    "10.1": "22", "10.2": "223", "10.3": "22223", "10.4": "1111122222233333", "10.5": "22222", "10.6": "22",
    "10.7": "222",
    "11.1": "2233", "11.2": "22233", "11.3": "11233", "11.4": "1222", "11.5": "23", "11.6": "23", "11.7": "33",
    "12.1": "12233", "12.2": "11", "12.3": "22223",
    "13.1": "2333", "13.2": "222223", "13.3": "2233", "13.4": "1222233",
    "14.1": "22", "14.2": "12223333", "14.3": "122",
    "15.1": "12233", "15.2": "12233", "15.3": "1222222", "15.4": "3333",
    "16.1": "2", "16.2": "22222", "16.3": "2222", "16.4": "222", "16.5": "2223",
    "17.1": "23", "17.2": "22223333", "17.3": "22",
}  # fmt: skip
VERDICTS = ("pass", "does not apply", "not met")
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


class Row(NamedTuple):
    """One requirement as the page has it. `tests`: files and functions."""

    number: str
    level: str
    asks: str
    verdict: str
    shown_by: str

    @property
    def tests(self) -> list[tuple[str, str]]:
        return TEST.findall(self.shown_by)


def rows() -> Iterator[Row]:
    for line in PAGE.splitlines():
        if re.match(r"\| \d+\.", line):
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            assert len(cells) == 5, line
            yield Row(*cells)


ROWS = list(rows())
APPLY = [row for row in ROWS if row.verdict != "does not apply"]


@cache
def functions(file: str) -> set[str]:
    """The tests of this file."""
    nodes = ast.walk(ast.parse((ROOT / file).read_text()))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef)}


def test_every_requirement_of_the_first_two_levels_stands_once_with_its_level() -> None:
    wanted = [
        (f"{section}.{at}", level)
        for section, levels in LEVELS.items()
        for at, level in enumerate(levels, 1)
        if level in "12"
    ]

    assert len(wanted) == 253
    assert [(row.number, row.level) for row in ROWS] == wanted


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_every_requirement_has_a_verdict_with_what_shows_it(row: Row) -> None:
    assert row.verdict in VERDICTS
    assert 0 < len(row.asks.split()) <= 12
    assert len(row.shown_by) > 3
    assert row.shown_by.count("::") == len(row.tests), "a test is written `tests/file.py::test_function`"
    for file, function in row.tests:
        assert function in functions(file), f"{function} is not in {file}"


def test_most_of_what_applies_names_an_automatic_test() -> None:
    assert sum(bool(row.tests) for row in APPLY) / len(APPLY) >= 0.6


def test_the_page_counts_its_verdicts_rightly() -> None:
    counted, levels = Counter(row.verdict for row in ROWS), Counter(row.level for row in ROWS)
    said = (
        f"**{len(ROWS)} requirements, {levels['1']} of level 1 and {levels['2']} of level 2: {counted['pass']} pass, "
        f"{counted['does not apply']} do not apply, {counted['not met']} are not met. Of the {len(APPLY)} that apply, "
        f"{sum(bool(row.tests) for row in APPLY)} name an automatic test.**"
    )

    assert said in PAGE
