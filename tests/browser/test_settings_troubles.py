"""Settings with real dead letters and with limits that were really hit, in a browser."""

import os
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from midwatch.server.model.signal import SegmentKind
from midwatch.server.wal.frames import FrameHeader, encode_frame
from tests import bodies
from tests.browser.conftest import accessibility_violations, own_server, screenshot
from tests.eventually import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-own-2"), pytest.mark.thorough]
OpenPage = Callable[..., Page]
POISON = b"\x0a\xff\xff\xff\xff\x0f this is no request"


def _leave_in_the_log(wal: Path, body: bytes, signal: SegmentKind) -> None:
    """As a server left it that took what no store can read; the doors of this one would not."""
    frame = encode_frame(signal, FrameHeader(1, "k1", "", time.time_ns(), b""), body)
    name = f"{time.time_ns() // 10**6:012x}{os.urandom(10).hex()}.{signal}.wal"
    (wal / name).write_bytes(b"".join(bytes(part) for part in frame))


def test_dead_letters_are_read_tried_again_and_dropped(tmp_path: Path, open_page: OpenPage) -> None:
    """Two of them: what they say and hold, what failed, and that only the one is gone that was dropped."""
    # Where the log is encrypted, what nobody can read is kept.
    server = own_server(tmp_path / "data", MIDWATCH_WAL_KEY=f"w1:{b64encode(bytes(32)).decode()}")
    server.stop()
    for signal in (SegmentKind.OTLP_TRACES, SegmentKind.OTLP_LOGS):
        _leave_in_the_log(server.data / "wal", POISON, signal)
    server.start()
    try:
        with server.api() as api:
            eventually(lambda: len(api.get("/api/v1/dead-letters").json()["letters"]) == 2)
        page = open_page(server, "/settings?tab=dead-letters")
        letters = page.get_by_role("region", name="Dead letters")
        expect(letters.locator("tbody tr")).to_have_count(2)
        screenshot(page, "settings-dead-letters")
        assert accessibility_violations(page) == []
        of_logs = letters.get_by_role("row").filter(has_text="logs")
        of_logs.get_by_role("button", name="Show").click()
        details = page.get_by_role("complementary", name="Details")
        expect(details).to_contain_text("this is no request")
        page.keyboard.press("Escape")
        expect(details).to_have_count(0)
        of_logs.get_by_role("button", name="Store again").click()
        expect(page.get_by_role("main")).to_contain_text("of logs is being stored again; it comes back if that fails")
        expect(letters.locator("tbody tr")).to_have_count(2, timeout=20_000)
        of_logs.get_by_role("button", name="Drop dead letter").click()
        dialog = page.get_by_role("dialog", name="Drop dead letter")
        expect(dialog).to_contain_text("will be gone for good")
        dialog.get_by_role("button", name="Cancel").click()
        expect(letters.locator("tbody tr")).to_have_count(2)
        of_logs.get_by_role("button", name="Drop dead letter").click()
        dialog.get_by_role("button", name="Drop dead letter").click()
        expect(letters.locator("tbody tr")).to_have_count(1)
        expect(letters).to_contain_text("traces")
    finally:
        server.stop()


def test_limits_hit_tell_what_happened(tmp_path: Path, open_page: OpenPage) -> None:
    """Nothing at first; then what was cut, what was set aside and what a door refused, with numbers and sentences."""
    server = own_server(tmp_path / "data")
    try:
        page = open_page(server, "/settings?tab=limits")
        expect(page.locator("main")).to_contain_text("No limit was hit in the last day")
        many = bodies.span(attributes={f"k{number}": number for number in range(300)})
        ancient = bodies.span(start_time_unix_nano=10**18, end_time_unix_nano=10**18 + 1)
        body = bodies.traces("checkout", [many, many, ancient]).SerializeToString()
        with server.door() as door:
            assert door.post("/v1/traces", params={"wait": "visible"}, content=body).status_code == 200
            assert door.post("/v1/traces", content=POISON).status_code == 400
        with server.api() as api:
            eventually(lambda: len(api.get("/api/v1/system/limits").json()["hits"]) >= 3)
        page.reload()
        hits = page.get_by_role("region", name="Limits hit")
        for reason, times, said in (
            ("attributes_dropped", "2", "256"),
            ("too_old", "1", "set aside"),
        ):
            row = hits.get_by_role("row").filter(has_text=reason)
            expect(row.get_by_role("cell").nth(3)).to_have_text(times)
            expect(row).to_contain_text(said, ignore_case=True)
        screenshot(page, "settings-limits")
        assert accessibility_violations(page) == []
    finally:
        server.stop()


def test_forwarding_tells_what_holds_a_destination_up(tmp_path: Path, open_page: OpenPage) -> None:
    """Nothing at first; then each signal of a destination of the plan, with what waits and why."""
    server = own_server(tmp_path / "data")
    try:
        page = open_page(server, "/settings?tab=forwarding")
        expect(page.locator("main")).to_contain_text("No destinations yet")
        plan = "forward: [{name: away, endpoint: 'http://127.0.0.1:9', signals: [traces]}]"
        with server.api() as api:
            assert api.post("/api/v1/plan/apply", json={"files": {"midwatch.yml": plan}}).json()["ok"]
        with server.door() as door:
            body = bodies.traces("checkout", [bodies.span()]).SerializeToString()
            assert door.post("/v1/traces", content=body).status_code == 200
        with server.api() as api:
            eventually(lambda: api.get("/api/v1/forward").json()["destinations"][0]["signals"][0]["error"])
        page.reload()
        row = page.get_by_role("region", name="Forwarding").get_by_role("row").filter(has_text="away")
        expect(row).to_contain_text("ConnectError")
        expect(row.get_by_role("cell").nth(0)).to_have_text("failing")
        expect(row.get_by_role("cell").nth(2)).to_have_text("traces")
        screenshot(page, "settings-forwarding")
        assert accessibility_violations(page) == []
    finally:
        server.stop()
