"""What is this server's own in its data directory: the lock, its name, and where it listens while it runs."""

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from midwatch.server.model.errors import Unavailable

DESCRIPTION_FILE = "server.json"
"""Where a running server is, and a token of its owner's, for the command line; readable by the owner only."""


@dataclass(slots=True)
class Urls:
    api_url: str
    otlp_http_url: str | None = None
    otlp_grpc_url: str | None = None
    statsd_url: str | None = None


@contextlib.contextmanager
def data_lock(data: Path) -> Iterator[None]:
    """One server per data directory; the kernel lets go of it however the process ends."""
    with (data / "midwatch.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable(
                f"cannot start on {data}: another Midwatch uses this directory; stop it, or name another with --data"
            ) from None
        yield


def node_id(data: Path) -> str:
    """This server's name among writers; stays with the data directory."""
    path = data / "node-id"
    if not path.exists():
        path.write_text(secrets.token_hex(8))
    return path.read_text()


@contextlib.contextmanager
def described(data: Path, urls: Urls, token: str) -> Iterator[None]:
    """Tell the command line where the server is, for as long as it runs."""
    path = data / DESCRIPTION_FILE
    path.unlink(missing_ok=True)
    content = {
        "pid": os.getpid(),
        "url": urls.api_url,
        "otlp_http_url": urls.otlp_http_url,
        "otlp_grpc_url": urls.otlp_grpc_url,
        "statsd_url": urls.statsd_url,
        "token": token,
    }
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
