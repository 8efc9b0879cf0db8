"""The sockets of DogStatsD: UDP, Unix datagrams, Unix streams. Used by one thread."""

import os
import selectors
import socket
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from midwatch.server.model.errors import Unavailable

PACKET_BYTES_MAX = 65_536
PACKETS_A_TURN = 256
"""Read from one socket before the next has its turn."""
RECEIVE_BYTES = 4 << 20
"""Asked of the kernel as the room for packets that wait; it gives what net.core.rmem_max allows."""
CONNECTIONS_MAX = 256
SOCKET_MODE = 0o722
"""Whoever may enter the directory may write, as with the Datadog agent; only the owner may look."""
LENGTH_BYTES = 4
"""Before each packet of a stream, little-endian."""


@dataclass(slots=True)
class _Stream:
    """A connection, and what of it is not a whole packet yet."""

    socket: socket.socket
    rest: bytes = b""


def open_sockets(host: str, port: int, datagrams: Path | None, streams: Path | None) -> "StatsdSockets | None":
    """Those that are asked for, a port below 0 being off; None where none is.

    Raises:
        Unavailable: one cannot be opened; the message names the setting.
    """
    if port < 0 and datagrams is None and streams is None:
        return None
    sockets = StatsdSockets()
    try:
        if port >= 0:
            sockets.open_udp(host, port)
        if datagrams is not None:
            sockets.open_unix(datagrams, stream=False)
        if streams is not None:
            sockets.open_unix(streams, stream=True)
    except Unavailable:
        sockets.close()
        raise
    return sockets


class StatsdSockets:
    """Open until `close`. What cannot be opened is an Unavailable that names the setting."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._paths: list[Path] = []
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._selector.register(self._wake_in, selectors.EVENT_READ, None)
        self._udp: socket.socket | None = None
        self.streams_refused = 0
        """Connections over CONNECTIONS_MAX, and streams that were cut for a packet over PACKET_BYTES_MAX."""

    @property
    def udp_port(self) -> int | None:
        """Also where 0 picked it; None where UDP is off."""
        return None if self._udp is None else int(self._udp.getsockname()[1])

    def open_udp(self, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        udp = socket.socket(family, socket.SOCK_DGRAM)
        try:
            udp.bind((host, port))
        except OSError as error:
            udp.close()
            raise Unavailable(
                f"statsd_port={port}: cannot listen on {host}:{port}/udp: {error.strerror or error}; a Datadog agent or"
                " another Midwatch may use it: choose another (0 picks one), or -1 for none"
            ) from None
        self._udp = udp
        self._register(udp)

    def open_unix(self, path: Path, *, stream: bool) -> None:
        setting = "statsd_stream_socket" if stream else "statsd_socket"
        opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM if stream else socket.SOCK_DGRAM)
        try:
            _remove_stale(path, opened.type)
            opened.bind(str(path))
            path.chmod(SOCKET_MODE)
            if stream:
                opened.listen(CONNECTIONS_MAX)
        except OSError as error:
            opened.close()
            raise Unavailable(f"{setting}={path}: cannot listen there: {error.strerror or error}") from None
        self._paths.append(path)
        self._register(opened)

    def wake(self) -> None:
        """Let `packets` return; from any thread."""
        self._wake_out.send(b".")

    def packets(self, timeout_seconds: float) -> Iterator[bytes]:
        """What is there now, or comes within the time: each piece is one or more whole packets."""
        for key, _ in self._selector.select(timeout_seconds):
            if key.fileobj is self._wake_in:
                self._wake_in.recv(64)
            elif isinstance(key.data, _Stream):
                yield from self._read_stream(key.data)
            elif key.data == "listener":
                self._accept(key.fileobj)  # type: ignore[arg-type]
            else:
                yield from _datagrams(key.fileobj)  # type: ignore[arg-type]

    def lost_packets(self) -> int:
        """UDP packets that the kernel dropped since it was opened, because nobody read them in time."""
        if self._udp is None:
            return 0
        inode = os.fstat(self._udp.fileno()).st_ino
        for table in ("/proc/self/net/udp", "/proc/self/net/udp6"):
            try:
                lines = Path(table).read_text().splitlines()[1:]
            except OSError:  # not Linux: the kernel does not say
                continue
            for line in lines:
                columns = line.split()
                if columns[9] == str(inode):
                    return int(columns[-1])
        return 0

    def close(self) -> None:
        for key in list(self._selector.get_map().values()):
            self._selector.unregister(key.fileobj)
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()
        self._wake_out.close()
        for path in self._paths:
            path.unlink(missing_ok=True)

    def _register(self, opened: socket.socket) -> None:
        opened.setblocking(False)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        self._selector.register(
            opened, selectors.EVENT_READ, "listener" if opened.type == socket.SOCK_STREAM else "packets"
        )

    def _accept(self, listener: socket.socket) -> None:
        try:
            accepted, _ = listener.accept()
        except OSError:  # gone again
            return
        if len(self._selector.get_map()) > CONNECTIONS_MAX:
            self.streams_refused += 1
            accepted.close()
            return
        accepted.setblocking(False)
        self._selector.register(accepted, selectors.EVENT_READ, _Stream(accepted))

    def _read_stream(self, stream: _Stream) -> Iterator[bytes]:
        try:
            data = stream.socket.recv(PACKET_BYTES_MAX)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        stream.rest += data
        whole = True
        while len(stream.rest) >= LENGTH_BYTES and whole:
            length = int.from_bytes(stream.rest[:LENGTH_BYTES], "little")
            if length > PACKET_BYTES_MAX:
                self.streams_refused += 1
                data = b""
                break
            whole = len(stream.rest) >= LENGTH_BYTES + length
            if whole:
                yield stream.rest[LENGTH_BYTES : LENGTH_BYTES + length]
                stream.rest = stream.rest[LENGTH_BYTES + length :]
        if not data:
            self._selector.unregister(stream.socket)
            stream.socket.close()


def _datagrams(opened: socket.socket) -> Iterator[bytes]:
    """Those that wait, joined."""
    waiting: list[bytes] = []
    try:
        while len(waiting) < PACKETS_A_TURN:
            waiting.append(opened.recv(PACKET_BYTES_MAX))
    except OSError:  # no more, or an ICMP error of a packet that was never ours
        pass
    if waiting:
        yield b"\n".join(waiting)


def _remove_stale(path: Path, kind: int) -> None:
    """A socket that nobody listens on any more is in the way; any other file is somebody's.

    Raises OSError.
    """
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise OSError(None, "there is a file of that name")
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, kind) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise OSError(None, "another program listens there")
