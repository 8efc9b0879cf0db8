"""One body's way in: admit → unpack → check → frame → log. Every door takes these steps and no other."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Protocol

from midwatch.server.ingest.admission import Admission, read_body
from midwatch.server.ingest.retries import Retries
from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import MidwatchError, Unavailable
from midwatch.server.model.measure import Counts, Measure
from midwatch.server.model.segments import Position
from midwatch.server.model.signal import SegmentKind
from midwatch.server.wal.frames import FrameHeader, digest_of, encode_frame

ELSEWHERE_BYTES = 1 << 20
"""Bodies over this are checked in another process: protobuf's parser holds the interpreter while it works."""
CHECKERS = 1
VISIBLE_SECONDS_MAX = 30.0


class Log(Protocol):
    async def append(self, kind: SegmentKind, parts: list[bytes | memoryview]) -> Position: ...

    async def wait_visible(self, position: Position, timeout_seconds: float) -> bool: ...


@dataclass(frozen=True, slots=True)
class Body:
    """A body that was checked: what is kept of it, and how many items it has."""

    content: bytes
    items: int
    retry_is_copy: bool = True
    """False where the same bytes again may be another event and not a sender's retry."""


Check = Callable[[bytes], Body]
"""Pure and picklable. Raises BadRequest."""


@dataclass(slots=True)
class Refusal:
    count: int
    last_ns: int


class Ingest:
    """Used by all doors, from the event loop."""

    def __init__(self, admission: Admission, log: Log, clock: Clock) -> None:
        self._admission = admission
        self._log = log
        self._clock = clock
        self._retries = Retries(clock)
        self._checkers: ProcessPoolExecutor | None = None
        self._accepted = Counts("midwatch_ingest_items_total", "Items accepted, by key and signal", ("key", "signal"))
        self._bytes = Counts("midwatch_ingest_bytes_total", "Unpacked bytes accepted, by signal", ("signal",))
        self._repeated = Counts("midwatch_ingest_retries_total", "Bodies known already, by signal", ("signal",))
        self.refused: dict[tuple[str, str, str], Refusal] = {}
        """By key name, signal and reason: what was refused since start."""

    async def take(
        self,
        kind: SegmentKind,
        headers: Mapping[str, str],
        query: Mapping[str, str],
        chunks: AsyncIterator[bytes],
        check: Check,
    ) -> int:
        """Return the number of items when they are durable, or visible with `?wait=visible`.

        Raises:
            MidwatchError: refused, with its reason; nothing of it is kept.
        """
        grant: IngestGrant | None = None
        try:
            grant = self._admission.admit(headers, query)
            raw = await read_body(chunks, headers.get("content-encoding", ""))
            body = await self._checked(raw, check)
            self._admission.charge(grant, body.items)
            position = await self._append(kind, grant, body)
        except MidwatchError as error:
            self.note_refusal(grant.key_name if grant else "", kind, error.code)
            raise
        if query.get("wait") == "visible":
            await self._wait_visible(position)
        return body.items

    def note_refusal(self, key_name: str, kind: SegmentKind, reason: str) -> None:
        label = (key_name, kind.signal.value, "bad_body" if reason == "bad_request" else reason)
        refusal = self.refused.setdefault(label, Refusal(0, 0))
        refusal.count += 1
        refusal.last_ns = self._clock.now_ns()

    def close(self) -> None:
        if self._checkers is not None:
            self._checkers.shutdown(wait=False, cancel_futures=True)

    def measures(self) -> Iterable[Measure]:
        yield from self._accepted.measures()
        yield from self._bytes.measures()
        yield from self._repeated.measures()
        for (key, signal, reason), refusal in self.refused.items():
            labels = (("key", key), ("signal", signal), ("reason", reason))
            yield Measure(
                "midwatch_ingest_refused_total", "Bodies refused, by key, signal and reason", refusal.count, labels
            )

    async def _checked(self, raw: bytes, check: Check) -> Body:
        if len(raw) <= ELSEWHERE_BYTES:
            return check(raw)
        if self._checkers is None:
            self._checkers = ProcessPoolExecutor(CHECKERS, mp_context=get_context("forkserver"))
        return await asyncio.get_running_loop().run_in_executor(self._checkers, check, raw)

    async def _append(self, kind: SegmentKind, grant: IngestGrant, body: Body) -> Position:
        digest = digest_of(kind, grant.key_id, body.content)
        if body.retry_is_copy and (first := self._retries.claim(digest)) is not None:
            try:
                position = await asyncio.shield(first)
            except asyncio.CancelledError:
                if first.cancelled():
                    raise Unavailable("the same body is being tried again", retry_after_seconds=1) from None
                raise
            self._repeated.add(kind.signal.value)
            return position
        header = FrameHeader(
            grant.project,
            grant.key_id,
            grant.environment or "",
            self._clock.now_ns(),
            digest if body.retry_is_copy else b"",
        )
        try:
            position = await self._log.append(kind, encode_frame(kind, header, body.content))
        except BaseException:
            self._retries.release(digest)
            raise
        self._retries.settle(digest, position)
        self._accepted.add(grant.key_name, kind.signal.value, amount=body.items)
        self._bytes.add(kind.signal.value, amount=len(body.content))
        return position

    async def _wait_visible(self, position: Position) -> None:
        if not await self._log.wait_visible(position, VISIBLE_SECONDS_MAX):
            raise Unavailable(
                f"the data is durable but not visible after {VISIBLE_SECONDS_MAX:g} s: do not send it again",
                code="not_visible_yet",
            )
