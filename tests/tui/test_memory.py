"""The dashboard's memory: kept whole, for its owner alone, and never in anybody's way."""

from __future__ import annotations

import logging
import stat
from pathlib import Path

import pytest

from smswatch.errors import SmswatchError
from smswatch.tui.memory import MOST_HISTORY, ColumnChoice, Memory, MemoryFile, NamedFilter


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "smswatch.db.dashboard.json"


def test_it_lies_beside_the_database(tmp_path: Path) -> None:
    assert MemoryFile.beside(tmp_path / "a.db").path == tmp_path / "a.db.dashboard.json"


def test_nothing_is_written_before_something_was_chosen(path: Path) -> None:
    assert MemoryFile(path).now == Memory()
    assert not path.exists()


def test_what_was_chosen_is_there_at_the_next_start(path: Path) -> None:
    choice = ColumnChoice(("status", "time"), frozenset({"flags"}))
    MemoryFile(path).remember(theme="light", time_mode="utc", columns={"messages": choice}, mouse=False)
    found = MemoryFile(path).now
    assert found == Memory(theme="light", time_mode="utc", columns={"messages": choice}, mouse=False)


def test_only_its_owner_can_read_it_and_nothing_else_is_left_behind(path: Path) -> None:
    MemoryFile(path).remember(theme="light")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="cut off"),
        pytest.param(b"\xff\xfe", id="no text"),
        pytest.param(b'{"theme": 5}', id="of another kind"),
        pytest.param(b'{"time_mode": "lunar"}', id="an unknown value"),
        pytest.param(b'{"theme": "' + b"x" * 1024 * 1024 + b'"}', id="far too large"),
        pytest.param(b'{"x":' + b"[" * 100_000, id="nested without end"),
    ],
)
def test_a_damaged_file_is_a_first_start_and_one_line_in_the_log(
    path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        memory = MemoryFile(path)
        assert memory.now == Memory()
        memory.remember(theme="light")
    assert len(caplog.records) == 1
    assert MemoryFile(path).now.theme == "light"


def test_a_key_of_a_later_version_does_no_harm(path: Path) -> None:
    path.write_text('{"theme": "light", "of_the_future": [1]}')
    assert MemoryFile(path).now.theme == "light"


def test_two_windows_do_not_undo_each_other(path: Path) -> None:
    one, other = MemoryFile(path), MemoryFile(path)
    one.name_filter("failures", "status:bad")
    other.name_filter("open", "is:open")
    other.remember(theme="light")
    one.remember(time_mode="utc")
    found = MemoryFile(path).now
    assert [named.name for named in found.filters] == ["failures", "open"]
    assert (found.theme, found.time_mode) == ("light", "utc")
    assert one.now.theme is None, "a window keeps the look that it has"


def test_history_keeps_each_filter_once_and_the_newest_hundred(path: Path) -> None:
    memory = MemoryFile(path)
    for number in range(MOST_HISTORY + 5):
        memory.note_filter(f"id:{number}")
    memory.note_filter("id:50")
    memory.note_filter("  ")
    history = MemoryFile(path).now.history
    assert len(history) == MOST_HISTORY
    assert history[-2:] == ("id:104", "id:50")
    assert history.count("id:50") == 1


def test_a_name_is_given_anew_and_taken_away(path: Path) -> None:
    memory = MemoryFile(path)
    memory.name_filter("Bad", "status:failed")
    memory.name_filter("Bad", "status:bad")
    memory.name_filter("answers", "has:reply")
    assert memory.now.filters == (NamedFilter("answers", "has:reply"), NamedFilter("Bad", "status:bad"))
    memory.forget_filter("Bad")
    assert [named.name for named in MemoryFile(path).now.filters] == ["answers"]


def test_where_it_cannot_be_kept_this_window_still_goes_by_it(tmp_path: Path) -> None:
    memory = MemoryFile(tmp_path / "gone" / "memory.json")
    with pytest.raises(SmswatchError, match="cannot be kept"):
        memory.remember(theme="light")
    assert memory.now.theme == "light"
