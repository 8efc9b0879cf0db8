"""How soon data is visible depends on whether anybody looks."""

import re
import time

import httpx
from tests.conftest import Server
from tests.eventually import eventually
from tests.integration.store.bodies import span, traces


def stored(server: Server) -> int:
    text = httpx.get(f"{server.url}/metrics").text
    return sum(int(float(count)) for count in re.findall(r'writer_segments_total\{.*outcome="stored"\} (\S+)', text))


def seconds_until_stored(server: Server, *, asked: bool) -> float:
    before = stored(server)
    with server.door() as door:
        door.post("/v1/traces", content=traces(span())).raise_for_status()
    began = time.monotonic()
    if asked:
        with server.api() as api:
            api.get("/api/v1/services").raise_for_status()
    eventually(lambda: stored(server) > before)
    return time.monotonic() - began


def test_data_gathers_while_nobody_looks(own_server: Server) -> None:
    """Four seconds instead of one for a quarter of the work; a question ends the wait, readiness and metrics do not."""
    httpx.get(f"{own_server.url}/ready").raise_for_status()
    unwatched = seconds_until_stored(own_server, asked=False)
    assert unwatched >= 3
    assert seconds_until_stored(own_server, asked=True) < unwatched
