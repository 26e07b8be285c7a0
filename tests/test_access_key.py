from __future__ import annotations

import math
import re
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from smswatch import access_key
from smswatch.errors import AccessKeyError

NOW_S = 1_795_600_000
DAY_S = 24 * 3600
KEY = "abcdefghijklmnopqrstuvwxyz"


def test_a_key_is_26_lower_case_base32_characters() -> None:
    assert re.fullmatch("[a-z2-7]{26}", access_key.make())
    assert access_key.make() != access_key.make()


def test_the_first_start_makes_a_key_and_later_ones_find_it(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "smswatch"
    assert access_key.load(folder) is None
    key = access_key.load_or_create(folder)
    assert access_key.load_or_create(folder) == key
    assert access_key.load(folder) == key


def test_only_the_owner_can_read_the_key(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    access_key.load_or_create(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / access_key.FILE_NAME).stat().st_mode) == 0o600


def test_a_key_file_that_others_can_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / access_key.FILE_NAME
    path.write_text(KEY + "\n")
    path.chmod(0o644)
    assert access_key.load_or_create(tmp_path) == KEY
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_starts_at_the_same_moment_end_with_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as threads:
        keys = set(threads.map(access_key.load_or_create, [tmp_path] * 200))
    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == [access_key.FILE_NAME]


def test_processes_that_start_together_end_with_one_key(tmp_path: Path) -> None:
    make = f"from pathlib import Path; from smswatch.access_key import load_or_create as key; print(key(Path({str(tmp_path)!r})))"
    started = [
        subprocess.Popen([sys.executable, "-c", make], stdout=subprocess.PIPE, text=True) for _ in range(8)
    ]
    keys = {process.communicate(timeout=60)[0].strip() for process in started}
    assert {process.returncode for process in started} == {0}
    assert keys == {access_key.load(tmp_path)}
    assert [path.name for path in tmp_path.iterdir()] == [access_key.FILE_NAME]


@pytest.mark.parametrize("content", ["", "too-short", KEY.upper(), KEY + "a", "ключ" * 7])
def test_a_file_that_holds_no_key_is_named_and_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / access_key.FILE_NAME
    path.write_text(content, encoding="utf-8")
    with pytest.raises(AccessKeyError, match=re.escape(str(path))):
        access_key.load_or_create(tmp_path)
    assert path.read_text(encoding="utf-8") == content


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AccessKeyError, match="cannot keep the access key"):
        access_key.load_or_create(tmp_path / "file" / "below")


@pytest.mark.parametrize(
    ("candidate", "right"),
    [
        (KEY, True),
        (KEY[:-1] + "a", False),
        (KEY[:-1], False),
        ("", False),
        ("ключ", False),
        ("\udcff", False),
    ],
)
def test_only_the_key_itself_matches(candidate: str, right: bool) -> None:
    assert access_key.matches(KEY, candidate) is right


def test_a_changed_key_is_found_without_a_restart_and_the_old_one_lives_for_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_key, "_LOOK_EVERY_S", 0.0)
    keys = access_key.KeyFiles(tmp_path)
    before = keys().key
    assert keys().valid_until_s(before, NOW_S) == math.inf
    after = access_key.rotate(tmp_path, NOW_S)
    assert keys() == access_key.Keys(after, (access_key.OldKey(before, NOW_S + DAY_S),))
    assert keys().valid_until_s(after, NOW_S) == math.inf
    assert keys().valid_until_s(before, NOW_S + DAY_S - 1) == NOW_S + DAY_S
    assert keys().valid_until_s(before, NOW_S + DAY_S) is None
    assert keys().hide(f"/{before}/webhooks/smso {after}") == "/<key>/webhooks/smso <key>"
    for name in (access_key.FILE_NAME, access_key.OLD_FILE_NAME):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_a_second_change_leaves_the_first_key_its_day(tmp_path: Path) -> None:
    first = access_key.load_or_create(tmp_path)
    second = access_key.rotate(tmp_path, NOW_S)
    third = access_key.rotate(tmp_path, NOW_S + 60)
    keys = access_key.KeyFiles(tmp_path)()
    ends = [keys.valid_until_s(key, NOW_S + 61) for key in (first, second, third)]
    assert ends == [NOW_S + DAY_S, NOW_S + DAY_S + 60, math.inf]
    assert keys.old_until_s(NOW_S + 61) == (NOW_S + DAY_S, NOW_S + DAY_S + 60)
    assert keys.hide(f"{third} {first}/{second}") == "<key> <key>/<key>"
    later = [keys.valid_until_s(key, NOW_S + DAY_S) for key in (first, second, third)]
    assert later == [None, NOW_S + DAY_S + 60, math.inf]


def test_changes_in_one_second_are_told_apart_and_what_has_ended_goes(tmp_path: Path) -> None:
    access_key.load_or_create(tmp_path)
    for _ in range(3):
        access_key.rotate(tmp_path, NOW_S)
    assert access_key.KeyFiles(tmp_path)().old_until_s(NOW_S) == tuple(NOW_S + DAY_S + n for n in range(3))
    access_key.rotate(tmp_path, NOW_S + 2 * DAY_S)
    assert len(access_key.KeyFiles(tmp_path)().before) == 1


def test_changes_at_the_same_moment_forget_no_key(tmp_path: Path) -> None:
    first = access_key.load_or_create(tmp_path)
    with ThreadPoolExecutor(8) as threads:
        made = set(threads.map(access_key.rotate, [tmp_path] * 40, [NOW_S] * 40))
    keys = access_key.KeyFiles(tmp_path)()
    assert {keys.key, *(old.key for old in keys.before)} == {first, *made}
    assert len(made) == 40


@pytest.mark.parametrize(
    "line", ["", "x", KEY, f"{KEY} soon", f"{KEY} ١٢", f"{KEY[1:]} 5", f"{KEY} {'9' * 5000}"]
)
def test_a_damaged_line_of_old_keys_takes_no_other_with_it(tmp_path: Path, line: str) -> None:
    access_key.load_or_create(tmp_path)
    access_key.rotate(tmp_path, NOW_S)
    old = tmp_path / access_key.OLD_FILE_NAME
    old.write_text(f"{line}\n{old.read_text()}{line}", encoding="utf-8")
    assert access_key.KeyFiles(tmp_path)().old_until_s(NOW_S) == (NOW_S + DAY_S,)


def test_a_file_that_goes_bad_leaves_the_keys_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(access_key, "_LOOK_EVERY_S", 0.0)
    keys = access_key.KeyFiles(tmp_path)
    key = keys().key
    (tmp_path / access_key.FILE_NAME).write_text("half a k")
    assert keys().key == key
    assert "could not be read again" in caplog.text
