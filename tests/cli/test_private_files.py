"""Whatever the umask says, what smswatch writes is for its owner alone, and a link that lies in its way is not followed."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from program import in_terminal, post, run, serving

SMS = b"sender[number]=40722334455&body=Da&received_at=2026-11-20+12%3A35%3A00"


@pytest.fixture
def _open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def modes_in(folder: Path) -> dict[str, int]:
    """Return the modes of our own directory and of everything in it."""
    found = [folder, *folder.rglob("*")]
    return {path.relative_to(folder).as_posix(): stat.S_IMODE(path.stat().st_mode) for path in found}


@pytest.mark.usefixtures("_open_umask")
def test_under_an_open_umask_nobody_else_can_read_anything(tmp_path: Path) -> None:
    ours = tmp_path / "data" / "smswatch"
    with serving(tmp_path, stdout=subprocess.DEVNULL) as (process, url):
        assert post(f"{url}/webhooks/smso", SMS)[0] == 200
        run(tmp_path, "track", "webcom", "1", "--to", "+40722334455")
        run(tmp_path, "urls", "--rotate")
        run(tmp_path, "inbound", "--mask")
        while_running = modes_in(ours)
        process.terminate()
        assert process.wait(30) == 0
    with in_terminal(tmp_path, "watch", "--port", "0") as terminal:
        terminal.wait_for("Filter")
        terminal.type("tq")
        assert terminal.wait() == 0
    assert "smswatch.db.dashboard.json" in modes_in(ours)
    for modes in (while_running, modes_in(ours)):
        assert "smswatch.db" in modes
        assert {"access-key-before", "masking-secret"} <= modes.keys()
        assert {name: oct(mode) for name, mode in modes.items() if mode & 0o077} == {}


@pytest.mark.parametrize("name", ["access-key", "masking-secret"])
def test_a_link_in_the_way_is_never_written_through(tmp_path: Path, name: str) -> None:
    ours, target = tmp_path / "data" / "smswatch", tmp_path / "target"
    ours.mkdir(parents=True)
    (ours / name).symlink_to(target)
    done = run(tmp_path, "urls") if name == "access-key" else run(tmp_path, "inbound", "--mask")
    assert not target.exists()
    assert (done.returncode, done.stderr.count("\n")) in {(1, 1), (0, 0)}
