"""Two destinations, and a server that forwards to them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.bodies import logs
from tests.conftest import Server
from tests.otlp_sink import OtlpSink, running_sink


@dataclass
class Forwarding:
    """A server and the destinations of its plan."""

    server: Server
    destinations: dict[str, dict[str, Any]] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)

    def to(self, **destinations: dict[str, Any]) -> None:
        """Put these in force, and no others."""
        self.destinations = destinations
        self.apply()

    def apply(self, **sections: Any) -> dict[str, Any]:
        plan = {"forward": [{"name": name, **one} for name, one in self.destinations.items()], **sections}
        with self.server.api() as api:
            answer: dict[str, Any] = api.post(
                "/api/v1/plan/apply", json={"files": {"midwatch.yml": json.dumps(plan)}}
            ).json()
        assert answer["ok"], answer
        return answer

    def log(self, *bodies: str, service: str = "api", **resource: Any) -> None:
        """One request of the door for each."""
        with self.server.door() as door:
            for body in bodies:
                content = logs(service, [{"body": body}], **resource).SerializeToString()
                assert door.post("/v1/logs", content=content).status_code == 200
                self.sent.append(body)

    def lane(self, destination: str, signal: str = "logs") -> dict[str, Any]:
        with self.server.api() as api:
            found = api.get("/api/v1/forward").json()["destinations"]
        one = next(one for one in found if one["name"] == destination)
        lane: dict[str, Any] = next(lane for lane in one["signals"] if lane["signal"] == signal)
        return lane


def texts(sink: OtlpSink) -> list[str]:
    return [record.body.string_value for record in sink.logs]


@pytest.fixture(scope="package")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of files that a plan may name."""
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="package")
def forwarding(tmp_path_factory: pytest.TempPathFactory, files: Path) -> Iterator[Forwarding]:
    options = ("--scrape-files", str(files))
    started = Server(tmp_path_factory.mktemp("forwarding"), options=options).start()
    yield Forwarding(started)
    started.stop()


@pytest.fixture
def sink() -> Iterator[OtlpSink]:
    with running_sink() as found:
        yield found


@pytest.fixture
def other_sink() -> Iterator[OtlpSink]:
    with running_sink() as found:
        yield found


def endpoint(sink: OtlpSink) -> str:
    return f"http://{sink.dsn.rpartition('@')[2]}"
