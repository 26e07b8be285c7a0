"""The access key: 26 characters in the path that let a request in from outside this machine."""

from __future__ import annotations

import hmac
import os
import re
import secrets
from pathlib import Path

from smswatch.errors import SettingsError

LENGTH = 26
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_SHAPE = re.compile(rf"[a-z2-7]{{{LENGTH}}}", re.ASCII)
FILE_NAME = "access-key"


def make() -> str:
    """Return a new key: 130 random bits as lower-case base32."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(LENGTH))


def load_or_create(directory: Path) -> str:
    """Return the key kept in `directory`, made at first start; the file is 0600, the directory 0700.

    Processes that start together end with one key. Raises SettingsError if the file cannot be used.
    """
    path = directory / FILE_NAME
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            return _read(path)
        except FileNotFoundError:
            _publish(path, make())
            return _read(path)
    except OSError as error:
        raise SettingsError(f"cannot keep the access key in {path}: {error.strerror or error}") from error


def load(directory: Path) -> str | None:
    """Return the key kept in `directory`, None before the first start. Raises SettingsError."""
    path = directory / FILE_NAME
    try:
        return _read(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError(f"cannot read the access key in {path}: {error.strerror or error}") from error


def matches(key: str, candidate: str) -> bool:
    """Tell whether `candidate` is the key, in a time that does not depend on where it differs."""
    return hmac.compare_digest(key.encode(), candidate.encode("utf-8", "surrogateescape"))


def _read(path: Path) -> str:
    text = path.read_text(encoding="ascii", errors="replace").strip()
    if not _SHAPE.fullmatch(text):
        raise SettingsError(f"{path} holds no access key; delete it to have a new one made")
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    return text


def _publish(path: Path, key: str) -> None:
    """Put the whole file in place at once: nobody ever reads half a key, and the first one stays."""
    draft = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(key + "\n")
            file.flush()
            os.fsync(descriptor)
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()
