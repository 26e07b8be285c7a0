"""Settings: flags before environment before file before defaults, as one frozen value."""

from smswatch.settings.file import ConfigFile, read_file
from smswatch.settings.loading import Places, check_providers, load, read_settings
from smswatch.settings.record import DEFAULT_HOST, YOUR_TUNNEL, NotifyRule, Settings
from smswatch.settings.values import milliseconds_of

__all__ = [
    "DEFAULT_HOST",
    "YOUR_TUNNEL",
    "ConfigFile",
    "NotifyRule",
    "Places",
    "Settings",
    "check_providers",
    "load",
    "milliseconds_of",
    "read_file",
    "read_settings",
]
