"""Random and hostile bodies at every door: never a 5xx, and the door still works afterwards. Run by `make fuzz`."""

import gzip
import json
import os
import random
import zlib
from pathlib import Path

import grpc.aio
import pytest
from backports import zstd
from tests import bodies
from tests.integration.ingest.doorway import Doorway, doorway

pytestmark = pytest.mark.fuzz

ROUNDS = 4000
PATHS = ("/v1/traces", "/v1/logs", "/v1/metrics", "/ingest/ndjson")
METHODS = tuple(f"opentelemetry.proto.collector.{name}Service/Export" for name in (
    "trace.v1.Trace", "logs.v1.Logs", "metrics.v1.Metrics",
))  # fmt: skip
TYPES = ("application/x-protobuf", "application/json", "application/x-ndjson", "text/plain", "")
PACKERS = {"gzip": gzip.compress, "deflate": zlib.compress, "zstd": zstd.compress, "": bytes, "br": bytes}
LINE = {"time": 1700000000000, "level": 30, "msg": "größe", "err": {"type": "E", "stack": "a\nb"}}


def seeds() -> list[bytes]:
    spans = [bodies.span(attributes={"a": [1, {"b": True}], "c": "d"}) for _ in range(3)]
    return [
        bodies.traces("shop", spans).SerializeToString(),
        bodies.logs("shop", [{"body": {"a": 1}}, {"body": "text"}]).SerializeToString(),
        bodies.gauge("shop", "x", 1.0).SerializeToString(),
        json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "ab" * 16, "kind": 2}]}]}]}).encode(),
        json.dumps([LINE, LINE]).encode(),
        b"\n".join(json.dumps(LINE).encode() for _ in range(5)),
        b"",
    ]


def mutated(body: bytes, chance: random.Random) -> bytes:
    content = bytearray(body)
    for _ in range(chance.choice((0, 1, 1, 3, 20))):
        if not content:
            break
        at = chance.randrange(len(content))
        match chance.randrange(5):
            case 0:
                content[at] ^= 1 << chance.randrange(8)
            case 1:
                del content[at:]
            case 2:
                content[at:at] = chance.randbytes(chance.randrange(9))
            case 3:
                content[at:at] = content[: chance.randrange(len(content))]
            case _:
                content[at : at + 1] = chance.choice((b"[", b"{", b'"', b"\0", b"\xff", b"\n", b"]", b"}", b"1e999"))
    return bytes(content)


@pytest.fixture
async def door(tmp_path: Path):  # type: ignore[no-untyped-def]
    async with doorway(tmp_path) as opened:
        yield opened


async def test_no_body_makes_a_door_fail(door: Doorway) -> None:
    """Mutated bodies of every kind, packed and torn, at every door with every type: 2xx or 4xx."""
    seed = int.from_bytes(os.urandom(4), "little")
    chance = random.Random(seed)
    found = seeds()
    for _ in range(ROUNDS):
        encoding = chance.choice(list(PACKERS))
        content = PACKERS[encoding](mutated(chance.choice(found), chance))
        if chance.random() < 0.2:
            content = mutated(content, chance)
        headers = {"content-type": chance.choice(TYPES), "content-encoding": encoding}
        answer = await door.http.post(chance.choice(PATHS), content=content, headers=headers)
        assert answer.status_code < 500, (seed, headers, content, answer.text)
    good = await door.http.post("/v1/traces", content=found[0], headers={"content-type": "application/x-protobuf"})
    assert good.status_code == 200
    assert door.measure("midwatch_ingest_reading_bytes") == 0


async def test_no_message_makes_the_grpc_door_fail(door: Doorway) -> None:
    """Mutated messages of every kind at every service: taken, or refused as the caller's mistake."""
    seed = int.from_bytes(os.urandom(4), "little")
    chance = random.Random(seed)
    found = seeds()
    caller = (("authorization", "Bearer good"),)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{door.grpc_port}") as channel:
        for _ in range(ROUNDS):
            content = mutated(chance.choice(found), chance)
            call = channel.unary_unary(f"/{chance.choice(METHODS)}")(content, metadata=caller)
            code = await call.code()
            assert code in (grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT), (seed, content, code)
        await channel.unary_unary(f"/{METHODS[0]}")(found[0], metadata=caller)
    assert door.measure("midwatch_ingest_reading_bytes") == 0
