"""What looking for private values costs the store's INSERT: one engine, segments that take turns.

    python -m benchmarks.pieces.privacy [ROUNDS]

Prints the CPU seconds of engine and library a segment of 80,000 spans (records), the best round of each, beside those
of the same INSERT that looks at keys alone: without candidates, with an e-mail address in one item of a hundred, and in
each.
"""

import asyncio
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from benchmarks.bodies import ITEMS_A_BODY, MAKERS, template
from tests.integration.store.bodies import frame
from tests.integration.store.source import ListedSegments

from midwatch.contract.privacy_hashing import HashKey
from midwatch.server.engine.supervisor import EngineSupervisor
from midwatch.server.model.clock import WallClock
from midwatch.server.model.privacy import Looks
from midwatch.server.model.signal import SegmentKind, Signal
from midwatch.server.privacy.cleaner import CellCleaner
from midwatch.server.privacy.in_force import PrivacyInForce
from midwatch.server.store.address import Target
from midwatch.server.store.client import Store
from midwatch.server.store.migrate import migrate
from midwatch.server.store.writer import Policy, Writer

BODIES = 160
MEMORY_BYTES = 2 << 30
KINDS = {"traces": SegmentKind.OTLP_TRACES, "logs": SegmentKind.OTLP_LOGS}
_HARMLESS, _PRIVATE = b".internal", b"@ab.examp"
"""Of one length, so that a written body stays one; in `server.address`, which each item has."""


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    share: float
    looks: bool = True


CASES = (Case("keys alone", 0, looks=False), Case("no candidates", 0), Case("1 %", 0.01), Case("100 %", 1))


def with_private(body: bytes, share: float, chance: random.Random) -> bytes:
    parts = body.split(_HARMLESS)
    joined = bytearray(parts[0])
    for part in parts[1:]:
        joined += (_PRIVATE if chance.random() < share else _HARMLESS) + part
    return bytes(joined)


def _harmless(body: bytes) -> bytes:
    """Eleven random digits are now and then a phone number."""
    return body.replace(b"#" * 11, b"a####-#####")


def cpu_seconds() -> float:
    found = psutil.Process()
    return sum(sum(one.cpu_times()[:2]) for one in (found, *found.children(recursive=True)))


async def measure(signal: str, rounds: int, store: Store, directory: Path) -> dict[str, float]:
    source, chance, kind = ListedSegments(directory), random.Random(3), KINDS[signal]
    templates = [template(_harmless(MAKERS[signal](chance))) for _ in range(20)]
    best: dict[str, float] = {}
    privacy = PrivacyInForce(None, HashKey("own", b"k" * 32))
    cleaner = CellCleaner(lambda: privacy.policy)
    for case in CASES * rounds:
        looks = privacy.looks if case.looks else Looks()
        policy = Policy(dict.fromkeys(Signal, 0.0), privacy.pattern, looks=looks)
        writer = Writer(source, store, WallClock(), writer_id="w", policy=lambda p=policy: p, cleaner=cleaner)
        if case.share:  # as where such segments have come before
            writer._ways.was_hindered(kind, "a value may be private")
        fresh = (templates[n % 20].fresh(time.time_ns(), chance) for n in range(BODIES))
        segment = source.add(kind, [frame(kind, with_private(one, case.share, chance)) for one in fresh])
        task = asyncio.create_task(writer.run())
        began = cpu_seconds()
        await source.settle(segment, task)
        spent = cpu_seconds() - began
        best[case.name] = min(spent, best.get(case.name, spent))
        task.cancel()
    cleaner.close()
    return best


async def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    with tempfile.TemporaryDirectory() as made:
        (bodies := Path(made) / "wal").mkdir()
        engine = EngineSupervisor(Path(made) / "store", memory_bytes=MEMORY_BYTES, body_dirs=[bodies])
        await engine.start()
        target = Target("127.0.0.1", engine.port, engine.user, engine.password, takes_body_files=True)
        store = await Store.connect(target, memory_bytes=MEMORY_BYTES)
        await migrate(store)
        await store.execute("SYSTEM STOP MERGES")
        for signal in KINDS:
            best = await measure(signal, rounds, store, bodies)
            base = best[CASES[0].name]
            for name, seconds in best.items():
                rate = BODIES * ITEMS_A_BODY / seconds
                rates = f"{rate:12,.0f} a CPU-second {base / seconds:6.2f} of throughput"
                print(f"{signal:8}{name:16}{seconds:7.2f} s {rates}")
        await store.close()
        await engine.stop()


if __name__ == "__main__":
    asyncio.run(main())
