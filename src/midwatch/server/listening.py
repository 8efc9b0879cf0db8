"""Sockets that listen, their addresses as people open them, and the HTTP server on them."""

import contextlib
import socket
from types import FrameType
from typing import Any

import uvicorn

from midwatch.server.model.errors import Unavailable

BACKLOG = 1024


def listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named TCP, so that event loops turn Nagle off on what is accepted.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        raise Unavailable(
            f"cannot listen on {host}:{port}: {error.strerror}; if another program uses it, choose another (0 picks)"
        ) from None
    listening.listen(BACKLOG)
    return listening


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


def server_for(app: Any) -> uvicorn.Server:
    return _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=5,
        )
    )
