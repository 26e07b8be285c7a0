"""Ports: why an address cannot be had, in one sentence that says what to do."""

from __future__ import annotations

import errno
import socket
from pathlib import Path
from typing import Any

import msgspec

from smswatch.errors import ListenError

BACKLOG = 100
"""asyncio accepts as many in one go, before the guard sees the first: it must be less than the reserve."""
_LACKING = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
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


class Address(msgspec.Struct, frozen=True):
    """Where the listener can be reached."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """As in `http://127.0.0.1:7670`."""
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"


def address_of(listening: socket.socket) -> Address:
    """Return where a bound socket can be reached."""
    host, port = listening.getsockname()[:2]
    return Address(host, port)


def bind(host: str, port: int) -> list[socket.socket]:
    """Return sockets that listen on every address of `host`; what connects waits until somebody accepts.

    Port 0 is a free one, on the first address: a name with two would get two different ones. Raises ListenError.
    """
    bound: list[socket.socket] = []
    try:
        places = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, place in places if port else places[:1]:
            try:
                bound.append(_listening(family, kind, protocol, place))
            except OSError as error:
                # Of two addresses, a machine may lack one family.
                if error.errno not in _LACKING or (not bound and place == places[-1][4]):
                    raise
    except OSError as error:
        for one in bound:
            one.close()
        raise listen_error(host, port, error) from error
    return bound


def _listening(family: int, kind: int, protocol: int, place: Any) -> socket.socket:  # noqa: ANN401 - of many forms
    one = socket.socket(family, kind, protocol)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.setblocking(False)
        one.bind(place)
        one.listen(BACKLOG)
    except OSError:
        one.close()
        raise
    return one


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
