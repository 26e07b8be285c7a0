"""The configuration file: TOML tables, and what is wrong with them where something is."""

from __future__ import annotations

import re
import tomllib
import zoneinfo
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec

from smswatch.errors import SettingsError
from smswatch.safe_text import safe_line
from smswatch.settings.record import NotifyRule
from smswatch.settings.values import Source, read_duration
from smswatch.wording import suggestion

_LONGEST_NAME = 40


class ProviderSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table `[providers.NAME]` of the configuration file."""

    zone: str | None = None
    """The zone of this provider's times where they state none, as in `Europe/Moscow`."""
    stuck_after: str | None = None
    """How long its messages may stay open, where that is not the usual time."""


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
    keep_newest: int | None = None
    theme: str | None = None
    keys: dict[str, str] = {}
    filters: dict[str, str] = {}
    notify: tuple[NotifyRule, ...] = ()
    providers: dict[str, ProviderSettings] = {}


class ConfigFile(msgspec.Struct, frozen=True):
    """A configuration file as it was read: where it lies, and its tables."""

    path: Path
    tables: dict[str, Any]


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


def checked(file: ConfigFile) -> FileSettings:
    """Return what the file says. Raises SettingsError naming the file and the key that cannot be."""
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
        if reason.startswith("Invalid enum value"):
            reason = f"must be {_choices(key)}"
        key = _IN_NOTIFY.sub(lambda found: f"the {_ordinal(int(found[1]) + 1)} [[notify]]", key)
        raise SettingsError(f"{file.path}: {key or 'the file'}: {reason[:1].lower()}{reason[1:]}") from error


def _choices(key: str) -> str:
    """Write what may stand at a key that knows few values: `bell or desktop`. Only rules have such keys."""
    words = get_args(get_type_hints(NotifyRule)[key.rpartition(".")[2]])
    return f"{', '.join(words[:-1])} or {words[-1]}"


_IN_NOTIFY = re.compile(r"^notify\[(\d+)\]")


def _refuse_unknown(path: Path, table: Mapping[str, Any], record: type, prefix: str, place: str = "") -> None:
    known = get_type_hints(record).keys()
    for key in table:
        if key not in known:
            raise SettingsError(f"{path}: {place}unknown key `{prefix}{key}`; {nearest(key, known)}")


def nearest(word: str, known: Collection[str]) -> str:
    """Say which key or name was probably meant, or list those that are known."""
    return suggestion(word, known, f"known are {', '.join(sorted(known))}", quote="`", likeness=0.5)


def only_in_file(file: ConfigFile, in_file: FileSettings) -> dict[str, Any]:
    """Return those fields of the settings that no flag and no variable can set. Raises SettingsError."""
    return {
        "config": file.path,
        "zones": _zones(file, in_file),
        "stuck_after_by_provider_ms": _stuck_after(file, in_file),
        "keys": in_file.keys,
        "filters": _filters(file, in_file),
        "notify": _notify(file, in_file),
    }


def _zones(file: ConfigFile, in_file: FileSettings) -> dict[str, str]:
    zones = {name: table.zone for name, table in in_file.providers.items() if table.zone is not None}
    for name, zone in zones.items():
        try:
            zoneinfo.ZoneInfo(zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
            known = zoneinfo.available_timezones()
            hint = suggestion(zone, known, "it must be as in Europe/Moscow", quote="`", likeness=0.5)
            raise SettingsError(
                f"{file.path}: providers.{name}.zone: unknown zone `{zone}`; {hint}"
            ) from error
    return zones


def _stuck_after(file: ConfigFile, in_file: FileSettings) -> dict[str, int]:
    return {
        name: read_duration(Source(table.stuck_after, f"{file.path}: providers.{name}.stuck_after"))
        for name, table in in_file.providers.items()
        if table.stuck_after is not None
    }


def _filters(file: ConfigFile, in_file: FileSettings) -> dict[str, str]:
    for name, text in in_file.filters.items():
        where = f"{file.path}: filters.{safe_line(name, 40)}"
        if not name.strip() or not name.isprintable() or len(name) > _LONGEST_NAME:
            raise SettingsError(f"{where}: a name has 1 to {_LONGEST_NAME} characters that can be printed")
        _check_filter(text, where)
    return in_file.filters


def _notify(file: ConfigFile, in_file: FileSettings) -> tuple[NotifyRule, ...]:
    for number, rule in enumerate(in_file.notify, start=1):
        where = f"{file.path}: filter of the {_ordinal(number)} [[notify]]"
        if not rule.filter.strip():
            raise SettingsError(f"{where} is empty: everything that arrives would ring")
        _check_filter(rule.filter, where)
    return in_file.notify


def _check_filter(text: str, where: str) -> None:
    """Raise SettingsError if a filter cannot be read."""
    # Few files have filters, and every command reads settings.
    from smswatch.filters import FilterError, parse  # noqa: PLC0415

    try:
        parse(text)
    except FilterError as error:
        raise SettingsError(f"{where}: {error}") from error


def _ordinal(number: int) -> str:
    return {1: "1st", 2: "2nd", 3: "3rd"}.get(number, f"{number}th")
