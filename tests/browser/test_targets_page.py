"""The Targets page in a browser, over a server that scrapes an app which goes and comes back."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import PASSWORD, accessibility_violations, screenshot
from tests.conftest import Server
from tests.integration.scrape.apps import Client

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.thorough]
OpenPage = Callable[..., Page]
PATH = "/explore/targets"
INTERVAL = "500ms"
MANY = 600
LOOKS_AGAIN_MS = 20_000
"""The page asks every five seconds."""


@dataclass
class Scraped:
    """A server, and the app that it scrapes as `shop`; a port that nobody listens on is `gone`'s."""

    server: Server
    app: Client

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.app.port}"


@pytest.fixture(scope="module")
def scraped(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scraped]:
    directory = tmp_path_factory.mktemp("targets")
    plan = directory / "observability"
    plan.mkdir()
    app = Client()
    app.orders.labels("free").inc(3)
    jobs = [
        {
            "job_name": "shop",
            "static_configs": [{"targets": [f"127.0.0.1:{app.port}"], "labels": {"env": "test"}}],
        },
        {
            "job_name": "gone",
            "static_configs": [{"targets": ["127.0.0.1:1", "left-out:9100"], "labels": {"__meta_rack": "r7"}}],
            "relabel_configs": [
                {"source_labels": ["__meta_rack"], "target_label": "rack"},
                {"source_labels": ["__address__"], "regex": "left-out.*", "action": "drop"},
            ],
        },
        {
            "job_name": "many",
            "static_configs": [{"targets": [f"many-{at:03}:1" for at in range(MANY)]}],
            "relabel_configs": [{"action": "drop", "source_labels": ["job"], "regex": "many"}],
        },
        {"job_name": "files", "file_sd_configs": [{"files": ["/etc/passwd"], "refresh_interval": "1s"}]},
    ]
    configs = [{"scrape_interval": INTERVAL, **job} for job in jobs]
    (plan / "midwatch.yml").write_text(json.dumps({"scrape_configs": configs}))
    server = Server(
        directory / "data", options=("--plan", str(plan)), environment={"MIDWATCH_ADMIN_PASSWORD": PASSWORD}
    ).start()
    yield Scraped(server, app)
    server.stop()
    app.stop()


def row(page: Page, text: str) -> Locator:
    return page.get_by_role("region", name="Targets").locator("tbody tr", has_text=text)


@pytest.mark.parametrize("dark", [False, True])
def test_targets_stand_by_job_with_health_and_what_is_wrong(scraped: Scraped, open_page: OpenPage, dark: bool) -> None:
    """Each job counts its targets; one that is down says why; what discovery cannot read is said where it belongs."""
    page = open_page(scraped.server, PATH, dark=dark)
    up = row(page, scraped.address)
    expect(up.locator("td").first).to_have_text("up")
    expect(up).to_contain_text('env="test"')
    expect(up.locator("time")).to_have_text(re.compile("now|ago"))
    down = row(page, "127.0.0.1:1/metrics")
    expect(down.locator("td").first).to_have_text("down")
    expect(down).to_contain_text("ConnectError")
    expect(row(page, "1 dropped")).to_contain_text("gone")
    expect(row(page, "/etc/passwd")).to_contain_text("may not be read")
    screenshot(page, f"targets-{'dark' if dark else 'light'}")
    assert accessibility_violations(page) == []


def test_a_target_that_goes_and_comes_back_is_seen_without_reloading(scraped: Scraped, open_page: OpenPage) -> None:
    """The open list turns with its health, filters included, though nobody asked for a live page."""
    page = open_page(scraped.server, f"{PATH}?filter=shop")
    row(page, scraped.address).click()
    page.goto(page.url + "&health=down")
    details = page.get_by_role("complementary", name="Details")
    expect(details).to_contain_text("20, after relabelling")
    expect(page.get_by_text("No targets here")).to_be_visible()
    scraped.app.stop()
    try:
        expect(row(page, scraped.address)).to_contain_text("ConnectError", timeout=LOOKS_AGAIN_MS)
        expect(page.get_by_role("radio", name="Down 2")).to_be_attached()
        expect(details).to_contain_text("ConnectError")
    finally:
        scraped.app.start()
    expect(page.get_by_text("No targets here")).to_be_visible(timeout=LOOKS_AGAIN_MS)
    expect(details).to_contain_text("20, after relabelling")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Show all targets").click()
    expect(row(page, scraped.address).locator("td").first).to_have_text("up")
    expect(page).to_have_url(re.compile(f"{PATH}$"))


def test_what_was_dropped_names_the_step(scraped: Scraped, open_page: OpenPage) -> None:
    """The job's count of dropped ones leads to them, with the reason in the list and their labels in the drawer."""
    page = open_page(scraped.server, PATH)
    page.get_by_role("button", name="1 dropped").click()
    expect(page).to_have_url(re.compile("health=dropped"))
    dropped = row(page, "left-out:9100")
    expect(dropped).to_contain_text("relabel_configs[1], drop: __address__='left-out:9100' matches left-out.*")
    dropped.click()
    details = page.get_by_role("complementary", name="Details")
    expect(details.get_by_role("region", name="As it was discovered")).to_contain_text("__meta_rack")
    screenshot(page, "targets-dropped")
    assert accessibility_violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="All jobs").click()
    expect(page).not_to_have_url(re.compile("job="))


def test_a_list_that_was_cut_says_so_and_holds_only_rows_in_sight(scraped: Scraped, open_page: OpenPage) -> None:
    """Of six hundred dropped ones five hundred are listed, and walked by keys, and found by words."""
    page = open_page(scraped.server, f"{PATH}?health=dropped&job=many")
    expect(page.get_by_text(f"The 500 first of {MANY} dropped targets are shown")).to_be_visible()
    expect(row(page, "many-000:1")).to_be_visible()
    assert page.locator("tbody tr").count() < 120
    page.get_by_role("textbox", name="Filter targets").fill("many-49")
    expect(row(page, "many-499:1")).to_be_visible()
    expect(row(page, "many-000:1")).to_have_count(0)
    expect(page).to_have_url(re.compile("filter=many-49"))
    page.goto(f"{PATH}?open=gone~1")
    expect(page.get_by_role("complementary", name="Details")).to_contain_text("Cannot find the target")
    assert accessibility_violations(page) == []


def test_keys_walk_open_and_close(scraped: Scraped, open_page: OpenPage) -> None:
    """j and k mark, Enter opens, j goes on with the drawer open, Enter again fills the page, Esc closes."""
    page = open_page(scraped.server, f"{PATH}?health=up&job=shop")
    marked = page.locator("tr[data-current=true]")
    expect(row(page, scraped.address)).to_be_visible()
    page.keyboard.press("j")
    expect(marked).to_contain_text(scraped.address)
    details = page.get_by_role("complementary", name="Details")
    expect(details).to_have_count(0)
    page.keyboard.press("Enter")
    labels = details.get_by_role("region", name="Labels of its series")
    expect(labels).to_contain_text(scraped.address)
    expect(details.get_by_role("region", name="Before relabelling")).to_contain_text("__scrape_interval__")
    screenshot(page, "targets-drawer")
    assert accessibility_violations(page) == []
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(scraped.address)
    page.get_by_role("button", name="Back to the list").click()
    page.keyboard.press("Escape")
    expect(details).to_have_count(0)
    expect(marked).to_contain_text(scraped.address)


def test_a_target_leads_to_its_up_in_metrics_and_back_by_the_views(scraped: Scraped, open_page: OpenPage) -> None:
    """The query has the labels of this very target; the pages of Metrics have one row of views above them."""
    page = open_page(scraped.server, f"{PATH}?filter=rack%3D")
    row(page, "127.0.0.1:1/metrics").click()
    page.get_by_role("link", name="up of this target in Metrics").click()
    query = page.get_by_role("textbox", name="Query")
    expect(query).to_have_text('up{instance="127.0.0.1:1", job="gone", rack="r7"}')
    expect(page.get_by_role("figure").locator("canvas")).to_be_visible()
    page.get_by_text("Table", exact=True).click()
    expect(page).to_have_url(re.compile(r"/explore\?.*view=table"))
    views = page.get_by_role("navigation", name="Metrics")
    for view, path in (("Cardinality", "/explore/cardinality"), ("Targets", PATH), ("Queries", "/explore")):
        views.get_by_role("link", name=view).click()
        expect(page).to_have_url(re.compile(rf"{path}(\?|$)"))
        expect(views.locator("[aria-current=page]")).to_have_text(view)


@pytest.mark.parametrize("dark", [False, True])
def test_on_a_phone_nothing_is_cut(scraped: Scraped, open_page: OpenPage, dark: bool) -> None:
    page = open_page(scraped.server, PATH, phone=True, dark=dark)
    expect(row(page, "ConnectError")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    screenshot(page, f"targets-phone-{'dark' if dark else 'light'}")
    row(page, "ConnectError").click()
    expect(page.get_by_role("region", name="Before relabelling")).to_be_visible()
    screenshot(page, f"targets-phone-drawer-{'dark' if dark else 'light'}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert accessibility_violations(page) == []


def test_without_jobs_it_says_what_to_write(shop: Server, open_page: OpenPage) -> None:
    """A server that scrapes nothing shows the part of the plan that would change that."""
    page = open_page(shop, PATH)
    expect(page.get_by_text("No targets yet")).to_be_visible()
    expect(page.locator("pre").first).to_contain_text("scrape_configs:")
    screenshot(page, "targets-empty")
    assert accessibility_violations(page) == []
