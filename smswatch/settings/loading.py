"""Loading: what flags, environment and file say together.

`load` is a pure function of what its caller read; `read_settings` looks at the machine.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import msgspec
import platformdirs

from smswatch.errors import SettingsError
from smswatch.settings.file import ConfigFile, FileSettings, checked, nearest, only_in_file, read_file
from smswatch.settings.record import Settings
from smswatch.settings.values import FIELDS, Source, followed

_ENVIRONMENT_PREFIX = "SMSWATCH_"


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


def load(
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    file: ConfigFile | None,
    places: Places,
) -> Settings:
    """Merge what was given; a flag that is None was not given.

    Raises SettingsError naming the flag, the variable or the file and its key.
    """
    in_file = checked(file) if file else FileSettings()
    given: dict[str, Any] = {"database": places.database}
    for key, (field, read) in FIELDS.items():
        source = _first(key, flags, environ, file, in_file)
        if source is not None:
            given[field] = read(source)
    if file is not None:
        given |= only_in_file(file, in_file)
    given["database"] = followed(given["database"])
    return Settings(data_directory=places.data, **given)


def read_settings(flags: Mapping[str, Any], environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the configuration file that flags or environment name, or the standard one, and merge all.

    Raises SettingsError.
    """
    places = standard_places()
    named = flags.get("config") or environ.get(_ENVIRONMENT_PREFIX + "CONFIG")
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


def check_providers(settings: Settings, known: Collection[str]) -> None:
    """Raise SettingsError if the file has a table for a provider that does not exist."""
    for name in (*settings.zones, *settings.stuck_after_by_provider_ms):
        if name not in known:
            raise SettingsError(f"{settings.config}: unknown provider `{name}`; {nearest(name, known)}")


def _first(
    key: str,
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    file: ConfigFile | None,
    in_file: FileSettings,
) -> Source | None:
    if flags.get(key) is not None:
        return Source(flags[key], "--" + key.replace("_", "-"))
    variable = _ENVIRONMENT_PREFIX + key.upper()
    if environ.get(variable):
        return Source(environ[variable], variable)
    value = getattr(in_file, key)
    if file is None or value is None:
        return None
    # A relative path in a file means beside that file, wherever the command is started.
    here = file.path.parent / Path(value).expanduser() if key == "db" else value
    return Source(here, f"{file.path}: {key}")
