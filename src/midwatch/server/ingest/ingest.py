"""One body's way in: admit → read → check → charge → append. Every door takes these steps and no other."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from midwatch.server.ingest.admission import Admission
from midwatch.server.ingest.checkers import Checkers
from midwatch.server.ingest.checks import Body, Check
from midwatch.server.ingest.unpack import BODY_BYTES_MAX, Budget, read_body
from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import BadRequest, MidwatchError, TooLarge, Unauthorized
from midwatch.server.model.measure import Counts, Measure
from midwatch.server.model.segments import Position
from midwatch.server.model.signal import SegmentKind
from midwatch.server.model.via import HOPS_MAX, VIA_HEADER, hops
from midwatch.server.wal.frames import VIA_BYTES_MAX, FrameHeader, digest_of, encode_frame

VISIBLE_SECONDS_MAX = 30.0
WAIT_HEADER = "x-midwatch-wait"
"""The same as `?wait=visible`, for gRPC and for exporters that can set headers only."""
REFUSALS_MAX = 5000
WRONG_PROJECT = "wrong_project"
_KEYED = frozenset({"x-midwatch-key", "authorization"})


Hear = Callable[[IngestGrant, bytes], None]
"""Gets a body that was taken; must not wait."""


class Log(Protocol):
    async def append(self, kind: SegmentKind, parts: list[bytes | memoryview]) -> Position: ...

    async def append_once(
        self, kind: SegmentKind, digest: bytes, parts: list[bytes | memoryview]
    ) -> tuple[Position, bool]: ...

    async def wait_visible(self, position: Position, timeout_seconds: float) -> bool: ...


@dataclass(frozen=True, slots=True)
class Taken:
    """A body that is durable."""

    items: int
    visible: bool = True
    """False only when the caller asked to wait and queries did not see it in time."""
    refused: str = ""
    receipt: object = None
    """Both as the check said (`Body`)."""
    grant: IngestGrant | None = None
    """Whose it was; there for every body that `take` returned of."""


@dataclass(slots=True)
class Refusal:
    count: int
    last_ns: int


class Ingest:
    """Used by all doors, from the event loop."""

    def __init__(
        self,
        admission: Admission,
        log: Log,
        clock: Clock,
        *,
        visible_seconds_max: float = VISIBLE_SECONDS_MAX,
        node: str = "",
    ) -> None:
        """`node`: what this server is called where it forwards; what came through it before is refused."""
        self.admission = admission
        self._log = log
        self._clock = clock
        self._visible_seconds_max = visible_seconds_max
        self._node = node
        self._checkers = Checkers()
        self._budget = Budget()
        self._listeners: dict[SegmentKind, tuple[bytes, Hear]] = {}
        self._accepted = Counts("midwatch_ingest_items_total", "Items accepted, by key and signal", ("key", "signal"))
        self._bodies = Counts("midwatch_ingest_bodies_total", "Bodies accepted, by signal", ("signal",))
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
        *,
        project: int | None = None,
        key_within: Callable[[Body], str] | None = None,
    ) -> Taken:
        """Return when the body is durable, or visible with `?wait=visible`.

        `project`: that of the address, which has to be the key's. `key_within`: finds the key in a body that may hold
        it; where the request has none, the body is read and checked before its sender is known.

        Raises:
            MidwatchError: refused, with its reason; nothing of it is kept.
        """
        grant: IngestGrant | None = None
        try:
            if key_within is None or query.get("key") or not _KEYED.isdisjoint(headers):
                grant = self.admission.admit(headers, query)
                _check_project(grant, project)
                self.admission.check_rate(grant)
            via = self._via(headers)
            raw = await self._read(headers, chunks)
            try:
                body = await self._checked(raw, check, known=grant is not None)
                if grant is None:
                    key = key_within(body) if key_within is not None else ""
                    grant = self.admission.admit({**headers, "x-midwatch-key": key} if key else headers, query)
                self.admission.charge(grant, body.items, len(raw))
                position = await self._append(kind, grant, body, raw, via) if body.items else None
            finally:
                self._budget.give_back(len(raw))
        except MidwatchError as error:
            self.note_refusal(grant.key_name if grant else "", kind, error.code)
            raise
        if body.refused:
            self.note_refusal(grant.key_name, kind, "partly_refused")
        visible = True
        if position is not None and "visible" in (query.get("wait"), headers.get(WAIT_HEADER)):
            visible = await self._log.wait_visible(position, self._visible_seconds_max)
        return Taken(body.items, visible, body.refused, body.receipt, grant)

    async def receive(
        self, key: str, headers: Mapping[str, str], chunks: AsyncIterator[bytes]
    ) -> tuple[IngestGrant, bytes]:
        """Admit, read and charge a body that is not kept as it is, such as Sentry's envelopes.

        Raises:
            MidwatchError: refused, with its reason.
        """
        found = {name: headers.get(name, "") for name in ("origin", "authorization")}
        grant = self.admission.admit({**found, "x-midwatch-key": key} if key else found, {})
        self.admission.check_rate(grant)
        raw = await self._read(headers, chunks)
        self._budget.give_back(len(raw))
        self.admission.charge(grant, 1, len(raw))
        return grant, raw

    def listen(self, kind: SegmentKind, marker: bytes, hear: Hear) -> None:
        """Have `hear` told of each body of this kind with these bytes in it, once it is durable."""
        self._listeners[kind] = (marker, hear)

    async def put(self, kind: SegmentKind, grant: IngestGrant, content: bytes, items: int) -> None:
        """Take in a body that Midwatch made itself (of scrapes, of StatsD): charge → append. Durable on return.

        Raises:
            MidwatchError: as `take`; nothing of it is kept.
        """
        try:
            self.admission.charge(grant, items, len(content))
            await self._append(kind, grant, Body(None, items, retry_is_copy=False), content)
        except MidwatchError as error:
            self.note_refusal(grant.key_name, kind, error.code)
            raise

    def refuse(
        self, kind: SegmentKind, headers: Mapping[str, str], query: Mapping[str, str], error: MidwatchError
    ) -> MidwatchError:
        """What a body is refused with that a door does not read, for what its headers say: counted, to be raised.

        Who may not send at all is told that and no more.
        """
        key_name = ""
        try:
            key_name = self.admission.admit(headers, query).key_name
        except MidwatchError as refusal:
            error = refusal
        self.note_refusal(key_name, kind, error.code)
        return error

    def note_refusal(self, key_name: str, kind: SegmentKind, reason: str) -> None:
        """Count a body that was not taken."""
        label = (key_name, kind.signal.value, "bad_body" if reason == "bad_request" else reason)
        if label not in self.refused and len(self.refused) >= REFUSALS_MAX:
            label = ("", kind.signal.value, "other")
        refusal = self.refused.setdefault(label, Refusal(0, 0))
        refusal.count += 1
        refusal.last_ns = self._clock.now_ns()

    def close(self) -> None:
        self._checkers.close()

    def measures(self) -> Iterable[Measure]:
        yield from self._accepted.measures()
        yield from self._bodies.measures()
        yield from self._bytes.measures()
        yield from self._repeated.measures()
        text = "Bytes of bodies that are being read or checked"
        yield Measure("midwatch_ingest_reading_bytes", text, self._budget.bytes, kind="gauge")
        for (key, signal, reason), refusal in self.refused.items():
            labels = (("key", key), ("signal", signal), ("reason", reason))
            yield Measure(
                "midwatch_ingest_refused_total", "Bodies refused, by key, signal and reason", refusal.count, labels
            )

    async def _read(self, headers: Mapping[str, str], chunks: AsyncIterator[bytes]) -> bytes:
        announced = headers.get("content-length", "")
        if announced.isascii() and announced.isdigit() and int(announced[:20]) > BODY_BYTES_MAX:
            raise TooLarge(
                f"cannot take the body: {announced[:20]} bytes are over {BODY_BYTES_MAX >> 20} MiB; send less at once",
                code="body_too_large",
            )
        return await read_body(chunks, headers.get("content-encoding", ""), self._budget)

    async def _check(self, raw: bytes, check: Check) -> Body:
        if not raw and not check.empty_is_request:
            raise BadRequest("the body is empty: expected telemetry", code="empty_body")
        if len(raw) <= check.inline_bytes_max:
            return check.run(raw)
        return await self._checkers.run(check.run, raw)

    async def _checked(self, raw: bytes, check: Check, *, known: bool) -> Body:
        """As `_check`; who is not known by then has sent no key either, and is told both."""
        try:
            return await self._check(raw, check)
        except BadRequest as error:
            if known:
                raise
            raise Unauthorized(f"no ingest key in the request, and none can be read from its body: {error}") from None

    def _via(self, headers: Mapping[str, str]) -> str:
        passed = hops(headers.get(VIA_HEADER, ""))
        via = ",".join(passed)
        if self._node in passed or len(passed) > HOPS_MAX or len(via) > VIA_BYTES_MAX:
            raise BadRequest(
                "cannot take the body: it was forwarded by this Midwatch itself, or by too many others; look at"
                " `forward` in the plan, and send to somebody else",
                code="forward_loop",
            )
        return via

    async def _append(self, kind: SegmentKind, grant: IngestGrant, body: Body, raw: bytes, via: str = "") -> Position:
        content = raw if body.content is None else body.content
        digest = digest_of(kind, grant.key_id, content) if body.retry_is_copy else b""
        header = FrameHeader(grant.project, grant.key_id, grant.environment or "", self._clock.now_ns(), digest, via)
        frame = encode_frame(kind, header, content)
        if digest:
            position, repeated = await self._log.append_once(kind, digest, frame)
            if repeated:
                self._repeated.add(kind.signal.value)
                return position
        else:
            position = await self._log.append(kind, frame)
        if (listener := self._listeners.get(kind)) is not None and listener[0] in content:
            listener[1](grant, content)
        self._accepted.add(grant.key_name, kind.signal.value, amount=body.items)
        self._bodies.add(kind.signal.value)
        self._bytes.add(kind.signal.value, amount=len(content))
        return position


def _check_project(grant: IngestGrant, project: int | None) -> None:
    if project is not None and grant.project != project:
        message = f"project={project}: the key {grant.key_name} is of project {grant.project}"
        raise BadRequest(message, code=WRONG_PROJECT)
