"""An example system as `make example` starts it, with what a row needs to drive it and to see what came of it."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.eventually import eventually
from tests.vendor_shapes import SHAPES
from tests.vendors import Seen, misshapen

ROOT = Path(__file__).parents[2]
START_SECONDS_MAX = 420
STOP_SECONDS_MAX = 180
SLACK = "/services/"
T = TypeVar("T")


@dataclass
class Example:
    """`told` is what examples/running says of it: its URLs, keys, environment and directories."""

    told: Mapping[str, Any]
    process: subprocess.Popen[bytes]
    log: Path
    api: httpx.Client
    """Midwatch's API, with a token that may do everything."""
    outside: httpx.Client
    began: float = field(default_factory=time.time)

    def url(self, process: str) -> str:
        found: str = self.told["urls"][process]
        return found

    def get(self, path: str, **params: Any) -> Any:
        """`/api/v1/…`; 200, or the test fails with the answer."""
        answer = self.api.get(f"/api/v1/{path}", params=params)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:1000]}"
        return answer.json()

    def until(self, find: Callable[[], T | None], seconds: float = 60) -> T:
        """As soon as `find` gives something true."""
        return eventually(find, seconds=seconds)

    def calm(self, alert: str, seconds: float) -> None:
        """As soon as Slack has heard of the alert's end, if of the alert at all: what is told next is told anew."""
        self.until(lambda: not (told := self.notified(SLACK, alert)) or "[RESOLVED" in told[-1]["body"], seconds)

    @contextmanager
    def fault(self, name: str) -> Iterator[None]:
        """What `make fault` does, healed at the end."""
        with httpx.Client(base_url=self.told["control_url"], timeout=60) as control:
            control.post(f"/faults/{name}").raise_for_status()
            try:
                yield
            finally:
                control.delete(f"/faults/{name}").raise_for_status()

    def behave(self, vendor: str, behaviour: str, **details: Any) -> None:
        answer = self.outside.put(f"/control/{vendor}", json={"behaviour": behaviour, "details": details})
        answer.raise_for_status()

    def seen(self, vendor: str) -> list[dict[str, Any]]:
        """What a part of the outside world was asked, oldest first."""
        found: list[dict[str, Any]] = self.outside.get(f"/seen/{vendor}").json()
        return found

    def notified(self, path: str, word: str = "", after: float = 0.0) -> list[dict[str, Any]]:
        """What receivers were told at paths that begin so, with the word in it; each is as its vendor documents it."""
        found = [
            one
            for one in self.outside.get("/told").json()
            if one["path"].startswith(path) and word in one["body"] and one["at"] >= after
        ]
        for one in found:
            if any(one["path"].startswith(prefix) for _, prefix, _ in SHAPES):
                wrong = misshapen(Seen(one["method"], one["path"], one["headers"], one["body"].encode(), one["at"]))
                assert wrong is None, f"{one['path']}: {wrong}\n{one['body'][:2000]}"
        return found

    def promql(self, query: str) -> list[dict[str, Any]]:
        """The result of an instant query."""
        answer = self.api.get("/prometheus/api/v1/query", params={"query": query})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["data"]["result"]
        return found

    def value(self, query: str) -> float:
        """The sum of its series; 0 where there is none."""
        return sum(float(one["value"][1]) for one in self.promql(query))

    def settled(self, query: str, seconds: float = 20) -> None:
        """When the query's value has been the same for so long: what was done before is counted by then."""
        value, since = self.value(query), time.monotonic()

        def still() -> bool:
            nonlocal value, since
            if (now := self.value(query)) != value:
                value, since = now, time.monotonic()
            return time.monotonic() - since >= seconds

        self.until(still, 15 * seconds)

    def reaches(self, query: str, wanted: Callable[[float], bool], seconds: float) -> float:
        """The query's value, as soon as it is as wanted."""
        last = [0.0]

        def found() -> bool:
            last[0] = self.value(query)
            return wanted(last[0])

        try:
            self.until(found, seconds)
        except AssertionError as error:
            raise AssertionError(f"{query} stayed at {last[0]}") from error
        return last[0]

    def output(self) -> str:
        return self.log.read_text(errors="replace")[-4000:]


def panels_of(board: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Of a dashboard as the API has it."""
    return [*board.get("panels", []), *(panel for row in board.get("rows", []) for panel in row["panels"])]


@contextmanager
def example(name: str, data: Path, *options: str) -> Iterator[Example]:
    """It is started on free ports and stopped at the end; without users, whom the test plays."""
    command = [sys.executable, "-m", "examples.running", "start", name, "--data", str(data), "--own-ports"]
    with started([*command, "--no-traffic", *options], data, subprocess.Popen.terminate) as found:
        yield found


@contextmanager
def started(command: list[str], data: Path, end: Callable[["subprocess.Popen[bytes]"], None]) -> Iterator[Example]:
    """What the command starts, in a process group of its own, until the block is over and `end` has ended it."""
    data.mkdir(parents=True, exist_ok=True)
    described, log = data / "example.json", data / "example.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)

    def found() -> dict[str, Any] | None:
        assert process.poll() is None, f"it did not start:\n{log.read_text(errors='replace')[-4000:]}"
        return json.loads(described.read_text() or "null") if described.exists() else None

    try:
        told = eventually(found, seconds=START_SECONDS_MAX)
        headers = {"authorization": f"Bearer {told['token']}"}
        with (
            httpx.Client(base_url=told["midwatch_url"], headers=headers, timeout=30) as api,
            httpx.Client(base_url=told["outside_url"], timeout=30) as outside,
        ):
            yield Example(told, process, log, api, outside)
    finally:
        end(process)
        process.wait(STOP_SECONDS_MAX)
