"""The sockets of DogStatsD: what stands in their place, and what comes through them."""

import socket
from pathlib import Path

import pytest

from midwatch.server.ingest.statsd_sockets import PACKET_BYTES_MAX, StatsdSockets, open_sockets
from midwatch.server.model.errors import Unavailable


def received(sockets: StatsdSockets) -> bytes:
    return b"\n".join(sockets.packets(1.0))


def test_a_socket_that_nobody_listens_on_is_replaced_and_no_other_file(tmp_path: Path) -> None:
    """After a crash it is still there; a file, or a socket in use, is somebody's."""
    path = tmp_path / "d"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as crashed:
        crashed.bind(str(path))
    sockets = open_sockets("127.0.0.1", -1, path, None)
    assert sockets is not None
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"a:1|c", str(path))
    assert received(sockets) == b"a:1|c"
    with pytest.raises(Unavailable, match=r"statsd_socket=.*another program listens there"):
        open_sockets("127.0.0.1", -1, path, None)
    sockets.close()
    assert not path.exists()
    path.write_text("mine")
    with pytest.raises(Unavailable, match="there is a file of that name"):
        open_sockets("127.0.0.1", -1, path, None)
    assert path.read_text() == "mine"


def test_streams_have_packets_with_lengths(tmp_path: Path) -> None:
    """In any pieces; one that announces too much is cut off and counted, the others go on."""
    sockets = open_sockets("127.0.0.1", -1, None, tmp_path / "s")
    assert sockets is not None
    good, bad = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
    for one in (good, bad):
        one.connect(str(tmp_path / "s"))
        received(sockets)
    packet = len(b"a:1|c").to_bytes(4, "little") + b"a:1|c"
    good.sendall(packet + packet[:6])
    assert received(sockets) == b"a:1|c"
    good.sendall(packet[6:])
    assert received(sockets) == b"a:1|c"
    bad.sendall((PACKET_BYTES_MAX + 1).to_bytes(4, "little"))
    assert received(sockets) == b""
    assert sockets.streams_refused == 1
    assert bad.recv(1) == b""
    good.sendall(packet)
    assert received(sockets) == b"a:1|c"
    good.close()
    bad.close()
    sockets.close()


def test_a_taken_port_names_the_setting() -> None:
    """And what may have it, since a Datadog agent wants the same one."""
    first = open_sockets("127.0.0.1", 0, None, None)
    assert first is not None
    assert first.udp_port is not None
    with pytest.raises(Unavailable, match=rf"statsd_port={first.udp_port}: cannot listen .* a Datadog agent"):
        open_sockets("127.0.0.1", first.udp_port, None, None)
    assert first.lost_packets() == 0
    first.close()
    assert open_sockets("127.0.0.1", -1, None, None) is None
