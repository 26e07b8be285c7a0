from __future__ import annotations

import logging
from pathlib import Path

import pytest

from smswatch.access_key import Keys
from smswatch.crash_report import crash_line, crash_report
from smswatch.listener import library_log

SAID = "Da, confirm +40722334455"


def fail() -> None:
    try:
        int(SAID)
    except ValueError as error:
        raise RuntimeError(SAID) from error


def failure() -> RuntimeError:
    with pytest.raises(RuntimeError) as caught:
        fail()
    return caught.value


def test_a_report_says_where_and_why_but_not_with_what() -> None:
    told = crash_report(failure())
    assert told.startswith("RuntimeError\n")
    assert "test_crash_report.py:" in told
    assert "caused by ValueError\n" in told
    assert SAID not in told
    assert "/" not in told.replace("tests/", "").replace("smswatch/", "")


def test_a_group_tells_of_each() -> None:
    told = crash_report(ExceptionGroup(SAID, [failure(), KeyError(SAID)]))
    assert "ExceptionGroup" in told
    assert "| RuntimeError" in told
    assert "| KeyError" in told
    assert SAID not in told


def test_a_line_is_the_kind_and_the_place() -> None:
    assert crash_line(failure()).startswith("RuntimeError in test_crash_report.py:")
    assert crash_line(KeyError(SAID)) == "KeyError"


def test_a_chain_without_end_ends() -> None:
    error = ValueError()
    error.__cause__ = KeyError()
    error.__cause__.__cause__ = error
    assert crash_report(error).count("caused by") < 20


def test_who_asks_for_it_gets_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMSWATCH_DEBUG", "1")
    assert SAID in crash_report(failure())


def test_the_log_keeps_no_words_of_an_exception(tmp_path: Path) -> None:
    handler = library_log.send_to_file(tmp_path, lambda: Keys("k" * 26))
    try:
        logging.getLogger("smswatch.intake").error("the reader of %s failed", "webcom", exc_info=failure())
    finally:
        library_log.stop(handler)
    log = (tmp_path / library_log.FILE_NAME).read_text()
    assert "the reader of webcom failed" in log
    assert "RuntimeError" in log
    assert SAID not in log
