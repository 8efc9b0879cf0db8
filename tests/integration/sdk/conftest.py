"""Apps as their teams run them, in processes of their own, that send to a real sink on loopback."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.eventually import eventually
from tests.integration.sdk.heard import Heard
from tests.unit.sdk.sink import Sink, serving

START_SECONDS_MAX = 60.0
APPS = "tests.integration.sdk.apps"


@pytest.fixture
def sink() -> Iterator[Sink]:
    with serving() as sink:
        yield sink


@pytest.fixture
def heard(sink: Sink) -> Heard:
    return Heard(sink)


@dataclass
class Process:
    popen: "subprocess.Popen[bytes]"
    log: Path
    url: str = ""

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def stop(self) -> int:
        """SIGTERM, as an init system does it."""
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(30)


Run = Callable[..., Process]


@pytest.fixture
def run(sink: Sink, tmp_path: Path) -> Iterator[Run]:
    """Start `python -m …` with the environment of an app that sends to the sink."""
    started: list[Process] = []

    def start(*arguments: str, listens_at: int = 0, **environment: str) -> Process:
        told = {
            "SERVICE_NAME": "shop",
            "MIDWATCH_DSN": sink.url.replace("://", "://key@"),
            "OTEL_METRIC_EXPORT_INTERVAL": "200",
            "LOG_FORMAT": "json",
        }
        log = tmp_path / f"process-{len(started)}.log"
        with log.open("wb") as out:
            popen = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                env={**os.environ, **told, **environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        process = Process(popen, log, f"http://127.0.0.1:{listens_at}")
        started.append(process)
        if listens_at:
            eventually(lambda: _listens(process, listens_at), seconds=START_SECONDS_MAX)
        return process

    yield start
    for one in started:
        # Workers too, also those whose parent was killed: each process began a group of its own.
        with suppress(ProcessLookupError):
            os.killpg(one.popen.pid, signal.SIGKILL)
        one.popen.wait()


@pytest.fixture
def serve(run: Run) -> Callable[..., Process]:
    """Serve an ASGI app of the folder `apps` with uvicorn."""

    def start(app: str, **environment: str) -> Process:
        port = free_port()
        return run("uvicorn", f"{APPS}.{app}", "--port", str(port), listens_at=port, **environment)

    return start


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def _listens(process: Process, port: int) -> bool:
    assert process.popen.poll() is None, f"the app did not start:\n{process.output()}"
    with closing(socket.socket()) as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def half_read(url: str, path: str) -> Iterator[None]:
    """A client that reads the head of an answer and is gone with the end of the block."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nhost: {host}\r\n\r\n".encode())
        assert client.recv(4096)
        yield
