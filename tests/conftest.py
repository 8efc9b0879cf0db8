"""A whole server as users start it: `midwatch up` in a process of its own, on free ports and a directory of its own."""

import atexit
import contextlib
import json
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.eventually import eventually
from tests.forking import FORKER, Forked

# Series that nobody sent would be among those that tests count.
os.environ.setdefault("MIDWATCH_OWN_METRICS", "0")
START_SECONDS_MAX = 60.0
STORE = "store"
"""In the data directory."""
TOKEN = "mwt_tests_0123456789abcdef"
KEY = "mwk_tests_0123456789abcdef"


@dataclass
class Server:
    """A running server, and what a test needs to talk to it."""

    data: Path
    environment: dict[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    process: Forked | None = None
    url: str = ""
    otlp_http_url: str = ""
    otlp_grpc_url: str = ""
    statsd_url: str = ""
    module: str = "midwatch"
    """What `python -m` runs."""

    def start(self) -> "Server":
        self.data.mkdir(parents=True, exist_ok=True)
        if not any(self.data.iterdir()) and "--store" not in self.options:
            shutil.copytree(store_with_tables(), self.data / STORE, symlinks=True)
        return self.start_as_it_is()

    def start_as_it_is(self) -> "Server":
        """Whatever is in its directory or not."""
        described = self.data / "server.json"
        described.unlink(missing_ok=True)
        ports = ("--port", "0", "--otlp-http-port", "0", "--otlp-grpc-port", "0", "--statsd-port", "0")
        environment = {**os.environ, "MIDWATCH_API_TOKEN": TOKEN, "MIDWATCH_INGEST_KEY": KEY, **self.environment}
        arguments = ["up", "--data", str(self.data), *ports, *self.options]
        self.process = FORKER.start(self.module, arguments, environment, self.data / "server.log")

        def described_itself() -> dict[str, str] | None:
            assert self.process is not None
            assert self.process.poll() is None, f"the server did not start:\n{self.output()}"
            with contextlib.suppress(OSError, ValueError):
                found: dict[str, str] = json.loads(described.read_text())
                return found
            return None

        found = eventually(described_itself, seconds=START_SECONDS_MAX)
        self.url, self.otlp_http_url, self.otlp_grpc_url, self.statsd_url = (
            found[name] for name in ("url", "otlp_http_url", "otlp_grpc_url", "statsd_url")
        )
        return self

    def output(self) -> str:
        return (self.data / "server.log").read_text(errors="replace")

    def stop(self) -> None:
        """SIGTERM, as an init system does it."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(40)

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def api(self, token: str | None = TOKEN) -> httpx.Client:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    def door(self, key: str | None = KEY, content_type: str = "application/x-protobuf") -> httpx.Client:
        headers = {"content-type": content_type} | ({"authorization": f"Bearer {key}"} if key else {})
        return httpx.Client(base_url=self.url, headers=headers, timeout=60)


_MADE: list[Path] = []


@atexit.register
def pytest_unconfigure() -> None:
    """Also a hook: a worker of xdist ends without `atexit`."""
    while _MADE:
        shutil.rmtree(_MADE.pop(), ignore_errors=True)


@cache
def store_with_tables() -> Path:
    """What a first start leaves of the store; to make its tables anew is 0.9 of a start's 2.5 s of CPU."""
    directory = Path(tempfile.mkdtemp(prefix="midwatch-store-"))
    _MADE.append(directory)
    Server(directory).start_as_it_is().stop()
    return directory / STORE


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all tests of a worker that do not stop it; retention is off so that any time is taken."""
    data = tmp_path_factory.mktemp("server")
    statsd = ("--statsd-flush", "200ms", "--statsd-socket", str(data / "d"), "--statsd-stream-socket", str(data / "s"))
    started = Server(data, options=("--retention", "traces=0,logs=0,metrics=0,errors=0", *statsd)).start()
    yield started
    started.stop()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server of the test's own, for tests that stop or kill it."""
    started = Server(tmp_path / "data").start()
    yield started
    if started.process is not None and started.process.poll() is None:
        started.stop()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that share what a module or a folder has set up stay in one worker: the other would set it up again.

    xdist 3.8 keeps a group together by the end of its tests' ids, which it cannot set from pytest 9.2 on: we do.
    """
    if not getattr(config.option, "loadgroup", False):
        return
    for item in items:
        group = _group_of(item)
        if group and not item.nodeid.endswith(f"@{group}"):
            own: Any = item
            own._id = type(own.id).parse(f"{item.nodeid}@{group}")
            assert item.nodeid.endswith(f"@{group}"), (
                "pytest has changed how ids are made: groups are not kept together"
            )


def _group_of(item: pytest.Item) -> str:
    mark = item.get_closest_marker("xdist_group")
    if mark is not None:
        return str(mark.args[0])
    fixtures = item._fixtureinfo.name2fixturedefs.values() if isinstance(item, pytest.Function) else ()
    scopes = {found[-1].scope for found in fixtures}
    if "package" in scopes:
        return item.path.parent.name
    return item.path.stem if "module" in scopes else ""
