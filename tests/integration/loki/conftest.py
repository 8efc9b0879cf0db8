"""A stream of a test's own, pushed as promtail and Alloy do, on the server that all share."""

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import cramjam
import httpx
import pytest
from tests.conftest import Server

from midwatch.server.protocols.loki.messages import PushRequest

Push = Callable[..., str]
Ask = Callable[..., Any]


def body_of(labels: dict[str, str], entries: Sequence[tuple[int, str, dict[str, str]]]) -> bytes:
    """A snappy block of one stream's entries."""
    request = PushRequest()
    pairs = ", ".join(f'{name}="{value}"' for name, value in labels.items())
    stream = request.streams.add(labels=f"{{{pairs}}}")
    for time_ns, line, metadata in entries:
        entry = stream.entries.add(line=line)
        entry.timestamp.FromNanoseconds(time_ns)
        for name, value in metadata.items():
            entry.structured_metadata.add(name=name, value=value)
    return bytes(cramjam.snappy.compress_raw(request.SerializeToString()))


@pytest.fixture(scope="module")
def push(server: Server) -> Push:
    """Push lines, or (time, line, metadata), with labels beside a job of their own; the job, once they are visible."""

    def send(*lines: str | tuple[int, str, dict[str, str]], job: str = "", **labels: str) -> str:
        job, now = job or f"j{uuid.uuid4().hex[:10]}", time.time_ns() - 10**9
        entries = [(now + n, line, {}) if isinstance(line, str) else line for n, line in enumerate(lines)]
        with server.door() as door:
            content = body_of({"job": job, **labels}, entries)
            answer = door.post("/loki/api/v1/push", params={"wait": "visible"}, content=content)
        assert answer.status_code == 204, answer.text
        return job

    return send


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    """A reader with an API token."""
    with server.api() as api:
        yield api


@pytest.fixture(scope="module")
def ask(client: httpx.Client) -> Ask:
    """A GET under /loki/api/v1: its `data`."""

    def get(path: str, headers: dict[str, str] | None = None, **params: Any) -> Any:
        answer = client.get(f"/loki/api/v1/{path}", params=params, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json().get("data", answer.json())

    return get


@pytest.fixture(scope="module")
def lines_of(ask: Ask) -> Callable[..., list[str]]:
    """The lines that a query finds, oldest first."""

    def find(query: str, **params: Any) -> list[str]:
        found = ask("query_range", query=query, direction="forward", **params)["result"]
        values = [value for stream in found for value in stream["values"]]
        return [line for _, line, *_ in sorted(values)]

    return find
