"""Every file in this folder is one provider and nothing else is."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType

from smswatch.errors import SmswatchError
from smswatch.provider import Provider


@cache
def all_providers() -> Mapping[str, Provider]:
    """Return every provider by name, sorted by name. Raises SmswatchError naming a file that is not one."""
    return providers_of(__name__, __path__)


def providers_of(package: str, folders: Iterable[str]) -> Mapping[str, Provider]:
    """Import every file of a package and return their `PROVIDER`s by name, sorted."""
    files = sorted(module.name for module in pkgutil.iter_modules(folders))
    return MappingProxyType({name: _provider_of(package, name) for name in files})


def _provider_of(package: str, name: str) -> Provider:
    provider = getattr(importlib.import_module(f"{package}.{name}"), "PROVIDER", None)
    if not isinstance(provider, Provider):
        raise SmswatchError(f"the file {name}.py among the providers does not define PROVIDER")
    if provider.name != name:
        raise SmswatchError(f"the provider in {name}.py calls itself {provider.name}: the two must be equal")
    return provider
