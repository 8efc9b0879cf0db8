"""Where feedback is compared by meaning, and how much of the storage plans is used; measured with Datadog's client."""

import hashlib
import os
import threading
import time
from typing import Any

import httpx
from datadog import initialize
from datadog import statsd as dogstatsd

DIMENSIONS = 32
SAME_FROM = 0.95
MEASURE_EVERY_SECONDS = float(os.environ.get("STORAGE_EVERY_SECONDS", "15"))
LIMIT_BYTES = {"redis": 256 << 20, "vector": 1 << 30}
"""Of the plans that are paid for."""

initialize(
    statsd_host=os.environ["STATSD_HOST"],
    statsd_port=int(os.environ["STATSD_PORT"]),
    statsd_constant_tags=["service:backend", f"env:{os.environ.get('ENVIRONMENT', 'development')}"],
)
dogstatsd.disable_telemetry()


class Vectors:
    def __init__(self) -> None:
        self._client = httpx.Client(base_url=f"{os.environ['OUTSIDE_URL']}/vectors", timeout=10)

    def nearest(self, vector: list[float]) -> str | None:
        """The id of what says the same."""
        found = self._ask("query", {"vector": vector, "topK": 1})["result"]
        return str(found[0]["id"]) if found and found[0]["score"] >= SAME_FROM else None

    def add(self, name: str, vector: list[float]) -> None:
        self._ask("upsert", [{"id": name, "vector": vector}])

    def used_bytes(self) -> int:
        return int(self._ask("info", None)["result"]["indexSize"])

    def _ask(self, command: str, body: Any) -> Any:
        began = time.perf_counter()
        try:
            answer = self._client.request("GET" if body is None else "POST", f"/{command}", json=body)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            dogstatsd.increment("vector.errors", tags=[f"command:{command}", f"error:{type(error).__name__}"])
            raise
        finally:
            seconds = time.perf_counter() - began
            dogstatsd.distribution("vector.command.seconds", seconds, tags=[f"command:{command}"])
        return answer.json()


def embedded(text: str) -> list[float]:
    """Stands for an embedding: words that are the same give vectors that are near."""
    found = [0.0] * DIMENSIONS
    for word in text.lower().split():
        found[int(hashlib.sha256(word.encode()).hexdigest(), 16) % DIMENSIONS] += 1.0
    return found


def watch_storage(client: Any, vectors: Vectors) -> None:
    """Say now and then how much is used, from a thread of its own."""

    def measure() -> None:
        while True:
            for store, used in (
                ("redis", lambda: client.info("memory")["used_memory"]),
                ("vector", vectors.used_bytes),
            ):
                try:
                    dogstatsd.gauge("storage.used_bytes", used(), tags=[f"store:{store}"])
                    dogstatsd.gauge("storage.limit_bytes", LIMIT_BYTES[store], tags=[f"store:{store}"])
                except Exception:
                    dogstatsd.increment("storage.unreachable", tags=[f"store:{store}"])
            time.sleep(MEASURE_EVERY_SECONDS)

    threading.Thread(target=measure, name="storage", daemon=True).start()
