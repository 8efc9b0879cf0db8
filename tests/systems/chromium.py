"""The browser in which people of a system, and of Midwatch, look at pages."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright
from tools.find_browser import ARGUMENTS, find_browser


@contextmanager
def chromium() -> Iterator[Browser]:
    path = find_browser()
    assert path, "no Chromium can be found; `make browser` says more"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        started.close()
