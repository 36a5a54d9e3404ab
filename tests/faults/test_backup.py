"""The short forms of `make faults` about backups; each file that is wrong is in tests/clinic/test_restore.py."""

from pathlib import Path

from faults import backup
from faults.outcome import Size


def test_a_backup_under_load_is_whole_and_has_everybody_who_was_told_a_number_before_it(tmp_path: Path) -> None:
    outcome = backup.backed_up(tmp_path, Size.SHORT)

    assert (outcome.held, outcome.lost) == (True, 0), outcome
    assert (outcome.acknowledged or 0) > 10


def test_a_restore_into_a_running_clinic_is_on_every_screen_and_old_pages_write_nothing(tmp_path: Path) -> None:
    outcome = backup.restored(tmp_path, Size.SHORT)

    assert outcome.held, outcome


def test_an_upgrade_that_is_killed_goes_on(tmp_path: Path) -> None:
    outcome = backup.upgraded(tmp_path, Size.SHORT)

    assert (outcome.held, outcome.lost) == (True, 0), outcome


def test_an_older_program_names_the_backup_from_before_and_that_one_can_be_gone_back_to(tmp_path: Path) -> None:
    outcome = backup.rolled_back(tmp_path, Size.SHORT)

    assert outcome.held, outcome
