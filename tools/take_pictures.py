"""The pictures of the five systems' boards in docs/systems, taken in Chromium from a system with a week behind it.

`python tools/take_pictures.py josh [soulcaster …]`, one system after another; none named: all. Needs quiet: a system
is started for each, and its traffic runs while its boards are looked at. What is committed has 128 colours (`pngquant`
or Pillow): pictures are a part of the wheel, which has its limit.
"""

import json
import sys
import tempfile
from pathlib import Path

from examples.demo.choices import choices
from playwright.sync_api import Page, expect, sync_playwright
from tests.eventually import eventually
from tools.find_browser import ARGUMENTS, find_browser

from midwatch.cli.parts import signin_link, start_part

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
BOARDS = {
    "tabbi": ("tabbi-service-health", "tabbi-session-lifecycle"),
    "canvascast": ("canvascast-system-overview", "canvascast-pipeline"),
    "josh": ("product-health", "reliability"),
    "chat": ("chat",),
    "soulcaster": ("soulcaster-golden-signals",),
}
"""Ids of boards; a picture is named after its system and its board."""
START_SECONDS_MAX = 420
DRAWN_MS_MAX = 60_000
SETTLED_MS = 3_000
TALLEST = 1_500


def take(name: str, folder: Path) -> None:
    choice = choices(folder, 0)[name]
    folder.mkdir(parents=True, exist_ok=True)
    part = start_part(name, [sys.executable, *choice.command], folder, {}, folder=ROOT)

    def running() -> bool:
        assert part.poll() is None, part.output()
        return choice.described.is_file()

    try:
        eventually(running, seconds=START_SECONDS_MAX)
        told = json.loads(choice.described.read_text())
        link = signin_link({"url": told["midwatch_url"], "token": told["token"]})
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
            page = browser.new_page(viewport={"width": 1280, "height": 900}, base_url=told["midwatch_url"])
            page.goto(link)
            page.get_by_text("Later").click()
            for board in BOARDS[name]:
                picture(page, board, PICTURES / f"{board if board.startswith(name) else f'{name}-{board}'}.png")
            browser.close()
    finally:
        part.terminate()
        part.wait(180)


def picture(page: Page, board: str, path: Path, since: str = "") -> None:
    """Over its own range, or such as `now-7d`, up to now."""
    page.goto(f"/dashboards/{board}{f'?start={since}' if since else ''}")
    page.locator("main canvas:visible, main table:visible").first.wait_for(timeout=DRAWN_MS_MAX)
    height = min(page.evaluate("document.querySelector('main').scrollHeight") + 80, TALLEST)
    page.set_viewport_size({"width": 1280, "height": height})
    page.wait_for_timeout(SETTLED_MS)
    expect(page.locator("main [aria-busy=true]")).to_have_count(0, timeout=DRAWN_MS_MAX)
    page.screenshot(path=path)
    page.set_viewport_size({"width": 1280, "height": 900})


if __name__ == "__main__":
    for system in sys.argv[1:] or BOARDS:
        with tempfile.TemporaryDirectory() as temporary:
            take(system, Path(temporary))
        print(system, *BOARDS[system], flush=True)
