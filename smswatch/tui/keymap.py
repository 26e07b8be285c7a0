"""Keys: which binding has which name in the configuration, which keys are in force, and what they do, for the help.

The bindings themselves stand with what they do. Here they are read: nothing about a key is written twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import cast

from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import Keys, format_key
from textual.keys import _character_to_key as key_of_character  # its only way; a test guards it

from smswatch.errors import SettingsError
from smswatch.safe_text import safe_line
from smswatch.wording import suggestion

Place = tuple[str, type[DOMNode]]
"""(what a person calls it, what has its bindings)."""
KeyHelp = tuple[str, str, str]
"""(place, keys, what they do)."""

_MODIFIERS = frozenset(("ctrl", "alt", "shift", "super", "hyper", "meta"))
_NAMED = {key.value for key in Keys if "<" not in key.value}


def bindings_of(owner: type[DOMNode]) -> list[Binding]:
    """Return the bindings that we gave it, its own before those it inherits, one for each that has several keys."""
    found: list[Binding] = []
    for one in owner.__mro__:
        if one.__module__.startswith("smswatch."):
            found += cast("list[Binding]", one.__dict__.get("BINDINGS", []))
    return found


def read_keymap(wanted: Mapping[str, str], everywhere: Place, places: Sequence[Place]) -> dict[str, str]:
    """Return the keys by name of binding, as Textual spells them.

    `everywhere` works beside each of `places`. Raises SettingsError for a name or a key that does not exist, and
    where one key would do two things in one place.
    """
    known = {
        binding.id: binding
        for _, owner in (everywhere, *places)
        for binding in bindings_of(owner)
        if binding.id is not None
    }
    keymap: dict[str, str] = {}
    for name, keys in wanted.items():
        if name not in known:
            hint = suggestion(name, known, quote="`", likeness=0.5)
            raise SettingsError(f"keys: nothing is called `{safe_line(name, 40)}`; {hint}")
        keymap[name] = ",".join(_key(name, key) for key in keys.split(","))
    given = frozenset(keymap)
    for place in places:
        _settle_clashes(keymap, given, (everywhere, place))
    return keymap


def _key(name: str, text: str) -> str:
    """Return one key as Textual spells it."""
    *modifiers, last = text.strip().split("+") if text.strip() != "+" else ["+"]
    where = f"keys.{name}"
    if not last or not set(modifiers) <= _MODIFIERS:
        raise SettingsError(f"{where}: `{safe_line(text, 40)}` is no key; write them as in `slash,ctrl+f`")
    if len(last) == 1:
        if modifiers == ["shift"] and last.isalpha():
            raise SettingsError(f"{where}: write `{last.upper()}` for the letter with Shift")
        last = key_of_character(last)
    elif last not in _NAMED and len(format_key(last)) != 1:
        hint = suggestion(last, _NAMED, "write them as in `slash,ctrl+f`", quote="`")
        raise SettingsError(f"{where}: no key is called `{safe_line(last, 40)}`; {hint}")
    return "+".join((*modifiers, last))


def _settle_clashes(keymap: dict[str, str], given: frozenset[str], places: Sequence[Place]) -> None:
    """Take keys that were given away from what had them by default, where that keeps another; else refuse."""
    keys_by_name: dict[str, list[str]] = {}
    for _, owner in places:
        for binding in bindings_of(owner):
            name = binding.id or binding.action
            keys_by_name.setdefault(name, keymap.get(name, binding.key).split(","))
    users: defaultdict[str, list[str]] = defaultdict(list)
    for name, keys in keys_by_name.items():
        for key in keys:
            users[key.strip()].append(name)
    for key, names in users.items():
        takers = [name for name in names if name in given]
        for other in names if takers else ():
            if other == takers[0]:
                continue
            left = [one for one in keys_by_name[other] if one != key]
            if other in given or not left:
                raise SettingsError(
                    f"keys: `{key}` would do two things, `{takers[0]}` and `{other}`;"
                    " give one of them another key"
                )
            keys_by_name[other] = left
            keymap[other] = ",".join(left)


def key_help(places: Sequence[Place], keymap: Mapping[str, str] | None = None) -> list[KeyHelp]:
    """Return every key that is in force in these places, each action once."""
    found: list[KeyHelp] = []
    seen: set[str] = set()
    for name, owner in places:
        for binding in bindings_of(owner):
            if binding.id is not None and binding.id in seen:
                continue
            seen.add(binding.id or "")
            found.append((name, keys_in_force(binding, keymap or {}), binding.description))
    return found


def configurable(places: Sequence[Place]) -> list[tuple[str, str, str, str]]:
    """Return (place, name in the configuration, usual keys, what they do) of every key."""
    found: dict[str, tuple[str, str, str, str]] = {}
    for name, owner in places:
        for binding in bindings_of(owner):
            if binding.id is not None:
                keys = keys_in_force(binding, {})
                found.setdefault(binding.id, (name, binding.id, keys, binding.description))
    return list(found.values())


def keys_in_force(binding: Binding, keymap: Mapping[str, str]) -> str:
    """Return the keys of a binding, a blank between them, as they are shown."""
    remapped = keymap.get(binding.id or "")
    if remapped is None and binding.key_display:
        return binding.key_display
    return (remapped or binding.key).replace(",", " ")
