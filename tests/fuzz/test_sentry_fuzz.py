"""Envelopes of every kind, mutated: the check refuses them with a reason, or the digest takes them; neither fails."""

import json
import random
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.fuzz.test_doors_fuzz import mutated
from tests.sentry_project import envelope, event

from midwatch.server.ingest.sentry_check import envelope_body, security_body, store_body
from midwatch.server.issues.digest.digested import Order
from midwatch.server.issues.digest.worker import digest_segment, wanted_of
from midwatch.server.issues.rules import ErrorRules, Filters
from midwatch.server.model.errors import BadRequest
from midwatch.server.model.signal import SegmentKind
from midwatch.server.wal.frames import FrameHeader, encode_frame

pytestmark = pytest.mark.fuzz
ROUNDS = 6000
AT_ONCE = 200
CHECKS = (partial(envelope_body, frozenset(), "agent"), store_body, partial(security_body, "agent"))
WEIRD: tuple[Any, ...] = (
    None,
    True,
    -1,
    1e308,
    "",
    "x" * 3000,
    [],
    {},
    [[]],
    {"values": None},
    {"values": [1, "a", None]},
    2**63,
)


def seeds() -> list[bytes]:
    span = {
        "trace_id": "a" * 32,
        "span_id": "b" * 16,
        "op": "db",
        "start_timestamp": time.time(),
        "timestamp": time.time(),
    }
    transaction = {
        "type": "transaction",
        "event_id": "c" * 32,
        "transaction": "/x",
        "contexts": {"trace": span},
        "spans": [span],
        **span,
    }
    return [
        envelope(
            (
                "event",
                event(
                    "x", user={"id": 1}, tags=[["a", "b"]], request={"url": "http://x/?a=b", "headers": [["A", "b"]]}
                ),
            )
        ),
        envelope(("transaction", transaction), trace={"sample_rate": "0.5", "replay_id": "d" * 32}),
        envelope(
            ("session", {"sid": "e" * 32, "status": "exited", "attrs": {"release": "1"}}),
            ("sessions", {"aggregates": [], "attrs": {}}),
        ),
        envelope(
            (
                "log",
                {"items": [{"timestamp": 1.0, "trace_id": "a" * 32, "level": "info", "body": "x", "attributes": {}}]},
            )
        ),
        envelope(
            ("client_report", {"discarded_events": [{"reason": "x", "category": "y", "quantity": 1}]}),
            ("statsd", b"a@ms:1:2|c|#k:v|T1"),
        ),
        envelope(
            ("replay_event", {"replay_id": "a" * 32, "segment_id": 0}), ("replay_recording", b'{"segment_id":0}\n[]')
        ),
        envelope(
            ("feedback", {"contexts": {"feedback": {"message": "x"}}}),
            ("user_report", {"event_id": "a" * 32, "comments": "x"}),
        ),
        envelope(
            ("attachment", b"x"),
            ("profile", {"a": 1}),
            ("raw_security", {"csp-report": {"blocked-uri": "x"}}),
            event_id="f" * 32,
        ),
        envelope(("span", {"items": [span]}), ("metric", {"items": [{"name": "a", "value": 1, "type": "counter"}]})),
    ]


def replaced(body: bytes, chance: random.Random) -> bytes:
    """One value anywhere in an item's JSON made another."""
    lines = body.split(b"\n")
    at = chance.randrange(len(lines))
    try:
        value = json.loads(lines[at])
    except ValueError:
        return body
    holder, path = value, 0
    while isinstance(holder, dict | list) and holder and path < 6:
        key = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        inner = holder[key]
        if not isinstance(inner, dict | list) or not inner or chance.random() < 0.3:
            holder[key] = chance.choice(WEIRD)
            break
        holder, path = inner, path + 1
    lines[at] = json.dumps(value).encode()
    if at % 2 == 0 and at:
        lines[at - 1] = json.dumps({**json.loads(lines[at - 1]), "length": len(lines[at])}).encode()
    return b"\n".join(lines)


def test_envelopes_of_every_kind(tmp_path: Path) -> None:
    chance = random.Random(20261127)
    taken = refused = 0
    for batch in range(ROUNDS // AT_ONCE):
        path = tmp_path / f"{batch}.wal"
        with path.open("wb") as file:
            for number in range(AT_ONCE):
                body = chance.choice(seeds())
                body = replaced(body, chance) if chance.random() < 0.7 else mutated(body, chance)
                check = CHECKS[chance.choice((0, 0, 0, 0, 1, 2))]
                try:
                    found = check(body)
                except BadRequest:
                    refused += 1
                    continue
                content = body if found.content is None else found.content
                if not found.items:
                    refused += 1
                    continue
                taken += 1
                header = FrameHeader(1, "key", "", time.time_ns() + number, b"d" * 16)
                file.write(b"".join(encode_frame(SegmentKind.SENTRY, header, content)))
        order = Order(path, f"{batch:032x}", 0, ErrorRules(filters=Filters(localhost=True)), {"key": "shop"})
        wanted_of(order)
        digested = digest_segment(order)
        assert digested.failed == []
        assert digested.end == path.stat().st_size
    assert taken > ROUNDS / 4, (taken, refused)
