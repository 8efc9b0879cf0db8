"""Visits recorded by Sentry's SDK in Chromium, kept by the server, and played back in the page in Chromium."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import recorded
from tests.browser.conftest import accessibility_violations, own_server, refuse_deletions, screenshot
from tests.browser.recorded import ADA, BOB, EVE, Visits
from tests.conftest import Server
from tests.eventually import eventually

pytestmark = [pytest.mark.browser, pytest.mark.node, pytest.mark.xdist_group("browser-own-2"), pytest.mark.thorough]
OpenPage = Callable[..., Page]


@dataclass(frozen=True)
class Shop:
    server: Server
    ada: str
    """A replay of a whole session."""
    eve: str
    """One that was sent because of an error."""


@pytest.fixture(scope="module")
def shop(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Ada is recorded from the beginning; of Bob and Eve only what leads to an error, and only Eve has one."""
    server = own_server(tmp_path_factory.mktemp("replays"))
    built = recorded.build(tmp_path_factory.mktemp("shop") / "dist")
    with recorded.served(built) as url:
        visits = Visits(browser, server, url)
        ada = visits.open(ADA, session=1, error=0)
        recorded.shop_around(ada)
        bob = visits.open(BOB, session=0, error=1)
        recorded.shop_around(bob)
        eve = visits.open(EVE, session=0, error=1)
        recorded.shop_around(eve)
        eve.evaluate("shop.fail()")
        eve.wait_for_timeout(1000)
        # Until a click after which nothing happened is known to be dead.
        ada.wait_for_timeout(8000)
        ada.evaluate("shop.add()")
        for page in (ada, eve):  # of Bob nothing is to be sent, and `flush` would
            recorded.flushed(page)
        found = [recorded.one_of(server, user)["id"] for user in (ADA, EVE)]
        eventually(lambda: recorded.replays(server, user=ADA)[0]["dead_clicks"] > 0)
        visits.close()
    yield Shop(server, *found)
    server.stop()


def test_what_is_sampled_is_kept_and_nothing_private(shop: Shop) -> None:
    """Of three visits the sampled one and the one with an error are here; masks hold, secrets are gone."""
    found = {one["id"]: one for one in recorded.replays(shop.server)}
    assert set(found) == {shop.ada, shop.eve}
    ada, eve = found[shop.ada], found[shop.eve]
    assert ada["user"] == "ada", "the plain id, and not the address"
    assert (ada["is_buffer"], ada["errors"], eve["is_buffer"], eve["errors"]) == (False, 0, True, 1)
    assert (ada["release"], ada["environment"], ada["os"]) == ("shop@1.2.3", "staging", "Linux")
    assert ada["browser"].startswith(("HeadlessChrome", "Chrome"))
    assert ada["clicks"] >= 1
    assert (ada["dead_clicks"] >= 1, ada["rage_clicks"] >= 1) == (True, True)
    assert [url.partition("?")[0].rpartition("/")[2] for url in ada["urls"]] == ["", "checkout"]
    assert "session_token=[removed]" in ada["urls"][1]
    for replay_id in (shop.ada, shop.eve):
        events = recorded.recording_of(shop.server, replay_id)
        assert {2, 3, 4, 5} <= {one["type"] for one in events}
        text = recorded.written(events)
        for private in ("Ada Lovelace", "Ada Secretly", "Your full name", "42 euro", "hunter2", "Shop of secrets"):
            assert private not in text, private
        for kept in ("[removed]", "cannot pay", "page=2", "rgb(200, 0, 0)"):
            assert kept in text, kept


def test_a_replay_leads_to_its_error_and_its_traces(shop: Shop) -> None:
    """The error that made it be sent, at its time; a replay is found by both; what makes no sense is refused."""
    with shop.server.api() as api:

        def with_stored_error() -> dict | None:  # type: ignore[type-arg]
            detail = api.get(f"/api/v1/replays/{shop.eve}").json()
            return detail if detail["errors"][0]["is_stored"] else None

        detail = eventually(with_stored_error, seconds=30)
        (error,) = detail["errors"]
        assert "the shop is on fire" in error["title"]
        assert detail["summary"]["started"] <= error["at"] <= detail["summary"]["finished"]
        assert detail["missing_segments"] == 0
        name, address = detail["users"]
        assert (name, address.partition(":")[0]) == (EVE, "[id own")
        traces = [one["trace_id"] for one in detail["traces"]]
        assert traces
        for asked in ({"error": error["event_id"]}, {"trace": traces[0]}, {"url": "checkout", "with_errors": True}):
            assert [one["id"] for one in recorded.replays(shop.server, **asked)] == [shop.eve], asked
        for asked in ({"error": "x"}, {"limit": 0}, {"limit": 201}, {"cursor": "x"}, {"who": "x"}, {"min_seconds": -1}):
            assert api.get("/api/v1/replays", params=asked).status_code in (400, 422), asked
        for path in ("0" * 32, "x", f"{shop.eve}/segments/9999", f"{shop.eve}/segments/-1"):
            assert api.get(f"/api/v1/replays/{path}").status_code in (400, 404, 422), path
        plain = api.get(f"/api/v1/replays/{shop.eve}/segments/0", headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.json()[0]["type"] in (0, 1, 2, 4, 5)


def test_a_replay_is_played_in_the_page(shop: Shop, open_page: OpenPage) -> None:
    """What was on the page is there again, masked, in a frame that runs nothing and asks nobody; the list beside it
    follows the player, and leads it."""
    page = open_page(shop.server, "/replays", dark=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    rows = page.get_by_role("region", name="Replays").locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(page.get_by_text(re.compile("2 replays kept"))).to_be_visible()
    assert accessibility_violations(page) == []
    screenshot(page, "replays")
    page.get_by_label("With errors").check()
    expect(rows).to_have_count(1)
    page.get_by_label("With errors").uncheck()
    rows.locator(f"a[href*='{shop.ada}']").first.click()
    frame = page.frame_locator("iframe[title='The recorded page']")
    expect(frame.locator("#title")).to_have_text(re.compile(r"^[* ]+,? ?[* ]+$"))
    expect(frame.locator("#title")).to_have_css("color", "rgb(200, 0, 0)")
    expect(frame.locator("#item")).to_have_count(0)
    sandbox = page.locator("iframe[title='The recorded page']").get_attribute("sandbox")
    assert sandbox == "allow-same-origin"
    moments = page.get_by_role("region", name="Moments")
    expect(moments).to_contain_text("cannot pay")
    assert accessibility_violations(page) == []
    screenshot(page, "replay")
    _seek(page, frame, moments)
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_role("combobox", name="Speed").click()
    page.get_by_role("option", name="8×").click()
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible(timeout=20_000)
    expect(frame.locator("#item")).to_have_text(re.compile(r"^[* ]+$"))
    assert [url for url in asked if not url.startswith((shop.server.url, "data:", "about:", "blob:"))] == []
    assert [url for url in asked if "never.png" in url or "cat.png" in url] == []
    with shop.server.api() as api:
        actions = [one["action"] for one in api.get("/api/v1/audit").json()["entries"]]
    assert "replay.watch" in actions


def _seek(page: Page, frame: object, moments: object) -> None:
    """By what happened, by keys, and by an address."""
    page.get_by_text("Network", exact=False).first.click()
    expect(moments).to_contain_text("502")  # type: ignore[arg-type]
    expect(moments).not_to_contain_text("cannot pay")  # type: ignore[arg-type]
    page.get_by_role("button", name=re.compile("POST .*pay")).click()
    expect(page.get_by_role("slider", name="Position")).not_to_have_attribute(
        "aria-valuetext", re.compile("^0:00 of 0:00")
    )
    expect(moments).to_contain_text("content-type")  # type: ignore[arg-type]
    page.get_by_role("slider", name="Position").press("End")
    expect(frame.locator("#item")).to_be_visible()  # type: ignore[attr-defined]
    expect(page).to_have_url(re.compile(r"t=\d"))
    page.reload()
    expect(frame.locator("#item")).to_be_visible()  # type: ignore[attr-defined]
    page.get_by_role("slider", name="Position").press("Home")
    expect(frame.locator("#item")).to_have_count(0)  # type: ignore[attr-defined]


def test_a_replay_of_an_error_on_a_phone_and_its_deletion(shop: Shop, open_page: OpenPage) -> None:
    """Its error stands among what happened; a deletion that fails says so; whoever may deletes all replays of a user,
    and they are gone."""
    phone = open_page(shop.server, f"/replays/{shop.eve}?list=error", phone=True)
    moments = phone.get_by_role("region", name="Moments")
    expect(moments).to_contain_text("the shop is on fire")
    expect(phone.get_by_text("It was sent because of an error")).to_be_visible()
    moments.get_by_role("button").first.click()
    expect(phone).to_have_url(re.compile(r"t=\d"))
    assert phone.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert accessibility_violations(phone) == []
    screenshot(phone, "replay-phone")
    kept = open_page(shop.server, f"/replays/{shop.ada}")
    refuse_deletions(kept)
    kept.get_by_role("button", name="Delete replay").click()
    kept.get_by_role("dialog").get_by_role("button", name="Delete replay").click()
    expect(kept.get_by_text("Midwatch does not answer")).to_be_visible()
    page = open_page(shop.server, f"/replays?user={EVE}")
    page.get_by_role("button", name="Delete all replays of this user").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete all replays of this user").click()
    expect(page.get_by_text("1 replay deleted.")).to_be_visible()
    expect(page.get_by_text("No replays here")).to_be_visible()
    assert [one["id"] for one in recorded.replays(shop.server)] == [shop.ada]
    assert not list((shop.server.data / "blobs" / "replays").rglob(f"{shop.eve}/*"))
    gone = open_page(shop.server, f"/replays/{shop.eve}")
    expect(gone.get_by_text("Cannot find the replay")).to_be_visible()
