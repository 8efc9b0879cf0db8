"""Where an answer holds a part of what there is, the page says so, how much there is, and how to see the rest."""

import json
import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests import bodies
from tests.browser.conftest import own_server
from tests.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-own-2"), pytest.mark.thorough]
OpenPage = Callable[..., Page]
SERVICES, OPERATIONS, CALLS, LINES = 510, 210, 2010, 200_100
CLIENT = 3


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """More services, operations, calls and lines than one answer holds."""
    started = own_server(tmp_path_factory.mktemp("crowd"))
    request = bodies.traces("busy", [bodies.span(name=f"GET /{at}") for at in range(OPERATIONS) for _ in (1, 2)])
    for at in range(SERVICES - 1):
        request.MergeFrom(bodies.traces(f"service-{at}", [bodies.span()]))
    calls = [bodies.span(kind=CLIENT, attributes={"server.address": f"host-{at}.example"}) for at in range(CALLS)]
    request.MergeFrom(bodies.traces("busy", calls))
    with started.door() as door:
        assert door.post("/v1/traces", params={"wait": "visible"}, content=request.SerializeToString()).is_success
    line = {"timestamp": time.time_ns() // 10**6, "level": "info", "message": "again"}
    lines = "\n".join(json.dumps(line | {"service": f"s{at % 40}"}) for at in range(LINES))
    with started.door(content_type="application/x-ndjson") as door:
        assert door.post("/ingest/ndjson", params={"wait": "visible"}, content=lines).is_success
    yield started
    started.stop()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/services", "The 500 busiest of 510 services are shown: choose environments or a shorter range."),
        ("/services/busy", "The 200 busiest of 211 operations are shown"),
        ("/service-map", "The 500 busiest of 510 services are shown"),
        ("/service-map", "The 2,000 busiest of 2,010 calls are shown"),
        ("/", "12 of 510 services"),
    ],
)
def test_a_list_that_is_cut_says_so(crowd: Server, open_page: OpenPage, path: str, said: str) -> None:
    """How many are shown, of how many, and how to see the others."""
    page = open_page(crowd, path)
    expect(page.locator("main")).to_contain_text(said, timeout=30_000)


def test_facets_say_that_they_are_a_part(crowd: Server, open_page: OpenPage) -> None:
    """Ten of forty values; and counts of a sample are no counts of all."""
    page = open_page(crowd, "/logs")
    filters = page.get_by_role("complementary", name="Filters")
    expect(filters).to_contain_text("10 of 40", timeout=30_000)
    expect(filters).to_contain_text("a part of a very large result: choose a shorter range")


@pytest.mark.parametrize(("path", "list_of"), [("/logs", "logs"), ("/traces", "traces")])
def test_a_search_that_was_cut_short_is_marked(crowd: Server, open_page: OpenPage, path: str, list_of: str) -> None:
    """What was found stays and is said to be a part."""

    def partly(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"partial": True})

    page = open_page(crowd, "/sql")
    page.route(re.compile(rf"/api/v1/{list_of}\?"), partly)
    page.get_by_role("navigation", name="Main").get_by_role("link", name=list_of.title()).click()
    expect(page).to_have_url(re.compile(path))
    expect(page.locator("main")).to_contain_text("This is right but not all", timeout=30_000)
    expect(page.locator("main")).to_contain_text(re.compile(r"\d+ (line|trace)s shown"))


def test_a_question_that_was_too_much_is_asked_once(crowd: Server, open_page: OpenPage) -> None:
    """It says what to narrow, at the list, the histogram and the facets, and is not tried again by itself."""
    asked: list[str] = []
    text = "cannot answer the query: it took longer than 30 s; narrow the time range or the search"

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=503, json={"error": text, "code": "too_much", "request_id": "req-1"})

    page = open_page(crowd, "/sql")
    page.route("**/api/v1/logs**", refuse)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Logs").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("narrow the time range or the search")
    expect(alert).not_to_contain_text("tried several times")
    expect(page.get_by_role("figure", name="lines over time")).to_contain_text("it took longer than 30 s")
    expect(page.get_by_role("complementary", name="Filters")).to_contain_text("it took longer than 30 s")
    assert len(asked) == 3
    page.unroute("**/api/v1/logs**")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("grid", name="Log lines")).to_contain_text("again")
