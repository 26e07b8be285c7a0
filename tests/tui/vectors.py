"""What strangers may write to harm who reads it, by group: E escapes, M markup, B bidirectional and invisible, W wide,
P broken encodings, C commands and formulas, G forged log lines, S queries. Each begins with a canary of its own.
"""

from __future__ import annotations

_SEQUENCES = {
    "E01": "ok\x1b[2J\x1b[Hfake",
    "E02": "\x1b[8m hidden \x1b[0m",
    "E03": "\x1b[10A\x1b[2Koverwritten",
    "E04a": "\x1b]0;owned\x07",
    "E04b": "\x1b]2;owned\x1b\\",
    "E05": "\x1b[21t",
    "E06a": "\x1b]52;c;Y2FuYXJ5\x07",
    "E06b": "\x1b]52;c;?\x1b\\",
    "E07": "\x1b]8;;http://canary.invalid\x1b\\pay here\x1b]8;;\x1b\\",
    "E08a": "\x1b]9;hi\x07\x1b]777;notify;a;b\x07",
    "E08b": "\x1b]99;;x\x1b\\",
    "E09": "\x1b]1337;File=name=eA==;inline=1:AAAA\x07",
    "E10": "\x1b]4;1;#000000\x07\x1b]11;#ffffff\x07\x1b]104\x07",
    "E11": "\x1bP$qm\x1b\\\x1bP+q544e\x1b\\",
    "E12": "\x1b_Gq=1;AAAA\x1b\\\x1b^x\x1b\\\x1bXx\x1b\\",
    "E13": "\x1bc\x1b[!p\x1b#8",
    "E14": "\x1b[?1049l\x1b[?25l\x1b[?1000h\x1b[?2004l\x1b[?2026h",
    "E15": "\x1b[6n\x1b[c\x1b[>q\x05",
    "E16": "\x1b[5i\x1b[4i",
    "E17a": "\x1b]0;never ends",
    "E17b": "never ends\x1bP",
    "E18a": "split\x1b",
    "E18b": "[2Jsplit",
    "E19a": "\x9b31m\x9d52;c;eA==\x9c",
    "E19b": "\x90$qm\x9c\x85\x84",
    "E21": "\x0elqk\x0f\x1b(0lqk\x1b(B",
    "E22a": "a\x08\x08\x08b\x0b\x0cy\x7f\x1a",
    "E22b": "safe\rEVIL",
    "E22c": "\x00mid",
    "E23": "\x1b[200~rm -rf ~\n\x1b[201~",
    "E24a": "\x1b[31" + "1" * 5000 + "m",
    "E24b": "\x1b[" + ";" * 5000 + "H",
    "E25": "\x1b[38:2::255:0:0m\x1b[<0;1;1M\x1b[?1;2$y",
    "E26": "\x1bk t\x1b\\",
    "E27": "\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\",
    "M01a": "[/b]",
    "M01b": "[/",
    "M01c": "[/] ]]] [[ \\[x] [",
    "M02": "[TODO] pay [1/3] [ERROR] arr[0]=1",
    "M03a": "[@click=app.quit]win[/]",
    "M03b": "[@click=screen.dismiss]",
    "M04": "[link=http://canary.invalid]bank[/link] [red on red]x[/]",
    "M05": "**x** <script>alert(1)</script> | table | ![i](http://canary.invalid/p.png) `x`",
    "M06": "$text [$error]x[/] {self} %s %(x)s {0}",
    "B01a": "\u202eTXT.EXE",
    "B01b": "\u2066abc\u2069" + "\u202b" * 100,
    "B02": "+40\u200b722\u200c000\u2063\ufeff",
    "B03": "ра\u0443раl VODAF0NE \uff0b\uff14\uff10",
    "B04": "👍\U000e0041\U000e0042",
    "B05": "a\u2028b\u2029c\u0085d\u000be",
    "B06": "\u00ad\u034f\u061c\u115f\u17b4\u180e\u2800\u3164\ufff9\ufffa",
    "W01a": "a" + "\u0301" * 5000,
    "W01b": "👨\u200d👩\u200d👧" * 100 + "🇷🇴1\ufe0f\u20e3❤\ufe0f👍🏽",
    "W02a": "\ufdfd" * 5000,
    "W02b": "漢\U0001242b" * 5000,
    "W02c": "x\n" * 5000,
    "W02d": "x" * 50_000,
    "W03": "\t" * 1000 + "\u3000\u00a0 \u00a0  ",
    "P01": "\ud800 \udc00\ud800",
    "P03": "\u001b\u0065 \u0005\u0000\u0003",
    "C01a": "=1+1",
    "C02a": "'; touch canary; '",
    "C02b": "$(touch canary) `touch canary` %0a\n--next",
    "C02c": '"; touch canary #\\',
    "G01": "x%0d%0aINFO%20forged\r\n2026-11-20 INFO forged",
    "S01a": "'; DROP TABLE messages;-- % _ [",
    "S01b": '"*" NEAR( (a+)+$ ' + "a" * 40 + "!",
}

FORMULAS = ("=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "\uff1d1", " =1", '"=1', ";=1", ",=1")
"""They must stand first in a cell to do anything, so they have no canary."""


def canary(name: str) -> str:
    """Return the word by which the vector of this name is found again."""
    return f"kz{name}z"


VECTORS = {name: canary(name) + text for name, text in _SEQUENCES.items()}
"""By name."""

RAW_BODIES = {
    "E20a": b"\xc2\x9b31m",
    "E20b": b"\x9b31m",
    "P02a": b"\xff\xfe",
    "P02b": b"\xc0\xaf",
    "P02c": b"\xe2\x82",
}
"""Bodies that are no text, by name, each behind its canary."""
