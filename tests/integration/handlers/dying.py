"""An app and its server that are killed, and what is asked of them."""

import signal
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import create_engine

from midwatch.sdk.handlers.sql_store import SqlStore
from tests.conftest import KEY, Server
from tests.eventually import eventually
from tests.integration.sdk.conftest import Process, Run

APP = "tests.integration.handlers.apps.dying"


@dataclass
class Dying:
    """The app; `server` listens for it at `port`, also when it is started anew."""

    run: Run
    server: Server
    port: int
    directory: Path
    process: Process | None = None
    told: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        store = f"sqlite:///{self.directory}/app.db"
        engine = create_engine(store)
        SqlStore(engine).create()
        engine.dispose()
        self.told = {
            "DIRECTORY": str(self.directory),
            "STORE": store,
            "SERVICE_NAME": "bank",
            "ENVIRONMENT": "test",
            "MIDWATCH_DSN": f"http://{KEY}@127.0.0.1:{self.port}",
        }

    def file(self, name: str) -> Path:
        return self.directory / name

    def start(self, runs: int = 0) -> None:
        self.file("ready").unlink(missing_ok=True)
        self.process = self.run(APP, RUNS=str(runs), **self.told)
        eventually(self.file("ready").exists, seconds=60)

    def fail(self, runs: int) -> list[str]:
        """So many runs that fail, as the server knows them."""
        self.file("closed").touch()
        self.start(runs)
        with self.server.api() as api:

            def found() -> list[dict[str, Any]]:
                page = api.get(
                    "/api/v1/handler-runs", params={"limit": 200, "service": self.told["SERVICE_NAME"]}
                ).json()["runs"]
                return page if len(page) >= runs else []

            ids = [one["id"] for one in eventually(found, seconds=60)]
        self.file("closed").unlink()
        return ids

    def kill(self) -> None:
        assert self.process is not None
        self.process.popen.send_signal(signal.SIGKILL)
        self.process.popen.wait()

    def gone(self) -> bool:
        assert self.process is not None
        return self.process.popen.poll() is not None

    def paid(self) -> Counter[int]:
        path = self.file("paid")
        return Counter(int(one) for one in path.read_text().split()) if path.exists() else Counter()


def ordered(api: httpx.Client, **body: Any) -> str:
    answer = api.post("/api/v1/handler-replays", json={"reason": "the bank is open", **body})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["batch_id"])


def over(server: Server, batch: str, *, seconds: float = 90) -> list[dict[str, Any]]:
    """The orders of a batch, once all of them are over."""

    def found() -> list[dict[str, Any]]:
        with server.api() as api:
            orders: list[dict[str, Any]] = api.get(f"/api/v1/handler-replays/{batch}").json()["orders"]
        return orders if orders and all(one["finished"] for one in orders) else []

    return eventually(found, seconds=seconds)
