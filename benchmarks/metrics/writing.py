"""Remote write into one server, and what that costs it."""

import time
from dataclasses import dataclass

from tests.remote_write import HEADERS_1

from benchmarks import cpu
from benchmarks.__main__ import Peak
from benchmarks.metrics.series import Family, in_time_order
from benchmarks.metrics.servers import Running

BUSY = (429, 503)
TRY_AGAIN_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Written:
    samples: int
    seconds: float
    used: dict[str, float]
    """CPU-seconds, by process."""
    peak_mb: float
    bytes_on_disk: int
    refused: int

    def __str__(self) -> str:
        total = sum(self.used.values())
        parts = ", ".join(f"{name} {seconds / self.samples * 1e6:.2f}" for name, seconds in self.used.items())
        return (
            f"{self.samples / total:,.0f} samples per CPU-second ({total:.1f} s; µs a sample: {parts}), "
            f"sent at {self.samples / self.seconds:,.0f} a second, {self.refused} refused; "
            f"peak RSS {self.peak_mb:.0f} MB; {self.bytes_on_disk / self.samples:.2f} bytes a sample"
        )


def write(server: Running, families: list[Family]) -> Written:
    """All samples of the families on one connection, until the server rests.

    Raises:
        SystemExit: the server did not take a body.
    """
    before, disk = cpu.by_process(server.process), server.bytes_on_disk()
    refused = samples = 0
    with Peak(server.process) as peak:
        started = time.perf_counter()
        for count, body in in_time_order(families):
            refused += _send(server, body)
            samples += count
        seconds = time.perf_counter() - started
        server.rest()
    used = cpu.by_process(server.process)
    used.subtract(before)
    return Written(samples, seconds, dict(used), peak.mb, server.bytes_on_disk() - disk, refused)


def _send(server: Running, body: bytes) -> int:
    """How often the server was too busy for it."""
    refused = 0
    while (answer := server.door.post("/write", content=body, headers=HEADERS_1)).status_code in BUSY:
        refused += 1
        time.sleep(TRY_AGAIN_SECONDS)
    if not answer.is_success:
        raise SystemExit(f"{server.name} did not take a body: {answer.status_code} {answer.text}")
    return refused
