"""Starting on a file that is foreign, damaged, of a newer version, or whose migration was killed."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import servers

from faults import Found
from faults.station import post
from smswatch.store.schema import APPLICATION_ID, MIGRATIONS, VERSION
from smswatch.store.writer import Writer

_KILLED = Path(__file__).with_name("killed_migration.py")
_LONGEST_MIGRATION = 3.3
"""As a power of ten: steps of SQLite's machine. After more it is over before it is killed."""
MESSAGES = 300


def start_on_bad_files(home: Path, rng: random.Random, runs: int, found: Found) -> str:
    """Try each; return what came of it, in words."""
    home.mkdir()
    good = _good(home)
    for name, data in _foreign(home, good):
        _is_refused(home, name, data, found)
    _is_refused(home, "cut-in-the-header", good[:60], found, mode=0o600)
    refused = sum(_on_a_damaged_file(home, rng, good, found) for _ in range(runs))
    killed = 0
    for cycle in range(runs):
        for version in range(VERSION):
            killed += _after_a_killed_migration(home / f"{cycle}-{version}", version, rng, found)
    return (
        f"started on foreign, cut, newer files: one sentence, file untouched; on {runs} damaged ones {refused}"
        f" refused, the others never acknowledged what they did not keep; {killed} migrations killed at random"
        " steps were completed at the next start"
    )


def _good(home: Path) -> bytes:
    database = home / "good.db"
    with servers.serve(home, database) as (port, _):
        for number in range(MESSAGES):
            post(port, number)
    return database.read_bytes()


def _foreign(home: Path, good: bytes) -> list[tuple[str, bytes]]:
    newer, notes = home / "newer.db", home / "notes.db"
    newer.write_bytes(good)
    with closing(sqlite3.connect(newer)) as connection:
        connection.execute(f"PRAGMA user_version={VERSION + 1}")
    with closing(sqlite3.connect(notes)) as connection:
        connection.execute("CREATE TABLE notes(text)")
    return [
        ("text", b"# Not a database\n" * 99),
        ("a few bytes", b"SQLite"),
        ("header-damaged", b"SQLite format 4\0" + good[16:]),
        ("another-program's", notes.read_bytes()),
        ("newer", newer.read_bytes()),
    ]


def _is_refused(home: Path, name: str, data: bytes, found: Found, *, mode: int = 0o644) -> None:
    """Start must end with one sentence and exit code 1, and change nothing."""
    folder = home / name
    folder.mkdir()
    database = folder / "file.db"
    database.write_bytes(data)
    database.chmod(mode)
    done = _start(home, database)
    sentence = done.stderr.strip()
    found.expect(done.returncode == 1 and str(database) in sentence, f"{name}: {done.returncode} {sentence}")
    found.expect(sentence.count("\n") == 0 and "Traceback" not in sentence, f"{name}: {sentence}")
    found.expect(database.read_bytes() == data, f"{name}: the file was changed")
    found.expect(database.stat().st_mode & 0o777 == mode, f"{name}: its mode was changed")
    beside = [file.name for file in folder.iterdir()]
    found.expect(beside == ["file.db"], f"{name}: there are {beside}")


def _start(home: Path, database: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*servers.SERVE, "serve", "--port", "0", "--db", str(database)],
        env=servers.environment(home),
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def _on_a_damaged_file(home: Path, rng: random.Random, good: bytes, found: Found) -> int:
    """Overwrite a part of a database and start on it; 1 if it was refused, 0 if it runs, as far as it can."""
    database = home / "damaged.db"
    for file in home.glob("damaged.db*"):
        file.unlink()
    damaged = bytearray(good)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(1, len(good) // 4096) * 4096
        damaged[at : at + 4096] = rng.randbytes(4096)
    database.write_bytes(damaged)
    try:
        with servers.serve(home, database) as (port, process):
            answers = {number: post(port, number).status for number in range(MESSAGES, MESSAGES + 20)}
            found.expect(process.poll() is None, "on a damaged file the process ended")
    except RuntimeError as error:
        found.expect(str(database) in str(error), f"on a damaged file: {error}")
        return 1
    found.expect(set(answers.values()) <= {200, 503}, f"on a damaged file: {set(answers.values())}")
    for number, status in answers.items():
        if status == 200:
            found.expect(_has(database, number), f"on a damaged file: {number} acknowledged, not kept")
    return 0


def _has(database: Path, number: int) -> bool:
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        try:
            return bool(
                connection.execute(
                    "SELECT 1 FROM messages WHERE provider = 'webcom' AND message_id = ?", (str(number),)
                ).fetchone()
            )
        except sqlite3.DatabaseError:
            return False


def _after_a_killed_migration(folder: Path, version: int, rng: random.Random, found: Found) -> int:
    """Kill the opening of a database of an older version; the next one must find it whole. 1 if it was killed."""
    folder.mkdir()
    database = folder / "old.db"
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        for number, script in enumerate(MIGRATIONS[:version], start=1):
            connection.executescript(
                f"BEGIN; {script}; PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={number}; COMMIT;"
            )
    steps = str(int(10 ** rng.uniform(1, _LONGEST_MIGRATION)))
    killed = subprocess.run(
        [sys.executable, str(_KILLED), str(database), steps], check=False, capture_output=True, timeout=60
    )
    Writer.open(database).close()
    found.expect(_shape(database) == _newest_shape(folder), f"killed in migration {version}: another shape")
    whole = servers.integrity(database)
    found.expect(whole == "ok", f"killed in migration {version}: {whole}")
    return int(killed.returncode == -9)


def _newest_shape(folder: Path) -> list[tuple[object, ...]]:
    database = folder / "new.db"
    Writer.open(database).close()
    return _shape(database)


def _shape(database: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        rows: list[tuple[object, ...]] = connection.execute(
            "SELECT type, name, sql FROM sqlite_schema ORDER BY name"
        ).fetchall()
        return [*rows, connection.execute("PRAGMA user_version").fetchone()]
