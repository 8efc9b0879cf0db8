"""Sockets that listen, their addresses as people open them, and the HTTP server on them."""

import contextlib
import errno
import ipaddress
import socket
from collections.abc import Iterable, Mapping
from types import FrameType
from typing import Any

import uvicorn

from midwatch.server.model.errors import Unavailable

BACKLOG = 1024


def listen(host: str, port: int) -> socket.socket:
    """
    Raises:
        Unavailable: the port is taken, or the host is no address of this machine.
    """
    listening = _bound(host, port)
    listening.listen(BACKLOG)
    return listening


def require_ports(host: str, ports: Mapping[str, int]) -> None:
    """Find out at once, by setting, whether the ports can be had: before minutes go into opening a large store.

    Raises:
        Unavailable: see `listen`; the message names the setting.
    """
    for setting, port in ports.items():
        if port >= 0:
            try:
                _bound(host, port).close()
            except Unavailable as error:
                name = "host" if error.code == "host_not_here" else setting
                raise Unavailable(f"{name}={host if name == 'host' else port}: {error.message}") from None


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named TCP, so that event loops turn Nagle off on what is accepted.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        here = isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL
        raise Unavailable(
            f"cannot listen on {host}:{port}: {error.strerror}; {_next_step(error, not_here=here)}",
            code="host_not_here" if here else None,
        ) from None
    return listening


def _next_step(error: OSError, *, not_here: bool) -> str:
    if not_here:
        return "give an address of this machine: 127.0.0.1, or 0.0.0.0 for all"
    if error.errno == errno.EACCES:
        return "ports below 1024 are for root; choose another"
    return "another program uses it, perhaps a Midwatch that runs already; stop that, or choose another (0 picks)"


def url_of(host: str, listening: socket.socket) -> str:
    return f"http://{shown(host)}:{listening.getsockname()[1]}"


def shown(host: str) -> str:
    """The host as it stands in an address that somebody on this machine can open."""
    reachable = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    return f"[{reachable}]" if ":" in reachable else reachable


class _Server(uvicorn.Server):
    """Uvicorn without its own signal handling: ours stops all parts in order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.should_exit = True


def server_for(app: Any, trusted_networks: Iterable[str]) -> uvicorn.Server:
    """The client's address and scheme are the connection's, or what a proxy in a trusted network says of them."""
    trusted = [form for network in trusted_networks for form in _forms(network)]
    return _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            # Named also when there are none: left out, uvicorn believes what this machine and FORWARDED_ALLOW_IPS say.
            proxy_headers=bool(trusted),
            forwarded_allow_ips=trusted,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=5,
        )
    )


def _forms(network: str) -> list[str]:
    """An IPv4 network also as a socket for both families names it: ::ffff:10.0.0.5."""
    parsed = ipaddress.ip_network(network)
    if parsed.version == 6:
        return [network]
    return [network, f"::ffff:{parsed.network_address}/{96 + parsed.prefixlen}"]
