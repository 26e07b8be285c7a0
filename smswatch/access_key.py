"""The access key: 26 characters in the path that let a request in from outside this machine.

A key can be changed at any time, and again; each stays valid for a day after it was changed, so that no callback is
lost while the new URLs are pasted at the providers.
"""

from __future__ import annotations

import fcntl
import hmac
import logging
import math
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from smswatch.errors import AccessKeyError

LENGTH = 26
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_SHAPE = re.compile(rf"[a-z2-7]{{{LENGTH}}}", re.ASCII)
_TIME = re.compile(r"[0-9]{1,12}", re.ASCII)
FILE_NAME = "access-key"
OLD_FILE_NAME = "access-key-before"
_LOCK_FILE_NAME = ".access-key-lock"
OLD_KEY_LIVES_S = 24 * 3600
STANDS_HERE = "<key>"
"""What is shown and stored where the key was."""
_LOOK_EVERY_S = 2.0
LOG = logging.getLogger(__name__)


def make() -> str:
    """Return a new key: 130 random bits as lower-case base32."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(LENGTH))


def load_or_create(directory: Path) -> str:
    """Return the key kept in `directory`, made at first start; the file is 0600, the directory 0700.

    Processes that start together end with one key. Raises AccessKeyError if the file cannot be used.
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
        raise AccessKeyError(f"cannot keep the access key in {path}: {error.strerror or error}") from error


def load(directory: Path) -> str | None:
    """Return the key kept in `directory`, None before the first start. Raises AccessKeyError."""
    path = directory / FILE_NAME
    try:
        return _read(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AccessKeyError(f"cannot read the access key in {path}: {error.strerror or error}") from error


def rotate(directory: Path, now_s: float) -> str:
    """Return a new key that takes the place of the one kept in `directory`, which stays valid for a day.

    Those that were changed before it keep the time they have left. Raises AccessKeyError if the files cannot be used.
    """
    load_or_create(directory)
    try:
        with _alone(directory):
            return _rotate(directory, now_s)
    except OSError as error:
        raise AccessKeyError(
            f"cannot change the access key in {directory}: {error.strerror or error}"
        ) from error


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Let nobody else change the key within the block: of two that do so at once, neither forgets the other's."""
    descriptor = os.open(directory / _LOCK_FILE_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _rotate(directory: Path, now_s: float) -> str:
    old, key = _read(directory / FILE_NAME), make()
    before = [one for one in _read_before(directory / OLD_FILE_NAME) if now_s < one.until_s]
    until_s = max([int(now_s) + OLD_KEY_LIVES_S, *(one.until_s + 1 for one in before)])
    before.append(OldKey(old, until_s))
    _put(directory / OLD_FILE_NAME, "".join(f"{one.key} {one.until_s}\n" for one in before))
    _put(directory / FILE_NAME, key + "\n")
    return key


class OldKey(msgspec.Struct, frozen=True):
    """A key that was changed."""

    key: str
    until_s: int
    """When it ends, in seconds since 1970; no two end at the same time."""


class Keys(msgspec.Struct, frozen=True):
    """The keys that are valid at one time. Pure."""

    key: str
    """The one to hand out."""
    before: tuple[OldKey, ...] = ()
    """Those before it, the oldest first; some may have ended."""

    def valid_until_s(self, candidate: str, now_s: float) -> float | None:
        """Return until when the candidate lets in, infinity for the present key; None if it does not.

        Compares in a time that does not depend on where the candidate differs.
        """
        if matches(self.key, candidate):
            return math.inf
        ends = [one.until_s for one in self.before if matches(one.key, candidate)]
        return ends[0] if ends and now_s < ends[0] else None

    def old_until_s(self, now_s: float) -> tuple[int, ...]:
        """Return until when each of those before it is valid, of those that still are."""
        return tuple(one.until_s for one in self.before if now_s < one.until_s)

    def hide(self, text: str) -> str:
        """Return the text without any key of ours."""
        text = text.replace(self.key, STANDS_HERE)
        for one in self.before:
            text = text.replace(one.key, STANDS_HERE)
        return text


class KeyFiles:
    """Says which keys are valid now: their files are looked at again, so a change needs no restart.

    Raises AccessKeyError, but only when it is made: where a file goes bad later, the keys stay as they were.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._keys = Keys(load_or_create(directory))
        self._seen: tuple[int, int] | None = None
        self._look_at = 0.0

    def __call__(self) -> Keys:
        """Return the keys; at most two seconds behind the files."""
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + _LOOK_EVERY_S
            self._look()
        return self._keys

    def _look(self) -> None:
        key, old = self._directory / FILE_NAME, self._directory / OLD_FILE_NAME
        seen = _changed_ns(key), _changed_ns(old)
        if seen == self._seen:
            return
        try:
            self._keys = Keys(_read(key), _read_before(old))
        except (OSError, AccessKeyError) as error:
            LOG.warning("the access key could not be read again: %s", error)
        else:
            self._seen = seen


def _changed_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _read_before(path: Path) -> tuple[OldKey, ...]:
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return ()
    found = (line.strip().partition(" ") for line in lines)
    return tuple(
        OldKey(key, int(until)) for key, _, until in found if _SHAPE.fullmatch(key) and _TIME.fullmatch(until)
    )


def matches(key: str, candidate: str) -> bool:
    """Tell whether `candidate` is the key, in a time that does not depend on where it differs."""
    return hmac.compare_digest(key.encode(), candidate.encode("utf-8", "surrogateescape"))


def _read(path: Path) -> str:
    text = path.read_text(encoding="ascii", errors="replace").strip()
    if not _SHAPE.fullmatch(text):
        raise AccessKeyError(f"{path} holds no access key; delete it to have a new one made")
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    return text


def _publish(path: Path, key: str) -> None:
    """Put the whole file in place at once: nobody ever reads half a key, and the first one stays."""
    draft = _draft(path, key + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _put(path: Path, text: str) -> None:
    """Put the whole file in place at once, over the one that may be there."""
    _draft(path, text).replace(path)


def _draft(path: Path, text: str) -> Path:
    draft = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    return draft
