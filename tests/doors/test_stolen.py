"""What somebody holds who has the files (TRUST A26, A30): nobody else can read them on this machine, and the database
by itself opens nothing: no password, PIN, link, session or device.
"""

import stat
from pathlib import Path

import app as roof
from clinic.register import KEY_FILE, KEY_LENGTH
from settings import Settings, read
from tests.doors.house import PASSWORD, PIN, House


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def folder(house: House) -> Path:
    found: Path = house.app.extensions["desk"].store.folder
    return found


def test_the_data_are_for_the_clinic_alone(house: House) -> None:
    files = [path for path in folder(house).iterdir() if path.is_file()]

    assert {"kindline.db", "kindline.lock", KEY_FILE} <= {path.name for path in files}
    assert {path.name: oct(mode(path)) for path in files if mode(path) != 0o600} == {}
    assert mode(folder(house)) == 0o700


def test_files_that_others_could_read_are_shut_at_the_next_start(house: House) -> None:
    where = folder(house)
    house.app.extensions["desk"].close()
    for path in where.iterdir():
        path.chmod(0o644)
    house.app.extensions["desk"] = roof.create_app(
        Settings("127.0.0.1", data=where, async_mode="threading")
    ).extensions["desk"]

    assert {oct(mode(path)) for path in where.iterdir()} == {"0o600"}


def test_a_stolen_database_opens_nothing(house: House) -> None:
    desk, tablet = house.client(), house.client()
    house.pairs(desk, "desk")
    house.pairs(tablet, "tablet")
    waiting = house.client()
    code = house.code(waiting, "tv")
    house.signs_in(house.add("reception"), desk)
    desk.post("/staff/my-pin", data={"password": PASSWORD, "pin": PIN})
    invited = house.doors.accounts.invite(house.doors.accounts.add("new", "New Person", "reception").id)
    program, token = house.doors.devices.add("program", "lists", "", house.owner.id)
    answer = tablet.post("/kiosk/check-in", json={"service": "doctor", "request": "0123456789abcdef"}).get_json()
    links = house.app.extensions["desk"].links
    cookies = [client.get_cookie(name) for client in (desk, tablet, waiting, house.manager)
               for name in ("kindline_session", "kindline_device", "kindline_pairing")]  # fmt: skip
    secrets = {
        "password": PASSWORD, "pin": PIN, "invitation": invited, "program": token,
        "pairing code": code.replace("-", ""),
        "phone": answer["url"].rpartition("/")[2], "short code": links.code(answer["visit"]),
        "companion": links.companion(answer["visit"]), "key": (folder(house) / KEY_FILE).read_bytes().hex(),
        **{f"cookie {number}": cookie.value for number, cookie in enumerate(cookies) if cookie},
    }  # fmt: skip
    files = {path.name: path.read_bytes() for path in folder(house).iterdir() if path.name != KEY_FILE}

    assert len(secrets) >= 13
    assert program.id.encode() in b"".join(files.values())
    assert [
        (what, name) for what, secret in secrets.items() for name, held in files.items() if secret.encode() in held
    ] == []
    key = (folder(house) / KEY_FILE).read_bytes()
    assert [name for name, held in files.items() if key in held] == []


def test_a_clinic_starts_without_a_secret_and_makes_its_own(tmp_path: Path) -> None:
    keys = []
    for name in ("one", "two"):
        settings = read({"KINDLINE_DATA": str(tmp_path / name), "KINDLINE_ASYNC": "threading"})
        app = roof.create_app(settings)
        app.extensions["desk"].close()
        keys.append((tmp_path / name / KEY_FILE).read_bytes())

    assert keys[0] != keys[1]
    assert [len(key) for key in keys] == [KEY_LENGTH] * 2
    assert not any("SECRET" in name.upper() or "KEY" in name.upper() for name in vars(settings))
