"""Sockets that notice when the other end has gone without a word: a machine cut off, a router that forgot."""

import socket

from aiohttp import AddrInfoType

GONE_SECONDS = 20
"""Silence after which the other end counts as gone. Shorter would break an INSERT to a store that reads nothing for a
while because it is busy: what cannot be sent for so long ends the connection too."""
PROBE_SECONDS = 5
_OPTIONS = {
    "TCP_KEEPIDLE": PROBE_SECONDS,
    "TCP_KEEPALIVE": PROBE_SECONDS,  # what macOS calls the line above
    "TCP_KEEPINTVL": PROBE_SECONDS,
    "TCP_KEEPCNT": GONE_SECONDS // PROBE_SECONDS - 1,
    "TCP_USER_TIMEOUT": GONE_SECONDS * 1000,  # probes wait while data does: this is for what was sent (Linux)
}


def watched(address: AddrInfoType) -> socket.socket:
    """A socket for `aiohttp.TCPConnector(socket_factory=…)`; a read or write on it fails once the other end is gone."""
    family, kind, protocol, *_ = address
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _OPTIONS.items():
        if option := getattr(socket, name, None):
            made.setsockopt(socket.IPPROTO_TCP, option, value)
    return made
