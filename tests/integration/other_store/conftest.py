"""A store that is not the server's own: an engine child of the tests', spoken to as `clickhouse://`."""

import asyncio
import os
import signal
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from tests.integration.other_store.wire import Wire

from midwatch.server.engine.supervisor import EngineSupervisor


@dataclass
class OtherStore:
    """An engine that outlives the servers which use it, and the name of a database that the first of them makes."""

    supervisor: EngineSupervisor
    database: str

    @property
    def url(self) -> str:
        return self.url_for(self.supervisor.user, self.supervisor.password)

    def url_for(self, user: str, password: str, *, port: int = 0, options: str = "") -> str:
        return f"clickhouse://{user}:{password}@127.0.0.1:{port or self.supervisor.port}/{self.database}{options}"

    def through(self, wire: Wire, *, options: str = "") -> str:
        """The same by way of a wire."""
        return self.url_for(self.supervisor.user, self.supervisor.password, port=wire.port, options=options)

    def signal(self, number: signal.Signals) -> None:
        """Send the engine's process a signal."""
        assert self.supervisor.pid is not None
        os.kill(self.supervisor.pid, number)

    def ask(self, statement: str) -> None:
        found = self.supervisor
        answer = httpx.post(found.url, content=statement, auth=(found.user, found.password), timeout=60)
        assert answer.status_code == 200, answer.text


@pytest.fixture(scope="session")
def other_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineSupervisor]:
    """One for all tests of a worker."""
    supervisor = EngineSupervisor(tmp_path_factory.mktemp("other") / "engine", memory_bytes=1 << 30)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(supervisor.start(), loop).result(60)
    yield supervisor
    asyncio.run_coroutine_threadsafe(supervisor.stop(), loop).result(60)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


@pytest.fixture
def other_store(other_engine: EngineSupervisor) -> Iterator[OtherStore]:
    store = OtherStore(other_engine, f"midwatch_{uuid.uuid4().hex}")
    yield store
    store.ask(f"DROP DATABASE IF EXISTS {store.database} SYNC")


@pytest.fixture
def wire(other_store: OtherStore) -> Iterator[Wire]:
    wire = Wire(other_store.supervisor.port)
    wire.up()
    yield wire
    wire.close()
