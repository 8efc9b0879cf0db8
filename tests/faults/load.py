"""Spans and log records sent to a server that things happen to, and the judgement at the end."""

import threading
import uuid
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import httpx
from tests import bodies
from tests.conftest import Server
from tests.eventually import eventually

ITEMS_A_BODY = 50
SIGNALS = ("traces", "logs")


TRY_AGAIN_SECONDS = 0.02
"""Of a sender that finds no server there."""


@dataclass
class Fate:
    """Items by what their senders know of them."""

    acknowledged: int = 0
    unknown: int = 0
    """The connection broke before an answer: there, or not, but not twice."""
    refused: int = 0


@dataclass
class Load:
    """Two senders, one for spans and one for records, until the `with` ends; they go on over restarts."""

    server: Server
    service: str = field(default_factory=lambda: f"fault-{uuid.uuid4().hex[:8]}")
    fates: dict[str, Fate] = field(default_factory=lambda: {signal: Fate() for signal in SIGNALS})

    def __enter__(self) -> "Load":
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(signal,)) for signal in SIGNALS]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def acknowledge(self, items: int, *, seconds: float = 30.0) -> None:
        """Wait until so many more items of both signals were acknowledged."""
        goals = {signal: fate.acknowledged + items for signal, fate in self.fates.items()}
        eventually(lambda: all(self.fates[name].acknowledged >= goal for name, goal in goals.items()), seconds=seconds)

    def body(self, signal: str, **fields: Any) -> bytes:
        if signal == "traces":
            spans = [bodies.span(**fields) for _ in range(ITEMS_A_BODY)]
            return bodies.traces(self.service, spans).SerializeToString()
        records = [{"body": f"line {uuid.uuid4().hex}", **fields} for _ in range(ITEMS_A_BODY)]
        return bodies.logs(self.service, records).SerializeToString()

    def send(self, signal: str, body: bytes) -> int | None:
        """Send one body and note its fate; the status, or None where no answer came."""
        fate = self.fates[signal]
        try:
            with self.server.door() as door:
                status = door.post(f"/v1/{signal}", content=body).status_code
        except httpx.ConnectError:
            return None
        except httpx.TransportError:
            fate.unknown += ITEMS_A_BODY
            return None
        if status == 200:
            fate.acknowledged += ITEMS_A_BODY
        else:
            fate.refused += ITEMS_A_BODY
        return status

    def _send(self, signal: str) -> None:
        while not self._stop.is_set():
            if self.send(signal, self.body(signal)) is None:
                self._stop.wait(TRY_AGAIN_SECONDS)

    def judge(self) -> None:
        """Every acknowledged item is there once, nothing is there twice, and the roll-ups agree."""
        with self.server.api() as api:
            eventually(lambda: api.get("/api/v1/system/status").json()["wal"]["segments_waiting"] == 0, seconds=120)

            def ask(query: str) -> list[int]:
                answer = api.post("/api/v1/sql", json={"query": query})
                assert answer.status_code == 200, answer.text
                return [int(value) for value in answer.json()["rows"][0]]

            named = f"WHERE ServiceName = '{self.service}'"
            spans, distinct, traces = ask(f"SELECT count(), uniqExact(SpanId), uniqExact(TraceId) FROM spans {named}")
            (counted,) = ask(f"SELECT sum(Count) FROM service_red {named}")
            (indexed,) = ask(
                f"SELECT uniqExact(TraceId) FROM trace_index WHERE TraceId IN (SELECT TraceId FROM spans {named})"
            )
            records, lines = ask(f"SELECT count(), uniqExact(Body) FROM logs {named}")
            (volume,) = ask(f"SELECT sum(Count) FROM log_volume {named}")
        assert spans == distinct == counted
        assert traces == indexed
        assert records == lines == volume
        for signal, there in zip(SIGNALS, (spans, records), strict=True):
            fate = self.fates[signal]
            senders = f"{fate.acknowledged:,} acknowledged, {fate.unknown} unknown, {fate.refused} refused"
            print(f"{signal}: {senders}, {there:,} there")
            assert 0 < fate.acknowledged <= there <= fate.acknowledged + fate.unknown
