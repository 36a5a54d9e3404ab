"""What a soak says of its samples. Itself it takes an hour: `make soak`."""

from dataclasses import asdict, replace
from typing import Any

import pytest

from faults.picture import draw
from faults.soak import Sample, grown, judged

CALM = [Sample(n / 6, 100.0, 21, 8, 260 + n % 7, 4.0 + n / 100) for n in range(60)]
"""Ten minutes."""


def test_what_is_compared_is_the_first_and_the_last_after_the_warm_up() -> None:
    first, last = judged(CALM, 10)

    assert first[0].minute == 3.0
    assert last[-1].minute == pytest.approx(59 / 6)
    assert len(first) == len(last) == 14


def test_a_server_that_stays_as_it_is_has_not_grown() -> None:
    words, grew = grown(CALM, 10)

    assert not grew
    assert words == "memory 100.0 to 100.0 MiB (+0.0%), threads 21 to 21, handles 8 to 8"


@pytest.mark.parametrize("more", [{"memory": 105.1}, {"threads": 22}, {"handles": 9}])
def test_a_server_that_grows_is_found_out(more: dict[str, Any]) -> None:
    ends = [replace(one, **more) if one.minute > 7 else one for one in CALM]

    assert grown(ends, 10)[1]


def test_what_grows_while_it_warms_up_is_not_judged() -> None:
    begins = [replace(one, memory=60.0, threads=3) if one.minute < 3 else one for one in CALM]

    assert not grown(begins, 10)[1]


def test_the_picture_shows_each_figure_however_long_it_took() -> None:
    day = [replace(CALM[0], minute=n / 6, memory=100.0 + n % 60) for n in range(6 * 480)]

    picture = draw([asdict(one) for one in day], "480 min")

    for words in ("memory, MiB", "threads", "handles that are no sockets", "sockets", "database, MB", "480 min"):
        assert words in picture
    assert picture.count("<line") < 5 * 250
