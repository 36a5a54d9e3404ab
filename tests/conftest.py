"""What every test starts from: a clock that stands still, a clinic at its desk, and the whole product with a client."""

import gc
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

if os.environ.get("KINDLINE_ASYNC", "").strip() == "eventlet":
    import serve  # noqa: F401 - patches the standard library, so nothing may be imported before it

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from sqlite_utils import Database
from sqlite_utils.utils import sqlite3
from werkzeug.routing import Rule

from clinic.desk import Desk
from clinic.schema import migrations
from clinic.store import Store

pytest.register_assert_rewrite("tests.clinic.given")

from tests.clinic.given import NINE, ROOMS, SETUP  # noqa: E402 - after the patch above

# A slow machine is no fault of the clinic's rules, and the same cases every time make a failure easy to show.
settings.register_profile(
    "kindline", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], print_blob=False
)
settings.load_profile("kindline")


LONGEST = ("test_demo.py", "test_rules.py")
"""Files of tests that keep one core busy for a minute: where several run at once, these are not left to the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files begin; else all stay in order."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


def pytest_collection_finish() -> None:
    """What is there now stays to the end: thousands of tests need not look through it for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


# Nearly every test opens a clinic of its own; most of that work is reading the same addresses and making the same
# tables anew.
compile_rule = Rule.compile
COMPILED: dict[tuple[Any, ...], dict[str, Any]] = {}
MADE = ("_parts", "_trace", "_converters", "arguments", "_build", "_build_unknown")
"""What Werkzeug makes of a rule: of its text and defaults alone, and never changed after that."""


def compiled_once(rule: Rule) -> None:
    """Compile this rule, or take what came of the same one in an earlier app."""
    key = (rule.rule, str(rule.defaults), rule.subdomain, rule.host, rule.merge_slashes, rule.map.host_matching)
    if key not in COMPILED:
        compile_rule(rule)
        COMPILED[key] = {name: getattr(rule, name) for name in MADE}
    vars(rule).update(COMPILED[key])


Rule.compile = compiled_once  # type: ignore[assignment, method-assign]


class Tables:
    """The tables of a new clinic, made by the migrations once and then copied; any older database goes through them."""

    def __init__(self) -> None:
        self.migrate = migrations.apply
        self._new: Database | None = None

    def apply(self, db: Database, **only: Any) -> None:
        """Bring this database up to date, or so far as is asked for."""
        if only or db.table_names():
            self.migrate(db, **only)
            return
        if self._new is None:
            self._new = Database(sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False))
            self.migrate(self._new)
        self._new.conn.backup(db.conn)


migrations.apply = Tables().apply  # type: ignore[method-assign]


class FakeClock:
    """A clock that stands still until a test moves it, by `time`; by `put` somebody sets it while no time passes."""

    def __init__(self, time: datetime = NINE):
        self.time, self.doubt = time, ""
        self._put = timedelta()

    def now(self) -> datetime:
        return self.time

    real_now = wall = now

    def put(self, by: timedelta) -> None:
        self.time += by
        self._put += by

    def seconds(self) -> float:
        return (self.time - self._put).timestamp()

    def moment(self) -> tuple[datetime, float]:
        return self.now(), self.seconds()

    def go_on_from(self, latest: datetime) -> None:
        """A test's clock is right, but where a test says otherwise."""

    def believe(self) -> None:
        self.doubt = ""

    def real_seconds(self, clinic_seconds: float) -> float:
        return clinic_seconds


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path)
    yield store
    store.close()


@pytest.fixture
def desk(store: Store, clock: FakeClock) -> Desk:
    """A clinic with a doctor and a nurse, its day open and every room too."""
    desk = Desk(store, clock)
    desk.set_up(SETUP)
    desk.open_day("front desk", ROOMS)
    return desk


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """The whole product on a walk-in practice whose day has just begun."""
    from app import create_app
    from settings import Settings

    engine = os.environ.get("KINDLINE_ASYNC", "").strip() or "threading"
    settings = Settings(
        "127.0.0.1", data=tmp_path / "app", async_mode=engine, template="walk-in", open_doors="loopback"
    )
    app = create_app(settings)
    app.testing = True
    yield app
    app.extensions["desk"].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
