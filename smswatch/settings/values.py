"""Values: what one flag, variable or line of a file says, and what that means."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from smswatch.errors import SettingsError


class Source(msgspec.Struct, frozen=True):
    """One value and, for the error message, where it stands."""

    value: Any
    where: str


def followed(database: Path) -> Path:
    """Return the file that a symbolic link means: lock, socket and log lie beside it, whatever name it was given.

    Raises SettingsError where links lead in a circle.
    """
    if not database.is_symlink():
        return database
    try:
        meant = database.resolve()
    except (OSError, RuntimeError) as error:
        raise _leads_nowhere(database) from error
    if meant.is_symlink():
        # So says Python from 3.13 on.
        raise _leads_nowhere(database)
    return meant


def _leads_nowhere(link: Path) -> SettingsError:
    return SettingsError(f"{link} is a symbolic link that leads nowhere")


def _read_database(source: Source) -> Path:
    if not str(source.value):
        raise SettingsError(f"{source.where} is empty; it names the database file")
    path = Path(source.value).expanduser()
    if path.is_dir():
        raise SettingsError(
            f"{source.where} names a directory; it must name a file, as in {path}/smswatch.db"
        )
    return path.absolute()


def _read_host(source: Source) -> str:
    host = str(source.value).strip().removeprefix("[").removesuffix("]")
    if not host or any(character in host for character in "/@ "):
        raise SettingsError(f"{source.where} must be an address or a host name, as in 127.0.0.1 or ::1")
    return host


_HIGHEST_PORT = 65_535


def _read_port(source: Source) -> int:
    try:
        port = int(source.value)
    except ValueError:
        port = -1
    if not 0 <= port <= _HIGHEST_PORT:
        raise SettingsError(f"{source.where} must be a number from 0 to {_HIGHEST_PORT}; 0 picks a free port")
    return port


def _read_public_url(source: Source) -> str:
    text = str(source.value).strip()
    example = "it must be as in https://example.ngrok.app"
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise SettingsError(f"{source.where} is not a URL; {example}") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsError(f"{source.where} is not an http or https URL; {example}")
    if parts.query or parts.fragment or parts.username is not None or not text.isprintable() or " " in text:
        raise SettingsError(f"{source.where} must have no query, fragment, user or blank; {example}")
    return text.rstrip("/")


_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


def _read_open(source: Source) -> bool:
    word = str(source.value).strip().lower()
    if word not in _TRUE | _FALSE:
        raise SettingsError(f"{source.where} must be true or false")
    return word in _TRUE


def _read_region(source: Source) -> str:
    # Takes 20 ms and more to import, and most people set no region.
    from phonenumbers import SUPPORTED_REGIONS  # noqa: PLC0415

    region = str(source.value).strip().upper()
    if region not in SUPPORTED_REGIONS:
        raise SettingsError(f"{source.where} must be a country's two letters, as in RO or DE")
    return region


_MOST_DIGITS = 12
_DURATION = re.compile(r"(\d{1,9})\s*(ms|s|m|h|d)", re.ASCII)
_UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def milliseconds_of(duration: str) -> int | None:
    """Read `30m`, `1h` or `2d`; None for anything else."""
    found = _DURATION.fullmatch(duration.strip())
    return None if found is None else int(found[1]) * _UNITS[found[2]]


def read_duration(source: Source) -> int:
    """Return the milliseconds of a duration. Raises SettingsError naming the source."""
    duration = milliseconds_of(str(source.value))
    if duration is None:
        raise SettingsError(f"{source.where} must be a duration, as in 30m, 1h or 2d")
    return duration


def _read_age(source: Source) -> int:
    """Refuse 0, which reads like "without end" and would remove everything."""
    age_ms = read_duration(source)
    if age_ms == 0:
        raise SettingsError(f"{source.where} must be longer than 0; leave it out to keep everything")
    return age_ms


def _read_count(source: Source) -> int:
    text = str(source.value).strip()
    if not (text.isascii() and text.isdigit()) or not 1 <= len(text) <= _MOST_DIGITS or int(text) == 0:
        raise SettingsError(f"{source.where} must be a whole number from 1")
    return int(text)


def _read_theme(source: Source) -> str:
    return str(source.value).strip()


FIELDS = {
    "db": ("database", _read_database),
    "host": ("host", _read_host),
    "port": ("port", _read_port),
    "public_url": ("public_url", _read_public_url),
    "open": ("open", _read_open),
    "default_region": ("default_region", _read_region),
    "stuck_after": ("stuck_after_ms", read_duration),
    "keep_for": ("keep_for_ms", _read_age),
    "keep_newest": ("keep_newest", _read_count),
    "theme": ("theme", _read_theme),
}
"""What may be set by flag, variable or file: the field of the settings, and what reads it or raises SettingsError."""
