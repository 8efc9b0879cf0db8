"""The live tail on the Logs page, over connections that break."""

import json
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests import bodies
from tests.conftest import Server
from tests.integration.query.tailing import Reader

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.thorough]
OpenPage = Callable[..., Page]


@pytest.mark.parametrize("errors", [0, 1], ids=["cut off", "cut off, then a proxy's 503"])
def test_the_live_tail_goes_on_where_it_was(shop: Server, open_page: OpenPage, errors: int) -> None:
    """After a connection that ended, which the browser mends, and an error, which the page must: each line once."""
    reader = Reader(shop, f"service:cut-off-{errors}")
    with reader.connected() as begun:
        send_line(shop, f"cut-off-{errors}", "first line")
        begun.read(lambda seen: bool(seen.rows))
    first = f"id: {reader.last_id}\nevent: row\ndata: {json.dumps(reader.rows[0])}\n\n"
    answers = [(200, first), *[(503, "")] * errors]

    def answer(route: Route) -> None:
        if not answers:
            route.continue_()
            return
        send_line(shop, f"cut-off-{errors}", f"line {len(answers)} between")
        status, text = answers.pop(0)
        route.fulfill(status=status, content_type="text/event-stream", body=text)

    page = open_page(shop, f"/logs?query={reader.query}")
    page.route("**/api/v1/logs/tail?**", answer)
    page.get_by_role("button", name="Live tail").click()
    lines = page.get_by_role("grid", name="Log lines")
    expect(lines).to_contain_text("line 1 between", timeout=20_000)
    expect(lines.get_by_role("row")).to_have_count(2 + errors)


def send_line(server: Server, service: str, text: str) -> None:
    body = bodies.logs(service, [{"body": text, "time_unix_nano": time.time_ns()}]).SerializeToString()
    with server.door() as door:
        assert door.post("/v1/logs", params={"wait": "visible"}, content=body).status_code == 200
