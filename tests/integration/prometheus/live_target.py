"""What a Prometheus scrapes for the comparison: each scrape is five seconds on, so minutes of samples are there soon.

Samples carry their times: 2.5 s past a multiple of five, so that no window of whole seconds begins or ends at one. They
begin now and lie ahead: Prometheus forwards nothing older than itself and takes nothing over ten minutes ahead.
"""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SCRAPES = 60
SPACING_MS = 5_000
_BOUNDS = ("0.1", "0.5", "1", "5", "+Inf")
_TYPES = ("free", "used", "cached", "buffers")
_ODD = {"nan": "NaN", "inf": "+Inf", "less": "-Inf", "tiny": "4.9e-324", "third": "-0.3333333333333333", "zero": "-0"}
_TEXTS = ("ü / λ", "two\\nlines", 'back\\\\slash \\"quoted\\"', "", "a b")


class LiveTarget:
    """One page, and how far it is."""

    def __init__(self) -> None:
        self.first_ms = (int(time.time() * 1000) // SPACING_MS + 1) * SPACING_MS + SPACING_MS // 2
        self.scrapes = 0
        self.address = ""

    @property
    def last_ms(self) -> int:
        return self.first_ms + (SCRAPES - 1) * SPACING_MS

    def page(self) -> bytes:
        turn = self.scrapes
        self.scrapes += 1
        if turn >= SCRAPES:
            return b"live_beat 1\n"
        at = self.first_ms + turn * SPACING_MS
        lines = (f"{line} {at}" for line in _lines(turn, at))
        return "\n".join(("live_beat 1", "live_leaving 1", *lines, "")).encode()


def _lines(turn: int, at_ms: int) -> Iterator[str]:
    for number, instance in enumerate(("a", "b", "c")):
        for place, kind in enumerate(_TYPES):
            of = f'instance="{instance}",type="{kind}"'
            value = 100 * (place + 1) + 37 * number + 31.7 * math.sin(turn / (5 + place) + number)
            yield f"demo_memory_bytes{{{of}}} {value!r}"
            yield f'demo_limit_bytes{{{of},unit="bytes"}} {100 * (place + 2)}'
        begun = turn - 40 if number == 1 and turn >= 40 else turn  # b begins anew.
        for place, mode in enumerate(("user", "system", "idle")):
            spent = begun * (0.37 + place) * (number + 1)
            yield f'demo_cpu_seconds_total{{instance="{instance}",mode="{mode}"}} {spent!r}'
        for place, path in enumerate(("/", "/orders")):
            count = 1000 + begun * (3 + place) + begun**2 // 7
            yield f'demo_requests_total{{instance="{instance}",path="{path}"}} {count}'
        yield f'demo_cpus{{instance="{instance}"}} {2 ** (number + 1)}'
        yield f'demo_info{{instance="{instance}",version="{number}"}} 1'
        yield f'demo_success_seconds{{instance="{instance}"}} {at_ms // 60_000 * 60 - 86_400 * 45 * number}'
        counts = [begun * (place + 1) * (number + 2) for place in range(len(_BOUNDS))]
        for bound, count in zip(_BOUNDS, counts, strict=True):
            yield f'demo_request_seconds_bucket{{instance="{instance}",le="{bound}"}} {count}'
        yield f'demo_request_seconds_sum{{instance="{instance}"}} {begun * 1.7 * (number + 2)!r}'
        yield f'demo_request_seconds_count{{instance="{instance}"}} {counts[-1]}'
    for kind, text in _ODD.items():
        yield f'demo_odd{{kind="{kind}"}} {text}'
    for number, name in enumerate(_TEXTS):
        yield f'demo_text{{name="{name}"}} {number}'
    yield f"demo_saw {turn * 7 % 11}"
    if turn % 12 < 5:
        yield f"demo_gap {turn}"
    if turn >= 44:
        yield f"demo_late_total {(turn - 43) * 10}"


@contextmanager
def served() -> Iterator[LiveTarget]:
    target = LiveTarget()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/plain; version=0.0.4; charset=utf-8")
            self.end_headers()
            self.wfile.write(target.page())

        def log_message(self, *_: Any) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    target.address = f"127.0.0.1:{listening.server_address[1]}"
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    try:
        yield target
    finally:
        listening.shutdown()
        listening.server_close()
