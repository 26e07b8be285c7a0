from __future__ import annotations

import logging
import stat
from pathlib import Path

import pytest

from smswatch.access_key import Keys
from smswatch.listener import library_log

KEY = "a" * 26


@pytest.mark.parametrize("before", [None, 0o644])
def test_the_log_is_for_its_owner_alone_and_holds_no_key(tmp_path: Path, before: int | None) -> None:
    path = tmp_path / library_log.FILE_NAME
    if before is not None:
        path.touch()
        path.chmod(before)
    handler = library_log.send_to_file(tmp_path, lambda: Keys(KEY))
    try:
        logging.getLogger("smswatch").warning("GET /%s/webhooks/smso\x1b[2J", KEY)
    finally:
        library_log.stop(handler)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().endswith(r"GET /<key>/webhooks/smso\x1b[2J" + "\n")


def test_a_disk_that_takes_no_line_leaves_the_terminal_alone(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / library_log.FILE_NAME).mkdir()
    handler = library_log.send_to_file(tmp_path, lambda: Keys(KEY))
    try:
        logging.getLogger("smswatch").error("of %s", "a stranger")
    finally:
        library_log.stop(handler)
    assert capfd.readouterr() == ("", "")
