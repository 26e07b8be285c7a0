"""Settings: flags before environment before file before defaults, as one frozen value.

`load` is a pure function of what its caller read; `read_file` and `standard_places` are the two that look at
the machine.
"""

from __future__ import annotations

import os
import re
import tomllib
import zoneinfo
from collections.abc import Collection, Mapping
from datetime import tzinfo
from pathlib import Path
from typing import Any, Literal, get_type_hints
from urllib.parse import urlsplit

import msgspec
import platformdirs

from smswatch.errors import SettingsError
from smswatch.safe_text import safe_line
from smswatch.wording import suggestion

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 7670
DEFAULT_STUCK_AFTER_MS = 3_600_000
ENVIRONMENT_PREFIX = "SMSWATCH_"
YOUR_TUNNEL = "https://YOUR-TUNNEL"
"""Stands where a public URL belongs that nobody has told."""
_LONGEST_NAME = 40


class ProviderSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table `[providers.NAME]` of the configuration file."""

    zone: str | None = None
    """The zone of this provider's times where they state none, as in `Europe/Moscow`."""
    stuck_after: str | None = None
    """How long its messages may stay open, where that is not the usual time."""


class NotifyRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table `[[notify]]` of the configuration file: when the dashboard calls a person."""

    filter: str
    """What must arrive."""
    how: Literal["bell", "desktop"] = "bell"
    list: Literal["messages", "inbound", "requests"] = "messages"


class FileSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a configuration file may say."""

    db: str | None = None
    host: str | None = None
    port: int | None = None
    public_url: str | None = None
    open: bool | None = None
    default_region: str | None = None
    stuck_after: str | None = None
    keep_for: str | None = None
    theme: str | None = None
    keys: dict[str, str] = {}
    filters: dict[str, str] = {}
    notify: tuple[NotifyRule, ...] = ()
    providers: dict[str, ProviderSettings] = {}


class ConfigFile(msgspec.Struct, frozen=True):
    """A configuration file as it was read: where it lies, and its tables."""

    path: Path
    tables: dict[str, Any]


class Places(msgspec.Struct, frozen=True):
    """Where this platform keeps a user's things."""

    data: Path
    config: Path

    @property
    def database(self) -> Path:
        """The database that is used unless another is named."""
        return self.data / "smswatch.db"

    @property
    def config_file(self) -> Path:
        """The configuration file that is read if it exists."""
        return self.config / "config.toml"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a person can set."""

    database: Path
    data_directory: Path
    """Holds the access key, one for all databases, and the listener's log."""
    config: Path | None = None
    """The file that was read, if any."""
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    """0 picks a free one."""
    public_url: str | None = None
    """What the tunnel shows to the world, without a slash at its end."""
    open: bool = False
    """Tunnelled requests need no key."""
    default_region: str | None = None
    """Two letters: the country of numbers that are written without one."""
    stuck_after_ms: int = DEFAULT_STUCK_AFTER_MS
    """A message that is still open so long after it was first seen is stuck."""
    stuck_after_by_provider_ms: dict[str, int] = {}
    """The same for those providers that have a time of their own."""
    keep_for_ms: int | None = None
    """What last changed longer ago is removed; None keeps everything."""
    theme: str | None = None
    """The dashboard's colours; None goes by what was chosen there last."""
    keys: dict[str, str] = {}
    """The dashboard's keys, by what they do, where they are not the usual ones."""
    filters: dict[str, str] = {}
    """The dashboard's named filters: texts, which can be read, by name."""
    notify: tuple[NotifyRule, ...] = ()
    """When the dashboard calls a person; filters that can be read."""
    zones: dict[str, str] = {}
    """Zone names by provider, each known to this machine."""

    def zone(self, provider: str) -> tzinfo | None:
        """Return the zone of a provider's unstated times; None is this machine's own."""
        name = self.zones.get(provider)
        return zoneinfo.ZoneInfo(name) if name else None


class _Source(msgspec.Struct, frozen=True):
    """One value and, for the error message, where it stands."""

    value: Any
    where: str


def load(
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    file: ConfigFile | None,
    places: Places,
) -> Settings:
    """Merge what was given; a flag that is None was not given.

    Raises SettingsError naming the flag, the variable or the file and its key.
    """
    in_file = _checked(file) if file else FileSettings()
    found: dict[str, _Source] = {}
    for key in (
        "db",
        "host",
        "port",
        "public_url",
        "open",
        "default_region",
        "stuck_after",
        "keep_for",
        "theme",
    ):
        source = _first(key, flags, environ, file, in_file)
        if source is not None:
            found[key] = source
    given: dict[str, Any] = {_FIELDS.get(key, key): _READERS[key](source) for key, source in found.items()}
    database: Path = given.pop("database", places.database)
    return Settings(
        database=database,
        data_directory=places.data,
        config=file.path if file else None,
        zones=_zones(file, in_file),
        stuck_after_by_provider_ms=_stuck_after(file, in_file),
        keys=in_file.keys,
        filters=_filters(file, in_file),
        notify=_notify(file, in_file),
        **given,
    )


def read_settings(flags: Mapping[str, Any], environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the configuration file that flags or environment name, or the standard one, and merge all.

    Raises SettingsError.
    """
    places = standard_places()
    named = flags.get("config") or environ.get(ENVIRONMENT_PREFIX + "CONFIG")
    if named:
        return load(flags, environ, read_file(Path(named).expanduser()), places)
    standard = places.config_file
    return load(flags, environ, read_file(standard) if standard.is_file() else None, places)


def standard_places() -> Places:
    """Return this platform's directories; creates nothing."""
    return Places(
        platformdirs.user_data_path("smswatch", appauthor=False),
        platformdirs.user_config_path("smswatch", appauthor=False),
    )


def read_file(path: Path) -> ConfigFile:
    """Read a TOML file. Raises SettingsError naming the file, and the line where it breaks off."""
    try:
        return ConfigFile(path, tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 text") from error
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror or error}") from error


def check_providers(settings: Settings, known: Collection[str]) -> None:
    """Raise SettingsError if the file has a table for a provider that does not exist."""
    for name in (*settings.zones, *settings.stuck_after_by_provider_ms):
        if name not in known:
            raise SettingsError(f"{settings.config}: unknown provider `{name}`; {_nearest(name, known)}")


def _first(
    key: str,
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    file: ConfigFile | None,
    in_file: FileSettings,
) -> _Source | None:
    if flags.get(key) is not None:
        return _Source(flags[key], "--" + key.replace("_", "-"))
    variable = ENVIRONMENT_PREFIX + key.upper()
    if environ.get(variable):
        return _Source(environ[variable], variable)
    value = getattr(in_file, key)
    if file is None or value is None:
        return None
    # A relative path in a file means beside that file, wherever the command is started.
    here = file.path.parent / Path(value).expanduser() if key == "db" else value
    return _Source(here, f"{file.path}: {key}")


def _checked(file: ConfigFile) -> FileSettings:
    _refuse_unknown(file.path, file.tables, FileSettings, "")
    providers = file.tables.get("providers", {})
    if isinstance(providers, dict):
        for name, table in providers.items():
            if isinstance(table, dict):
                _refuse_unknown(file.path, table, ProviderSettings, f"providers.{name}.")
    rules = file.tables.get("notify", ())
    if isinstance(rules, list):
        for number, table in enumerate(rules, start=1):
            if isinstance(table, dict):
                _refuse_unknown(file.path, table, NotifyRule, "", f"the {_ordinal(number)} [[notify]]: ")
    try:
        return msgspec.convert(file.tables, FileSettings)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).replace(" | null`", "`").partition(" - at `$")
        key = place.rstrip("`").lstrip(".").replace("[...]", ".NAME")
        key = _IN_NOTIFY.sub(lambda found: f"the {_ordinal(int(found[1]) + 1)} [[notify]]", key)
        raise SettingsError(f"{file.path}: {key or 'the file'}: {reason[:1].lower()}{reason[1:]}") from error


_IN_NOTIFY = re.compile(r"^notify\[(\d+)\]")


def _refuse_unknown(path: Path, table: Mapping[str, Any], record: type, prefix: str, place: str = "") -> None:
    known = get_type_hints(record).keys()
    for key in table:
        if key not in known:
            raise SettingsError(f"{path}: {place}unknown key `{prefix}{key}`; {_nearest(key, known)}")


def _nearest(word: str, known: Collection[str]) -> str:
    return suggestion(word, known, f"known are {', '.join(sorted(known))}", quote="`", likeness=0.5)


def _read_database(source: _Source) -> Path:
    if not str(source.value):
        raise SettingsError(f"{source.where} is empty; it names the database file")
    path = Path(source.value).expanduser()
    if path.is_dir():
        raise SettingsError(
            f"{source.where} names a directory; it must name a file, as in {path}/smswatch.db"
        )
    return path.absolute()


def _read_host(source: _Source) -> str:
    host = str(source.value).strip().removeprefix("[").removesuffix("]")
    if not host or any(character in host for character in "/@ "):
        raise SettingsError(f"{source.where} must be an address or a host name, as in 127.0.0.1 or ::1")
    return host


_HIGHEST_PORT = 65_535


def _read_port(source: _Source) -> int:
    try:
        port = int(source.value)
    except ValueError:
        port = -1
    if not 0 <= port <= _HIGHEST_PORT:
        raise SettingsError(f"{source.where} must be a number from 0 to {_HIGHEST_PORT}; 0 picks a free port")
    return port


def _read_public_url(source: _Source) -> str:
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


def _read_open(source: _Source) -> bool:
    word = str(source.value).strip().lower()
    if word not in _TRUE | _FALSE:
        raise SettingsError(f"{source.where} must be true or false")
    return word in _TRUE


def _read_region(source: _Source) -> str:
    # Takes 20 ms and more to import, and most people set no region.
    from phonenumbers import SUPPORTED_REGIONS  # noqa: PLC0415

    region = str(source.value).strip().upper()
    if region not in SUPPORTED_REGIONS:
        raise SettingsError(f"{source.where} must be a country's two letters, as in RO or DE")
    return region


_DURATION = re.compile(r"(\d{1,9})\s*(ms|s|m|h|d)", re.ASCII)
_UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def milliseconds_of(duration: str) -> int | None:
    """Read `30m`, `1h` or `2d`; None for anything else."""
    found = _DURATION.fullmatch(duration.strip())
    return None if found is None else int(found[1]) * _UNITS[found[2]]


def _read_duration(source: _Source) -> int:
    duration = milliseconds_of(str(source.value))
    if duration is None:
        raise SettingsError(f"{source.where} must be a duration, as in 30m, 1h or 2d")
    return duration


def _read_theme(source: _Source) -> str:
    return str(source.value).strip()


def _zones(file: ConfigFile | None, in_file: FileSettings) -> dict[str, str]:
    zones = {name: table.zone for name, table in in_file.providers.items() if table.zone is not None}
    for name, zone in zones.items():
        try:
            zoneinfo.ZoneInfo(zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
            hint = suggestion(
                zone,
                zoneinfo.available_timezones(),
                "it must be as in Europe/Moscow",
                quote="`",
                likeness=0.5,
            )
            place = f"{file.path}: providers.{name}.zone" if file else f"providers.{name}.zone"
            raise SettingsError(f"{place}: unknown zone `{zone}`; {hint}") from error
    return zones


def _filters(file: ConfigFile | None, in_file: FileSettings) -> dict[str, str]:
    for name, text in in_file.filters.items():
        where = f"{file.path if file else 'file'}: filters.{safe_line(name, 40)}"
        if not name.strip() or not name.isprintable() or len(name) > _LONGEST_NAME:
            raise SettingsError(f"{where}: a name has 1 to {_LONGEST_NAME} characters that can be printed")
        _check_filter(text, where)
    return in_file.filters


def _notify(file: ConfigFile | None, in_file: FileSettings) -> tuple[NotifyRule, ...]:
    for number, rule in enumerate(in_file.notify, start=1):
        where = f"{file.path if file else 'file'}: filter of the {_ordinal(number)} [[notify]]"
        if not rule.filter.strip():
            raise SettingsError(f"{where} is empty: everything that arrives would ring")
        _check_filter(rule.filter, where)
    return in_file.notify


def _ordinal(number: int) -> str:
    return {1: "1st", 2: "2nd", 3: "3rd"}.get(number, f"{number}th")


def _check_filter(text: str, where: str) -> None:
    """Raise SettingsError if a filter cannot be read."""
    # Few files have filters, and every command reads settings.
    from smswatch.filters import FilterError, parse  # noqa: PLC0415

    try:
        parse(text)
    except FilterError as error:
        raise SettingsError(f"{where}: {error}") from error


def _stuck_after(file: ConfigFile | None, in_file: FileSettings) -> dict[str, int]:
    return {
        name: _read_duration(
            _Source(table.stuck_after, f"{file.path if file else 'file'}: providers.{name}.stuck_after")
        )
        for name, table in in_file.providers.items()
        if table.stuck_after is not None
    }


_FIELDS = {"db": "database", "stuck_after": "stuck_after_ms", "keep_for": "keep_for_ms"}
_READERS = {
    "db": _read_database,
    "host": _read_host,
    "port": _read_port,
    "public_url": _read_public_url,
    "open": _read_open,
    "default_region": _read_region,
    "stuck_after": _read_duration,
    "keep_for": _read_duration,
    "theme": _read_theme,
}
