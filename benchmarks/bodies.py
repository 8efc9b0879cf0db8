"""OTLP bodies that are never twice the same, made at a fraction of what it costs a server to take them.

A body is written once by protobuf; where its ids, times and changing values lie is remembered, and each sending writes
new ones there. Values repeat as real ones do: 30 routes, 100,000 users, 65,000 addresses; ids and item numbers do not.
"""

import os
import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from tests import bodies

ITEMS_A_BODY = 512
SPANS_A_TRACE = 8
SERVICES = 8
_TIME_NS = 0x1122334455667788
_SPAN_TIMES = re.compile(rb"\x39\x88\x77\x66\x55\x44\x33\x22\x11\x41.{8}", re.DOTALL)
_RECORD_TIME = re.compile(rb"\x09\x88\x77\x66\x55\x44\x33\x22\x11", re.DOTALL)
_DIGITS = re.compile(rb"#{5,12}")
_RANDOM_DIGITS = "".join(random.Random(1).choices("0123456789", k=1_000_000)).encode()
_STARTS = range(len(_RANDOM_DIGITS) - 12)
_TRACE_ID, _SPAN_ID = b"TRACE-ID-TRACE-I", b"SPAN-ID!"


def attributes(chance: random.Random) -> dict[str, object]:
    """Ten attributes of a request; `#####` becomes digits at each sending."""
    route = chance.randrange(30)
    return {
        "http.request.method": "GET",
        "http.route": f"/api/v{route}/items",
        "http.response.status_code": chance.choice([200] * 20 + [404, 500]),
        "url.path": f"/api/v{route}/items/######",
        "server.address": f"api-{chance.randrange(5)}.internal",
        "server.port": 8080,
        "user.id": "user-#####",
        "network.peer.address": f"10.0.{chance.randrange(255)}.{chance.randrange(255)}",
        "user_agent.original": f"Mozilla/5.0 (X11; Linux x86_64) {chance.randrange(40)}",
        "cache.hit": chance.random() < 0.5,
    }


def trace_body(chance: random.Random) -> bytes:
    spans = []
    for _ in range(ITEMS_A_BODY):
        found = attributes(chance)
        spans.append(
            bodies.span(
                name=f"GET {found['http.route']}",
                trace_id=_TRACE_ID,
                span_id=_SPAN_ID,
                parent_span_id=os.urandom(8),
                start_time_unix_nano=_TIME_NS,
                end_time_unix_nano=_TIME_NS,
                attributes=found,
            )
        )
    service = f"service-{chance.randrange(SERVICES)}"
    return bodies.traces(service, spans, **{"deployment.environment.name": "production"}).SerializeToString()


def log_body(chance: random.Random) -> bytes:
    records = []
    for _ in range(ITEMS_A_BODY):
        found = dict(list(attributes(chance).items())[:6])
        text = "request q#####x##### for item ###### answered after retry in ##### us by the second replica"
        records.append(
            {
                "body": text,
                "severity_number": chance.choice([9] * 20 + [13, 17]),
                "trace_id": _TRACE_ID,
                "span_id": _SPAN_ID,
                "time_unix_nano": _TIME_NS,
                "attributes": found,
            }
        )
    return bodies.logs(f"service-{chance.randrange(SERVICES)}", records).SerializeToString()


@dataclass(frozen=True, slots=True)
class Template:
    """A body and where what changes lies in it."""

    body: bytes
    items: int
    trace_ids: tuple[int, ...]
    span_ids: tuple[int, ...]
    digits: tuple[tuple[int, int], ...]
    times: tuple[int, ...]
    has_end: bool

    def fresh(self, time_ns: int, chance: random.Random) -> bytes:
        """A body that was never sent: ids, digits and times are new; items are 50 µs apart from `time_ns` on."""
        body = bytearray(self.body)
        random_ids = os.urandom(24 * self.items)
        for index, place in enumerate(self.trace_ids):
            first = 24 * (index - index % SPANS_A_TRACE)
            body[place : place + 16] = random_ids[first : first + 16]
        for index, place in enumerate(self.span_ids):
            body[place : place + 8] = random_ids[24 * index + 16 : 24 * index + 24]
        for (place, size), start in zip(self.digits, chance.choices(_STARTS, k=len(self.digits)), strict=True):
            body[place : place + size] = _RANDOM_DIGITS[start : start + size]
        for index, place in enumerate(self.times):
            start = time_ns + index * 50_000
            body[place : place + 8] = start.to_bytes(8, "little")
            if self.has_end:
                duration = 1_000_000 + (random_ids[index] << 18) + (random_ids[index] ** 3)
                body[place + 9 : place + 17] = (start + duration).to_bytes(8, "little")
        return bytes(body)


def template(body: bytes) -> Template:
    ends = _SPAN_TIMES.search(body) is not None
    return Template(
        body=body,
        items=ITEMS_A_BODY,
        trace_ids=_places(body, _TRACE_ID),
        span_ids=_places(body, _SPAN_ID),
        digits=tuple((found.start(), found.end() - found.start()) for found in _DIGITS.finditer(body)),
        times=tuple(found.start() + 1 for found in (_SPAN_TIMES if ends else _RECORD_TIME).finditer(body)),
        has_end=ends,
    )


def _places(body: bytes, marker: bytes) -> tuple[int, ...]:
    return tuple(found.start() for found in re.finditer(re.escape(marker), body))


MAKERS: dict[str, Callable[[random.Random], bytes]] = {"traces": trace_body, "logs": log_body}
