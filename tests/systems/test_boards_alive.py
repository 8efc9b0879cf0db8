"""With a week behind it and people at work: every panel of a system's boards shows something, over all of its range."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from playwright.sync_api import Browser, Page, Response
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from tools.take_pictures import picture

from midwatch.cli.parts import signin_link
from tests.eventually import eventually
from tests.systems.running import ROOT, Example, example, panels_of

pytestmark = [pytest.mark.faults, pytest.mark.browser, pytest.mark.timeout(1200)]
SHOTS = ROOT / "test-results"
LANDED_SECONDS_MAX = 240
DRAWN_MIN = 0.5
"""Share of a panel's steps at which a series of it has a value."""
OF_NOW = ("stat", "gauge", "bargauge")
EMPTY = re.compile(r"\bin this time range\b")
OF_FAILURES = ("error", "fail", "timeout", "missed", "5..")
"""What a query names whose series are there where something went wrong."""


def boards(system: str) -> Iterator[str]:
    for path in sorted((ROOT / "examples" / system / "observability" / "dashboards").glob("*.yml")):
        yield yaml.safe_load(path.read_text()).get("uid", path.stem)


@pytest.mark.parametrize("system", ["tabbi", "canvascast", "josh", "chat", "soulcaster"])
def test_every_panel_shows_something(system: str, browser: Browser, tmp_path: Path) -> None:
    """Over the week no panel has nothing; over the board's own range none has gaps longer than what it draws."""
    with example(system, tmp_path, "--traffic", "--history", "7d") as running:
        address = running.told["midwatch_url"]
        page = browser.new_page(viewport={"width": 1280, "height": 900}, base_url=address)
        page.goto(signin_link({"url": address, "token": running.told["token"]}))
        page.get_by_text("Later").click()
        wrong: dict[str, list[str]] = {}
        for board in boards(system):
            lacks: list[str] = []

            def whole(board: str = board, lacks: list[str] = lacks) -> bool:
                try:
                    lacks[:] = [*silent(page, board), *thin(running, page, board)]
                except PlaywrightTimeout:
                    lacks[:] = ["nothing is drawn"]
                return not lacks

            try:
                eventually(whole, seconds=LANDED_SECONDS_MAX / (4 if wrong else 1))
            except AssertionError:
                wrong[board] = lacks
        page.close()
    assert not wrong, "\n".join(f"{board}: {one}" for board, lacks in wrong.items() for one in lacks)


def silent(page: Page, board: str) -> list[str]:
    """Panels that say that they have nothing, or why they cannot be drawn, over a week."""
    picture(page, board, SHOTS / f"board-{board}-week.png", "now-7d")
    panels = page.locator("main section[aria-label][aria-busy]").all()
    return [
        f"{panel.get_attribute('aria-label')} is empty"
        for panel in panels
        if EMPTY.search(panel.inner_text()) or panel.get_by_role("alert").count()
    ]


def thin(running: Example, page: Page, board: str) -> list[str]:
    """Queries of what is drawn over time that have values at too few of the steps of the board's own range."""
    model = running.get(f"dashboards/{board}")["dashboard"]
    drawn = [
        re.sub(r"\\\$\w+", ".*", re.escape(query["text"].strip()))
        for panel in panels_of(model)
        for query in panel["queries"]
        if panel["options"]["kind"] not in OF_NOW
    ]
    ranges: list[Response] = []

    def answered(answer: Response) -> None:
        if urlsplit(answer.url).path.endswith("/query_range"):
            ranges.append(answer)

    page.on("response", answered)
    picture(page, board, SHOTS / f"board-{board}.png")
    page.remove_listener("response", answered)
    return [
        f"{query} has values at {share:.0%} of its steps"
        for query, share in map(share_drawn, ranges)
        if share < DRAWN_MIN
        and any(re.fullmatch(one, query.strip()) for one in drawn)
        and not any(word in query.lower() for word in OF_FAILURES)
    ]


def share_drawn(answer: Response) -> tuple[str, float]:
    """The query, and the share of its steps at which any of its series has a value."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.url).query).items()}
    steps = (float(asked["end"]) - float(asked["start"])) / float(asked["step"]) + 1
    series = answer.json()["data"]["result"]
    return asked["query"], len({at for one in series for at, value in one["values"] if value != "NaN"}) / steps
