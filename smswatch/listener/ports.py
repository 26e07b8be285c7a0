"""Ports: why an address cannot be had, in one sentence that says what to do."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

from smswatch.errors import ListenError

_LOOK_AHEAD = 50
_LISTENING = "0A"
_HIGHEST_PORT = 65_535


def listen_error(host: str, port: int, error: OSError) -> ListenError:
    """Explain why `host` and `port` cannot be listened on."""
    if isinstance(error, socket.gaierror):
        return ListenError(f"host {host} cannot be resolved; try --host 127.0.0.1")
    if error.errno == errno.EADDRINUSE:
        pid = holder_of(port)
        holder = f" by pid {pid}" if pid else ""
        free = _next_free(host, port)
        return ListenError(f"port {port} is already in use{holder}; try --port {free}")
    if error.errno == errno.EACCES:
        return ListenError(f"this user may not listen on port {port}; try --port 7670")
    # Without a number it is what asyncio raises from Python 3.13 on, where no address could be bound.
    if error.errno in {errno.EADDRNOTAVAIL, None}:
        return ListenError(f"{host} is not an address of this machine; try --host 127.0.0.1")
    return ListenError(f"cannot listen on {host} port {port}: {error.strerror or error}")


def holder_of(port: int) -> int | None:
    """Return the pid that listens on a TCP port, where the system tells (Linux, own processes)."""
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    if not sockets:
        return None
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(link.readlink()) in sockets for link in (process / "fd").iterdir()):
                return int(process.name)
        except OSError:
            # Another user's process, or one that has ended meanwhile.
            continue
    return None


def _listening_inodes(port: int) -> set[str]:
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            (
                _,
                local,
                _,
                state,
                *_,
            ) = fields = line.split()
            if state == _LISTENING and local.endswith(f":{port:04X}"):
                inodes.add(fields[9])
    return inodes


def _next_free(host: str, port: int) -> int:
    for candidate in range(port + 1, min(port + _LOOK_AHEAD, _HIGHEST_PORT + 1)):
        try:
            with socket.create_server((host, candidate), family=_family(host)):
                return candidate
        except OSError:
            continue
    return 0


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
