"""Data of a service of a test's own, on the server that all share."""

import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from tests import bodies
from tests.conftest import Server

SendLogs = Callable[..., str]


@pytest.fixture
def send_logs(server: Server) -> SendLogs:
    """Send records (mappings as `bodies.logs` takes them); the service they are of, once they can be found."""

    def send(records: Sequence[dict[str, Any]], *, service: str = "", **resource: Any) -> str:
        name = service or f"q{uuid.uuid4().hex[:10]}"
        with server.door() as door:
            for first in range(0, len(records), 2000):
                body = bodies.logs(name, records[first : first + 2000], **resource).SerializeToString()
                answer = door.post("/v1/logs", params={"wait": "visible"}, content=body)
                assert answer.status_code == 200, answer.text
        return name

    return send


def now_ns() -> int:
    """A moment ago, so that everything lies in the default range."""
    return time.time_ns() - 60 * 10**9
