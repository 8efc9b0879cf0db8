"""A reader of the tail, as an EventSource is one: it knows the id of the last event, and can connect again with it."""

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from tests.conftest import Server


@dataclass
class Reader:
    """What came over all connections. Use `connected` around what reads."""

    server: Server
    query: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    dropped: int = 0
    last_id: str = ""
    _lines: Iterator[str] = field(default_factory=lambda: iter(()))

    @property
    def bodies(self) -> list[str]:
        return [row["body"] for row in self.rows]

    @property
    def arrived(self) -> int:
        """Lines shown, and lines said to be left out."""
        return len(self.rows) + self.dropped

    @contextlib.contextmanager
    def connected(self, **params: str) -> Iterator["Reader"]:
        """From the last id on; inside, the first event has been read."""
        headers = {"last-event-id": self.last_id} if self.last_id and not params else {}
        asked = {"query": self.query, **params}
        timeout = httpx.Timeout(30, read=30)
        with (
            self.server.api() as api,
            api.stream("GET", "/api/v1/logs/tail", params=asked, headers=headers, timeout=timeout) as answer,
        ):
            assert answer.status_code == 200, answer.read()
            self._lines = answer.iter_lines()
            self._block()
            yield self

    def read(self, enough: Callable[["Reader"], bool]) -> None:
        """Event by event until that is so."""
        while not enough(self):
            self._block()

    def _block(self) -> None:
        kind, data = "", ""
        for line in self._lines:
            name, _, value = line.partition(": ")
            if name == "id":
                self.last_id = value
            elif name == "event":
                kind = value
            elif name == "data":
                data = value
            elif line == "":
                break
        if kind == "dropped":
            self.dropped += json.loads(data)["count"]
        elif kind == "row":
            self.rows.append(json.loads(data))
