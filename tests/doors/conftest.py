"""What the tests of the doors start from."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import app as roof
import doors.guard
from settings import Settings
from tests.doors.house import QUICK, House


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A walk-in practice whose day has begun, its doors shut."""
    monkeypatch.setattr(doors.guard, "strong_hasher", lambda: QUICK)
    engine = os.environ.get("KINDLINE_ASYNC", "").strip() or "threading"
    app = roof.create_app(Settings("127.0.0.1", data=tmp_path / "house", async_mode=engine, template="walk-in"))
    app.testing = True
    yield House(app)
    app.extensions["desk"].close()
