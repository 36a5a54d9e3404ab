"""Past days tried out: the replay sees no future, its scores are right, and bad folders get a clear sentence."""

import csv
import gzip
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clinic.estimate.look import look
from clinic.estimate.mind import Mind
from clinic.estimate.scene import Chair, Person, Scene
from clinic.evaluate import COLUMNS, calibration, evaluate, main, report, score, scored, write_predictions
from clinic.past import BadFolder, Past, clock, read
from clinic.replay import Asked, Replay

TIMES = ["arrived_at", "called_at", "finished_at"]
HEAD = ["visit_id", "service", *TIMES, "server", "left_at", "priority", "appointment_at", "assigned"]
CLINIC = {"tick_seconds": 300, "expected_minutes": 12, "line": "one", "order": {"rule": "arrival"}}


def stamp(minute: float) -> str:
    return clock(29_000_000 + minute).isoformat(timespec="seconds") if minute >= 0 else ""


def days(count: int = 3, seed: int = 1) -> list[dict[str, str]]:
    """One doctor, people about every eleven minutes from nine, ten minutes each."""
    chance = random.Random(seed)
    rows = []
    for day in range(count):
        free = arrived = day * 1440.0
        for n in range(30):
            arrived += chance.expovariate(1 / 11)
            start = max(free + 0.5, arrived)
            free = start + chance.lognormvariate(2.2, 0.4)
            times = [stamp(t) for t in (arrived, start, free)]
            rows.append(dict(zip(HEAD, [f"{day}-{n}", "doctor", *times, "R1", "", "", "", ""], strict=True)))
    return rows


def folder(path: Path, rows: list[dict[str, str]], clinic: Any = CLINIC) -> Path:
    path.mkdir(exist_ok=True)
    with (path / "visits.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, HEAD)
        writer.writeheader()
        writer.writerows(rows)
    (path / "clinic.json").write_text(json.dumps(clinic))
    return path


def asked(past: Past) -> list[Asked]:
    found: list[Asked] = []
    Replay(past, Mind()).run(found.append)
    return found


def test_every_visit_is_asked_at_its_arrival_and_at_each_tick(tmp_path: Path) -> None:
    past = read(folder(tmp_path, days()))
    at: dict[str, list[float]] = {}
    for one in asked(past):
        at.setdefault(one.visit.id, []).append(one.at - (one.visit.arrived or 0))

    for visit in past.visits:
        assert visit.called is not None
        wait = visit.called - (visit.arrived or 0)
        assert at[visit.id][0] == 0
        assert at[visit.id] == pytest.approx([n * 5 for n in range(len(at[visit.id]))], abs=1e-6)
        assert len(at[visit.id]) in (int(wait // 5) + 1, int(wait // 5) + 2)


def numbers(one: Asked) -> Any:
    return one.said and (one.said.low, one.said.likely, one.said.high, one.said.look, one.said.x)


def test_hiding_the_future_changes_no_earlier_prediction(tmp_path: Path) -> None:
    past = read(folder(tmp_path, days()))
    now = past.visits[70].arrived or 0.0
    other = read(folder(tmp_path, days()))
    for visit in other.visits:
        if visit.called is not None and visit.called > now:
            visit.called += 33
        if visit.finished is not None and visit.finished > now:
            visit.finished += 50
    other.visits = [visit for visit in other.visits if (visit.arrived or 0) <= now]

    def before(found: list[Asked]) -> list[Any]:
        return [(a.visit.id, a.at, a.place, numbers(a), a.baselines) for a in found if a.at <= now]

    assert before(asked(past)) == before(asked(other))


def test_the_same_days_give_the_same_predictions(tmp_path: Path) -> None:
    past = read(folder(tmp_path, days()))

    assert [numbers(a) for a in asked(past)] == [numbers(a) for a in asked(past)]


def test_low_is_not_above_likely_and_likely_not_above_high(tmp_path: Path) -> None:
    for one in asked(read(folder(tmp_path, days(8)))):
        if one.said:
            assert 0 <= one.said.low <= one.said.likely <= one.said.high


def test_an_oracle_scores_nothing_wrong(tmp_path: Path) -> None:
    lines = scored(evaluate(read(folder(tmp_path, days()))))

    found = score([(line.wait or 0, line.wait or 0, line.wait, line.wait) for line in lines])

    assert found is not None
    assert (found.error, found.middle_error, found.bias, found.inside, found.late, found.width) == (0, 0, 0, 1, 0, 0)


def test_a_score_counts_inside_late_and_wide() -> None:
    found = score([(10, 12, 5, 20), (30, 20, 10, 25), (2, 10, 5, 20), (8, 8, 5, 20)])

    assert found is not None
    assert (found.cases, found.error, found.middle_error, found.bias) == (4, 5, 5, 0)
    assert (found.inside, found.late, found.width) == (0.5, 0.25, 15)


def test_the_estimate_beats_the_usual_methods_and_keeps_its_word(tmp_path: Path) -> None:
    lines = scored(evaluate(read(folder(tmp_path / "d", days(20, 2))), read(folder(tmp_path / "h", days(40, 3)))))
    pairs = [(line, line.asked.said) for line in lines if line.asked.said]

    mine = score([(line.wait or 0, said.likely, said.low, said.high) for line, said in pairs])
    rolling = score([(line.wait or 0, line.asked.baselines["rolling"], None, None) for line, _ in pairs])

    assert mine is not None
    assert rolling is not None
    assert mine.error < 0.6 * rolling.error
    assert mine.inside is not None
    assert 0.74 < mine.inside < 0.88


def test_every_prediction_is_written(tmp_path: Path) -> None:
    lines = evaluate(read(folder(tmp_path, days(1))))
    write_predictions(lines, tmp_path / "out.csv")

    with (tmp_path / "out.csv").open() as file:
        rows = list(csv.DictReader(file))

    assert list(rows[0]) == list(COLUMNS)
    assert len(rows) == len(lines)
    assert all(float(row["low"]) <= float(row["likely"]) <= float(row["high"]) for row in rows if row["likely"])


def test_where_the_line_is_unknown_we_say_so(tmp_path: Path) -> None:
    lines = evaluate(read(folder(tmp_path, days(2), {**CLINIC, "line": "unknown"})))

    assert {(line.asked.said, line.asked.place, line.told_high) for line in lines} == {(None, None, None)}
    assert "we can't say" in report(lines)


def test_who_gave_up_is_counted_in_no_score(tmp_path: Path) -> None:
    rows = days(1)
    rows[5] = {**rows[5], "called_at": "", "finished_at": "", "server": "", "left_at": rows[5]["called_at"]}

    assert rows[5]["visit_id"] not in {line.asked.visit.id for line in scored(evaluate(read(folder(tmp_path, rows))))}


def test_the_command_prints_a_table_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = str(folder(tmp_path, days(2)))

    assert main([here, "--history", here, "--out", str(tmp_path / "o.csv"), "--plot", str(tmp_path / "p.svg")]) == 0

    told = capsys.readouterr().out
    assert all(word in told for word in ("At check-in", "While waiting", "rolling", "LES", "HOL", "QL", "moved"))
    assert (tmp_path / "p.svg").read_text().startswith("<svg")
    assert "<svg" in calibration([])


def test_data_without_arrivals_gets_virtual_ones(tmp_path: Path) -> None:
    rows = [{**row, "arrived_at": ""} for row in days(1)]

    past = read(folder(tmp_path, rows, {**CLINIC, "virtual_check_in_places_ahead": 3}))

    first, *_, last = sorted(past.visits, key=lambda visit: visit.called or 0)
    assert first.arrived == first.called
    assert last.arrived == pytest.approx((past.visits[-4].called or 0) + 0.5)


BAD = {"arrived_at": "yesterday"}, {"called_at": stamp(1)}, {"visit_id": "1-1"}, {"finished_at": stamp(2)}


@pytest.mark.parametrize("wrong", BAD)
def test_a_bad_row_is_left_out_and_named_and_the_others_are_used(tmp_path: Path, wrong: dict[str, str]) -> None:
    rows = days()
    rows[40] = {**rows[40], **wrong}

    past = read(folder(tmp_path, rows))

    assert len(past.visits) == len(rows) - 1
    assert len(past.refused) == 1
    assert past.refused[0].startswith("visits.csv line 42: ")


BROKEN = [
    ("visits.csv", b"a,b\n1,2\n", "has no column visit_id"),
    ("visits.csv", b"\xff\xfe\x00\x01", "cannot be read as CSV"),
    ("visits.csv", b"", "has no column"),
    ("visits.csv", ",".join(HEAD).encode(), "no row"),
    ("clinic.json", b"{", "is not JSON"),
    ("clinic.json", b"[]", "must be an object"),
    ("clinic.json", b'{"line": "two"}', "line must be one of"),
    ("clinic.json", b'{"tick_seconds": 0}', "tick_seconds must be a number"),
]


@pytest.mark.parametrize(("name", "content", "words"), BROKEN)
def test_a_folder_that_cannot_be_used_gets_one_clear_sentence(
    tmp_path: Path, name: str, content: bytes, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    here = folder(tmp_path, days(1))
    (here / name).write_bytes(content)

    with pytest.raises(BadFolder, match=words):
        read(here)
    assert main([str(here)]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_a_folder_without_visits_and_a_broken_archive_are_named(tmp_path: Path) -> None:
    here = folder(tmp_path, days(1))
    (here / "visits.csv").unlink()
    with pytest.raises(BadFolder, match=r"has no visits\.csv"):
        read(here)
    (here / "visits.csv.gz").write_bytes(gzip.compress(b"visit_id")[:-6])
    with pytest.raises(BadFolder, match="cannot be read as CSV"):
        read(here)


def test_more_people_before_you_never_shorten_and_another_room_never_lengthens_a_learned_look(tmp_path: Path) -> None:
    """The forward look, with everything it learned of this clinic's times."""
    mind = Mind()
    replay = Replay(read(folder(tmp_path, days(6))), mind)
    replay.run(lambda _asked: None)
    for ahead in range(6):
        people = [Person(f"p{n}", "doctor", "line", n) for n in range(ahead + 1)]
        chair = Chair("R1", frozenset(("line",)), busy=(("doctor", 100.0),), recorded=True)
        scene = Scene(105.0, people, [chair], {"doctor": 12})
        me = people[-1].id
        here = look(mind.times, scene)[me].minutes
        eve = Person("eve", "doctor", "line", -1.0)
        assert look(mind.times, replace(scene, people=[eve, *people]))[me].minutes >= here
        another = Chair("R2", frozenset(("line",)))
        assert look(mind.times, replace(scene, chairs=[chair, another]))[me].minutes <= here
