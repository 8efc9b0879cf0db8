"""posthog-js, unmodified, in a page of another origin: what it captures arrives, and nothing that it asks for fails."""

import functools
import http.server
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from tools import npm

from tests.browser.conftest import own_server
from tests.conftest import KEY, Server
from tests.eventually import eventually

CLIENTS = Path(__file__).parents[1] / "integration" / "clients" / "node"
TAKEN_MS = 500
"""More than the SDK needs to take an answer in; of one that changes nothing it tells nobody."""
PAGE = """<!doctype html><meta charset="utf-8"><title>Shop</title><link rel="icon" href="data:,">
<button id="fix">Generate fix</button><a href="/left.html">Leave</a>
<script type="module">
import posthog from "/posthog.js";
posthog.init("%(key)s", {api_host: "%(url)s", capture_pageview: true, person_profiles: "always",
  bootstrap: {featureFlags: {templates: "on"}},
  // A browser that a test drives is taken for a robot, whose events are dropped.
  opt_out_useragent_filter: true, request_queue_config: {flush_interval_ms: 250},
  loaded: () => { document.title = "loaded"; }});
window.posthog = posthog;
</script>"""

pytestmark = [pytest.mark.browser, pytest.mark.node, pytest.mark.thorough]


@pytest.fixture(scope="module")
def server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = own_server(tmp_path_factory.mktemp("posthog"))
    yield started
    started.stop()


@pytest.fixture(scope="module")
def shop(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a page with the SDK as its package has it."""
    npm.install_packages(CLIENTS, npm.node_environment())
    folder = tmp_path_factory.mktemp("shop")
    module = CLIENTS / "node_modules" / "posthog-js" / "dist" / "module.js"
    (folder / "posthog.js").write_bytes(module.read_bytes())
    (folder / "index.html").write_text(PAGE % {"key": KEY, "url": server.url})
    (folder / "left.html").write_text('<title>left</title><link rel="icon" href="data:,">')
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


def test_what_a_page_captures_arrives(browser: Browser, server: Server, shop: str) -> None:
    """Page views, clicks, an identity, flags by hand, and what a page sends as it is left, by a beacon."""
    user, refused, said = f"user-{uuid.uuid4().hex[:8]}", [], []
    context = browser.new_context()
    page = context.new_page()
    page.on("response", lambda one: refused.append((one.status, one.url)) if one.status >= 400 else None)
    page.on("console", lambda one: said.append(one.text) if one.type == "error" else None)
    page.goto(shop)
    page.wait_for_function("document.title === 'loaded'")
    anonymous = page.evaluate("posthog.get_distinct_id()")
    session = page.evaluate("posthog.get_session_id()")
    page.click("#fix")
    page.evaluate(
        """user => {
        posthog.register({"$feature/new-checkout": "test"});
        posthog.capture("generate fix", {plan: "pro", trace_id: "0af7651916cd43dd8448eb211c80319c"});
        posthog.identify(user, {name: "Ada", password: "hunter2"});
    }""",
        user,
    )
    with server.api() as api:

        def seen() -> dict[str, Any] | None:
            found = api.get(f"/api/v1/analytics/people/{user}").json()
            names = {one["event"] for one in found["latest"]}
            return found if names >= {"$pageview", "$autocapture", "generate fix", "$identify"} else None

        found = eventually(seen)
        assert found["distinct_ids"] == [user, anonymous]
        assert found["properties"]["name"] == "Ada"
        assert found["properties"]["password"] == "[removed]"
        events = {one["event"]: one for one in found["latest"]}
        click = events["generate fix"]
        assert (click["distinct_id"], click["session_id"], click["flags"]) == (
            *(anonymous, session),
            {"new-checkout": "test", "templates": "on"},
        )
        assert click["trace_id"] == "0af7651916cd43dd8448eb211c80319c"
        assert (click["url"], click["properties"]["$lib"]) == (f"{shop}/", "web")
        assert click["properties"]["$browser"].endswith("Chrome")
        assert KEY not in str(found)
        page.click("text=Leave")
        page.wait_for_function("document.title === 'left'")

        def left() -> bool:
            names = api.get(f"/api/v1/analytics/people/{user}").json()["latest"]
            return "$pageleave" in {one["event"] for one in names}

        eventually(left)
    assert refused == [], refused
    assert said == []
    context.close()


def test_flags_that_an_app_has_given_stay(browser: Browser, shop: str) -> None:
    """Midwatch has none, and its answer takes none away."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(shop)
    page.wait_for_function("document.title === 'loaded'")
    with page.expect_response("**/flags/**") as answered:
        page.evaluate("posthog.identify('grace'); posthog.reloadFeatureFlags()")
    assert answered.value.json()["flags"] == {}
    page.wait_for_timeout(TAKEN_MS)
    assert page.evaluate("posthog.getFeatureFlag('templates')") == "on"
    context.close()
