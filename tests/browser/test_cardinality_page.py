"""Metrics → Cardinality in a browser: from a limit that was hit to the metric and the label that makes its series."""

import re
import time
from collections.abc import Callable, Iterator
from secrets import token_hex
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import remote_write
from tests.browser.conftest import PASSWORD, accessibility_violations, screenshot, write_series
from tests.conftest import Server
from tests.eventually import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-own-1"), pytest.mark.thorough]
OpenPage = Callable[..., Page]
LIMIT, USERS, REFUSED = 100, 60, 70
VIEW = "/explore/cardinality"


@pytest.fixture(scope="module")
def wide(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A limit of 100 series a metric: `logins_total` has reached it with 120, two a user, and 70 more were refused."""
    options = ("--series-per-metric", str(LIMIT))
    started = Server(tmp_path_factory.mktemp("wide"), {"MIDWATCH_ADMIN_PASSWORD": PASSWORD}, options).start()
    quiet = [("queue_depth", {"job": job, "instance": f"{job}-1"}) for job in ("api", "web")]
    held = [("http_requests_total", {"job": "api", "path": f"/{place}"}) for place in range(85)]
    logins = [
        ("logins_total", {"job": "api", "outcome": outcome, "user": f"u{user:02}"})
        for user in range(USERS)
        for outcome in ("good", "bad")
    ]
    _send(started, *quiet, *held, *logins)
    # A MiB of series, so that those before them are counted at once.
    _send(started, *(("large", {"part": str(part), "pad": token_hex(15_000)}) for part in range(80)))
    _send(started, *(("logins_total", {"job": "api", "user": f"late{user}"}) for user in range(REFUSED)))
    with started.api() as api:
        eventually(lambda: api.get("/api/v1/system/limits").json()["hits"])
    yield started
    started.stop()


def _send(server: Server, *series: tuple[str, dict[str, str]]) -> None:
    samples = [{"value": 1.0, "timestamp": int(time.time()) * 1000}]
    write_series(
        server, *(remote_write.series_1({"__name__": name, **labels}, samples=samples) for name, labels in series)
    )


def _row(page: Page, table: str, name: str) -> Any:
    return page.get_by_role("region", name=table, exact=True).locator("tbody tr", has_text=name)


@pytest.mark.parametrize("dark", [False, True])
def test_the_metric_over_its_limit_stands_first(wide: Server, open_page: OpenPage, dark: bool) -> None:
    """The limit that was hit is told above all, and metrics, labels and keys are counted beside their limits."""
    page = open_page(wide, VIEW, dark=dark)
    main = page.get_by_role("main")
    expect(main).to_contain_text(f"{REFUSED} samples of new series were refused")
    expect(main).to_contain_text("Most are of logins_total, whose label user has the most values")
    first = page.get_by_role("region", name="Widest metrics", exact=True).locator("tbody tr").nth(0)
    expect(first).to_contain_text("logins_total")
    expect(first.locator("td").nth(1)).to_have_text("120")
    expect(first).to_contain_text("reached")
    expect(_row(page, "Widest metrics", "http_requests_total")).to_contain_text("85 %")
    expect(_row(page, "Widest labels", "user").locator("td").nth(1)).to_have_text("60")
    expect(page.get_by_role("region", name="Widest keys", exact=True).locator("tbody tr")).to_have_count(1)
    expect(_row(page, "Widest keys", "first key")).to_contain_text("< 1 %")
    screenshot(page, f"cardinality-{'dark' if dark else 'light'}")
    assert accessibility_violations(page) == []


def test_the_label_that_makes_the_series_is_named(wide: Server, open_page: OpenPage) -> None:
    """By keyboard alone: a metric is chosen, its label named, the label's values asked; Back returns to the metric."""
    page = open_page(wide, VIEW)
    link = page.get_by_role("region", name="Widest metrics", exact=True).get_by_role("link", name="logins_total")
    link.focus()
    page.keyboard.press("Enter")
    chosen = page.get_by_role("region", name="Series of logins_total", exact=True)
    expect(page).to_have_url(re.compile("metric=logins_total"))
    expect(chosen.get_by_role("heading", name="logins_total")).to_be_focused()
    expect(chosen).to_contain_text("The label user makes the most: without it there would be 2")
    user = _row(page, "Labels of logins_total", "user")
    expect(user.locator("td").nth(1)).to_have_text("60")
    expect(user.locator("td").nth(3)).to_have_text("2")
    expect(_row(page, "Labels of logins_total", "outcome").locator("td").nth(3)).to_have_text("60")
    assert accessibility_violations(page) == []
    screenshot(page, "cardinality-chosen")
    user.get_by_role("link", name="user").press("Enter")
    result = page.get_by_role("region", name="Result")
    expect(result.locator("tbody tr").nth(0)).to_contain_text("u")
    expect(page).to_have_url(re.compile("view=table"))
    page.go_back()
    expect(chosen).to_contain_text("without it there would be 2")
    chosen.get_by_role("link", name="Chart", exact=True).click()
    expect(page).to_have_url(re.compile("expr=logins_total"))


@pytest.mark.parametrize("dark", [False, True])
def test_on_a_phone_it_fits(wide: Server, open_page: OpenPage, dark: bool) -> None:
    page = open_page(wide, f"{VIEW}?metric=logins_total", phone=True, dark=dark)
    chosen = page.get_by_role("region", name="Series of logins_total", exact=True)
    expect(chosen).to_contain_text("without it there would be 2")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for region in ("Widest metrics", "Labels of logins_total"):
        table = page.get_by_role("region", name=region, exact=True)
        assert table.evaluate("box => box.scrollWidth - box.clientWidth") <= 0
    screenshot(page, f"cardinality-phone-{'dark' if dark else 'light'}")
    assert accessibility_violations(page) == []


def test_a_day_without_series_says_so(wide: Server, open_page: OpenPage) -> None:
    """The day is that of the range's end; a metric that is not there is said to be none, and can be closed."""
    page = open_page(wide, f"{VIEW}?start=2026-01-02T10:00:00Z&end=2026-01-02T11:00:00Z&metric=logins_total")
    main = page.get_by_role("main")
    expect(main).to_contain_text("No metric has a sample on 2026-01-02 (UTC)")
    expect(main).to_contain_text("logins_total has no sample on 2026-01-02 (UTC)")
    page.get_by_role("link", name="Close").click()
    expect(page).not_to_have_url(re.compile("metric="))
    assert accessibility_violations(page) == []
