"""A rule of the configuration, a real terminal, and what it is sent."""

from __future__ import annotations

import json
import re
from pathlib import Path

from program import in_terminal, post

CONFIG = """
[[notify]]
filter = "status:bad"
how = "desktop"
"""
NOTICE = re.compile(rb"\x1b\]9;([^\x07]*)\x07")


def test_what_arrives_and_matches_is_a_notice_of_the_terminal(tmp_path: Path) -> None:
    config = tmp_path / "notify.toml"
    config.write_text(CONFIG, encoding="utf-8")
    arguments = ("--config", str(config), "watch", "--port", "0", "--db", str(tmp_path / "a.db"))
    with in_terminal(tmp_path, *arguments, TERM="xterm-kitty", TMUX="", STY="", VTE_VERSION="") as terminal:
        terminal.wait_for("http://127.0.0.1:")
        url = re.findall(rb"http://127\.0\.0\.1:\d+", terminal.drawn)[0].decode()
        body = json.dumps([{"id_sms": "77\x07;\x1b]0;evil", "time": "", "state": "not_deliver"}]).encode()
        assert post(f"{url}/webhooks/webcom", body)[0] == 200
        terminal.wait_for("\x1b]9;")
        terminal.wait_for("evil\x07")
        assert NOTICE.findall(terminal.drawn) == [rb"smswatch: undelivered: webcom 77\x07;\x1b]0;evil"]
        terminal.type("q")
        assert terminal.wait() == 0
