"""The errors that smswatch raises on purpose: each message is a sentence a person can act on."""

from __future__ import annotations


class SmswatchError(Exception):
    """It could not be done. The message is shown to the person as it is, never with a traceback."""

    exit_code = 1


class SettingsError(SmswatchError):
    """A flag, an environment variable or a line of the configuration file is wrong."""

    exit_code = 2


class AccessKeyError(SmswatchError):
    """The file of the access key cannot be made, read or understood."""


class FilterError(SmswatchError):
    """A filter cannot be read. `position` is the zero-based offset of the first bad character."""

    exit_code = 2

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(f"{reason} (at character {position + 1} of the filter)")
        self.reason = reason
        self.position = position


class PayloadError(SmswatchError):
    """A body is not what its provider sends. The reason names the position and never echoes input."""


class ListenError(SmswatchError):
    """The listener cannot be started on that address."""


class StoreError(SmswatchError):
    """The database cannot be opened, read or written."""


class StoreEmptyError(StoreError):
    """The file is there, but nothing was ever kept in it: it is being made just now, or is of no bytes."""


class StoreLockedError(StoreError):
    """Another process writes this database. `pid` is that process, or None if it cannot be told."""

    def __init__(self, message: str, pid: int | None) -> None:
        super().__init__(message)
        self.pid = pid
