"""The TV's letters are large enough for the farthest seat: the table of EXPERIENCE section 8."""

import pytest

from sizes import CAP, PAGE_WIDTH, sizes


@pytest.mark.parametrize(
    ("inches", "metres", "text", "call"),
    [
        (32, 3, 71, 207),
        (32, 4, 94, 207),
        (32, 5, 118, 248),
        (32, 6, 142, 297),
        (43, 4, 70, 154),
        (43, 5, 88, 184),
        (43, 6, 105, 221),
        (50, 4, 70, 132),
        (50, 5, 76, 159),
        (50, 6, 91, 190),
        (55, 6, 82, 173),
        (65, 6, 70, 146),
    ],
)
def test_text_and_calls_are_as_large_as_the_table_says(inches: float, metres: float, text: int, call: int) -> None:
    size = sizes(inches, metres)
    assert abs(size.text - text) <= 1
    assert abs(size.call - call) <= 1


@pytest.mark.parametrize(("inches", "metres"), [(43, 3), (50, 4), (65, 3), (65, 6), (85, 2)])
def test_letters_are_never_smaller_than_drawn(inches: float, metres: float) -> None:
    size = sizes(inches, metres)
    assert size.text >= 70
    assert size.call >= 132


@pytest.mark.parametrize("inches", [24, 32, 43, 50, 55, 65, 85])
@pytest.mark.parametrize("metres", [1, 3, 4.5, 6, 12])
def test_a_call_is_51_mm_high_and_any_text_20_minutes_of_arc(inches: float, metres: float) -> None:
    size = sizes(inches, metres)
    mm = inches * 25.4 * 16 / 337**0.5 / PAGE_WIDTH
    assert (size.call + 0.5) * CAP * mm >= 51
    assert (size.call + 0.5) * CAP * mm >= metres * 1000 * 0.01221 * 0.999
    assert (size.text + 0.5) * CAP * mm >= metres * 1000 * 0.005817 * 0.999


@pytest.mark.parametrize(
    ("inches", "metres", "fits"), [(50, 4, True), (65, 6, True), (43, 4, True), (32, 5, False), (24, 12, False)]
)
def test_the_set_up_is_warned_when_the_text_cannot_fit(inches: float, metres: float, fits: bool) -> None:
    assert sizes(inches, metres).fits is fits


@pytest.mark.parametrize("metres", [3, 4, 5, 6, 9, 20, 50])
def test_however_large_the_letters_somebody_is_always_listed(metres: float) -> None:
    size = sizes(43, metres)
    assert size.columns in (1, 2, 3)
    assert size.rows >= 1
    assert size.cells == size.columns * size.rows
    assert size.rows == 1 or size.rows * size.text * 1.44 <= 336


def test_at_the_usual_distance_nine_tickets_stand_on_a_page() -> None:
    assert sizes(50, 4).cells == 9
