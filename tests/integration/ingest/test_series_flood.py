"""A metric whose label grows without end: its limit holds, is told where one looks, and harms nothing else."""

import time
from collections.abc import Iterator

import pytest
from tests.conftest import Server
from tests.eventually import eventually
from tests.remote_write import HEADERS_1, PATH, packed, series_1, version_1

pytestmark = pytest.mark.faults

SERIES, A_BODY, LIMIT = 100_000, 10_000, 1_000


@pytest.fixture
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = Server(tmp_path_factory.mktemp("narrow"), options=("--series-per-metric", str(LIMIT))).start()
    yield started
    started.stop()


def test_a_flood_of_series_is_held_and_told(narrow: Server) -> None:
    """Each body brings one series that behaves well and ten thousand new ones: every sample is stored or told as
    refused, the good series lacks none, and the line names metric, label and setting."""
    now_ms = time.time_ns() // 1_000_000
    with narrow.door() as door, narrow.api() as api:

        def asked(query: str) -> float:
            answer = api.get("/prometheus/api/v1/query", params={"query": query, "time": now_ms / 1000 + 1})
            result = answer.json()["data"]["result"]
            return float(result[0]["value"][1]) if result else 0.0

        def refused() -> float:
            text = api.get("/metrics").text
            lines = [line for line in text.splitlines() if 'reason="too_many_series"' in line]
            return sum(float(line.split()[-1]) for line in lines)

        for place in range(SERIES // A_BODY):
            at_ms = now_ms - 60_000 + place * 1000
            good = series_1({"__name__": "good", "i": "1"}, samples=[{"value": float(place), "timestamp": at_ms}])
            wide = [
                series_1(
                    {"__name__": "wide", "user": f"u{number}", "zone": "a"},
                    samples=[{"value": 1.0, "timestamp": at_ms}],
                )
                for number in range(place * A_BODY, (place + 1) * A_BODY)
            ]
            body = packed(version_1(good, *wide))
            assert door.post(PATH, content=body, headers=HEADERS_1).status_code in (200, 204)
            # One after another is stored, so that what is over is known before the next.
            eventually(lambda wanted=place + 1: asked("count_over_time(good[5m])") == wanted, seconds=60)
        stored = asked("count(wide)")
        assert LIMIT <= stored <= 4 * A_BODY
        eventually(lambda: refused() == SERIES - stored, seconds=30)
        hits = api.get("/api/v1/system/limits").json()["hits"]
        (told,) = [hit for hit in hits if hit["reason"] == "too_many_series"]
        assert told["count"] == SERIES - stored
        assert "wide" in told["explanation"]
        assert "label user" in told["explanation"]
        assert "--series-per-metric" in told["explanation"]
