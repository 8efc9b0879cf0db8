"""The page of an anomaly rule in a browser: its band behind the line, several series, and one that is too young."""

import math
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import remote_write
from tests.browser.conftest import PASSWORD, accessibility_violations, screenshot
from tests.conftest import Server
from tests.eventually import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-own-1"), pytest.mark.thorough]
OpenPage = Callable[..., Page]
HOUR_MS, MINUTE_MS = 3_600_000, 60_000
RULES = """groups:
  - name: queues
    interval: 1s
    rules:
      - alert: QueueUnusual
        anomaly: {of: queue_length, history: 7d, at_least: 5}
        annotations: {summary: '{{ $labels.queue }} has {{ $value }} waiting'}
"""
PLAN = {"midwatch.yml": "retention: {metrics: 30d}\nrunbooks: warn\n", "rules/queues.yml": RULES}
_PIXELS = """(figure, color) => {
    const wanted = [1, 3, 5].map(at => parseInt(color.slice(at, at + 2), 16));
    const canvas = figure.querySelector('canvas');
    const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let found = 0;
    for (let at = 0; at < data.length; at += 4)
        if (data[at + 3] > 250 && wanted.every((one, part) => Math.abs(one - data[at + part]) < 8)) found += 1;
    return found;
}"""
BAD_DARK = "#e5484d"


def _usual(at_ms: int) -> float:
    """Between 40 and 160, by hour of the day."""
    return 100 - 60 * math.cos(at_ms % (24 * HOUR_MS) / (24 * HOUR_MS) * 2 * math.pi)


def _send(server: Server, *series: dict[str, Any]) -> None:
    with server.door() as door:
        body = remote_write.packed(remote_write.version_1(*series))
        answer = door.post(f"{remote_write.PATH}?wait=visible", content=body, headers=remote_write.HEADERS_1)
    assert answer.status_code in (200, 204), answer.text


def _series(name: str, labels: dict[str, str], samples: list[tuple[float, int]]) -> dict[str, Any]:
    told = [{"value": value, "timestamp": at} for value, at in samples]
    return remote_write.series_1({"__name__": name, **labels}, samples=told)


@pytest.fixture(scope="module")
def server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Three queues: one as usual, one with three times as much for an hour, one that is there for five hours only."""
    started = Server(
        tmp_path_factory.mktemp("anomaly") / "data",
        options=("--retention", "metrics=0"),
        environment={"MIDWATCH_ADMIN_PASSWORD": PASSWORD},
    ).start()
    now = time.time_ns() // 1_000_000
    times = [
        *range(now - 8 * 24 * HOUR_MS, now - 6 * HOUR_MS, 4 * MINUTE_MS),
        *range(now - 6 * HOUR_MS, now, MINUTE_MS),
    ]

    def queue(name: str, times: list[int], much: float) -> dict[str, Any]:
        samples = [(_usual(at) * (much if at > now - HOUR_MS else 1) + at // 1000 % 7, at) for at in [*times, now]]
        return _series("queue_length", {"queue": name}, samples)

    _send(started, queue("mail", times, 1), queue("orders", times, 3), queue("new", times[-300:], 1))
    with started.api() as api:
        asked = {"query": "count(queue_length) == 3"}
        eventually(lambda: api.get("/prometheus/api/v1/query", params=asked).json()["data"]["result"], seconds=60)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def rule_id(server: Server) -> str:
    """With the plan in force, and the band as it would be if it had been so for five hours."""
    with server.api() as api:
        applied = api.post("/api/v1/plan/apply", json={"files": PLAN}).json()
        assert applied["ok"], applied

        def firing() -> Any:
            groups = api.get("/api/v1/rules", params={"file": "rules/queues.yml"}).json()["groups"]
            return [one["id"] for group in groups for one in group["rules"] if one["firing"]]

        (found,) = eventually(firing, seconds=90)
        band = api.get(f"/api/v1/anomalies/{found}").json()["band"]
    now = time.time_ns() // 1_000_000
    parts = {"lower": 0.75, "expected": 1.0, "upper": 1.25}
    _send(
        server,
        *(
            _series(
                f"midwatch_anomaly_{part}",
                {"queue": queue, "anomaly_band": band},
                [(_usual(at) * times, at) for at in range(now - 5 * HOUR_MS, now - MINUTE_MS, MINUTE_MS)],
            )
            for part, times in parts.items()
            for queue in ("mail", "orders")
        ),
    )
    return str(found)


def test_the_band_is_behind_the_line(server: Server, rule_id: str, open_page: OpenPage) -> None:
    """The series that is outside comes first, marked; another is chosen by key, kept in the address, and told as usual;
    one that is too young says since when it is there and how much it lacks."""
    page = open_page(server, f"/alerts/rules/{rule_id}?start=now-6h", dark=True)
    figure = page.get_by_role("figure", name="queue_length, and what is usual of it")
    legend = figure.get_by_role("table")
    expect(legend.get_by_role("row").filter(has_text="orders")).to_be_visible()
    expect(legend.get_by_role("row").filter(has_text="usual range")).to_contain_text("–")
    expect(legend.get_by_role("row").filter(has_text="outside")).to_contain_text(re.compile(r"\d\d of \d+ points"))
    expect(page.get_by_text("Its band is recorded since")).to_be_visible()
    outside = figure.evaluate(_PIXELS, BAD_DARK)
    assert outside > 50, "where it is outside the line has the bad colour"
    rows = page.get_by_role("region", name="Its series").locator("tbody tr")
    expect(rows.filter(has_text="orders")).to_contain_text("above")
    expect(rows.filter(has_text="mail")).to_contain_text("usual")
    screenshot(page, "anomaly-rule-dark")
    assert accessibility_violations(page) == []
    figure.get_by_role("button", name="Table").click()
    for column in ("orders", "expected", "lower", "upper"):
        expect(figure.get_by_role("columnheader", name=column, exact=True).first).to_be_visible()
    figure.get_by_role("button", name="Chart").click()
    page.get_by_role("heading", level=1).click()
    for _ in range(2):
        page.keyboard.press("k")
    expect(page).to_have_url(re.compile("series=.*mail"))
    expect(legend.get_by_role("row").filter(has_text="outside")).to_contain_text("at no time")
    assert figure.evaluate(_PIXELS, BAD_DARK) == 0
    page.reload()
    expect(legend.get_by_role("row").filter(has_text="mail")).to_be_visible()
    rows.filter(has_text="new").click()
    expect(page.get_by_text("Its band is still being learned: there are samples since")).to_contain_text(
        re.compile(r"of [56] of the 24 hours that it takes\. About 1[789]")
    )
    expect(rows.filter(has_text="new")).to_contain_text("learning")


def test_the_band_on_a_phone_and_without_samples(server: Server, rule_id: str, open_page: OpenPage) -> None:
    """All of it is there on a phone, in light; where nothing was sent that is told with what to do."""
    page = open_page(server, f"/alerts/rules/{rule_id}?start=now-6h", phone=True)
    expect(page.get_by_role("figure", name="queue_length, and what is usual of it")).to_contain_text("usual range")
    expect(page.get_by_role("region", name="Its series")).to_contain_text("above")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert accessibility_violations(page) == []
    page.get_by_role("heading", level=1).scroll_into_view_if_needed()
    screenshot(page, "anomaly-rule-phone")
    page.goto(f"/alerts/rules/{rule_id}?start=2020-01-01T00:00:00Z&end=2020-01-02T00:00:00Z")
    expect(page.get_by_text("Nothing matches queue_length in this time range")).to_be_visible()
