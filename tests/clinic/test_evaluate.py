"""Past days tried out: the replay sees no future, its scores are right, and the command says what it did."""

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from clinic import commands, log
from clinic.calibration import INSIDE, LATER, Outcomes, draw
from clinic.desk import Desk
from clinic.estimate import CannotSay, Estimate, History
from clinic.estimate.look import look
from clinic.estimate.scene import Chair, Person, Scene
from clinic.evaluate import COLUMNS, Figures, Prediction, Score, Tally, evaluate, main, writer
from clinic.minutes import clock
from clinic.past import Past, from_log
from clinic.replay import Asked, Guess, Replay
from clinic.shell import Progress
from tests.clinic.at_the_desk import everything
from tests.clinic.days import CLINIC, days, folder, read, row, stamp
from tests.clinic.given import SETUP, after
from tests.conftest import FakeClock


def asked(past: Past) -> list[Asked]:
    found: list[Asked] = []
    Replay(past, History()).run(found.append)
    return found


def predictions(past: Past, history: Past | None = None) -> list[Prediction]:
    found: list[Prediction] = []
    evaluate(past, history, found.append)
    return found


def figures(found: list[Prediction]) -> Figures:
    made = Figures()
    for one in found:
        made.add(one)
    return made


def test_every_visit_is_asked_at_its_arrival_and_at_each_tick(tmp_path: Path) -> None:
    past = read(tmp_path, days())
    at: dict[str, list[float]] = {}
    for one in asked(past):
        at.setdefault(one.visit.id, []).append(one.at - (one.visit.arrived or 0))

    for visit in past.visits:
        assert visit.called is not None
        wait = visit.called - (visit.arrived or 0)
        assert at[visit.id][0] == 0
        assert at[visit.id] == pytest.approx([n * 5 for n in range(len(at[visit.id]))], abs=1e-6)
        assert len(at[visit.id]) in (int(wait // 5) + 1, int(wait // 5) + 2)


def varied(count: int = 3) -> list[dict[str, str]]:
    """Days with bookings, two services, people who give up and people who do not come."""
    rows = days(count, 5)
    for n, one in enumerate(rows):
        if n % 3 == 0:
            one["appointment_at"] = one["arrived_at"]
        if n % 4 == 0:
            one["service"] = "nurse"
        if n % 11 == 5:
            one |= {"left_at": one["called_at"], "called_at": "", "finished_at": "", "server": ""}
        if n % 13 == 6:
            one |= {"appointment_at": one["arrived_at"], "arrived_at": "", "called_at": "", "finished_at": "",
                    "server": "", "left_at": ""}  # fmt: skip
    return rows


ROOMS = "at,server,state,until\n" + "".join(
    f"{stamp(day * 1440 + at)},R1,{state},{stamp(day * 1440 + until) if until else ''}\n"
    for day in range(3)
    for at, state, until in ((539, "open", 660), (670, "pause", 700), (698, "resume", 1080), (1085, "close", 0))
)


def without_the_future(rows: list[dict[str, str]], now: str) -> list[dict[str, str]]:
    """What was known then: of people who come later only their bookings, and of those here not when they are called."""
    known = []
    for one in rows:
        later = {name: "" for name in ("called_at", "finished_at", "left_at", "arrived_at") if one[name] > now}
        if later.get("arrived_at") is not None and not one["appointment_at"]:
            continue
        if "arrived_at" not in later and one["arrived_at"] and ({"called_at", "left_at"} & set(later)):
            begun = datetime.fromisoformat(one["arrived_at"])
            later |= {"called_at": "", "left_at": (begun + timedelta(hours=23)).isoformat()}  # they wait on
        known.append({**one, **later, **({} if one["called_at"] and one["called_at"] <= now else {"server": ""})})
    return known


def by_rule(order: str) -> dict[str, Any]:
    """That clinic, where people are called by this rule."""
    return {**CLINIC, "order": {"rule": order}}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], list[Prediction]]:
    """Every prediction of the varied days, by this rule and with these rooms: made once, for each place to cut them."""

    @cache
    def made(order: str, rooms: str) -> list[Prediction]:
        return predictions(read(tmp_path_factory.mktemp("whole"), varied(), by_rule(order), rooms))

    return made


@pytest.mark.parametrize("order", ["arrival", "booked_or_arrival"])
@pytest.mark.parametrize("rooms", ["", ROOMS])
@pytest.mark.parametrize("cut", [20, 50, 75])
def test_hiding_the_future_changes_no_earlier_prediction(
    tmp_path: Path, whole: Callable[[str, str], list[Prediction]], order: str, rooms: str, cut: int
) -> None:
    rows, clinic = varied(), by_rule(order)
    now = rows[cut]["arrived_at"] or rows[cut + 1]["arrived_at"]
    # The day is known to have rooms that tell when they work, not what they will do.
    told = "\n".join(line for line in rooms.split("\n") if line < now or line.startswith("at"))

    hidden = predictions(read(tmp_path, without_the_future(rows, now), clinic, told))

    def before(found: list[Prediction]) -> list[Any]:
        return [
            (p.asked.visit.id, p.asked.at, p.asked.place, p.guesses, p.moved)
            for p in found
            if clock(p.asked.at).isoformat() <= now
        ]

    assert len(before(whole(order, rooms))) > cut
    assert before(whole(order, rooms)) == before(hidden)


def test_the_same_days_give_the_same_predictions(tmp_path: Path) -> None:
    past = read(tmp_path, days())

    assert [(a.said, a.told) for a in asked(past)] == [(a.said, a.told) for a in asked(past)]


def test_low_is_not_above_likely_and_likely_not_above_high(tmp_path: Path) -> None:
    for one in asked(read(tmp_path, days(8))):
        if isinstance(one.said, Estimate):
            assert 0 <= one.said.low <= one.said.likely <= one.said.high


def test_an_oracle_scores_nothing_wrong(tmp_path: Path) -> None:
    made = Figures()
    for one in predictions(read(tmp_path, days())):
        assert one.wait is not None
        exact = Guess(one.wait, one.wait, one.wait)
        made.add(replace(one, asked=replace(one.asked, said=Estimate(0, 0, 0)), guesses={"estimate": exact}))

    for part in (made.check_in, made.waiting):
        found = part.tallies["estimate"].score()
        assert found is not None
        assert (found.error, found.middle_error, found.bias) == (0, 0, 0)
        assert (found.inside, found.late, found.width) == (1, 0, 0)


def score(rows: list[tuple[float, float, float | None, float | None]]) -> Score | None:
    """The figures for rows of wait, likely, low, high."""
    tally = Tally()
    for wait, likely, low, high in rows:
        tally.add(Guess(likely, low, high), wait)
    return tally.score()


def test_a_score_counts_inside_late_and_wide() -> None:
    found = score([(10, 12, 5, 20), (30, 20, 10, 25), (2, 10, 5, 20), (8, 8, 5, 20)])

    assert found is not None
    assert (found.cases, found.error, found.middle_error, found.bias) == (4, 5, 5, 0)
    assert (found.inside, found.late, found.width) == (0.5, 0.25, 15)


def test_a_method_without_a_range_and_no_cases_at_all_have_their_scores() -> None:
    assert score([]) is None
    found = score([(10, 12, None, None)])
    assert found is not None
    assert (found.error, found.inside) == (2, None)


def test_who_gives_up_after_the_end_was_let_down_and_who_goes_before_counts_in_nothing() -> None:
    tally = Tally()

    assert tally.add(Guess(10, 5, 20), None, 21) == LATER
    assert tally.add(Guess(10, 5, 20), None, 19) is None
    assert tally.add(Guess(10, 5, 20), 12) == INSIDE

    found = tally.score()
    assert found is not None
    assert (found.cases, found.late, found.unanswered, found.error) == (2, 0.5, 1, 2)


def test_people_who_gave_up_are_counted_and_said(tmp_path: Path) -> None:
    rows = days(6)
    # somebody who waits for five hours and goes, on every day
    rows += [row(f"patient-{n}", n * 1440 + 545, None, left_at=stamp(n * 1440 + 845), server="") for n in range(6)]

    made = figures(predictions(read(tmp_path, rows)))

    assert made.check_in.tallies["told"].unanswered >= 5
    assert "Gave up after the end of what they were told at check-in, counted as late:" in made.report()


def test_nobody_is_scored_who_did_not_wait(tmp_path: Path) -> None:
    made = figures(predictions(read(tmp_path, [row("a", 540, 540, 550), row("b", 541, 551, 560)])))

    assert made.check_in.made == 1


def test_the_estimate_beats_the_usual_methods_and_keeps_its_word(tmp_path: Path) -> None:
    made = figures(predictions(read(tmp_path / "d", days(20, 2)), read(tmp_path / "h", days(40, 3))))

    found = {method: tally.score() for method, tally in made.waiting.tallies.items()}
    mine, rolling = found["estimate"], found["rolling"]
    assert mine is not None
    assert rolling is not None
    assert mine.error < 0.6 * rolling.error
    assert mine.inside is not None
    assert 0.74 < mine.inside < 0.88


def test_the_usual_methods_know_the_history_as_well(tmp_path: Path) -> None:
    first = predictions(read(tmp_path / "d", days(1, 2)), read(tmp_path / "h", days(9, 3)))[0]
    bare = predictions(read(tmp_path / "d", days(1, 2)))[0]

    assert first.guesses["LES"] != bare.guesses["LES"]


def test_an_end_that_goes_later_is_counted_as_moved_however_it_got_there(tmp_path: Path) -> None:
    ends: dict[str, float] = {}
    moves = set()
    for one in predictions(read(tmp_path, days(9, 4))):
        told = one.guesses.get("told")
        if told and told.high is not None:
            end, id_ = one.asked.at + told.high, one.asked.visit.id
            assert ("told" in one.moved) == (end > ends.get(id_, end) + 5)
            ends[id_] = min(end, ends.get(id_, end))
            moves |= {id_} if "told" in one.moved else set()

    assert moves


def written(found: list[Prediction]) -> list[dict[str, str]]:
    file = StringIO()
    write = writer(file)
    for one in found:
        write(one)
    return list(csv.DictReader(StringIO(file.getvalue())))


def test_every_prediction_is_written(tmp_path: Path) -> None:
    found = predictions(read(tmp_path, days(1)))

    rows = written(found)

    assert list(rows[0]) == list(COLUMNS)
    assert len(rows) == len(found)
    assert all(float(row["low"]) <= float(row["likely"]) <= float(row["high"]) for row in rows if row["likely"])


@pytest.mark.parametrize("tick", [300, 37])
def test_predictions_are_written_for_the_second_of_arrival_and_of_each_tick(tmp_path: Path, tick: int) -> None:
    given = {one["visit_id"]: one["arrived_at"] for one in days(1, 9)}
    seen: dict[str, list[str]] = {}
    for one in written(predictions(read(tmp_path, days(1, 9), {**CLINIC, "tick_seconds": tick}))):
        seen.setdefault(one["visit_id"], []).append(one["asked_at"])

    begin = {visit: datetime.fromisoformat(at) for visit, at in given.items()}
    for visit, times in seen.items():
        assert times[0] == given[visit]
        assert [(datetime.fromisoformat(at) - begin[visit]).total_seconds() for at in times] == [
            n * tick for n in range(len(times))
        ]


def test_where_the_line_is_unknown_we_say_so(tmp_path: Path) -> None:
    found = predictions(read(tmp_path, days(2), {**CLINIC, "line": "unknown"}))

    assert {(p.asked.said, p.asked.place, p.asked.told) for p in found} == {(CannotSay("place_unknown"), None, None)}
    assert {(row["place"], row["likely"], row["told_high"]) for row in written(found)} == {("", "", "")}
    report = figures(found).report()
    assert '55 of them "we can\'t say"' in report
    # a line of which nothing is known has no number of people ahead
    assert [line.split()[1] for line in report.splitlines() if line.startswith("  QL")] == ["-", "-"]


def test_a_service_or_an_hour_that_is_promised_too_much_is_named(tmp_path: Path) -> None:
    made = Figures()
    made.groups = {"service x": [60, 150], "09 h": [120, 150], "10 h": [1, 149]}

    assert made.holes() == ["service x, 40% of 150"]


def test_people_wait_over_midnight_where_nobody_ever_closes(tmp_path: Path) -> None:
    rows = [row(f"n{n}", n * 10, n * 10 + 25, n * 10 + 34, server=f"R{n % 2}") for n in range(600)]
    replay = Replay(read(tmp_path, rows), History())

    most = 0

    def heard(_asked: Asked) -> None:
        nonlocal most
        most = max(most, len(replay.line.visits))

    replay.run(heard)
    assert most < 200


def test_the_command_prints_a_table_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here, out = str(folder(tmp_path / "days", days(4))), tmp_path / "o.csv"

    assert main([here, "--history", here, "--out", str(out), "--plot", str(tmp_path / "p.svg")]) == 0

    said = capsys.readouterr()
    words = ("At check-in", "While waiting", "MAE", "coverage", "late", "moved", "rolling", "LES", "HOL", "QL", "told")
    assert all(word in said.out for word in words)
    assert "Trying: 20" in said.err
    assert "HISTORY is not over before the scored days begin" in said.err
    assert "Trying" not in said.out
    assert (tmp_path / "p.svg").read_text().startswith("<svg")
    assert len(out.read_text().splitlines()) > 120


def test_the_command_says_what_was_left_out_and_what_cannot_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = folder(tmp_path / "days", [*days(2), *({**one, "called_at": "x"} for one in days(1))])
    plot = ["--plot", str(tmp_path / "p.svg")]

    assert main([str(here), *plot]) == 0
    err = capsys.readouterr().err
    assert err.count("visits.csv line ") == 20
    assert "... and 10 more" in err

    assert main([str(here), "--plot", str(tmp_path / "no" / "p.svg")]) == 2
    assert "cannot be written" in capsys.readouterr().err.splitlines()[-1]

    (here / "clinic.json").write_text("{")
    assert main([str(here), *plot]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def live_a_day(desk: Desk, clock: FakeClock) -> None:
    """Twelve people, one after the other."""
    for n in range(12):
        clock.time = after(n * 5)
        desk.do(commands.check_in, by="kiosk", visit=f"v{n}", service="doctor")
    for n in range(12):
        clock.time = after(60 + n * 8)
        desk.do(commands.call_next, by="staff", room="room-1")
        desk.do(commands.start, by="staff", visit=f"v{n}")
        clock.time = after(67 + n * 8)
        desk.do(commands.finish, by="staff", visit=f"v{n}")


def test_without_a_folder_the_clinics_own_log_is_tried_while_the_clinic_runs(
    desk: Desk, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    live_a_day(desk, clock)
    before, files = everything(desk), sorted(path.name for path in desk.store.folder.iterdir())
    monkeypatch.setenv("KINDLINE_DATA", str(desk.store.folder))
    plot = tmp_path / "out"
    plot.mkdir()

    assert main(["--plot", str(plot / "p.svg")]) == 0

    assert "At check-in: 12 predictions" in capsys.readouterr().out
    assert everything(desk) == before
    assert sorted(path.name for path in desk.store.folder.iterdir()) == sorted([*files, "out"])
    desk.do(lambda _line, _at: [], by="staff")  # and goes on working


def test_a_closed_clinics_log_is_read_without_a_trace(
    desk: Desk, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    live_a_day(desk, clock)
    desk.close()
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setenv("KINDLINE_DATA", str(tmp_path))

    assert main(["--plot", "/dev/null"]) == 0

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == files


def test_no_clinic_or_an_empty_log_gets_one_sentence_and_makes_nothing(
    tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KINDLINE_DATA", str(tmp_path / "none"))
    assert main([]) == 2
    assert capsys.readouterr().err.startswith("There is no clinic in ")
    assert not (tmp_path / "none").exists()

    monkeypatch.setenv("KINDLINE_DATA", str(desk.store.folder))
    assert main([]) == 2
    assert "tells of nobody who waited yet" in capsys.readouterr().err


def test_the_clinics_own_rooms_keep_their_services(desk: Desk, clock: FakeClock) -> None:
    live_a_day(desk, clock)
    with desk.store.read() as db:
        past = from_log(log.every(db, page=3), SETUP)
    history = History()
    Replay(past, history).run(lambda _asked: None)

    assert history.line.setup.rooms == SETUP.rooms


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_stays_in_one_line_on_a_terminal_and_is_rare_elsewhere() -> None:
    for out, lines in ((Terminal(), 0), (StringIO(), 10)):
        progress = Progress("Trying", (0.0, 1440.0 * 200), out)
        for day in range(200):
            progress(day * 1440.0)
        progress.done()
        assert out.getvalue().count("\n") == lines
    assert "Trying: 1970-04-11 50%" in out.getvalue()


def test_the_drawing_has_a_column_for_each_tenth_and_says_when_there_is_too_little() -> None:
    outcomes = Outcomes()
    assert "too few to draw" in draw(outcomes)
    for n in range(1000):
        outcomes.add(n / 10, None if n % 50 == 0 else n / 9, n % 10 % 3)

    tenths = outcomes.tenths()

    assert [(tenth.least, round(tenth.most, 1)) for tenth in tenths[:2]] == [(0.0, 9.9), (10.0, 19.9)]
    assert all(sum(tenth.shares) == pytest.approx(1) for tenth in tenths)
    assert draw(outcomes).count("<circle") == 10


def test_more_people_before_you_never_shorten_and_another_room_never_lengthens_a_learned_look(tmp_path: Path) -> None:
    """The forward look, with everything it learned of this clinic's times."""
    history = History()
    Replay(read(tmp_path, days(6)), history, ticks=False).run(lambda _asked: None)
    times, both = history.mind.times, frozenset(("R1", "R2"))
    for ahead in range(6):
        people = [Person(f"p{n}", "doctor", both, "doctor", n) for n in range(ahead + 1)]
        chair = Chair("R1", busy=(("doctor", 100.0),))
        scene = Scene(105.0, people, [chair], {"doctor": 12})
        me = people[-1].id
        here = look(times, scene)[me].minutes
        eve = Person("eve", "doctor", both, "doctor", -1.0)
        assert look(times, replace(scene, people=[eve, *people]))[me].minutes >= here
        assert look(times, replace(scene, chairs=[chair, Chair("R2")]))[me].minutes <= here
